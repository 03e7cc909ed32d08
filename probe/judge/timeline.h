#ifndef MXP_TIMELINE_H
#define MXP_TIMELINE_H

#include "probe/judge/delivery_findings.h"

/*
 * What happened, in the order of time.  Of few deliveries every attempt is in
 * it; of many only what tells something: the first of each cause, the moment
 * from which more failed and the one at which that ended, the first message
 * that was taken by another way, the last of each cause.  It is bounded either
 * way, and says how much it leaves out.
 */
enum timeline_kind {
	TIMELINE_ATTEMPT,
	TIMELINE_FIRST,                 /* of a cause */
	TIMELINE_SINCE, TIMELINE_UNTIL, /* the share of failures changed */
	TIMELINE_NEXT,                  /* taken by another way */
	TIMELINE_LAST,                  /* of a cause */
};

enum {
	TIMELINE_ATTEMPTS_MAX = 50,     /* more are not told one by one */
	TIMELINE_ENTRIES_MAX = 300,
	TIMELINE_TEXT_MAX = 120,        /* octets of a reply */
};

struct timeline_entry {
	enum timeline_kind kind;
	bool has_time;
	int64_t time_ms;
	bool has_family;
	enum family family;
	struct span destination;        /* as people call it */
	struct span text;               /* a clause, not escaped */
	struct span spot;               /* file and line or frame; or empty */
	size_t rank;                    /* how much it tells: 0 the most */
	size_t place;                   /* of the same time, as they came */
};

/* What is kept while deliveries are added. */
struct timeline {
	struct arena *arena;            /* NULL: there were too many */
	struct timeline_entry *attempts;
	size_t count, room;
	uint64_t given;
};

void timeline_open(struct timeline *timeline);
void timeline_close(struct timeline *timeline);
void timeline_add(struct timeline *timeline,
	const struct codebook *codebook, const struct joined_delivery *joined,
	const struct delivery_place *place);

struct timeline_entries {
	struct timeline_entry *at;
	size_t count, room;
	uint64_t left_out;              /* entries beyond the bound */
	bool has_attempts;              /* every attempt is in it */
};

/* As far as there is room, those of the first findings; in the order of time,
 * and what has no time last.  Each has a rank of its own, below `count`: the
 * graver its finding, the more it tells, and attempts the least. */
void timeline_make(struct arena *arena, const struct timeline *timeline,
	const struct delivery_findings *findings,
	struct timeline_entries *entries);

const char *timeline_kind_word(enum timeline_kind kind);

#endif
