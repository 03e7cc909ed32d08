#include "reports/inbound/log_line.h"

#include "reports/inbound/log_record.h"

enum {
	FOREIGN_MAX = 255, /* octets of a prefix of another tool */
	INNER_MAX = 3,     /* lines within lines */
};

static bool starts(struct span text, struct span start)
{
	return text.len >= start.len &&
	       memcmp(text.at, start.at, start.len) == 0;
}

static struct span past_blanks(struct span text)
{
	while (text.len && ascii_is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	return text;
}

/* Cuts a word and the blanks behind it off.  The words are short ones. */
static struct span cut_word(struct span *rest)
{
	struct span word = *rest;
	size_t len = 0;

	while (len < rest->len && rest->at[len] != ' ')
		len++;
	word.len = len;
	rest->at += len;
	rest->len -= len;
	*rest = past_blanks(*rest);
	return word;
}

/* "<" 1*3DIGIT ">": facility and severity, of no use here. */
static struct span past_priority(struct span text)
{
	size_t at = 1;

	if (text.len < 3 || text.at[0] != '<')
		return text;
	while (at < 4 && at < text.len && ascii_is_digit(text.at[at]))
		at++;
	if (at == 1 || at >= text.len || text.at[at] != '>')
		return text;
	return span_part(text, at + 1, text.len);
}

/* Behind the last of them; 0: there is none. */
static size_t past_last(struct span text, char wanted)
{
	const char *last = memrchr(text.at, wanted, text.len);

	return last ? (size_t)(last - text.at) + 1 : 0;
}

/* "[" pid "]" at the end of the program's name is taken off it. */
static struct span take_process(struct span *name)
{
	struct span process = { name->at + name->len, 0 };
	size_t open;

	if (name->at[name->len - 1] == ']') {
		open = past_last(*name, '[');
		if (!open)
			return process;
		process.at = name->at + open;
		process.len = name->len - open - 1;
	} else {
		open = span_find(*name, '[') + 1;
		if (open > name->len)
			return process;
	}
	name->len = open - 1;
	return process;
}

/* What stands behind the last slash; empty without one. */
static struct span service_of(struct span program)
{
	size_t slash = past_last(program, '/');

	return (struct span){ program.at + slash,
		slash ? program.len - slash : 0 };
}

/* program "[" pid "]" ":", and the blanks behind it: cut off, if it is one. */
static inline bool take_program(struct span *rest, struct log_line *line)
{
	struct span text = *rest, name;
	size_t end = span_find(text, ' ');

	if (end < 2 || text.at[end - 1] != ':' || text.at[0] == '[')
		return false;
	name = (struct span){ text.at, end - 1 };
	line->process = take_process(&name);
	line->program = name;
	line->service = service_of(name);
	*rest = past_blanks(span_part(text, end, text.len));
	return true;
}

/* Solaris puts "[ID 801593 mail.info] " before what the program said. */
static struct span past_message_id(struct span body)
{
	size_t end;

	if (!body.len || body.at[0] != '[')
		return body;
	if (body.len < 4 || memcmp(body.at, "[ID ", 4) != 0)
		return body;
	end = span_find(body, ']');
	return past_blanks(span_part(body, end + 1, body.len));
}

/* Structured data: "-", or 1*( "[" ... "]" ) with "\]" inside values. */
static struct span past_structured(struct span rest)
{
	if (rest.len && rest.at[0] == '-')
		return past_blanks(span_part(rest, 1, rest.len));
	while (rest.len && rest.at[0] == '[') {
		size_t at = 1;

		while (at < rest.len && rest.at[at] != ']')
			at += rest.at[at] == '\\' ? 2 : 1;
		rest = span_part(rest, at + 1, rest.len);
	}
	return past_blanks(rest);
}

/* Behind the stamp of RFC 5424, 6: each of these may be "-". */
static void read_rfc5424(struct log_line *line)
{
	static const struct span mark = { "\xef\xbb\xbf", 3 };
	struct span rest = line->behind_stamp;

	line->host = cut_word(&rest);
	line->program = cut_word(&rest);
	line->service = service_of(line->program);
	line->process = cut_word(&rest);
	cut_word(&rest);
	rest = past_structured(rest);
	if (span_is(span_part(rest, 0, mark.len), mark))
		rest = span_part(rest, mark.len, rest.len);
	line->body = rest;
}

/* "mail.info", "mail:info": what a line is about and how grave it is (RFC 3164
 * 4.1.1), in words. */
static bool is_priority(struct span word)
{
	/* clang-format off */
	static const struct span severities[] = {
		{ "info", 4 }, { "notice", 6 }, { "warning", 7 }, { "warn", 4 },
		{ "err", 3 }, { "error", 5 }, { "crit", 4 }, { "alert", 5 },
		{ "debug", 5 }, { "emerg", 5 },
	};
	/* clang-format on */
	size_t at;

	if (!word.len || !memchr("ognrte", word.at[word.len - 1], 6))
		return false;
	at = past_last(word, '.');
	if (!at)
		at = past_last(word, ':');
	word = span_part(word, at, at ? word.len : 0);
	for (size_t i = 0; i < COUNT_OF(severities); i++)
		if (span_is(word, severities[i]))
			return true;
	return false;
}

/* One word more than there should be.  A facility has a small letter first,
 * which hardly any line of Exim has here. */
static bool take_behind_priority(
	struct span *rest, struct span *host, struct log_line *line)
{
	struct span word;

	if (!rest->len || ((host->at[0] < 'a' || host->at[0] > 'z') &&
				  (rest->at[0] < 'a' || rest->at[0] > 'z')))
		return false;
	word = cut_word(rest);
	if (is_priority(*host))
		*host = word;
	else if (!is_priority(word))
		return false;
	return take_program(rest, line);
}

/* A host without a stamp may be any word, so only "program[pid]:" behind it
 * makes it one. */
static bool take_host(
	struct span *rest, struct span *host, struct log_line *line)
{
	*host = cut_word(rest);
	if (!take_program(rest, line))
		return line->has_stamp &&
		       take_behind_priority(rest, host, line);
	if (line->has_stamp || line->process.len)
		return true;
	line->program = line->service = line->process = (struct span){ 0 };
	return false;
}

/* The host and the program; or the program alone; or neither. */
static void read_header(struct log_line *line)
{
	struct span rest = line->behind_stamp, host;

	line->body = line->behind_stamp;
	if (line->has_stamp && rest.len && rest.at[0] == '<')
		cut_word(&rest); /* FreeBSD's "<mail.info>" */
	if (take_program(&rest, line)) {
		line->body = past_message_id(rest);
		return;
	}
	if (!take_host(&rest, &host, line))
		return;
	line->host = host;
	line->body = past_message_id(rest);
}

static size_t digits(struct span text)
{
	size_t len = 0;

	while (len < text.len && ascii_is_digit(text.at[len]))
		len++;
	return len;
}

/* "mail.log:" or "mail.log:12:", as grep puts it before a line. */
static struct span past_file_name(struct span text)
{
	size_t end = span_find(span_part(text, 0, FOREIGN_MAX), ':'), number;

	if (end >= text.len || span_find(text, ' ') < end)
		return text;
	text = span_part(text, end + 1, text.len);
	number = digits(text);
	if (number && number < text.len && text.at[number] == ':')
		return span_part(text, number + 1, text.len);
	return text;
}

/* "mail-1  | ", as it stands before what a container writes. */
static struct span past_container(struct span text)
{
	size_t end = span_find(span_part(text, 0, FOREIGN_MAX), '|');

	return past_blanks(span_part(text, end + 1, text.len));
}

/* The stamp may stand behind what another tool put there. */
static size_t take_stamp(
	struct log_stamps *stamps, struct span *text, struct log_line *line)
{
	struct span whole = *text;
	size_t len = log_stamp_take(stamps, whole, &line->stamp);

	if (len)
		return len;
	*text = past_file_name(whole);
	len = log_stamp_take(stamps, *text, &line->stamp);
	if (len)
		return len;
	*text = past_container(whole);
	len = log_stamp_take(stamps, *text, &line->stamp);
	if (!len)
		*text = whole;
	return len;
}

/* ---- the same beginning again */

void log_heads_init(
	struct log_heads *heads, struct arena *arena, int64_t now_ms)
{
	*heads = (struct log_heads){ .arena = arena };
	log_stamps_init(&heads->stamps, now_ms);
}

/* A host that may be part of something else would have to be looked at. */
static void keep_head(struct log_heads *heads, const struct log_line *line)
{
	struct span text = line->text;
	size_t len;

	heads->len = 0;
	if (!line->has_stamp || !line->host.len || !line->program.len ||
		!(ascii_is_alpha(line->host.at[0]) ||
			ascii_is_digit(line->host.at[0])))
		return;
	len = (size_t)(line->program.at - text.at);
	if (len > sizeof(heads->head))
		return;
	memcpy(heads->head, text.at, len);
	heads->len = len;
	heads->stamp_len = (size_t)(line->behind_stamp.at - text.at);
	heads->host_at = (size_t)(line->host.at - text.at);
	heads->host_len = line->host.len;
	heads->stamp = line->stamp;
}

static bool read_known(
	const struct log_heads *heads, struct span text, struct log_line *line)
{
	size_t len = heads->len;
	struct span rest;

	if (!len || text.len <= len || memcmp(text.at, heads->head, len) != 0)
		return false;
	rest = (struct span){ text.at + len, text.len - len };
	if (!take_program(&rest, line))
		return false;
	line->text = text;
	line->has_stamp = true;
	line->stamp = heads->stamp;
	line->host = span_part(text, heads->host_at, heads->host_len);
	line->behind_stamp = span_part(text, heads->stamp_len, text.len);
	line->body = past_message_id(rest);
	return true;
}

/* "<PRI>1 stamp", of which a file may lack the first. */
static bool take_version(struct span *rest, bool has_priority)
{
	enum { YEAR = 4 };

	if (rest->len < 2 + YEAR + 1 || rest->at[0] != '1' ||
		rest->at[1] != ' ' ||
		(!has_priority && rest->at[2 + YEAR] != '-'))
		return false;
	*rest = span_part(*rest, 2, rest->len);
	return true;
}

static void read_bare(
	struct log_heads *heads, struct span text, struct log_line *line)
{
	struct span rest;
	bool is_rfc5424;
	size_t len;

	*line = (struct log_line){ .text = text };
	rest = past_priority(text);
	is_rfc5424 = take_version(&rest, rest.at != text.at);
	len = take_stamp(&heads->stamps, &rest, line);
	line->has_stamp = len > 0;
	line->behind_stamp = span_part(rest, len, rest.len);
	heads->len = 0;
	if (is_rfc5424) {
		read_rfc5424(line);
	} else if (line->stamp.is_tai) {
		line->body = line->behind_stamp;
	} else {
		read_header(line);
		keep_head(heads, line);
	}
}

/* ---- lines within lines */

/*
 * An object of JSON, at the start or behind the one word that Fluentd's "tag",
 * "data:" of a stream of events and the like are.  Further back a peer may have
 * said it.
 */
static struct span object_in(struct span text)
{
	enum { RECORD_SEPARATOR = 0x1e }; /* RFC 7464 2.2 */
	size_t at = 0;

	if (text.len && text.at[0] == RECORD_SEPARATOR)
		text = span_part(text, 1, text.len);
	if (text.len && text.at[0] == '{')
		return text;
	while (at < text.len && at < FOREIGN_MAX &&
		!ascii_is_blank(text.at[at]))
		at++;
	text = past_blanks(span_part(text, at, text.len));
	return text.len && text.at[0] == '{' ? text : (struct span){ 0 };
}

/* Most lines are neither begun nor ended so. */
static bool may_hold_object(struct span text, struct span behind_stamp)
{
	return text.len && behind_stamp.len &&
	       (text.at[text.len - 1] == '}' || text.at[0] == '{' ||
		       behind_stamp.at[0] == '{');
}

/*
 * Behind a stamp there may be another one, as of a container's line:
 *
 *	2026-11-21T20:08:19.1Z stdout F Nov 21 20:08:19 ...
 */
static struct span inner_of_stamped(struct span text)
{
	enum { MARK = 7, FLAG = 2, DATE = 10 };

	if (text.len < DATE)
		return (struct span){ 0 };
	if (starts(text, SPAN("stdout ")) || starts(text, SPAN("stderr "))) {
		text = span_part(text, MARK, text.len);
		return span_part(text, text.at[1] == ' ' ? FLAG : 0, text.len);
	}
	if ((text.at[4] == '-' && text.at[7] == '-') || text.at[3] == ' ')
		return text;
	return (struct span){ 0 };
}

/* "[pod/mail-0/postfix] ", "[12345.678901] " */
static struct span past_brackets(struct span text)
{
	size_t end = span_find(span_part(text, 0, FOREIGN_MAX), ']') + 1;

	return end < text.len && text.at[end] == ' '
		       ? past_blanks(span_part(text, end, text.len))
		       : (struct span){ 0 };
}

/* "mail-1  | ": the one word of it makes it a container's name. */
static struct span past_service(struct span text)
{
	cut_word(&text);
	if (text.len < 2 || text.at[0] != '|' || text.at[1] != ' ')
		return (struct span){ 0 };
	return past_blanks(span_part(text, 1, text.len));
}

/* Somebody has moved the line to the right, or quoted it. */
static struct span past_quoting(struct span text)
{
	while (text.len && (ascii_is_blank(text.at[0]) || text.at[0] == '>'))
		text = span_part(text, 1, text.len);
	return text;
}

/* The count of octets, where syslog came by TCP (RFC 6587 3.4.1). */
static struct span past_count(struct span text)
{
	size_t len = digits(text);

	return starts(span_part(text, len, text.len), SPAN(" <"))
		       ? span_part(text, len + 1, text.len)
		       : (struct span){ 0 };
}

static struct span inner_of_unstamped(struct span text)
{
	if (!text.len)
		return text;
	if (text.at[0] == '[')
		return past_brackets(text);
	if (ascii_is_blank(text.at[0]) || text.at[0] == '>')
		return past_quoting(text);
	if (ascii_is_digit(text.at[0]))
		return past_count(text);
	return past_service(text);
}

/* A text with a head of its own knows better; but "QID:" is none. */
static bool has_head(const struct log_line *line)
{
	return line->process.len || line->service.len ||
	       (line->has_stamp && line->program.len);
}

/* "postfix/smtp", "postfix/smtp[12]", "postfix/smtp[12]:" */
static void set_program(
	struct log_line *line, struct span program, struct span process)
{
	if (program.len && program.at[program.len - 1] == ':')
		program.len--;
	if (!program.len)
		return;
	line->process = take_process(&program);
	if (!line->process.len)
		line->process = process;
	line->program = program;
	line->service = service_of(program);
	line->body = past_message_id(line->behind_stamp);
}

static void set_stamp(struct log_line *inner, const struct log_line *outer)
{
	if (!outer->has_stamp)
		return;
	inner->stamp = inner->has_stamp
			       ? log_stamp_better(&inner->stamp, &outer->stamp)
			       : outer->stamp;
	inner->has_stamp = true;
}

static void read_anew(struct log_heads *heads, struct span text,
	struct log_line *line, unsigned depth);

/* What the line inside does not tell, the one outside does. */
static void read_inner(struct log_heads *heads, struct span text,
	struct log_line *line, unsigned depth)
{
	struct log_line inner;

	read_anew(heads, text, &inner, depth + 1);
	inner.text = line->text;
	set_stamp(&inner, line);
	*line = inner;
	heads->len = 0;
}

static bool has_stamp_of(struct log_heads *heads,
	const struct log_record *record, struct log_stamp *stamp)
{
	*stamp = (struct log_stamp){ .ms = record->ms };
	return record->has_seconds ||
	       log_stamp_take(&heads->stamps, record->stamp, stamp);
}

/* False: it holds no line, and nothing was changed. */
static bool read_record(struct log_heads *heads, struct span object,
	struct log_line *line, unsigned depth)
{
	struct log_record record;
	struct log_line outer = { .text = line->text };

	if (!heads->arena || !log_record_read(heads->arena, object, &record))
		return false;
	outer.has_stamp = has_stamp_of(heads, &record, &outer.stamp);
	set_stamp(&outer, line);
	read_anew(heads, record.text, line, depth + 1);
	if (!has_head(line))
		set_program(line, record.program, record.process);
	/* What was written long ago may be read now. */
	if (!record.is_of_reading || !line->has_stamp)
		set_stamp(line, &outer);
	line->text = outer.text;
	heads->len = 0;
	return true;
}

static void read_anew(struct log_heads *heads, struct span text,
	struct log_line *line, unsigned depth)
{
	struct span inner;

	read_bare(heads, text, line);
	if (line->stamp.is_tai || depth == INNER_MAX)
		return;
	if (may_hold_object(text, line->behind_stamp)) {
		inner = object_in(line->behind_stamp);
		if (inner.len && read_record(heads, inner, line, depth))
			return;
	}
	if (line->program.len)
		return;
	inner = line->has_stamp ? inner_of_stamped(line->behind_stamp)
				: inner_of_unstamped(text);
	if (inner.len)
		read_inner(heads, inner, line, depth);
}

void log_line_read(
	struct log_heads *heads, struct span text, struct log_line *line)
{
	if (!read_known(heads, text, line))
		read_anew(heads, text, line, 0);
}

/* ---- programs that say nothing */

/* The text has that many octets. */
static inline bool begins_silent(
	const struct log_silent *silent, const char *text)
{
	uint64_t apart = 0, word;

	for (size_t i = 0; i < LOG_SILENT_WORDS; i++) {
		memcpy(&word, text + i * sizeof(word), sizeof(word));
		apart |= (silent->text[i] ^ word) & silent->mask[i];
	}
	return !apart;
}

/* The one that the text begins with; NULL: none. */
static inline const struct log_silent *silent_of(
	const struct log_heads *heads, const char *text)
{
	size_t count = heads->silent_count < LOG_SILENT_MAX
			       ? heads->silent_count
			       : LOG_SILENT_MAX;

	for (size_t i = 0; i < count; i++)
		if (begins_silent(&heads->silent[i], text))
			return &heads->silent[i];
	return NULL;
}

void log_line_silence(struct log_heads *heads, const struct log_line *line)
{
	struct log_silent silent = { .len = line->program.len + 1 };

	if (!heads->len || !line->process.len ||
		silent.len > sizeof(silent.text))
		return;
	memcpy(silent.text, line->program.at, silent.len);
	memset(silent.mask, 0xff, silent.len);
	if (!silent_of(heads, (const char *)silent.text))
		heads->silent[heads->silent_count++ % LOG_SILENT_MAX] = silent;
}

/* 1*DIGIT "]: " */
static bool is_process(struct span text)
{
	size_t len = 0;

	while (len < text.len && ascii_is_digit(text.at[len]))
		len++;
	return len && len + 3 <= text.len &&
	       memcmp(text.at + len, "]: ", 3) == 0;
}

bool log_line_is_silent(const struct log_heads *heads, struct span text)
{
	const struct log_silent *silent;
	struct span rest;

	if (!heads->silent_count || !heads->len ||
		text.len < heads->len + sizeof(silent->text) ||
		memcmp(text.at, heads->head, heads->len) != 0)
		return false;
	rest = span_part(text, heads->len, text.len);
	silent = silent_of(heads, rest.at);
	return silent && is_process(span_part(rest, silent->len, rest.len));
}
