#include "reports/inbound/log_reader.h"

/*
 * Sendmail's line of an attempt, one for all recipients it was made for:
 *
 *	QID: to=<rcpt>[,<rcpt>], [ctladdr=..., ]delay=[D+]HH:MM:SS, ...,
 *	     [relay=NAME. [ADDR], ][dsn=X.Y.Z, ][reply=CODE TEXT, ]stat=TEXT
 *
 * The words of stat= are sendmail's own: "Service unavailable" is what its
 * table has for a 5xx.  Those of the server are in reply=, which is there since
 * 8.16.1 and holds the first line of the reply only; and in the stat= of what
 * was deferred.  So a refusal in an older log lacks its reply.
 *
 * A relay with no address was not connected to.
 */
static const struct span sendmail = { "sendmail", 8 };

/* Is what stands here the name of a field of a to= line, up to its "="? */
static bool is_field(struct span text)
{
	/* clang-format off */
	static const struct span names[] = {
		{ "ctladdr=", 8 }, { "delay=", 6 }, { "xdelay=", 7 },
		{ "mailer=", 7 }, { "pri=", 4 }, { "relay=", 6 },
		{ "dsn=", 4 }, { "reply=", 6 }, { "stat=", 5 },
		{ "quarantine=", 11 }, { "ntries=", 7 },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text.len >= names[i].len &&
			memcmp(text.at, names[i].at, names[i].len) == 0)
			return true;
	return false;
}

/*
 * Cuts a field off: up to ", " with the name of another behind it, for the text
 * of a reply may hold any other ", ".
 */
static struct span cut_field(struct span *rest)
{
	static const struct span comma = { ", ", 2 };
	size_t at = 0;
	struct span field;

	for (;;) {
		at += log_find(log_past(*rest, at), comma);
		if (at >= rest->len ||
			is_field(log_past(*rest, at + comma.len)))
			break;
		at += comma.len;
	}
	field = span_part(*rest, 0, at);
	*rest = log_past(*rest, at + comma.len);
	return field;
}

/* [ D "+" ] HH ":" MM ":" SS */
static bool take_delay(struct span text, int64_t *ms)
{
	unsigned long days = 0, hours, minutes, seconds;
	size_t plus = span_find(text, '+');

	if (plus < text.len) {
		if (!span_number(span_part(text, 0, plus), 100000, &days))
			return false;
		text = log_past(text, plus + 1);
	}
	if (text.len != 8 || text.at[2] != ':' || text.at[5] != ':' ||
		!span_number(span_part(text, 0, 2), 99, &hours) ||
		!span_number(span_part(text, 3, 2), 59, &minutes) ||
		!span_number(span_part(text, 6, 2), 60, &seconds))
		return false;
	*ms = (int64_t)(((days * 24 + hours) * 60 + minutes) * 60 + seconds) *
	      1000;
	return true;
}

/* NAME "." [ "[" ADDR "]" ] [ "(may be forged)" ] */
static void take_relay(struct delivery *delivery, struct span value)
{
	size_t blank = span_find(value, ' ');
	size_t open = span_find(value, '[');

	if (open < value.len)
		log_relay_take(delivery, log_past(value, open));
	log_relay_name(
		delivery, span_part(value, 0, open < blank ? open : blank));
}

/* What the fields of a to= line say, before it is made sense of. */
struct to_line {
	struct span recipients;
	struct span delay;
	struct span relay;
	struct span dsn;
	struct span reply;
	struct span stat;
	bool has_stat;
};

static void read_fields(struct span rest, struct to_line *to)
{
	*to = (struct to_line){ 0 };
	to->recipients = log_past(cut_field(&rest), 3);
	while (rest.len) {
		struct span field;

		if (STARTS(rest, "stat=")) {
			to->stat = log_past(rest, 5);
			to->has_stat = true;
			return;
		}
		field = cut_field(&rest);
		if (STARTS(field, "delay="))
			to->delay = log_past(field, 6);
		else if (STARTS(field, "relay="))
			to->relay = log_past(field, 6);
		else if (STARTS(field, "dsn="))
			to->dsn = log_past(field, 4);
		else if (STARTS(field, "reply="))
			to->reply = log_past(field, 6);
	}
}

static enum delivery_result result_of(const struct to_line *to)
{
	if (STARTS(to->stat, "Sent"))
		return DELIVERY_ACCEPTED;
	if (STARTS(to->stat, "Deferred") || STARTS(to->stat, "queued"))
		return DELIVERY_DEFERRED;
	if (STARTS(to->dsn, "2"))
		return DELIVERY_ACCEPTED;
	if (STARTS(to->dsn, "4"))
		return DELIVERY_DEFERRED;
	return DELIVERY_REFUSED;
}

/* "Sent (text)", "Deferred: text", or the words themselves. */
static struct span words_of(struct span stat)
{
	if (STARTS(stat, "Sent (")) {
		stat = log_past(stat, 6);
		if (stat.len && stat.at[stat.len - 1] == ')')
			stat.len--;
		return stat;
	}
	if (STARTS(stat, "Sent"))
		return log_past(stat, 4);
	if (STARTS(stat, "Deferred: "))
		return log_past(stat, 10);
	if (STARTS(stat, "Deferred"))
		return log_past(stat, 8);
	return stat;
}

/* "403 4.7.0 TLS handshake failed." is said by sendmail's rules, to itself. */
static bool take_reply(struct delivery *delivery, struct span words)
{
	bool is_told = log_reply_take(delivery, words);

	if (!log_has(words, SPAN("TLS handshake")))
		return is_told;
	delivery->code = 0;
	delivery->is_local_status = delivery->status[0] != 0;
	delivery->has_stage = true;
	delivery->stage = STAGE_TLS;
	return false;
}

static void take_words(struct delivery *delivery, const struct to_line *to)
{
	struct span words = words_of(to->stat);
	bool is_told;

	if (to->reply.len && log_reply_code(to->reply))
		words = to->reply;
	is_told = take_reply(delivery, words);
	if (!is_told)
		log_stage_guess(delivery, words);
	log_reply_status(delivery, to->dsn);
	delivery->lacks_reply = delivery->result == DELIVERY_REFUSED &&
				delivery->has_relay && !is_told;
	if (delivery->result == DELIVERY_ACCEPTED && delivery->has_relay) {
		delivery->has_stage = true;
		delivery->stage = STAGE_DOT;
	}
}

/*
 * Without an address nobody was asked, and the status is sendmail's own: 5.1.x
 * and x.4.3 of what the DNS said (RFC 3463), 5.1.10 of a null MX (RFC 7505).
 */
static void guess_stage(struct delivery *delivery)
{
	const unsigned *status = delivery->status;

	if (delivery->has_stage || delivery->has_relay ||
		delivery->result == DELIVERY_ACCEPTED)
		return;
	if (status[1] == 1 ||
		(status[1] == 4 && (status[2] == 3 || status[2] == 4))) {
		delivery->has_stage = true;
		delivery->stage = STAGE_RESOLVE;
	}
}

static struct span without_brackets(struct span address)
{
	address = span_trim(address);
	if (address.len >= 2 && address.at[0] == '<' &&
		address.at[address.len - 1] == '>')
		return span_part(address, 1, address.len - 2);
	return address;
}

/* One delivery for each of them, all else being the same. */
static void give_each(struct log_reader *reader, const struct log_line *line,
	const struct delivery *delivery, struct span recipients)
{
	size_t count = 0;

	do {
		struct delivery one = *delivery;

		one.recipient = without_brackets(span_cut(&recipients, ','));
		log_reader_claim(reader, line->process, &one);
	} while (recipients.len && ++count < LOG_RECIPIENTS_MAX);
}

static void read_delivery(struct log_reader *reader,
	const struct log_line *line, struct delivery *delivery,
	struct span body)
{
	struct to_line to;

	read_fields(body, &to);
	if (!to.has_stat)
		return;
	delivery->has_delay = take_delay(to.delay, &delivery->delay_ms);
	delivery->result = result_of(&to);
	take_relay(delivery, to.relay);
	take_words(delivery, &to);
	guess_stage(delivery);
	give_each(reader, line, delivery, to.recipients);
}

/* from=<sender>, size=, class=, nrcpts=, msgid=<id>, proto=, relay= */
static void read_sender(struct log_reader *reader,
	const struct delivery *delivery, struct span body)
{
	static const struct span size = { ", size=", 7 };
	static const struct span mark = { ", msgid=", 8 };
	size_t at = log_find(body, size);
	struct span id;

	log_memory_keep(reader->memory, delivery->queue_id, LOG_FACT_SENDER,
		without_brackets(span_part(body, 5, at - 5)));
	at = log_find(body, mark);
	if (at == body.len)
		return;
	id = log_past(body, at + mark.len);
	log_memory_keep(reader->memory, delivery->queue_id, LOG_FACT_MESSAGE_ID,
		without_brackets(span_cut(&id, ',')));
}

/* The name behind the words, up to a blank. */
static void take_named(
	struct delivery *delivery, struct span body, struct span words)
{
	size_t at = log_find(body, words);
	struct span rest = log_past(body, at + words.len);

	if (at == body.len)
		return;
	rest = span_cut(&rest, ' ');
	while (rest.len &&
		(rest.at[rest.len - 1] == ',' || rest.at[rest.len - 1] == ':'))
		rest.len--;
	log_relay_name(delivery, rest);
}

/*
 * What went wrong with a connection is a line before that of the attempt, with
 * the host's name and without its address.
 */
static void read_trouble(struct log_reader *reader, const struct log_line *line,
	struct delivery *delivery, struct span body)
{
	delivery->result = DELIVERY_DEFERRED;
	delivery->text = body;
	if (STARTS(body, "timeout waiting for input from ")) {
		log_stage_take(delivery, body);
		take_named(delivery, body, SPAN("input from "));
	} else if (STARTS(body, "SYSERR") &&
		   log_has(body, SPAN("timeout writing message to "))) {
		log_stage_take(delivery, body);
		take_named(delivery, body, SPAN("message to "));
	} else if (STARTS(body, "ruleset=tls_") &&
		   log_has(body, SPAN(", reject="))) {
		delivery->has_stage = true;
		delivery->stage = STAGE_TLS;
		take_named(delivery, body, SPAN(", relay="));
		body = log_past(body, log_find(body, SPAN(", reject=")) + 9);
		take_reply(delivery, body);
	} else {
		return;
	}
	log_reader_trouble(reader, line->process, delivery, false);
}

/*
 * "QID: NEWQID: DSN: Service unavailable", "QID: NEWQID: return to sender:
 * Cannot send message for 5 days": a bounce begins, with the null sender.
 */
static bool read_bounce(
	struct log_reader *reader, struct delivery *delivery, struct span body)
{
	struct span bounce;
	size_t at;

	if (!log_queue_id_take(&body, 8, &bounce))
		return false;
	log_memory_keep(
		reader->memory, bounce, LOG_FACT_SENDER, (struct span){ 0 });
	at = log_find(body, SPAN("Cannot send message "));
	if (at == body.len)
		return true;
	delivery->result = DELIVERY_EXPIRED;
	delivery->text = log_past(body, at);
	log_reader_give(reader, delivery);
	return true;
}

bool log_sendmail_read(struct log_reader *reader, const struct log_line *line)
{
	bool is_ours = line->program.len > 0;
	struct span body = line->body, queue_id = { 0 };
	struct delivery delivery;

	if (!is_ours || !log_queue_id_take(&body, 8, &queue_id)) {
		struct span bare = line->behind_stamp;

		if (log_queue_id_take(&bare, 8, &queue_id))
			body = bare;
	}
	log_reader_begin(reader, line, sendmail, &delivery);
	delivery.queue_id = queue_id;
	if (STARTS(body, "to="))
		read_delivery(reader, line, &delivery, body);
	else if (STARTS(body, "from="))
		read_sender(reader, &delivery, body);
	else if (!read_bounce(reader, &delivery, body))
		read_trouble(reader, line, &delivery, body);
	return true;
}
