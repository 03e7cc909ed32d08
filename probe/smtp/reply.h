#ifndef MXP_REPLY_H
#define MXP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/base/span.h"

/*
 * A reply is what a server answered, exactly as it answered it: one code,
 * perhaps an enhanced status (RFC 2034, RFC 3463), and one span of text per
 * line.  It never changes once parsed.  What it means is the codebook's
 * business.
 */
enum reply_oddity {             /* departures that were read all the same */
	REPLY_BARE_LF = 1,      /* a line ended in LF without CR */
	REPLY_BARE_CR = 2,      /* a CR inside a line */
	REPLY_CONTROL = 4,      /* another control character, NUL included */
	REPLY_8BIT = 8,         /* bytes over 0x7f, well-formed UTF-8 */
	REPLY_NOT_UTF8 = 16,    /* bytes over 0x7f that are not UTF-8 */
	REPLY_LONG_LINE = 32,   /* over 512 bytes with code and CRLF, RFC 5321
				   section 4.5.3.1.5 */
	REPLY_STATUS_VARIES = 64, /* the lines differ in enhanced status */
};

struct reply {
	unsigned code;                  /* 200..599 */
	struct {
		unsigned class, subject, detail;        /* all 0: none given */
	} status;                       /* of the first line that has one */
	const struct span *lines;       /* after the code and its separator,
					   line end removed; the enhanced
					   status is still in it */
	size_t line_count;              /* at least 1 */
	struct span bytes;              /* the whole reply as it came */
	unsigned oddities;              /* enum reply_oddity */
};

static inline bool reply_is_yes(const struct reply *reply)
{
	return reply->code / 100 == 2;
}

static inline bool reply_is_go_on(const struct reply *reply)    /* 354 */
{
	return reply->code / 100 == 3;
}

static inline bool reply_is_not_now(const struct reply *reply)
{
	return reply->code / 100 == 4;
}

static inline bool reply_is_never(const struct reply *reply)
{
	return reply->code / 100 == 5;
}

static inline bool reply_has_status(const struct reply *reply)
{
	return reply->status.class != 0;
}

/* Line i without its enhanced status and the blanks behind it. */
struct span reply_text(const struct reply *reply, size_t i);

#endif
