#include "reports/inbound/log_reader.h"

/*
 * Exim's main log, or the same through syslog:
 *
 *	[PID] MSGID <= SENDER ... id=MESSAGE-ID ...
 *	[PID] MSGID FLAG ADDRESS [<ORIGINAL>] F=<SENDER> R=ROUTER T=TRANSPORT
 *	      H=NAME [ADDR]:PORT I=[OURS]:PORT X=TLS C="REPLY" QT=TIME: TEXT
 *	[PID] MSGID H=NAME [ADDR]:PORT TEXT
 *
 * FLAG is "=>" or "->" for sent, "**" for failed, "==" for deferred.  The last
 * form tells of an attempt that another host's came after.  The text begins
 * behind the first word that ends with a colon.  There is no status of Exim's
 * own; the lines of a reply are joined with the two characters "\n".
 *
 * Before 4.85 the host of a failure stood in the text: "...: host NAME [ADDR]:
 * 550 ...".  And a connection that failed is told of with no host at all, where
 * the line before it has one.
 */
static const struct span exim = { "exim", 4 };

/*
 * Cuts a word off; blanks inside quotes are part of it.
 * Whoever wrote a quote and did not close it loses the quote's meaning.
 */
static struct span cut_word(struct span *rest)
{
	struct span word;
	size_t at = 0;
	char until = '\0';

	for (; at < rest->len; at++) {
		char c = rest->at[at];

		if (until && c == '\\' && at + 1 < rest->len)
			at++;
		else if (until)
			until = c == until ? '\0' : until;
		else if (c == '"')
			until = c;
		else if (c == ' ')
			break;
	}
	if (until)
		at = span_find(*rest, ' ');
	word = span_part(*rest, 0, at);
	*rest = log_past(*rest, at + 1);
	return word;
}

/* 6-6-2 in base 62, or 6-11-4 since 4.97: any two dashes will do. */
static bool take_message(struct span *body, struct span *id)
{
	struct span rest = *body, word = span_cut(&rest, ' ');
	size_t dashes = 0;

	if (word.len > 2 && word.at[0] == '[' && word.at[word.len - 1] == ']')
		word = span_cut(&rest, ' ');
	if (word.len < 16 || word.len > 32 || word.at[6] != '-')
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] == '-')
			dashes++;
		else if (!ascii_is_digit(word.at[i]) &&
			 !ascii_is_alpha(word.at[i]))
			return false;
	}
	*id = word;
	*body = rest;
	return dashes == 2;
}

/* "<" and ">" around it are taken off. */
static struct span bare(struct span word)
{
	if (word.len >= 2 && word.at[0] == '<' && word.at[word.len - 1] == '>')
		return span_part(word, 1, word.len - 2);
	return word;
}

/* "[" ADDR "]" [ ":" PORT ] */
static void take_address(struct delivery *delivery, struct span word)
{
	size_t close = span_find(word, ']');
	unsigned long port;
	struct span digits = log_past(word, close + 2);

	if (!log_relay_take(delivery, word))
		return;
	if (digits.len && digits.at[digits.len - 1] == ':')
		digits.len--;
	if (span_number(digits, 65535, &port))
		delivery->relay_port = (unsigned)port;
}

static void take_source(struct delivery *delivery, struct span word)
{
	size_t close = span_find(word, ']');

	if (word.len && word.at[0] == '[' && close < word.len)
		delivery->has_source = ip_parse(
			span_part(word, 1, close - 1), &delivery->source);
}

/* C="250 ..." without the quotes, and without the backslashes of quoting. */
static struct span unquoted(struct arena *arena, struct span word)
{
	char *text;
	size_t len = 0;

	if (word.len < 2 || word.at[0] != '"')
		return word;
	word = span_part(word, 1, word.len - 2);
	if (span_find(word, '\\') == word.len)
		return word;
	text = arena_take(arena, word.len + 1);
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] == '\\' && i + 1 < word.len &&
			word.at[i + 1] != 'n')
			i++;
		text[len++] = word.at[i];
	}
	return (struct span){ text, len };
}

/* DT= and QT= stand behind the text, if there is one. */
static struct span without_times(struct delivery *delivery, struct span text)
{
	for (;;) {
		const char *blank = text.len ? memrchr(text.at, ' ', text.len)
					     : NULL;
		struct span last;

		if (!blank)
			return text;
		last = log_past(text, (size_t)(blank - text.at) + 1);
		if (STARTS(last, "QT="))
			delivery->has_delay = log_duration(
				log_past(last, 3), &delivery->delay_ms);
		else if (!STARTS(last, "DT="))
			return text;
		text.len = (size_t)(blank - text.at);
	}
}

/* "host NAME [ADDR]: " or "host NAME [ADDR] " before a reply. */
static struct span take_host(struct delivery *delivery, struct span text)
{
	struct span rest = text, name, address;

	if (!STARTS(text, "host "))
		return text;
	rest = log_past(text, 5);
	name = span_cut(&rest, ' ');
	address = span_cut(&rest, ' ');
	if (address.len < 4 || address.at[0] != '[')
		return text;
	if (!delivery->has_relay) {
		take_address(delivery, address);
		log_relay_name(delivery, name);
	}
	return rest;
}

/* "... connected to NAME [ADDR] after ..." */
static void take_named(struct delivery *delivery, struct span text)
{
	static const struct span marks[] = { { "connected to ", 13 },
		{ "emote host ", 11 }, { "TLS connection to ", 18 },
		{ "unencrypted to ", 15 } };

	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		size_t at = log_find(text, marks[i]);
		struct span rest = log_past(text, at + marks[i].len), name;

		if (at == text.len || delivery->has_relay)
			continue;
		name = span_cut(&rest, ' ');
		if (STARTS(name, "H="))
			name = log_past(name, 2);
		if (!rest.len || rest.at[0] != '[')
			continue;
		take_address(delivery, span_cut(&rest, ' '));
		log_relay_name(delivery, name);
	}
}

static bool is_reply_of(struct span text, struct span *phase)
{
	static const struct span marks[] = {
		{ "error from remote mail server after ", 36 },
		{ "emote host closed connection in response to ", 44 },
		{ "closed connection in response to ", 33 },
		{ "SMTP timeout after ", 19 },
		{ "] after ", 8 },
	};

	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		size_t at = log_find(text, marks[i]);

		if (at == text.len)
			continue;
		*phase = log_past(text, at + marks[i].len);
		return true;
	}
	return false;
}

/* Some failures are those of a message that was tried for too long. */
static bool is_expiry(struct span text)
{
	return log_has(text, SPAN("retry timeout exceeded")) ||
	       log_has(text, SPAN("have been failing for a long time"));
}

/*
 * Exim connects by TCP Fast Open: a SYN that nobody answers then looks to it as
 * a banner that does not come.  Of commands that it sends in one go it names
 * the last one, whichever was refused.
 */
static void take_phase(
	struct delivery *delivery, struct span text, struct span phase)
{
	if (STARTS(phase, "initial connection") &&
		log_has(text, SPAN("SMTP timeout after ")))
		return;
	log_stage_take(delivery, phase);
	delivery->may_be_earlier = STARTS(phase, "pipelined ") &&
				   delivery->has_stage &&
				   delivery->stage >= STAGE_DATA;
}

static void take_text(
	struct log_reader *reader, struct delivery *delivery, struct span text)
{
	static const struct span colon = { ": ", 2 };
	struct span phase;
	size_t end;

	text = without_times(delivery, text);
	delivery->text = text;
	take_named(delivery, text);
	if (is_expiry(text) && delivery->result == DELIVERY_REFUSED)
		delivery->result = DELIVERY_EXPIRED;
	if (!is_reply_of(text, &phase)) {
		log_stage_guess(delivery, text);
		return;
	}
	end = log_find(phase, colon);
	take_phase(delivery, text, span_part(phase, 0, end));
	text = take_host(delivery, log_past(phase, end + colon.len));
	text = log_reply_part_escapes(reader->arena, text);
	if (log_reply_code(text))
		log_reply_take(delivery, text);
}

/*
 * What stands between the address and the text.  H= is the host, and what
 * follows up to its address are marks ("DS": by DNSSEC); "(ours)" is no
 * address.
 */
static void take_fields(
	struct log_reader *reader, struct delivery *delivery, struct span rest)
{
	bool is_host = false;

	while (rest.len) {
		struct span word = cut_word(&rest);
		bool is_last = word.len && word.at[word.len - 1] == ':';

		if (STARTS(word, "H=")) {
			is_host = true;
			log_relay_name(delivery,
				span_part(word, 2, word.len - 2 - is_last));
		} else if (is_host && STARTS(word, "[")) {
			is_host = false;
			take_address(delivery, word);
		} else if (STARTS(word, "I=")) {
			take_source(delivery, log_past(word, 2));
		} else if (STARTS(word, "F=<")) {
			word.len -= is_last;
			delivery->has_sender = true;
			delivery->sender = bare(log_past(word, 2));
		} else if (STARTS(word, "QT=")) {
			delivery->has_delay = log_duration(
				log_past(word, 3), &delivery->delay_ms);
		} else if (STARTS(word, "C=")) {
			log_reply_take(
				delivery, log_reply_part_escapes(reader->arena,
						  unquoted(reader->arena,
							  log_past(word, 2))));
		}
		if (is_last && delivery->result != DELIVERY_ACCEPTED) {
			size_t host = log_find(rest, SPAN(" H="));

			if (word.at[0] != '(' || host == rest.len) {
				take_text(reader, delivery, rest);
				return;
			}
			/* "(110): Connection timed out H=" and more fields */
			take_text(reader, delivery, span_part(rest, 0, host));
			rest = log_past(rest, host + 1);
		}
	}
}

/* The colon that says: what follows is the text. */
static bool strip_colon(struct span *word)
{
	if (!word->len || word->at[word->len - 1] != ':')
		return false;
	word->len--;
	return true;
}

/* ADDRESS [ "<" ORIGINAL ">" ], of which the first may be a local part, or
 * ":blackhole:".  True if the text follows at once. */
static bool take_recipient(struct delivery *delivery, struct span *rest)
{
	struct span word, after, original;
	bool is_last;

	while (rest->len && rest->at[0] == ' ')
		*rest = log_past(*rest, 1);
	word = cut_word(rest);
	after = *rest;
	is_last = !STARTS(word, ":") && strip_colon(&word);
	delivery->recipient = bare(word);
	if (is_last)
		return true;
	original = cut_word(&after);
	is_last = strip_colon(&original);
	if (original.len < 2 || original.at[0] != '<')
		return false;
	*rest = after;
	delivery->original_recipient = bare(original);
	if (span_find(delivery->recipient, '@') == delivery->recipient.len)
		delivery->recipient = delivery->original_recipient;
	return is_last;
}

static void read_delivery(
	struct log_reader *reader, struct delivery *delivery, struct span rest)
{
	if (take_recipient(delivery, &rest))
		take_text(reader, delivery, rest);
	else
		take_fields(reader, delivery, rest);
	if (delivery->result == DELIVERY_ACCEPTED && delivery->has_relay) {
		delivery->has_stage = true;
		delivery->stage = STAGE_DOT;
	} else if (delivery->result == DELIVERY_ACCEPTED &&
		   !delivery->relay_host.len) {
		delivery->relay_host = SPAN("local");
	}
	/* To give up is no attempt: the last one was told of before. */
	if (delivery->result == DELIVERY_EXPIRED)
		log_reader_give(reader, delivery);
	else
		log_reader_claim(reader, delivery->queue_id, delivery);
}

/* "<=" SENDER and its fields, of which id= is the Message-ID. */
static void read_arrival(struct log_reader *reader,
	const struct delivery *delivery, struct span rest)
{
	log_memory_keep(reader->memory, delivery->queue_id, LOG_FACT_SENDER,
		bare(cut_word(&rest)));
	while (rest.len) {
		struct span word = cut_word(&rest);

		if (!STARTS(word, "id="))
			continue;
		log_memory_keep(reader->memory, delivery->queue_id,
			LOG_FACT_MESSAGE_ID, bare(log_past(word, 3)));
		return;
	}
}

/* What becomes of a session that ends in such a way is a line of its own. */
static bool is_broken_read_or_write(struct span text)
{
	static const struct span calls[] = { { "(recv)", 6 }, { "(send)", 6 },
		{ "(uncork)", 8 }, { "(SSL_read)", 10 },
		{ "(SSL_write)", 11 } };

	for (size_t i = 0; i < COUNT_OF(calls); i++)
		if (log_has(text, calls[i]))
			return log_has(text, SPAN("TLS error on connection "));
	return false;
}

/* "H=NAME [ADDR]:PORT " and what went wrong there; the older form has the host
 * in the text.  What was refused to a client of ours looks alike. */
static void read_trouble(
	struct log_reader *reader, struct delivery *delivery, struct span rest)
{
	if (log_has(rest, SPAN(" rejected ")) ||
		log_has(rest, SPAN(" Warning: ")) ||
		is_broken_read_or_write(rest))
		return;
	delivery->result = DELIVERY_DEFERRED;
	while (STARTS(rest, "H=") || STARTS(rest, "I=") ||
		STARTS(rest, "DS ") || STARTS(rest, "[")) {
		struct span word = cut_word(&rest);

		if (word.at[0] == 'H')
			log_relay_name(delivery, log_past(word, 2));
		else if (word.at[0] == 'I')
			take_source(delivery, log_past(word, 2));
		else if (word.at[0] == '[')
			take_address(delivery, word);
	}
	take_text(reader, delivery, rest);
	if (delivery->has_relay)
		log_reader_trouble(reader, delivery->queue_id, delivery, false);
}

static enum delivery_result result_of(struct span flag)
{
	if (span_is(flag, SPAN("=>")) || span_is(flag, SPAN("->")) ||
		span_is(flag, SPAN(">>")))
		return DELIVERY_ACCEPTED;
	if (span_is(flag, SPAN("**")))
		return DELIVERY_REFUSED;
	if (span_is(flag, SPAN("==")))
		return DELIVERY_DEFERRED;
	return DELIVERY_UNKNOWN;
}

/* "[1/2] ": syslog has the line in parts. */
static struct span past_part(struct span body)
{
	struct span rest = body, word;

	if (!body.len || body.at[0] != '[')
		return body;
	word = span_cut(&rest, ' ');
	return span_find(word, '/') < word.len ||
			       span_find(word, '\\') < word.len
		       ? rest
		       : body;
}

struct message {
	struct span id, body;
	bool has_stamp; /* of Exim's own, behind that of syslog */
	struct log_stamp stamp;
};

static bool find_message(struct log_reader *reader, const struct log_line *line,
	struct message *message)
{
	size_t len;

	message->has_stamp = false;
	message->body = line->behind_stamp;
	if (take_message(&message->body, &message->id))
		return true;
	if (!line->program.len)
		return false;
	message->body = past_part(line->body);
	len = log_stamp_take(
		&reader->own_stamps, message->body, &message->stamp);
	message->has_stamp = len > 0;
	message->body = log_past(message->body, len);
	return take_message(&message->body, &message->id);
}

/* It has the year, and the order in which things happened, however late syslog
 * was. */
static void take_stamp(struct delivery *delivery, const struct log_line *line,
	const struct message *message)
{
	struct log_stamp stamp = message->stamp;

	if (!message->has_stamp)
		return;
	if (line->has_stamp)
		stamp = log_stamp_better(&message->stamp, &line->stamp);
	delivery->has_time = true;
	delivery->time_ms = stamp.ms;
	delivery->guesses_year = stamp.guesses_year;
	delivery->guesses_zone = stamp.guesses_zone;
}

static void read_end(struct log_reader *reader, struct span id)
{
	log_reader_release(reader, id);
	log_memory_drop(reader->memory, id);
}

bool log_exim_read(struct log_reader *reader, const struct log_line *line)
{
	struct span rest, flag;
	struct message message;
	struct delivery delivery;

	if (!find_message(reader, line, &message))
		return false;
	log_reader_begin(reader, line, exim, &delivery);
	take_stamp(&delivery, line, &message);
	delivery.queue_id = message.id;
	rest = message.body;
	flag = span_cut(&rest, ' ');
	delivery.result = result_of(flag);
	if (delivery.result != DELIVERY_UNKNOWN)
		read_delivery(reader, &delivery, rest);
	else if (span_is(flag, SPAN("<=")))
		read_arrival(reader, &delivery, rest);
	else if (span_is(flag, SPAN("Completed")))
		read_end(reader, message.id);
	else
		read_trouble(reader, &delivery, message.body);
	return true;
}
