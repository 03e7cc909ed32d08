#ifndef MXP_DELIVERY_TABLE_H
#define MXP_DELIVERY_TABLE_H

#include "probe/judge/delivery_meaning.h"

/*
 * What became of deliveries, by destination and family: a row for each, which
 * counts.  A destination is a provider of the codebook, else the domain of the
 * recipient, else the server.  Memory grows with the rows, not the deliveries,
 * and there are only so many rows: what comes later goes into one for all.
 *
 * Witnesses are not joined: what a log and a bounce both tell of counts twice.
 */
enum {
	DELIVERY_ROWS_MAX = 8192,
	DELIVERY_CAUSES_MAX = 12,       /* of a row; others are only counted */
	DELIVERY_NAME_MAX = 255,        /* octets of a destination */
};
enum { WITNESS_KINDS = WITNESS_CAPTURE + 1 };

struct delivery_period {
	bool has_time;
	int64_t first_ms, last_ms;
};

struct delivery_cause {
	struct span id;                 /* row of the codebook; or empty */
	struct span policy, meaning;
	uint64_t refused, deferred;
	struct delivery_period seen;
};

struct delivery_row {
	struct span destination;        /* as it came: not escaped */
	bool is_provider;
	bool has_family;
	enum family family;
	uint64_t accepted, deferred, refused;
	uint64_t unknown;               /* how it ended is not told */
	struct delivery_period seen;
	struct delivery_cause causes[DELIVERY_CAUSES_MAX];
	size_t cause_count;
	uint64_t other_causes;          /* deliveries with any other */
	struct delivery_row *next;      /* in its bucket */
};

enum { DELIVERY_BUCKETS = 1024 };

struct delivery_table {
	struct arena *arena;
	const struct codebook *codebook;
	struct delivery_row **rows;
	size_t row_count, row_room;
	struct delivery_row *buckets[DELIVERY_BUCKETS];
	struct delivery_row *overflow;  /* NULL: there is none */
	uint64_t of_witness[WITNESS_KINDS];
	uint64_t local;                 /* to the machine itself: in no row */
	uint64_t refused;               /* for good, of all */
};

void delivery_table_open(struct delivery_table *table,
	const struct codebook *codebook);
void delivery_table_close(struct delivery_table *table);

/* Nothing of the delivery is needed any more. */
void delivery_table_add(struct delivery_table *table,
	const struct delivery *delivery);

/* The rows in order: the most refused first, then the most deliveries. */
void delivery_table_sort(struct delivery_table *table);

/* A server said no for good, or the MTA gave up: also a 5xx that an MTA
 * tries again. */
bool delivery_is_refused(const struct delivery *delivery);

#endif
