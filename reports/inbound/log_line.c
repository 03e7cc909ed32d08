#include "reports/inbound/log_line.h"

enum { FOREIGN_MAX = 255 }; /* octets of a prefix of another tool */

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
	line->process = cut_word(&rest);
	cut_word(&rest);
	rest = past_structured(rest);
	if (span_is(span_part(rest, 0, mark.len), mark))
		rest = span_part(rest, mark.len, rest.len);
	line->body = rest;
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
	host = cut_word(&rest);
	if (!line->has_stamp || !take_program(&rest, line))
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

void log_heads_init(struct log_heads *heads, int64_t now_ms)
{
	*heads = (struct log_heads){ .len = 0 };
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

static void read_anew(
	struct log_heads *heads, struct span text, struct log_line *line)
{
	struct span rest;
	bool is_rfc5424 = false;
	size_t len;

	*line = (struct log_line){ .text = text };
	rest = past_priority(text);
	if (rest.at != text.at && rest.len > 2 && rest.at[0] == '1' &&
		rest.at[1] == ' ') {
		is_rfc5424 = true;
		rest = span_part(rest, 2, rest.len);
	}
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

void log_line_read(
	struct log_heads *heads, struct span text, struct log_line *line)
{
	if (!read_known(heads, text, line))
		read_anew(heads, text, line);
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

	if (!line->process.len || silent.len > sizeof(silent.text))
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
