/*
 * A stream of replies, read whole and in pieces: the replies are the same, no
 * limit is passed, and every span lies inside its reply.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/smtp/reply_parser.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct reply_stream {
	struct reply_parser parser;
	struct span pending; /* not yet given */
	size_t piece;        /* at most so many at once */
	struct span given;   /* and not yet taken */
	const struct reply *reply;
	const char *why;
};

static enum parse reply_stream_next(struct reply_stream *stream)
{
	enum parse got = PARSE_MORE;

	while (got == PARSE_MORE &&
		(stream->given.len || stream->pending.len)) {
		if (!stream->given.len) {
			stream->given = span_part(
				stream->pending, 0, stream->piece);
			stream->pending = span_part(stream->pending,
				stream->piece, stream->pending.len);
		}
		got = reply_parse(&stream->parser, &stream->given,
			&stream->reply, &stream->why);
		MUST(got != PARSE_MORE || stream->given.len == 0);
	}
	return got;
}

static void reply_check(const struct reply *reply)
{
	const char *end = reply->bytes.at + reply->bytes.len;

	MUST(reply->code >= 200 && reply->code <= 599);
	MUST(reply->bytes.len <= REPLY_BYTES_MAX);
	MUST(reply->line_count >= 1 && reply->line_count <= REPLY_LINES_MAX);
	MUST(end[-1] == '\n');
	MUST(!reply_has_status(reply) ||
		reply->status.class == reply->code / 100);
	for (size_t i = 0; i < reply->line_count; i++) {
		struct span line = reply->lines[i];
		struct span text = reply_text(reply, i);

		MUST(line.len + 4 <= REPLY_LINE_MAX);
		MUST(line.at >= reply->bytes.at && line.at + line.len < end);
		MUST(span_find(line, '\n') == line.len);
		MUST(text.len <= line.len);
		MUST(text.at + text.len == line.at + line.len);
	}
}

static void reply_compare(const struct reply *a, const struct reply *b)
{
	MUST(a->code == b->code);
	MUST(a->line_count == b->line_count);
	MUST(a->oddities == b->oddities);
	MUST(a->status.class == b->status.class);
	MUST(a->status.subject == b->status.subject);
	MUST(a->status.detail == b->status.detail);
	MUST(span_is(a->bytes, b->bytes));
	for (size_t i = 0; i < a->line_count; i++)
		MUST(span_is(a->lines[i], b->lines[i]));
}

static void reply_compare_cut(struct span bytes, size_t piece)
{
	struct arena *arena = arena_open();
	struct reply_stream whole = { .pending = bytes, .piece = bytes.len };
	struct reply_stream cut = { .pending = bytes, .piece = piece };
	enum parse got;

	reply_parser_init(&whole.parser, arena);
	reply_parser_init(&cut.parser, arena);
	do {
		got = reply_stream_next(&whole);
		MUST(reply_stream_next(&cut) == got);
		MUST(whole.pending.len + whole.given.len ==
			cut.pending.len + cut.given.len);
		MUST(span_is(reply_parser_rest(&whole.parser),
			reply_parser_rest(&cut.parser)));
		if (got == PARSE_DONE) {
			reply_check(whole.reply);
			reply_compare(whole.reply, cut.reply);
		}
	} while (got == PARSE_DONE);
	if (got == PARSE_BAD)
		MUST(strcmp(whole.why, cut.why) == 0);
	arena_close(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = { (const char *)bytes, size };
	size_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + bytes[i];
	reply_compare_cut(text, 1);
	reply_compare_cut(text, 2 + sum % 61);
	return 0;
}
