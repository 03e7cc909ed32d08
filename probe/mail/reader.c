#include "probe/mail/reader.h"

enum { FIRST_ROOM = 4096 };

void mail_reader_init(struct mail_reader *reader, struct arena *arena)
{
	*reader = (struct mail_reader){ .arena = arena };
}

static void keep(struct mail_reader *reader, struct span bytes)
{
	size_t left = HEADER_MAX - reader->kept_len;

	if (bytes.len > left) {
		bytes.len = left;
		reader->is_over_limit = true;
	}
	if (reader->kept_len + bytes.len > reader->kept_room) {
		size_t room = reader->kept_room ? reader->kept_room
						: FIRST_ROOM;
		char *larger;

		while (room < reader->kept_len + bytes.len)
			room *= 2;
		larger = arena_take(reader->arena, room);
		if (reader->kept_len)
			memcpy(larger, reader->kept, reader->kept_len);
		reader->kept = larger;
		reader->kept_room = room;
	}
	if (bytes.len)
		memcpy(reader->kept + reader->kept_len, bytes.at, bytes.len);
	reader->kept_len += bytes.len;
}

/*
 * A line is empty when its LF comes first in it, or second after a CR.
 * line_len counts up to 2, which stands for more.
 */
static bool end_of_header(
	struct mail_reader *reader, struct span bytes, size_t *end)
{
	size_t at = 0;

	while (at < bytes.len) {
		struct span rest = span_part(bytes, at, bytes.len);
		size_t len = span_find(rest, '\n');
		size_t whole = reader->line_len + len;

		if (len && !reader->line_len)
			reader->is_cr_first = rest.at[0] == '\r';
		reader->line_len = whole > 2 ? 2 : (unsigned)whole;
		if (len == rest.len)
			return false;
		at += len + 1;
		*end = at;
		if (!whole || (whole == 1 && reader->is_cr_first))
			return true;
		reader->line_len = 0;
	}
	return false;
}

static void parse(struct mail_reader *reader)
{
	struct span kept = { reader->kept, reader->kept_len };

	header_parse(reader->arena, kept, &reader->header);
	if (reader->is_over_limit)
		reader->header.oddities |= HEADER_TOO_LARGE;
	reader->is_in_body = true;
}

struct span mail_reader_take(struct mail_reader *reader, struct span bytes)
{
	size_t end = 0;

	if (!reader->is_in_body) {
		if (!end_of_header(reader, bytes, &end)) {
			keep(reader, bytes);
			return span_part(bytes, bytes.len, 0);
		}
		keep(reader, span_part(bytes, 0, end));
		parse(reader);
	}
	bytes = span_part(bytes, end, bytes.len);
	reader->body_octets += bytes.len;
	return bytes;
}

void mail_reader_end(struct mail_reader *reader)
{
	if (!reader->is_in_body)
		parse(reader);
}

struct span mail_split(
	struct arena *arena, struct span message, struct header *header)
{
	struct mail_reader reader = { .arena = arena };
	size_t end = 0;

	if (!end_of_header(&reader, message, &end))
		end = message.len;
	header_parse(arena, span_part(message, 0, end), header);
	return span_part(message, end, message.len);
}
