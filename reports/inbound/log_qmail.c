#include "reports/inbound/log_reader.h"

/*
 * qmail-send numbers its deliveries, and tells of each in two lines:
 *
 *	info msg M: bytes N from <sender> qp N uid N
 *	starting delivery N: msg M to remote RCPT
 *	delivery N: success / failure / deferral: TEXT
 *
 * In TEXT, as in a report of qmail-remote, what is no printable character is
 * "_" and a line's end is "/":
 *
 *	ADDR_does_not_like_recipient./Remote_host_said:_550_.../Giving_up_on_ADDR./
 *
 * A "/" may also be part of a URL; a line of the reply begins with its code.
 */
static const struct span qmail = { "qmail", 5 };

/* Keys of the memory: numbers of messages and of deliveries are apart. */
static struct span key_of(char room[static 24], char kind, struct span number)
{
	size_t len = number.len < 22 ? number.len : 22;

	room[0] = kind;
	if (len)
		memcpy(room + 1, number.at, len);
	return (struct span){ room, len + 1 };
}

static struct span cut_number(struct span *rest)
{
	struct span number;
	size_t len = 0;

	while (len < rest->len && ascii_is_digit(rest->at[len]))
		len++;
	number = span_part(*rest, 0, len);
	*rest = log_past(*rest, len);
	return number;
}

/* info msg M: bytes N from <sender> qp ... */
static void read_message(struct log_reader *reader, struct span body)
{
	struct span number = cut_number(&body), sender;
	size_t at = log_find(body, SPAN(" from <"));
	char room[24];

	if (!number.len || at == body.len)
		return;
	sender = log_past(body, at + 7);
	sender.len = log_find(sender, SPAN("> "));
	if (sender.len && sender.at[sender.len - 1] == '>')
		sender.len--;
	log_memory_keep(reader->memory, key_of(room, 'm', number),
		LOG_FACT_SENDER, sender);
}

/* starting delivery N: msg M to remote RCPT */
static void read_start(struct log_reader *reader, struct span body)
{
	struct span number = cut_number(&body), message;
	size_t at = log_find(body, SPAN("msg ")), to;
	char room[24];
	struct span key = key_of(room, 'd', number);

	if (!number.len || at == body.len)
		return;
	body = log_past(body, at + 4);
	message = cut_number(&body);
	to = log_find(body, SPAN(" to "));
	if (!message.len || to == body.len)
		return;
	log_memory_keep(
		reader->memory, key, LOG_FACT_SENDER, log_past(body, to + 4));
	log_memory_keep(reader->memory, key, LOG_FACT_MESSAGE_ID, message);
}

/* The recipient, "remote a@b" or "local a@b", and the message's number. */
static void join(struct log_reader *reader, struct delivery *delivery,
	struct span number)
{
	char room[24];
	struct log_known known = log_memory_find(
		reader->memory, key_of(room, 'd', number));
	struct span to = known.of[LOG_FACT_SENDER];
	struct span message = known.of[LOG_FACT_MESSAGE_ID];

	if (!to.at || !message.at)
		return;
	if (STARTS(to, "local "))
		delivery->relay_host = SPAN("local");
	to = log_past(to, span_find(to, ' ') + 1);
	delivery->recipient = to;
	delivery->queue_id = message;
	known = log_memory_find(reader->memory, key_of(room, 'm', message));
	delivery->has_sender = known.of[LOG_FACT_SENDER].at != NULL;
	delivery->sender = known.of[LOG_FACT_SENDER];
}

/* "_" to blank, and the lines of a reply by their codes. */
static struct span written_out(struct arena *arena, struct span text)
{
	char *out = arena_take(arena, text.len + 1);

	while (text.len && text.at[text.len - 1] == '/')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		out[i] = text.at[i] == '_' ? ' ' : text.at[i];
	return (struct span){ out, text.len };
}

/* The reply, from its code to what qmail says of itself again. */
static struct span reply_of(struct arena *arena, struct span text)
{
	size_t at = log_find(text, SPAN("emote host said: "));
	char *parted;

	if (at == text.len)
		return (struct span){ 0 };
	text = log_past(text, at + 17);
	text.len = log_find(text, SPAN("/Giving up on "));
	text.len = log_find(text, SPAN("/I'm not going to try again"));
	parted = (char *)arena_take(arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		parted[i] = text.at[i] == '/' && log_reply_code(
							 log_past(text, i + 1))
				    ? '\n'
				    : text.at[i];
	return (struct span){ parted, text.len };
}

/* The address is a word of its own, at most with a dot or brackets about. */
static void take_address(struct delivery *delivery, struct span text)
{
	while (text.len && !delivery->has_relay) {
		struct span word = span_cut(&text, ' ');

		if (word.len > 0 && (word.at[word.len - 1] == '.' ||
					    word.at[word.len - 1] == ':'))
			word.len--;
		log_relay_take(delivery, word);
	}
}

/* Patched ones name the recipient here. */
static void take_recipient(struct delivery *delivery, struct span text)
{
	while (text.len && !delivery->recipient.len) {
		struct span word = span_cut(&text, ' ');

		if (word.len > 2 && (word.at[0] == '[' || word.at[0] == '<') &&
			span_find(word, '@') < word.len)
			delivery->recipient = span_part(word, 1, word.len - 2);
	}
}

/* clang-format off */
static const struct {
	struct span words;
	enum stage stage;
} places[] = {
	{ { "greeting failed", 15 }, STAGE_BANNER },
	{ { "my name was rejected", 20 }, STAGE_EHLO },
	{ { "sender was rejected", 19 }, STAGE_MAIL },
	{ { "does not like recipient", 23 }, STAGE_RCPT },
	{ { "failed on DATA command", 22 }, STAGE_DATA },
	{ { "failed after I sent the message", 31 }, STAGE_DOT },
	{ { "accepted message", 16 }, STAGE_DOT },
	{ { "Possible duplicate", 18 }, STAGE_DOT },
	{ { "TLS", 3 }, STAGE_TLS },
};
/* clang-format on */

static void take_place(struct delivery *delivery, struct span own)
{
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (log_has(own, places[i].words)) {
			delivery->has_stage = true;
			delivery->stage = places[i].stage;
			return;
		}
	log_stage_guess(delivery, own);
}

/* "(#4.4.1)": qmail's own status. */
static void take_status(struct delivery *delivery, struct span text)
{
	size_t at = log_find(text, SPAN("(#"));
	struct span status = log_past(text, at + 2);

	if (at < text.len)
		log_reply_status(
			delivery, span_part(status, 0, span_find(status, ')')));
}

static void take_text(
	struct log_reader *reader, struct delivery *delivery, struct span text)
{
	struct span own, reply;

	text = written_out(reader->arena, text);
	own = span_part(text, 0, log_find(text, SPAN("emote host said: ")));
	reply = reply_of(reader->arena, text);
	take_address(delivery, own);
	take_recipient(delivery, own);
	take_place(delivery, own);
	if (reply.len)
		log_reply_take(delivery, reply);
	else
		delivery->text = text;
	take_status(delivery, text);
	if (log_has(text, SPAN("not going to try again")) && !reply.len)
		delivery->result = DELIVERY_EXPIRED;
}

/* N: success / failure / deferral: TEXT */
static bool read_end(
	struct log_reader *reader, struct delivery *delivery, struct span body)
{
	struct span number = cut_number(&body);

	if (!number.len || !STARTS(body, ": "))
		return false;
	body = log_past(body, 2);
	if (STARTS(body, "success: "))
		delivery->result = DELIVERY_ACCEPTED;
	else if (STARTS(body, "failure: "))
		delivery->result = DELIVERY_REFUSED;
	else if (STARTS(body, "deferral: "))
		delivery->result = DELIVERY_DEFERRED;
	else
		return false;
	join(reader, delivery, number);
	take_text(reader, delivery, log_past(body, span_find(body, ' ') + 1));
	log_reader_give(reader, delivery);
	return true;
}

/* The seconds that qmail-send's lines may bear know the year and the zone. */
static struct span past_stamp(struct span body, struct delivery *delivery)
{
	struct log_stamps stamps = { 0 };
	struct log_stamp stamp;
	size_t len;

	if (!body.len || !ascii_is_digit(body.at[0]))
		return body;
	len = log_stamp_take(&stamps, body, &stamp);
	if (len && (!stamp.guesses_zone || !delivery->has_time)) {
		delivery->has_time = true;
		delivery->time_ms = stamp.ms;
		delivery->guesses_year = false;
		delivery->guesses_zone = stamp.guesses_zone;
	}
	return log_past(body, len);
}

static bool read_words(struct log_reader *reader, const struct log_line *line,
	struct span body)
{
	struct delivery delivery;

	log_reader_begin(reader, line, qmail, &delivery);
	body = past_stamp(body, &delivery);
	if (STARTS(body, "delivery "))
		return read_end(reader, &delivery, log_past(body, 9));
	if (STARTS(body, "starting delivery "))
		read_start(reader, log_past(body, 18));
	else if (STARTS(body, "info msg "))
		read_message(reader, log_past(body, 9));
	else
		return STARTS(body, "new msg ") || STARTS(body, "end msg ") ||
		       STARTS(body, "status: ") || STARTS(body, "bounce msg ");
	return true;
}

/* Of "delivery 3: success: ..." the number looks like the name of a program. */
bool log_qmail_read(struct log_reader *reader, const struct log_line *line)
{
	return read_words(reader, line, line->body) ||
	       (line->program.len &&
		       read_words(reader, line, line->behind_stamp));
}
