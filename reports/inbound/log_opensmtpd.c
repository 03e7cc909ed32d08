#include "probe/smtp/status.h"
#include "reports/inbound/log_reader.h"

/*
 * OpenSMTPD tells all of an attempt in one line, our own address included:
 *
 *	SESSION mta delivery evpid=ID from=<> to=<> rcpt=<-> source="ADDR"
 *		relay="ADDR (NAME)" delay=1m2s result="PermFail" stat="REPLY"
 *
 * or "mta event=delivery"; and before version 6, the second still when a
 * message expires:
 *
 *	smtp-out: session SESSION: evpid=ID, status=PermFail, from=<>, ...
 *	relay: PermFail for ID: session=SESSION, from=<>, to=<>, rcpt=<->,
 *		source=ADDR, relay=ADDR (NAME), delay=1m2s, stat=REPLY
 *
 * What it does not tell there is a refusal before MAIL: that is "Network error
 * on destination MXs", with the domain as relay.  It is an error of the session
 * then, which holds the address and the words, and no recipient.
 */
static const struct span opensmtpd = { "opensmtpd", 9 };

/* The value behind KEY, up to its end by quote, comma or blank. */
static struct span value_of(struct span body, struct span key, bool is_old)
{
	size_t at = log_find(body, key);
	struct span value = log_past(body, at + key.len);
	struct span comma = { ", ", 2 };

	if (at == body.len)
		return (struct span){ 0 };
	if (value.len && value.at[0] == '"') {
		value = log_past(value, 1);
		return span_part(value, 0, log_find(value, SPAN("\" ")));
	}
	if (is_old)
		return span_part(value, 0, log_find(value, comma));
	return span_part(value, 0, span_find(value, ' '));
}

static struct span without_brackets(struct span address)
{
	if (address.len >= 2 && address.at[0] == '<' &&
		address.at[address.len - 1] == '>')
		return span_part(address, 1, address.len - 2);
	return address;
}

/* ADDR " (" NAME ")": with no address in it, it is the domain. */
static void take_relay(struct delivery *delivery, struct span value)
{
	size_t open = span_find(value, '(');
	struct span address = span_trim(span_part(value, 0, open));
	struct span name = log_past(value, open + 1);

	if (!log_relay_take(delivery, address))
		return;
	if (name.len && name.at[name.len - 1] == ')')
		name.len--;
	log_relay_name(delivery, name);
}

static void take_source(struct delivery *delivery, struct span value)
{
	if (value.len > 2 && value.at[0] == '[')
		value = span_part(value, 1, value.len - 2);
	delivery->has_source = ip_parse(value, &delivery->source);
}

/*
 * "550-5.7.25 The IP address does not5.7.25 have a PTR record": the lines are
 * joined with nothing, and from the second on the status may be left.
 */
static struct span part_lines(struct arena *arena, struct span text)
{
	unsigned part[3];
	struct span status, rest;
	char *parted;
	size_t len, at;

	if (!log_reply_code(text) || text.len < 5 || text.at[3] != '-')
		return text;
	status = log_past(text, 4);
	len = status_take(status, (unsigned)(text.at[0] - '0'), part);
	if (len < 6)
		return text;
	status.len = len;
	parted = arena_take(arena, text.len * 2 + 1);
	rest = log_past(text, 4 + len);
	memcpy(parted, text.at, 4 + len);
	for (len += 4; (at = log_find(rest, status)) < rest.len;) {
		memcpy(parted + len, rest.at, at);
		len += at;
		parted[len++] = '\n';
		memcpy(parted + len, status.at, status.len);
		len += status.len;
		rest = log_past(rest, at + status.len);
	}
	if (rest.len)
		memcpy(parted + len, rest.at, rest.len);
	return (struct span){ parted, len + rest.len };
}

static void take_stat(
	struct log_reader *reader, struct delivery *delivery, struct span stat)
{
	if (stat.len && stat.at[stat.len - 1] == '"')
		stat.len--;
	if (!log_reply_take(delivery, part_lines(reader->arena, stat)))
		log_stage_guess(delivery, stat);
	if (delivery->result == DELIVERY_ACCEPTED && delivery->has_relay) {
		delivery->has_stage = true;
		delivery->stage = STAGE_DOT;
	}
}

static enum delivery_result result_of(struct span word)
{
	if (span_is(word, SPAN("Ok")) || span_is(word, SPAN("Delivered")))
		return DELIVERY_ACCEPTED;
	if (span_is(word, SPAN("TempFail")))
		return DELIVERY_DEFERRED;
	if (span_is(word, SPAN("PermFail")) || span_is(word, SPAN("Loop")))
		return DELIVERY_REFUSED;
	if (span_is(word, SPAN("Expire")))
		return DELIVERY_EXPIRED;
	return DELIVERY_UNKNOWN;
}

/* The fields that the new and the old form have in common. */
static void take_fields(struct log_reader *reader, struct delivery *delivery,
	struct span body, bool is_old)
{
	size_t stat = log_find(body, SPAN("stat="));
	struct span head = span_part(body, 0, stat), text;

	delivery->sender = without_brackets(
		value_of(head, SPAN(" from="), is_old));
	delivery->has_sender = log_has(head, SPAN(" from="));
	delivery->recipient = without_brackets(
		value_of(head, SPAN(" to="), is_old));
	take_relay(delivery, value_of(head, SPAN(" relay="), is_old));
	take_source(delivery, value_of(head, SPAN(" source="), is_old));
	delivery->has_delay = log_duration(
		value_of(head, SPAN(" delay="), is_old), &delivery->delay_ms);
	text = log_past(body, stat + 5);
	take_stat(reader, delivery,
		text.len && text.at[0] == '"' ? log_past(text, 1) : text);
}

static void read_delivery(struct log_reader *reader, struct delivery *delivery,
	struct span session, struct span body)
{
	struct span result = value_of(body, SPAN(" result="), false);

	delivery->queue_id = value_of(body, SPAN(" evpid="), false);
	delivery->result = result_of(result);
	take_fields(reader, delivery, body, false);
	if (!delivery->has_relay && STARTS(body, "mda "))
		delivery->relay_host = SPAN("local");
	log_memory_keep(
		reader->memory, session, LOG_FACT_MESSAGE_ID, SPAN("told"));
	log_reader_give(reader, delivery);
}

/* smtp-out: session SESSION: evpid=ID, status=PermFail, from=<>, ... */
static bool read_older(
	struct log_reader *reader, struct delivery *delivery, struct span body)
{
	delivery->result = result_of(value_of(body, SPAN(" status="), true));
	if (delivery->result == DELIVERY_UNKNOWN)
		return false;
	delivery->queue_id = value_of(body, SPAN(" evpid="), true);
	take_fields(reader, delivery, body, true);
	log_reader_give(reader, delivery);
	return true;
}

/* relay: PermFail for ID: session=... */
static bool read_old(
	struct log_reader *reader, struct delivery *delivery, struct span body)
{
	struct span result = span_cut(&body, ' ');

	if (!STARTS(body, "for "))
		return false;
	delivery->result = result_of(result);
	body = log_past(body, 4);
	delivery->queue_id = span_cut(&body, ':');
	if (delivery->result == DELIVERY_UNKNOWN)
		return false;
	take_fields(reader, delivery, body, true);
	log_reader_give(reader, delivery);
	return true;
}

/* address=smtp://[2001:db8::1]:25 */
static struct span address_of(struct span body)
{
	struct span value = value_of(body, SPAN(" address="), false);
	size_t at = log_find(value, SPAN("//"));

	if (at == value.len)
		return (struct span){ 0 };
	value = log_past(value, at + 2);
	if (value.len && value.at[0] == '[')
		return span_part(value, 0, span_find(value, ']') + 1);
	return span_part(value, 0, span_find(value, ':'));
}

/* An error in a session that already told of a delivery is told with it. */
static void read_error(struct log_reader *reader, struct delivery *delivery,
	struct span session, struct span reason)
{
	struct log_known known = log_memory_find(reader->memory, session);
	size_t reply = log_find(reason, SPAN(" rejected: "));

	if (known.of[LOG_FACT_MESSAGE_ID].at || !known.of[LOG_FACT_SENDER].at)
		return;
	delivery->result = DELIVERY_DEFERRED;
	log_relay_take(delivery, known.of[LOG_FACT_SENDER]);
	delivery->text = reason;
	if (reply < reason.len) {
		log_stage_take(delivery, span_part(reason, 0, reply));
		take_stat(reader, delivery, log_past(reason, reply + 11));
	} else if (STARTS(reason, "Connection failed")) {
		delivery->has_stage = true;
		delivery->stage = STAGE_CONNECT;
	} else {
		log_stage_guess(delivery, reason);
	}
	log_reader_give(reader, delivery);
}

/* 1*16HEX and a blank. */
static bool take_session(struct span *body, struct span *session)
{
	size_t len = 0;

	while (len < body->len && ascii_hex_digit(body->at[len]) >= 0)
		len++;
	if (len != 16 || len >= body->len || body->at[len] != ' ')
		return false;
	*session = span_part(*body, 0, len);
	*body = log_past(*body, len + 1);
	return true;
}

/* What is told of the sending side: "mta delivery", "mta event=delivery". */
static struct span past_event(struct span body)
{
	if (!STARTS(body, "mta ") && !STARTS(body, "mda "))
		return (struct span){ 0 };
	body = log_past(body, 4);
	return STARTS(body, "event=") ? log_past(body, 6) : body;
}

bool log_opensmtpd_read(struct log_reader *reader, const struct log_line *line)
{
	struct span body = line->program.len ? line->body : line->behind_stamp;
	struct span session = { 0 }, said;
	struct delivery delivery;

	log_reader_begin(reader, line, opensmtpd, &delivery);
	if (STARTS(line->behind_stamp, "relay: "))
		return read_old(
			reader, &delivery, log_past(line->behind_stamp, 7));
	if (STARTS(body, "relay: "))
		return read_old(reader, &delivery, log_past(body, 7));
	if (STARTS(body, "smtp-out: session "))
		return read_older(reader, &delivery, body) ||
		       line->program.len > 0;
	if (!take_session(&body, &session))
		return line->program.len > 0;
	said = past_event(body);
	if (STARTS(said, "delivery "))
		read_delivery(reader, &delivery, session, body);
	else if (STARTS(said, "connecting "))
		log_memory_keep(reader->memory, session, LOG_FACT_SENDER,
			address_of(body));
	else if (STARTS(said, "error reason="))
		read_error(reader, &delivery, session, log_past(said, 13));
	else
		return line->program.len > 0;
	return true;
}
