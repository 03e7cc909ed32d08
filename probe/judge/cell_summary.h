#ifndef MXP_CELL_SUMMARY_H
#define MXP_CELL_SUMMARY_H

#include "probe/judge/compare.h"
#include "probe/judge/expectation.h"

/*
 * What is kept of a cell when its outcome is gone, so that the cells of a
 * probe can be held against each other: of each visit how it ended, and what
 * is the same from one connection to the next.  Its size has a bound.
 */
enum {
	SUMMARY_VISITS_MAX = 16,        /* of a cell */
	SUMMARY_TEXT_MAX = 512,         /* octets of each text */
};

struct visit_summary {
	struct ending ending;
	uint64_t connect_ns;            /* 0: no connection */
	unsigned code;                  /* of the last reply before QUIT's; 0:
					   nothing was said */
	struct span reply;              /* that reply (normal_reply.h) */
	struct span banner;             /* likewise; empty: none */
	struct span keywords;           /* of the first EHLO, in capitals, in
					   order, blanks between; or empty */
	bool has_certificate;
	uint8_t key[32];                /* SHA-256 of the leaf's public key */
	struct span tls_version;        /* empty: no TLS */
};

struct cell_summary {
	bool is_there;                  /* the cell has ended */
	bool was_walked;                /* there was something to walk */
	struct span why;                /* not walked, or open; or empty */
	const struct visit_summary *visits;
	size_t visit_count;
};

/* All that it keeps is copied into the arena. */
void cell_summary_take(struct arena *arena, struct cell_summary *summary,
	const struct cell_result *result, const struct outcome *outcome,
	const struct judgement *judgement);

/* Of a cell that is not walked, because of this. */
void cell_summary_skip(struct arena *arena, struct cell_summary *summary,
	struct span why);

#endif
