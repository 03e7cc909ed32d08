#ifndef MXP_DELIVERY_TABLE_H
#define MXP_DELIVERY_TABLE_H

#include "probe/judge/change_point.h"
#include "probe/judge/delivery_join.h"
#include "probe/judge/delivery_meaning.h"
#include "probe/judge/delivery_parties.h"
#include "probe/judge/next_try.h"
#include "probe/judge/path_fault.h"

/*
 * What became of deliveries, by destination and family: a row for each, which
 * counts, and keeps when the share of failures changed.  A destination is a
 * provider of the codebook, else the domain of the recipient, else the server.
 *
 * Memory grows with the rows, not the deliveries, and there are only so many
 * of everything: what comes later is counted in one row for each family, as one
 * other cause, at a coarser grain, or told without its words.  The whole table
 * stays under 48 MB at its worst, and has a tenth of that as a rule.
 */
enum {
	DELIVERY_ROWS_MAX = 8192,
	DELIVERY_CAUSES_MAX = 12,       /* of a row; others are only counted */
	DELIVERY_ALL_CAUSES_MAX = 16384,        /* of all rows */
	DELIVERY_NAME_MAX = 255,        /* octets of a destination */
	DELIVERY_TEXT_MAX = 512,        /* octets of a reply that are kept */
	DELIVERY_WORDS_MAX = 2 * 1024 * 1024,   /* octets kept of all causes */
	DELIVERY_FINE_ROWS = 256,       /* with CHANGE_BINS_MAX bins, ... */
	DELIVERY_COARSE_BINS = 16,      /* the others with these */
	DELIVERY_FORESEEN_MAX = 32,     /* deliveries */
};
enum { WITNESS_KINDS = WITNESS_CAPTURE + 1 };

struct delivery_period {
	bool has_time;
	int64_t first_ms, last_ms;
};

/* One delivery, and where it is told. */
struct delivery_spot {
	bool has_time;
	int64_t time_ms;
	struct delivery_witness witnesses[JOINED_WITNESSES_MAX];
	size_t witness_count;
};

struct delivery_cause {
	const struct codebook_row *row; /* or NULL */
	struct span id;                 /* of it; or empty */
	struct span policy, meaning;
	enum path_fault fault;
	uint64_t refused, deferred;
	uint64_t unknown;               /* of a broken session: what the mail
					   server made of it is not told */
	struct delivery_period seen;
	uint64_t witnessed[WITNESS_KINDS];      /* deliveries that it tells */
	uint64_t agreed;                /* that two or more kinds tell of */
	uint32_t stages[STAGE_COUNT];   /* where it was, if that is told */

	struct next_tries *next_tries;  /* what became of its messages */
	/* Of the earliest. */
	struct delivery_spot first;
	/* Of the first to come, as far as it is told: the words of one. */
	unsigned code, status[3];
	struct span text;               /* its first DELIVERY_TEXT_MAX octets */
	struct span domain;             /* the recipient's */
	struct span sender_domain;      /* of MAIL FROM */
	struct span host;
	bool has_source;
	struct ip source;
};

/* What each delivery needs stands together, and first: there are thousands of
 * rows, and which one is next is anyone's guess. */
struct delivery_row {
	struct span destination;        /* as it came: not escaped; behind the
					   row, or another's */
	bool is_provider;
	bool is_server;                 /* no recipient is known */
	bool is_overflow;               /* of all destinations beyond
					   DELIVERY_ROWS_MAX */
	bool has_family;
	enum family family;
	uint64_t accepted, deferred, refused;
	uint64_t unknown;               /* how it ended is not told */
	uint64_t broken;                /* of those: with a cause of below */
	struct delivery_period seen;
	struct change_series changes;
	struct delivery_parties hosts;
	struct delivery_parties sources;
	struct delivery_cause *causes[DELIVERY_CAUSES_MAX];
	size_t cause_count;
	uint64_t other_causes;          /* deliveries with any other */
	struct next_tries other_tries;  /* of what failed for other causes */
	/* Known when sorted. */
	uint64_t lost;                  /* refused, or broken off */
	uint64_t group_lost, group_total;       /* of the destination over all
						   families */
	struct delivery_row *other;     /* of the other family; or NULL */
	bool has_change;
	struct change_point change;     /* of `changes` */
	struct delivery_row *next;      /* in its bucket */
	size_t foreseen;                /* 1 and its place among those that can
					   be foreseen; 0: it cannot */
	struct delivery_party first_host;       /* where `hosts` begins */
};

/* Short chains: each row on the way is a line that no cache has. */
enum {
	DELIVERY_BUCKETS = 2 * DELIVERY_ROWS_MAX,
	DELIVERY_FORESEEN = 4 * DELIVERY_ROWS_MAX,
};

struct delivery_table {
	struct arena *arena;
	const struct codebook *codebook;
	struct delivery_row **rows;
	size_t row_count, row_room;
	struct next_try next_try;
	size_t cause_count;             /* of all rows */
	size_t words;                   /* octets kept */
	struct span file;               /* the last one that was kept */
	struct delivery_row *buckets[DELIVERY_BUCKETS];
	/*
	 * By a hash of the recipient's domain, the server's name and the family
	 * the rest of the hash, and the place and 1 of the row that they had
	 * last in the array below: so that what the next ones need can be
	 * fetched in time.  Two that have one hash would be taken for the same:
	 * among a million that is a chance of one in ten million.
	 */
	uint64_t foreseen[DELIVERY_FORESEEN];
	struct delivery_row *foreseen_rows[DELIVERY_ROWS_MAX];
	size_t foreseen_count;
	/* One for each family, and one without; NULL: there is none. */
	struct delivery_row *overflow[FAMILY_COUNT + 1];
	uint64_t of_witness[WITNESS_KINDS];
	uint64_t local;                 /* to the machine itself: in no row */
	uint64_t refused;               /* for good, of all */
	uint64_t total;                 /* in rows */
	bool has_hidden;                /* there are sessions besides, of which
					   TLS hides what became of them */
};

void delivery_table_open(struct delivery_table *table,
	const struct codebook *codebook);
void delivery_table_close(struct delivery_table *table);

/* What was added, for whoever counts beside the table. */
struct delivery_place {
	struct delivery_row *row;       /* NULL: to the machine itself */
	struct delivery_cause *cause;   /* NULL: accepted, not told, or not
					   kept */
	bool is_first;                  /* with that cause */
};

/* These are added next.  Nothing has to be foreseen; but rows are thousands, no
 * cache has them, and a wait for one is longer than all that is done with it. */
void delivery_table_foresee(struct delivery_table *table,
	const struct delivery *deliveries, size_t count);

/* Nothing of the delivery is needed any more. */
struct delivery_place delivery_table_join(struct delivery_table *table,
	const struct joined_delivery *joined);

/* The same of one witness. */
void delivery_table_add(struct delivery_table *table,
	const struct delivery *delivery);

/* Who was in this row is not, any more. */
void delivery_table_forget(struct delivery_table *table,
	const struct delivery_row *row);

/* A row goes, or gets the destination of another: see delivery_settle.h. */
void delivery_table_drop(struct delivery_table *table, size_t place);
void delivery_table_rename(struct delivery_table *table,
	struct delivery_row *row, const struct delivery_row *other);

/* The destinations in order: the most lost first, then the most deliveries;
 * the families of one stand together, and know each other and their changes. */
void delivery_table_sort(struct delivery_table *table);

/* The rows are gone through in their order, and this one has its turn now: those
 * that come next are fetched, with what a judgement looks at. */
void delivery_table_fetch_after(const struct delivery_table *table,
	size_t place);

/* A server said no for good, or the MTA gave up: also a 5xx that an MTA
 * tries again. */
bool delivery_is_refused(const struct delivery *delivery);

#endif
