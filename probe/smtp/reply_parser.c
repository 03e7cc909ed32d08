#include "probe/smtp/reply_parser.h"

#include <stdint.h>

#include "probe/base/utf8.h"
#include "probe/smtp/status.h"

/*
 *      Reply-line = *( code "-" [ textstring ] CRLF )
 *                   code [ SP textstring ] CRLF
 *      code       = "2".."5" DIGIT DIGIT
 *
 * (RFC 5321 section 4.2.)  A whole reply is gathered in one buffer, which
 * becomes the reply's own; what is left of the buffer serves the next reply.
 * Lines are judged when their LF is there and not before, so that it makes no
 * difference how the bytes arrive.
 */
enum { ROOM_AT_FIRST = 256, LINE_BY_RFC = 512 };

void reply_parser_init(struct reply_parser *parser, struct arena *arena)
{
	*parser = (struct reply_parser){ .arena = arena };
}

struct span reply_parser_rest(const struct reply_parser *parser)
{
	return (struct span){ parser->bytes, parser->len };
}

static void append(struct reply_parser *parser, struct span piece)
{
	if (piece.len > parser->room - parser->len) {
		size_t room = (parser->len + piece.len) * 2;
		char *larger;

		if (room < ROOM_AT_FIRST)
			room = ROOM_AT_FIRST;
		larger = arena_take(parser->arena, room);
		if (parser->len)
			memcpy(larger, parser->bytes, parser->len);
		parser->bytes = larger;
		parser->room = room;
	}
	memcpy(parser->bytes + parser->len, piece.at, piece.len);
	parser->len += piece.len;
}

/* Without LF, or CR and LF.  The line has a LF. */
static struct span line_content(struct span line)
{
	line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static unsigned line_oddities(struct span line)
{
	struct span content = line_content(line);
	unsigned oddities = 0;

	if (content.len + 1 == line.len)
		oddities |= REPLY_BARE_LF;
	if (line.len > LINE_BY_RFC)
		oddities |= REPLY_LONG_LINE;
	if (span_find(content, '\r') < content.len)
		oddities |= REPLY_BARE_CR;
	return oddities;
}

/*
 * Eight bytes at once: has none of them its high bit set, or a control
 * character's value?  Taking 0x20 from a lower byte and adding 1 to 0x7f both
 * set the high bit.  Borrow and carry start only at a byte that is not plain.
 */
static bool is_plain(const char *at)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return !((word | (word - each * 0x20) | (word + each)) & each * 0x80);
}

static bool is_control(unsigned char c)
{
	if (c >= 0x20)
		return c == 0x7f;
	return c != '\r' && c != '\n' && c != '\t';
}

static unsigned byte_oddities(struct span bytes)
{
	unsigned oddities = 0;
	bool has_high = false;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c;

		while (bytes.len - i > 8 && is_plain(bytes.at + i))
			i += 8;
		c = (unsigned char)bytes.at[i];
		has_high |= c >= 0x80;
		if (is_control(c))
			oddities |= REPLY_CONTROL;
	}
	if (has_high)
		oddities |= utf8_is_whole(bytes) ? REPLY_8BIT : REPLY_NOT_UTF8;
	return oddities;
}

/* The code of a line; 0 and *why when it does not begin as a reply does. */
static unsigned line_code(struct span content, const char **why)
{
	unsigned code = 0;

	if (content.len < 3) {
		*why = "a reply line does not begin with three digits";
		return 0;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!ascii_is_digit(content.at[i])) {
			*why = "a reply line does not begin with three digits";
			return 0;
		}
		code = code * 10 + (unsigned)(content.at[i] - '0');
	}
	if (code < 200 || code > 599) {
		*why = "the reply code is not between 200 and 599";
		return 0;
	}
	if (content.len > 3 && content.at[3] != ' ' && content.at[3] != '-') {
		*why = "neither a space nor a hyphen follows the reply code";
		return 0;
	}
	return code;
}

/* The line from line_start on is complete: DONE when it is the last one. */
static enum parse take_line(struct reply_parser *parser, const char **why)
{
	struct span line = span_part(
		reply_parser_rest(parser), parser->line_start, parser->len);
	struct span content = line_content(line);
	unsigned code = line_code(content, why);
	bool is_last = content.len == 3 || (code && content.at[3] == ' ');

	if (!code)
		return PARSE_BAD;
	if (parser->code && parser->code != code) {
		*why = "the reply code changes from one line to the next";
		return PARSE_BAD;
	}
	if (!is_last && parser->line_count == REPLY_LINES_MAX - 1) {
		*why = "the reply has more than 1024 lines";
		return PARSE_BAD;
	}
	parser->code = code;
	parser->oddities |= line_oddities(line);
	parser->line_count++;
	parser->line_start = parser->len;
	return is_last ? PARSE_DONE : PARSE_MORE;
}

static void take_status(struct reply *reply, struct span line)
{
	unsigned part[3];

	if (!status_take(line, reply->code / 100, part))
		return;
	if (!reply_has_status(reply)) {
		reply->status.class = part[0];
		reply->status.subject = part[1];
		reply->status.detail = part[2];
	} else if (reply->status.subject != part[1] ||
		   reply->status.detail != part[2]) {
		reply->oddities |= REPLY_STATUS_VARIES;
	}
}

static void take_lines(struct reply *reply, struct span *lines)
{
	struct span rest = reply->bytes;

	reply->lines = lines;
	for (size_t i = 0; i < reply->line_count; i++) {
		size_t end = span_find(rest, '\n') + 1;
		struct span line = span_part(rest, 0, end);

		lines[i] = span_part(line_content(line), 4, line.len);
		take_status(reply, lines[i]);
		rest = span_part(rest, end, rest.len);
	}
}

static const struct reply *finish(struct reply_parser *parser)
{
	struct reply *reply = arena_new(parser->arena, struct reply);
	struct span bytes = reply_parser_rest(parser);

	*reply = (struct reply){
		.code = parser->code,
		.line_count = parser->line_count,
		.bytes = bytes,
		.oddities = parser->oddities | byte_oddities(bytes),
	};
	take_lines(reply, arena_take(parser->arena,
				  reply->line_count * sizeof(struct span)));
	*parser = (struct reply_parser){
		.arena = parser->arena,
		.bytes = parser->bytes + bytes.len,
		.room = parser->room - bytes.len,
	};
	return reply;
}

/* Moves input to the buffer: to the end of the line, or up to a limit. */
static bool take_piece(struct reply_parser *parser, struct span *input)
{
	size_t most = REPLY_LINE_MAX - (parser->len - parser->line_start);
	struct span piece;

	if (most > REPLY_BYTES_MAX - parser->len)
		most = REPLY_BYTES_MAX - parser->len;
	piece = span_part(*input, 0, most);
	piece = span_part(piece, 0, span_find(piece, '\n') + 1);
	if (piece.len)
		append(parser, piece);
	*input = span_part(*input, piece.len, input->len);
	return piece.len && piece.at[piece.len - 1] == '\n';
}

enum parse reply_parse(struct reply_parser *parser, struct span *input,
	const struct reply **reply, const char **why)
{
	while (input->len) {
		enum parse got = PARSE_MORE;

		if (take_piece(parser, input))
			got = take_line(parser, why);
		if (got == PARSE_BAD)
			return PARSE_BAD;
		if (got == PARSE_DONE) {
			*reply = finish(parser);
			return PARSE_DONE;
		}
		if (parser->len - parser->line_start >= REPLY_LINE_MAX) {
			*why = "a reply line is longer than 4096 bytes";
			return PARSE_BAD;
		}
		if (parser->len >= REPLY_BYTES_MAX) {
			*why = "the reply is longer than 131072 bytes";
			return PARSE_BAD;
		}
	}
	return PARSE_MORE;
}
