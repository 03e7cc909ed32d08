#include "reports/inbound/log_reader.h"

/*
 * Postfix tells of one message in the lines of several programs:
 *
 *	cleanup   QID: message-id=<id>
 *	qmgr      QID: from=<sender>, size=N, nrcpt=N (queue active)
 *	smtp      connect to HOST[ADDR]:PORT: reason                     (1)
 *	smtp      QID: host HOST[ADDR] said: reply (in reply to X command) (2)
 *	smtp      QID: to=<rcpt>, relay=HOST[ADDR]:PORT, ..., dsn=X.Y.Z,
 *	          status=WORD (text)
 *
 * Only the last attempt stands in the line with the recipient.  Those before it
 * are lines of their own, without one (1) or without even a queue id (2); they
 * come from the same process.  A 5xx greeting is deferred as dsn=4.0.0
 * (smtp_skip_5xx_greeting), so the code of the reply, not the status word, says
 * what the server meant.
 */
static const struct span postfix = { "postfix", 7 };

/* NAME "[" ADDR "]" [ ":" PORT ]; returns what it took. */
static size_t take_host(struct delivery *delivery, struct span text)
{
	size_t open = span_find(text, '['), close, end;
	unsigned long port = 0;

	if (open == text.len)
		return 0;
	close = open + span_find(log_past(text, open), ']');
	if (close >= text.len)
		return 0;
	if (!log_relay_take(
		    delivery, span_part(text, open + 1, close - open - 1)))
		return 0;
	log_relay_name(delivery, span_part(text, 0, open));
	end = close + 1;
	if (end < text.len && text.at[end] == ':') {
		size_t digits = end + 1;

		while (digits < text.len && ascii_is_digit(text.at[digits]))
			digits++;
		if (span_number(span_part(text, end + 1, digits - end - 1),
			    65535, &port))
			end = digits;
	}
	if (port)
		delivery->relay_port = (unsigned)port;
	return end;
}

/* " (in reply to RCPT TO command)" at the end says where it was. */
static struct span take_command(struct delivery *delivery, struct span text)
{
	static const struct span mark = { " (in reply to ", 14 };
	size_t at;

	/* Most replies have none, which is found out faster so. */
	if (span_find(text, '(') == text.len)
		return text;
	at = log_find(text, mark);
	if (at == text.len)
		return text;
	log_stage_take(delivery, log_past(text, at + mark.len));
	text.len = at;
	return text;
}

static void take_reply(
	struct log_reader *reader, struct delivery *delivery, struct span text)
{
	text = take_command(delivery, text);
	log_reply_take(delivery, log_reply_part_blanks(reader->arena, text));
}

static void set_stage(struct delivery *delivery, enum stage stage)
{
	delivery->has_stage = true;
	delivery->stage = stage;
}

/* "HOST[/var/run/lmtp]": how long it is. */
static size_t socket_length(struct span text)
{
	size_t open = span_find(text, '[');

	if (!STARTS(log_past(text, open), "[/"))
		return 0;
	return open + span_find(log_past(text, open), ']') + 1;
}

/* "host HOST[ADDR] " and what it did. */
static bool take_host_said(
	struct log_reader *reader, struct delivery *delivery, struct span text)
{
	size_t len = take_host(delivery, text);
	struct span rest;

	if (!len)
		len = socket_length(text);
	if (!len)
		return false;
	rest = log_past(text, len);
	if (STARTS(rest, " said: ")) {
		take_reply(reader, delivery, log_past(rest, 7));
		return true;
	}
	if (STARTS(rest, " refused to talk to me: ")) {
		set_stage(delivery, STAGE_BANNER);
		take_reply(reader, delivery, log_past(rest, 24));
		return true;
	}
	return false;
}

/* What could not be done with a host, in the program's own words. */
static bool take_failure(struct delivery *delivery, struct span text)
{
	if (STARTS(text, "connect to ")) {
		set_stage(delivery, STAGE_CONNECT);
		return take_host(delivery, log_past(text, 11)) > 0;
	}
	if (STARTS(text, "lost connection with ")) {
		log_stage_take(delivery, text);
		return take_host(delivery, log_past(text, 21)) > 0;
	}
	if (STARTS(text, "conversation with ")) {
		log_stage_take(delivery, text);
		return take_host(delivery, log_past(text, 18)) > 0;
	}
	if (STARTS(text, "SSL_connect error to ")) {
		set_stage(delivery, STAGE_TLS);
		return take_host(delivery, log_past(text, 21)) > 0;
	}
	return false;
}

/*
 * The text of a line, or what stands in the parentheses behind its status.
 * True if it is one that Postfix's SMTP client has for a failed attempt.
 */
static bool take_text(
	struct log_reader *reader, struct delivery *delivery, struct span text)
{
	static const struct span suspended = {
		"delivery temporarily suspended: ", 32
	};

	delivery->text = text;
	if (STARTS(text, "delivery temporarily suspended: "))
		text = log_past(text, suspended.len);
	if (STARTS(text, "host ") &&
		take_host_said(reader, delivery, log_past(text, 5)))
		return true;
	if (STARTS(text, "SASL authentication failed; server ")) {
		set_stage(delivery, STAGE_EHLO);
		return take_host_said(reader, delivery, log_past(text, 35));
	}
	if (take_failure(delivery, text))
		return true;
	if (log_reply_code(text)) {
		take_reply(reader, delivery, text);
		return false;
	}
	return log_stage_guess(delivery, text);
}

static enum delivery_result result_of(struct span word, struct span status)
{
	if (span_is(word, SPAN("sent")) || span_is(word, SPAN("deliverable")))
		return DELIVERY_ACCEPTED;
	if (span_is(word, SPAN("deferred")) ||
		span_is(word, SPAN("SOFTBOUNCE")))
		return DELIVERY_DEFERRED;
	if (span_is(word, SPAN("expired")) ||
		span_is(word, SPAN("force-expired")))
		return DELIVERY_EXPIRED;
	if (span_is(word, SPAN("bounced")) ||
		span_is(word, SPAN("undeliverable")))
		return DELIVERY_REFUSED;
	if (!status.len)
		return DELIVERY_UNKNOWN;
	return status.at[0] == '5' ? DELIVERY_REFUSED : DELIVERY_UNKNOWN;
}

/* What stands in "(" and ")"; the last may have been cut off. */
static struct span in_parentheses(struct span text)
{
	if (!text.len || text.at[0] != '(')
		return text;
	text = log_past(text, 1);
	if (text.len && text.at[text.len - 1] == ')')
		text.len--;
	return text;
}

static void take_status(struct log_reader *reader, struct delivery *delivery,
	struct span value, struct span status)
{
	struct span word = span_cut(&value, ' ');

	delivery->result = result_of(word, status);
	take_text(reader, delivery, in_parentheses(value));
	log_reply_status(delivery, status);
	if (delivery->result == DELIVERY_ACCEPTED && delivery->has_relay)
		set_stage(delivery, STAGE_DOT);
}

static void take_relay(struct delivery *delivery, struct span value)
{
	if (span_is(value, SPAN("none")))
		return;
	if (!take_host(delivery, value))
		log_relay_name(
			delivery, span_part(value, 0, span_find(value, '[')));
}

/* The length of "<" and a quoted local part, if there is one. */
static size_t quoted_length(struct span text)
{
	size_t len = 2;

	if (!STARTS(text, "<\""))
		return 0;
	while (len < text.len && text.at[len] != '"')
		len += text.at[len] == '\\' ? 2 : 1;
	return len < text.len ? len : 0;
}

/* "<" address ">" at the start; the address may hold anything when quoted. */
static struct span take_address(struct span *rest)
{
	size_t len = quoted_length(*rest);
	struct span address;

	if (rest->len < 2 || rest->at[0] != '<')
		return (struct span){ 0 };
	do
		len += 1 + span_find(log_past(*rest, len + 1), '>');
	while (len + 1 < rest->len && !STARTS(log_past(*rest, len), ">, "));
	address = span_part(*rest, 1, len - 1);
	*rest = log_past(*rest, len + 3);
	return address;
}

/* to=<rcpt>, orig_to=<rcpt>, relay=, conn_use=, delay=, delays=, dsn=, status=
 * of which the last has the rest of the line. */
static void read_delivery(struct log_reader *reader,
	const struct log_line *line, struct delivery *delivery,
	struct span rest)
{
	struct span status = { 0 };

	rest = log_past(rest, 3);
	delivery->recipient = take_address(&rest);
	while (rest.len) {
		struct span field;

		if (STARTS(rest, "status=") || span_is(rest, SPAN("status"))) {
			take_status(
				reader, delivery, log_past(rest, 7), status);
			break;
		}
		if (STARTS(rest, "orig_to=")) {
			rest = log_past(rest, 8);
			delivery->original_recipient = take_address(&rest);
			continue;
		}
		field = span_part(rest, 0, span_find(rest, ','));
		rest = log_past(rest, field.len + 2);
		if (STARTS(field, "relay="))
			take_relay(delivery, log_past(field, 6));
		else if (STARTS(field, "delay="))
			delivery->has_delay = log_duration(
				log_past(field, 6), &delivery->delay_ms);
		else if (STARTS(field, "dsn="))
			status = log_past(field, 4);
	}
	if (delivery->result == DELIVERY_UNKNOWN)
		return;
	log_reader_claim(reader, line->process, delivery);
}

/* qmgr: the sender, or the end of a message that was tried for too long. */
static void read_sender(struct log_reader *reader, const struct log_line *line,
	struct span queue_id, struct span rest)
{
	struct span sender;
	struct delivery delivery;

	rest = log_past(rest, 5);
	sender = take_address(&rest);
	log_memory_keep(reader->memory, queue_id, LOG_FACT_SENDER, sender);
	if (!STARTS(rest, "status=expired") &&
		!STARTS(rest, "status=force-expired"))
		return;
	log_reader_begin(reader, line, postfix, &delivery);
	delivery.queue_id = queue_id;
	delivery.result = DELIVERY_EXPIRED;
	delivery.text = log_past(rest, 7);
	log_reader_give(reader, &delivery);
}

/* cleanup: message-id=<id>, and what is left of one that is broken. */
static void read_message_id(
	struct log_reader *reader, struct span queue_id, struct span id)
{
	if (id.len && id.at[0] == '<')
		id = log_past(id, 1);
	if (id.len && id.at[id.len - 1] == '>')
		id.len--;
	log_memory_keep(reader->memory, queue_id, LOG_FACT_MESSAGE_ID, id);
}

/*
 * A line of the SMTP client with no recipient.  "Cannot start TLS" and "Server
 * certificate not verified" name no host: the line before them did, and says
 * more.
 */
static void read_trouble(struct log_reader *reader, const struct log_line *line,
	struct delivery *delivery, struct span body)
{
	struct log_trouble *before;

	delivery->result = DELIVERY_DEFERRED;
	if (STARTS(body, "server certificate verification failed for ")) {
		set_stage(delivery, STAGE_TLS);
		delivery->text = body;
		if (take_host(delivery, log_past(body, 43)))
			log_reader_trouble(
				reader, line->process, delivery, true);
		return;
	}
	if (!take_text(reader, delivery, body))
		return;
	if (delivery->has_relay) {
		log_reader_trouble(reader, line->process, delivery, false);
		return;
	}
	before = log_trouble_newest(&reader->troubles, line->process);
	if (before && before->facts.stage == STAGE_TLS && !before->was_claimed)
		before->is_hint = false;
}

/* Those that never bring a message to another host say nothing of use. */
static bool is_silent(struct span service)
{
	/* clang-format off */
	static const struct span silent[] = {
		{ "smtpd", 5 }, { "anvil", 5 }, { "scache", 6 },
		{ "bounce", 6 }, { "pickup", 6 }, { "master", 6 },
		{ "tlsproxy", 8 }, { "postscreen", 10 }, { "dnsblog", 7 },
		{ "verify", 6 }, { "trivial-rewrite", 15 }, { "submit", 6 },
	};
	/* clang-format on */

	if (service.len < 5)
		return false;
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		if (span_is(service, silent[i]))
			return true;
	return false;
}

bool log_postfix_read(struct log_reader *reader, const struct log_line *line)
{
	struct span service = line->service;
	struct span body = service.len ? line->body : line->behind_stamp;
	struct delivery delivery;
	struct span queue_id = { 0 };
	bool has_id;

	if (is_silent(service)) {
		reader->is_silent = true;
		return true;
	}
	has_id = log_queue_id_take(&body, 5, &queue_id);
	if (has_id && span_is(body, SPAN("removed"))) {
		log_memory_drop(reader->memory, queue_id);
		return true;
	}
	if (!service.len && !has_id)
		return false;
	if (STARTS(body, "from=<")) {
		read_sender(reader, line, queue_id, body);
		return true;
	}
	if (STARTS(body, "message-id=")) {
		read_message_id(reader, queue_id, log_past(body, 11));
		return true;
	}
	log_reader_begin(reader, line, postfix, &delivery);
	delivery.queue_id = queue_id;
	if (STARTS(body, "to=<"))
		read_delivery(reader, line, &delivery, body);
	else if (service.len)
		read_trouble(reader, line, &delivery, body);
	return true;
}
