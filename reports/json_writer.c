#include "reports/json_writer.h"

#include <assert.h>

#include "probe/base/utf8.h"

static void flush(struct json_writer *json)
{
	fwrite(json->room, 1, json->used, json->out);
	json->used = 0;
}

static void put_bytes(struct json_writer *json, const char *at, size_t len)
{
	if (len > JSON_ROOM - json->used)
		flush(json);
	if (len > JSON_ROOM) {
		fwrite(at, 1, len, json->out);
		return;
	}
	if (len)
		memcpy(json->room + json->used, at, len);
	json->used += len;
}

/* No more than the room holds. */
static char *take_room(struct json_writer *json, size_t len)
{
	char *at;

	assert(len <= JSON_ROOM);
	if (len > JSON_ROOM - json->used)
		flush(json);
	at = json->room + json->used;
	json->used += len;
	return at;
}

static void put_char(struct json_writer *json, char c)
{
	if (json->used == JSON_ROOM)
		flush(json);
	json->room[json->used++] = c;
}

static void put_line(struct json_writer *json)
{
	if (!json->is_pretty)
		return;
	put_char(json, '\n');
	for (unsigned i = 0; i < json->depth; i++)
		put_bytes(json, "  ", 2);
}

/* What stands between this value and whatever came before it. */
static void begin_value(struct json_writer *json)
{
	if (json->is_after_key) {
		json->is_after_key = false;
		return;
	}
	if (!json->depth)
		return;
	if (json->has_members[json->depth])
		put_char(json, ',');
	json->has_members[json->depth] = true;
	put_line(json);
}

static void begin_level(struct json_writer *json, char bracket)
{
	begin_value(json);
	put_char(json, bracket);
	assert(json->depth + 1 < JSON_DEPTH_MAX);
	json->has_members[++json->depth] = false;
}

static void end_level(struct json_writer *json, char bracket)
{
	bool had_members = json->has_members[json->depth];

	assert(json->depth && !json->is_after_key);
	json->depth--;
	if (had_members)
		put_line(json);
	put_char(json, bracket);
}

void writer_open(
	struct json_writer *json, FILE *out, bool is_pretty, unsigned depth)
{
	json->out = out;
	json->is_pretty = is_pretty;
	json->is_after_key = true;
	json->depth = depth;
	json->secrets = NULL;
	json->used = 0;
}

void writer_hide(struct json_writer *json, struct arena *arena,
	const struct variables *secrets)
{
	json->arena = arena;
	json->secrets = secrets;
}

static struct span hidden(struct json_writer *json, struct span text)
{
	return json->secrets ? variables_hide(json->arena, json->secrets, text)
			     : text;
}

void writer_close(struct json_writer *json)
{
	flush(json);
}

void writer_begin_object(struct json_writer *json)
{
	begin_level(json, '{');
}

void writer_end_object(struct json_writer *json)
{
	end_level(json, '}');
}

void writer_begin_array(struct json_writer *json)
{
	begin_level(json, '[');
}

void writer_end_array(struct json_writer *json)
{
	end_level(json, ']');
}

void writer_key(struct json_writer *json, const char *key)
{
	size_t len = strlen(key);
	char *at;

	begin_value(json);
	at = take_room(json, len + 3 + json->is_pretty);
	*at++ = '"';
	memcpy(at, key, len);
	memcpy(at + len, "\":", 2);
	if (json->is_pretty)
		at[len + 2] = ' ';
	json->is_after_key = true;
}

static void put_point(struct json_writer *json, uint32_t point)
{
	static const char hex[] = "0123456789abcdef";
	char text[] = { '\\', 'u', hex[point >> 12 & 15], hex[point >> 8 & 15],
		hex[point >> 4 & 15], hex[point & 15] };

	put_bytes(json, text, sizeof(text));
}

static void put_special(struct json_writer *json, unsigned char c)
{
	static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
	const char *found = c ? strchr(from, c) : NULL;

	if (!found) {
		put_point(json, c);
		return;
	}
	put_char(json, '\\');
	put_char(json, to[found - from]);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static const uint64_t each = UINT64_C(0x0101010101010101);

/* The high bit of each octet of the word that is 0, and perhaps of some behind
 * the first of them: a borrow goes upwards. */
static uint64_t zeros(uint64_t word)
{
	return (word - each) & ~word & (each << 7);
}

/* Of eight octets, are all plain?  What is 0x7f or more has its high bit set
 * when 1 is added to it, or has it already. */
static bool are_plain(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return !(((word - each * 0x20) | (word + each) | word |
			 zeros(word ^ each * '"') | zeros(word ^ each * '\\')) &
		 each << 7);
}

static size_t plain_length(struct span text)
{
	size_t len = 0;

	while (len + 8 <= text.len && are_plain(text.at + len))
		len += 8;
	while (len < text.len && is_plain((unsigned char)text.at[len]))
		len++;
	return len;
}

/* C1 controls, bidirectional and invisible marks, line separators. */
static bool is_misleading(uint32_t point)
{
	return point < 0xa0 || point == 0x61c || point == 0xfeff ||
	       (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f);
}

/* One character that is not plain; how many bytes of text it was. */
static size_t put_foreign(
	struct json_writer *json, struct span text, bool *is_exact)
{
	uint32_t point = 0;
	size_t len = utf8_take(text, &point);

	if (!len) {
		put_bytes(json, "\xef\xbf\xbd", 3);
		*is_exact = false;
		return 1;
	}
	if (point < 0x80)
		put_special(json, (unsigned char)point);
	else if (is_misleading(point))
		put_point(json, point);
	else
		put_bytes(json, text.at, len);
	return len;
}

/* Most texts are plain, and short enough for the room. */
static bool put_plain(struct json_writer *json, struct span text)
{
	char *at;

	if (text.len > JSON_ROOM - 2 || plain_length(text) != text.len)
		return false;
	at = take_room(json, text.len + 2);
	*at = '"';
	if (text.len)
		memcpy(at + 1, text.at, text.len);
	at[text.len + 1] = '"';
	return true;
}

static bool put_string(struct json_writer *json, struct span text)
{
	bool is_exact = true;

	begin_value(json);
	if (put_plain(json, text))
		return true;
	put_char(json, '"');
	for (size_t i = 0; i < text.len;) {
		size_t len = plain_length(span_part(text, i, text.len));

		put_bytes(json, text.at + i, len);
		i += len;
		if (i < text.len)
			i += put_foreign(
				json, span_part(text, i, text.len), &is_exact);
	}
	put_char(json, '"');
	return is_exact;
}

bool writer_string(struct json_writer *json, struct span text)
{
	return put_string(json, hidden(json, text));
}

void writer_word(struct json_writer *json, const char *word)
{
	put_string(json, span_of(word));
}

static void put_number(struct json_writer *json, uint64_t number)
{
	char room[20];
	size_t at = sizeof(room);

	do {
		room[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	put_bytes(json, room + at, sizeof(room) - at);
}

void writer_count(struct json_writer *json, uint64_t number)
{
	begin_value(json);
	put_number(json, number);
}

void writer_whole(struct json_writer *json, int64_t number)
{
	begin_value(json);
	if (number < 0)
		put_char(json, '-');
	put_number(json, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void writer_claim(struct json_writer *json, bool claim)
{
	begin_value(json);
	put_bytes(json, claim ? "true" : "false", claim ? 4 : 5);
}

void writer_nothing(struct json_writer *json)
{
	begin_value(json);
	put_bytes(json, "null", 4);
}

void writer_written(struct json_writer *json, struct span value)
{
	begin_value(json);
	put_bytes(json, value.at, value.len);
}

void writer_hex(struct json_writer *json, struct span bytes)
{
	static const char hex[] = "0123456789abcdef";

	bytes = hidden(json, bytes);
	begin_value(json);
	put_char(json, '"');
	for (size_t i = 0; i < bytes.len; i++) {
		put_char(json, hex[(unsigned char)bytes.at[i] >> 4]);
		put_char(json, hex[(unsigned char)bytes.at[i] & 15]);
	}
	put_char(json, '"');
}

void writer_newline(struct json_writer *json)
{
	put_char(json, '\n');
}

void writer_put(struct json_writer *json, const char *key, struct span text)
{
	writer_key(json, key);
	writer_string(json, text);
}

void writer_put_maybe(
	struct json_writer *json, const char *key, struct span text)
{
	writer_key(json, key);
	if (text.len)
		writer_string(json, text);
	else
		writer_nothing(json);
}

void writer_put_word(
	struct json_writer *json, const char *key, const char *word)
{
	writer_key(json, key);
	writer_word(json, word);
}

void writer_put_count(
	struct json_writer *json, const char *key, uint64_t number)
{
	writer_key(json, key);
	writer_count(json, number);
}

void writer_put_claim(struct json_writer *json, const char *key, bool claim)
{
	writer_key(json, key);
	writer_claim(json, claim);
}

void writer_put_nothing(struct json_writer *json, const char *key)
{
	writer_key(json, key);
	writer_nothing(json);
}

void writer_close_report(struct json_writer *json, int exit_status)
{
	writer_end_array(json);
	writer_put_count(json, "exit_status", (uint64_t)exit_status);
	writer_end_object(json);
	writer_newline(json);
	writer_close(json);
}
