#include "reports/inbound/log_line.h"

#include "reports/inbound/log_record.h"
#include "reports/inbound/log_words.h"
#include "reports/inbound/log_wrapped.h"

enum { INNER_MAX = 3 }; /* lines within lines */

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
	*rest = log_past_blanks(span_part(text, end, text.len));
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
	return log_past_blanks(span_part(body, end + 1, body.len));
}

/* Structured data: "-", or 1*( "[" ... "]" ) with "\]" inside values. */
static struct span past_structured(struct span rest)
{
	if (rest.len && rest.at[0] == '-')
		return log_past_blanks(span_part(rest, 1, rest.len));
	while (rest.len && rest.at[0] == '[') {
		size_t at = 1;

		while (at < rest.len && rest.at[at] != ']')
			at += rest.at[at] == '\\' ? 2 : 1;
		rest = span_part(rest, at + 1, rest.len);
	}
	return log_past_blanks(rest);
}

/* Behind the stamp of RFC 5424, 6: each of these may be "-". */
static void read_rfc5424(struct log_line *line)
{
	static const struct span mark = { "\xef\xbb\xbf", 3 };
	struct span rest = line->behind_stamp;

	line->host = log_cut_word(&rest);
	line->program = log_cut_word(&rest);
	line->service = service_of(line->program);
	line->process = log_cut_word(&rest);
	log_cut_word(&rest);
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
	word = log_cut_word(rest);
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
	*host = log_cut_word(rest);
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
		log_cut_word(&rest); /* FreeBSD's "<mail.info>" */
	if (take_program(&rest, line)) {
		line->body = past_message_id(rest);
		return;
	}
	if (!take_host(&rest, &host, line))
		return;
	line->host = host;
	line->body = past_message_id(rest);
}

/* "mail.log:" or "mail.log:12:", as grep puts it before a line. */
static struct span past_file_name(struct span text)
{
	size_t end = span_find(span_part(text, 0, LOG_FOREIGN_MAX), ':'),
	       number;

	if (end >= text.len || span_find(text, ' ') < end)
		return text;
	text = span_part(text, end + 1, text.len);
	number = log_digits(text);
	if (number && number < text.len && text.at[number] == ':')
		return span_part(text, number + 1, text.len);
	return text;
}

/* "mail-1  | ", as it stands before what a container writes. */
static struct span past_container(struct span text)
{
	size_t end = span_find(span_part(text, 0, LOG_FOREIGN_MAX), '|');

	return log_past_blanks(span_part(text, end + 1, text.len));
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

/* Most lines are neither begun nor ended so. */
static bool may_hold_object(struct span text, struct span behind_stamp)
{
	return behind_stamp.len &&
	       (text.at[text.len - 1] == '}' || behind_stamp.at[0] == '{');
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
	if (!inner.host.len)
		inner.host = log_wrapped_host(line->text);
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
	if (!line->host.len)
		line->host = record.host;
	line->text = outer.text;
	heads->len = 0;
	return true;
}

static void read_anew(struct log_heads *heads, struct span text,
	struct log_line *line, unsigned depth)
{
	struct span inner;

	if (text.len && text.at[0] == '{' && depth < INNER_MAX) {
		*line = (struct log_line){ .text = text };
		if (read_record(heads, text, line, depth))
			return;
	}
	read_bare(heads, text, line);
	if (line->stamp.is_tai || depth == INNER_MAX)
		return;
	if (may_hold_object(text, line->behind_stamp)) {
		inner = log_wrapped_object(line->behind_stamp);
		if (inner.len && read_record(heads, inner, line, depth))
			return;
	}
	if (line->program.len)
		return;
	inner = line->has_stamp ? log_wrapped_stamped(line->behind_stamp)
				: log_wrapped_unstamped(text);
	if (inner.len)
		read_inner(heads, inner, line, depth);
}

bool log_line_open(struct log_heads *heads, struct log_line *line)
{
	struct log_line inner;

	if (!line->program.len || !log_wrapped_is_line(line->body))
		return false;
	read_anew(heads, line->body, &inner, INNER_MAX - 1);
	heads->len = 0;
	if (!inner.process.len)
		return false;
	set_stamp(&inner, line);
	if (!inner.host.len)
		inner.host = line->program;
	inner.text = line->text;
	*line = inner;
	return true;
}

bool log_line_search(struct log_line *line)
{
	enum { WORDS_MAX = 5 };
	struct span rest = line->behind_stamp;

	for (int words = 0; words < WORDS_MAX && rest.len; words++) {
		struct span body;

		log_cut_word(&rest);
		body = rest;
		if (!body.len || !ascii_is_alpha(body.at[0]) ||
			!take_program(&body, line))
			continue;
		if (line->process.len &&
			log_digits(line->process) == line->process.len) {
			line->body = past_message_id(body);
			return true;
		}
		line->program = line->service = line->process =
			(struct span){ 0 };
	}
	return false;
}

void log_line_read(
	struct log_heads *heads, struct span text, struct log_line *line)
{
	if (!read_known(heads, text, line))
		read_anew(heads, text, line, 0);
}
