#ifndef MXP_REPLY_PARSER_H
#define MXP_REPLY_PARSER_H

#include "probe/base/arena.h"
#include "probe/smtp/reply.h"

/*
 * Turns a stream of bytes into replies.  Feed it whatever has arrived, in
 * pieces of any size; it takes what it can use and leaves the rest in *input.
 *
 *      PARSE_MORE      *input is used up and the reply is not complete
 *      PARSE_DONE      *reply is complete; *input starts the next one
 *      PARSE_BAD       the server broke RFC 5321 section 4.2; *why says how
 *
 * After PARSE_BAD the stream has no meaning any more: hang up.  What was read
 * of the broken or unfinished reply stays readable in reply_parser_rest().
 * Any way of cutting the same bytes gives the same result.
 */
enum parse { PARSE_MORE, PARSE_DONE, PARSE_BAD };

enum {
	REPLY_LINE_MAX = 4096,          /* 512 by RFC 5321 4.5.3.1.5; be kind */
	REPLY_LINES_MAX = 1024,
	REPLY_BYTES_MAX = 128 * 1024,
};

struct reply_parser {
	struct arena *arena;
	char *bytes;                    /* of the reply under way */
	size_t len, room;
	size_t line_start;              /* offset of the line under way */
	size_t line_count;              /* complete ones */
	unsigned code;                  /* of the first line; 0 before it */
	unsigned oddities;
};

void reply_parser_init(struct reply_parser *parser, struct arena *arena);

enum parse reply_parse(struct reply_parser *parser, struct span *input,
	const struct reply **reply, const char **why) MXP_MUST_USE;

/* Bytes of a reply that has begun and is not complete; empty when none. */
struct span reply_parser_rest(const struct reply_parser *parser);

#endif
