#ifndef MXP_DELIVERY_CROWD_H
#define MXP_DELIVERY_CROWD_H

#include "probe/judge/delivery_contrast.h"

/*
 * A block list, a way that is broken near us, a record that we forgot: one cause
 * at many destinations is one finding, not one for each.  Destinations are a
 * crowd when at DELIVERY_CROWD_MIN of them or more deliveries fail for the same
 * cause and, as far as it can be told of each alone, nothing speaks against the
 * same reason:
 *
 *  - over the same family, whether the other one is well there, was not tried
 *    there, or one of our addresses is what parts them; what holds for all of
 *    them is found from their sums, which tell more than any of them;
 *  - or over both families alike;
 *  - or because of the recipients, which is no matter of families.
 *
 * A destination where one host alone is broken is never of a crowd, nor is one
 * whose replies the codebook does not know: who could say that they mean the
 * same?
 */
enum {
	DELIVERY_CROWD_MIN = 4,         /* destinations */
	DELIVERY_CROWD_NAMED = 5,       /* of which these are named */
};

struct delivery_member {
	const struct delivery_row *row;
	const struct delivery_cause *cause;
	const struct delivery_row *other;       /* family; or NULL */
	const struct delivery_cause *other_cause;       /* the same; or NULL */
	enum delivery_parted parted;
	struct delivery_crowd *crowd;   /* NULL: it is of none */
	const struct delivery_member *next;     /* of the same crowd */
};

struct delivery_crowd {
	const struct codebook *codebook;
	const struct delivery_cause *cause;     /* as the first one has it */
	enum delivery_parted parted;    /* UNDECIDED: see the sums */
	bool has_family;                /* all of them are of one */
	enum family family;             /* else the first one's */
	size_t destinations;
	bool has_others;                /* beyond DELIVERY_ROWS_MAX: there are
					   more destinations than these */
	const struct delivery_member *first, *last;
	bool is_told;                   /* for whoever tells of it */
	struct delivery_crowd *next;    /* in its bucket */
};

struct delivery_cause_sum;

enum { DELIVERY_CROWD_BUCKETS = 4096 };

/* Everything that failed for a cause, by destination and family, as the table
 * has it; what both families of a destination have alike is there once. */
struct delivery_crowds {
	struct arena *arena;
	const struct delivery_table *table;
	struct delivery_member *members;
	size_t count;
	uint64_t told[2];               /* deliveries over IPv4, IPv6 */
	struct delivery_cause_sum *sums[DELIVERY_CROWD_BUCKETS];
	struct delivery_crowd *buckets[DELIVERY_CROWD_BUCKETS];
};

/* The table is to be sorted. */
void delivery_crowds_find(struct arena *arena,
	const struct delivery_table *table, struct delivery_crowds *crowds);

/* The crowds of a cause, small ones too, one behind another; NULL: the first,
 * and there is no more. */
const struct delivery_crowd *delivery_crowds_next(
	const struct delivery_crowds *crowds,
	const struct delivery_cause *cause,
	const struct delivery_crowd *before);

/* Where a destination was not tried over the other family, others tell whether
 * that family is well. */
void delivery_crowds_look_elsewhere(const struct delivery_crowds *crowds,
	struct delivery_contrast *contrast);

/* NULL: it stands for itself. */
struct delivery_crowd *delivery_crowd_of(const struct delivery_member *member);

/* What parts those of one member, and of all members of a crowd, as if they were
 * one destination: its rows are sums, with the name and the hosts of the one
 * where most fail. */
void delivery_member_contrast(const struct delivery_crowds *crowds,
	const struct delivery_member *member,
	struct delivery_contrast *contrast);
void delivery_crowd_contrast(const struct delivery_crowds *crowds,
	const struct delivery_crowd *crowd,
	struct delivery_contrast *contrast);

/* Those with the most failures first; returns how many.  What is beyond the rows
 * of the table has no name. */
size_t delivery_crowd_largest(const struct delivery_crowd *crowd,
	const struct delivery_member *largest[static DELIVERY_CROWD_NAMED]);

/* The one address of theirs that all deliveries went to, or NULL. */
const struct delivery_party *delivery_crowd_host(
	const struct delivery_crowd *crowd);

#endif
