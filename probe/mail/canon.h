#ifndef MXP_CANON_H
#define MXP_CANON_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The canonical forms of RFC 6376 section 3.4, in which a signer and a
 * verifier see the same bytes although relays touched them.
 *
 * A line ends with LF; a CR before it belongs to the line end.  A line end
 * always leaves as CRLF, so a message kept with bare LF gives what it gave
 * on the wire.  A CR elsewhere is a byte like others.
 */
enum canon {
	CANON_SIMPLE,
	CANON_RELAXED,
};

const char *canon_word(enum canon canon);       /* "simple", "relaxed" */
static inline enum canon canon_other(enum canon canon)
{
	return canon == CANON_SIMPLE ? CANON_RELAXED : CANON_SIMPLE;
}

bool canon_parse(struct span word, enum canon *canon) MXP_MUST_USE;

/*
 * One header field (3.4.1, 3.4.2) from its raw bytes, without the last line
 * end; the CRLF that ends it is not written.  Returns the length; room is for
 * CANON_FIELD_MAX(raw.len) bytes, and may be longer than what comes of it.
 */
#define CANON_FIELD_MAX(len) (2 * (len))

size_t canon_field_print(enum canon canon, struct span raw, char *room);
struct span canon_field(struct arena *arena, enum canon canon,
	struct span raw);

/* Where canonical bytes go: embed it, and find the owner by OWNER_OF. */
struct canon_sink {
	void (*take)(struct canon_sink *sink, struct span bytes);
};

/*
 * The body (3.4.3, 3.4.4), in pieces of any size; how it is cut does not
 * matter.  Text that needs no change goes to the sink in large runs, straight
 * out of the caller's bytes.
 */
#define CANON_WHOLE UINT64_MAX

enum { CANON_HELD_MAX = 1024 };

struct body_canon {
	enum canon canon;
	struct canon_sink *sink;
	uint64_t limit;         /* l=: octets that reach the sink at most, or
				   CANON_WHOLE */
	uint64_t octets;        /* of the canonical form, also above limit */
	uint64_t line_ends;     /* held back: they vanish at the end */
	bool had_blank;         /* held back: relaxed makes it one space */
	bool had_cr;            /* held back: perhaps half a line end */
	char held[CANON_HELD_MAX];      /* short pieces, gathered */
	size_t held_len;
};

void body_canon_init(struct body_canon *body, enum canon canon,
	uint64_t limit, struct canon_sink *sink);
void body_canon_take(struct body_canon *body, struct span bytes);
void body_canon_end(struct body_canon *body);

/* The whole of a body that is in memory. */
struct span canon_body(struct arena *arena, enum canon canon,
	struct span bytes);

#endif
