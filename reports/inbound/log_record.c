#include "reports/inbound/log_record.h"

#include "probe/base/utf8.h"

/*
 *	object = "{" [ member *( "," member ) ] "}"
 *	member = string ":" value                               RFC 8259, 4
 *
 * Read from the left without a tree: of what a member holds, only strings,
 * numbers and, for journald's octets, arrays of numbers are of use.
 */
enum { FIELD_NAME_MAX = 24 };

enum value_kind { VALUE_STRING, VALUE_NUMBER, VALUE_ARRAY, VALUE_OTHER };

struct value {
	enum value_kind kind;
	struct span raw; /* without the quotes or the brackets */
};

static struct span past_space(struct span text)
{
	while (text.len && ascii_is_space(text.at[0]))
		text = span_part(text, 1, text.len);
	return text;
}

/* Is there an odd number of backslashes before it? */
static bool is_escaped(struct span text, size_t at)
{
	size_t first = at;

	while (first && text.at[first - 1] == '\\')
		first--;
	return (at - first) % 2 != 0;
}

/* Up to the quote that ends it, behind which *rest goes on. */
static struct span cut_string(struct span *rest)
{
	struct span text = span_part(*rest, 1, rest->len);
	size_t len = span_find(text, '"');

	while (len < text.len && is_escaped(text, len))
		len += 1 + span_find(span_part(text, len + 1, text.len), '"');
	*rest = span_part(text, len + 1, text.len);
	return span_part(text, 0, len);
}

/* An object or an array, with all that is in it. */
static struct span cut_nested(struct span *rest)
{
	struct span start = *rest;
	size_t depth = 0, len;

	do {
		char c = rest->at[0];

		if (c == '"') {
			cut_string(rest);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		*rest = span_part(*rest, 1, rest->len);
	} while (depth && rest->len);
	len = (size_t)(rest->at - start.at);
	return span_part(start, 1, depth ? len - 1 : len - 2);
}

static struct span cut_bare(struct span *rest)
{
	struct span start = *rest;
	size_t len = 0;

	while (len < start.len && start.at[len] != ',' &&
		start.at[len] != '}' && start.at[len] != ']' &&
		!ascii_is_space(start.at[len]))
		len++;
	*rest = span_part(start, len, start.len);
	return span_part(start, 0, len);
}

static struct value cut_value(struct span *rest)
{
	struct value value = { .kind = VALUE_OTHER };

	if (!rest->len)
		return value;
	switch (rest->at[0]) {
	case '"':
		value.kind = VALUE_STRING;
		value.raw = cut_string(rest);
		break;
	case '[':
		value.kind = VALUE_ARRAY;
		value.raw = cut_nested(rest);
		break;
	case '{':
		cut_nested(rest);
		break;
	default:
		value.raw = cut_bare(rest);
		if (value.raw.len && ascii_is_digit(value.raw.at[0]))
			value.kind = VALUE_NUMBER;
	}
	return value;
}

/* ---- strings */

static bool take_hex(struct span text, size_t at, uint32_t *point)
{
	*point = 0;
	if (at + 4 > text.len)
		return false;
	for (size_t i = at; i < at + 4; i++) {
		int digit = ascii_hex_digit(text.at[i]);

		if (digit < 0)
			return false;
		*point = *point << 4 | (uint32_t)digit;
	}
	return true;
}

/* "\uXXXX", or two of them that are a pair: how much of the text it is. */
static size_t take_point(struct span text, uint32_t *point)
{
	uint32_t second;

	if (!take_hex(text, 2, point))
		return 0;
	if (*point < 0xd800 || *point > 0xdbff || text.len < 12 ||
		text.at[6] != '\\' || text.at[7] != 'u' ||
		!take_hex(text, 8, &second) || second < 0xdc00 ||
		second > 0xdfff)
		return 6;
	*point = 0x10000 + ((*point - 0xd800) << 10) + (second - 0xdc00);
	return 12;
}

static char escaped(char c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'n':
	case 'r':
	case 'f':
	case 'b':
		return '\n';
	}
	return c;
}

/* An escape is never shorter than what it stands for. */
static struct span unescaped(struct arena *arena, struct span raw)
{
	size_t at = span_find(raw, '\\'), len = at;
	char *out;

	if (at == raw.len)
		return raw;
	out = arena_take(arena, raw.len + UTF8_MAX);
	memcpy(out, raw.at, at);
	while (at < raw.len) {
		struct span rest = span_part(raw, at, raw.len);
		uint32_t point;
		size_t taken;

		if (rest.at[0] != '\\' || rest.len == 1) {
			out[len++] = raw.at[at++];
			continue;
		}
		taken = rest.at[1] == 'u' ? take_point(rest, &point) : 0;
		if (taken)
			len += utf8_put(point, out + len);
		else
			out[len++] = escaped(rest.at[1]);
		at += taken ? taken : 2;
	}
	return (struct span){ out, len };
}

/* journald writes what is no UTF-8 as the numbers of its octets. */
static struct span octets_of(struct arena *arena, struct span raw)
{
	char *out = arena_take(arena, raw.len / 2 + 1);
	size_t len = 0;

	while (raw.len) {
		struct span number = span_cut(&raw, ',');
		unsigned long octet;

		if (!span_number(span_trim(number), 255, &octet))
			return SPAN("");
		out[len++] = (char)octet;
	}
	return (struct span){ out, len };
}

/* In one line: a log has no other ones. */
static struct span one_line(struct arena *arena, struct span text)
{
	struct span copy;
	char *out;

	while (text.len && ascii_is_space(text.at[text.len - 1]))
		text.len--;
	text = past_space(text);
	if (span_find(text, '\n') == text.len)
		return text;
	copy = arena_copy(arena, text);
	out = arena_take(arena, text.len);
	for (size_t i = 0; i < text.len; i++)
		out[i] = (char)(copy.at[i] == '\n' ? ' ' : copy.at[i]);
	return (struct span){ out, text.len };
}

static struct span text_of(struct arena *arena, const struct value *value)
{
	switch (value->kind) {
	case VALUE_STRING:
		return one_line(arena, unescaped(arena, value->raw));
	case VALUE_ARRAY:
		return one_line(arena, octets_of(arena, value->raw));
	case VALUE_NUMBER:
		return value->raw;
	case VALUE_OTHER:
		break;
	}
	return SPAN("");
}

/* ---- times */

/* So many digits are seconds, milliseconds, microseconds, nanoseconds. */
static bool take_seconds(struct span text, int64_t *ms)
{
	static const struct {
		size_t digits;
		int64_t times, by;
	} units[] = { { 10, 1000, 1 }, { 13, 1, 1 }, { 16, 1, 1000 },
		{ 19, 1, 1000000 } };
	int64_t whole = 0, unit = 100;
	size_t at = 0;

	while (at < text.len && at < 19 && ascii_is_digit(text.at[at]))
		whole = whole * 10 + (text.at[at++] - '0');
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (at != units[i].digits)
			continue;
		*ms = whole * units[i].times / units[i].by;
		if (at == 10 && at < text.len && text.at[at] == '.')
			for (at++; at < text.len && ascii_is_digit(text.at[at]);
				at++, unit /= 10)
				*ms += unit * (text.at[at] - '0');
		return at == text.len;
	}
	return false;
}

static void take_time(struct arena *arena, struct log_record *record,
	struct span name, struct span text)
{
	if (!text.len)
		return;
	record->is_of_reading = name.at[0] == '@';
	record->has_seconds = take_seconds(text, &record->ms);
	record->stamp = arena_print(arena, "%.*s ", SPAN_ARG(text));
}

/* ---- members */

enum field {
	FIELD_TEXT,
	FIELD_TIME,
	FIELD_HOST,
	FIELD_PROGRAM,
	FIELD_PROCESS,
	FIELD_NONE
};

static enum field field_of(struct span name)
{
	/* clang-format off */
	static const struct {
		struct span name;
		enum field field;
	} names[] = {
		{ { "message", 7 }, FIELD_TEXT },
		{ { "msg", 3 }, FIELD_TEXT },
		{ { "log", 3 }, FIELD_TEXT },
		{ { "line", 4 }, FIELD_TEXT },
		{ { "short_message", 13 }, FIELD_TEXT },
		{ { "textPayload", 11 }, FIELD_TEXT },
		{ { "__REALTIME_TIMESTAMP", 20 }, FIELD_TIME },
		{ { "time", 4 }, FIELD_TIME },
		{ { "timestamp", 9 }, FIELD_TIME },
		{ { "@timestamp", 10 }, FIELD_TIME },
		{ { "date", 4 }, FIELD_TIME },
		{ { "isodate", 7 }, FIELD_TIME },
		{ { "timereported", 12 }, FIELD_TIME },
		{ { "timegenerated", 13 }, FIELD_TIME },
		{ { "_HOSTNAME", 9 }, FIELD_HOST },
		{ { "hostname", 8 }, FIELD_HOST },
		{ { "host", 4 }, FIELD_HOST },
		{ { "SYSLOG_IDENTIFIER", 17 }, FIELD_PROGRAM },
		{ { "ident", 5 }, FIELD_PROGRAM },
		{ { "identifier", 10 }, FIELD_PROGRAM },
		{ { "program", 7 }, FIELD_PROGRAM },
		{ { "programname", 11 }, FIELD_PROGRAM },
		{ { "appname", 7 }, FIELD_PROGRAM },
		{ { "app_name", 8 }, FIELD_PROGRAM },
		{ { "app-name", 8 }, FIELD_PROGRAM },
		{ { "_application_name", 17 }, FIELD_PROGRAM },
		{ { "syslogtag", 9 }, FIELD_PROGRAM },
		{ { "syslog-tag", 10 }, FIELD_PROGRAM },
		{ { "tag", 3 }, FIELD_PROGRAM },
		{ { "SYSLOG_PID", 10 }, FIELD_PROCESS },
		{ { "_PID", 4 }, FIELD_PROCESS },
		{ { "pid", 3 }, FIELD_PROCESS },
		{ { "procid", 6 }, FIELD_PROCESS },
		{ { "_process_id", 11 }, FIELD_PROCESS },
	};
	/* clang-format on */

	if (name.len > FIELD_NAME_MAX)
		return FIELD_NONE;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_is_nocase(name, names[i].name))
			return names[i].field;
	return FIELD_NONE;
}

/* The first of each kind counts; a number is no text. */
static void take_member(struct arena *arena, struct log_record *record,
	struct span name, const struct value *value)
{
	switch (field_of(name)) {
	case FIELD_TEXT:
		if (!record->text.len && value->kind != VALUE_NUMBER)
			record->text = text_of(arena, value);
		break;
	case FIELD_TIME:
		if (!record->stamp.len)
			take_time(arena, record, name, text_of(arena, value));
		break;
	case FIELD_HOST:
		if (!record->host.len && value->kind == VALUE_STRING)
			record->host = text_of(arena, value);
		break;
	case FIELD_PROGRAM:
		if (!record->program.len && value->kind == VALUE_STRING)
			record->program = text_of(arena, value);
		break;
	case FIELD_PROCESS:
		if (!record->process.len)
			record->process = text_of(arena, value);
		break;
	case FIELD_NONE:
		break;
	}
}

bool log_record_read(
	struct arena *arena, struct span object, struct log_record *record)
{
	struct span rest = span_part(object, 1, object.len);

	*record = (struct log_record){ 0 };
	if (!object.len || object.at[0] != '{')
		return false;
	for (;;) {
		struct span name;
		struct value value;

		rest = past_space(rest);
		if (!rest.len || rest.at[0] != '"')
			break;
		name = cut_string(&rest);
		rest = past_space(rest);
		if (!rest.len || rest.at[0] != ':')
			break;
		rest = past_space(span_part(rest, 1, rest.len));
		value = cut_value(&rest);
		take_member(arena, record, name, &value);
		rest = past_space(rest);
		if (!rest.len || rest.at[0] != ',')
			break;
		rest = span_part(rest, 1, rest.len);
	}
	return record->text.len > 0;
}
