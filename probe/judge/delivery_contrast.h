#ifndef MXP_DELIVERY_CONTRAST_H
#define MXP_DELIVERY_CONTRAST_H

#include "probe/judge/delivery_table.h"

/*
 * What parts the deliveries that failed for one cause from those that went
 * well: the family, the host, our own address, or nothing that can be seen.
 * Shares are compared, not single cases, and a difference that chance may make
 * (CHANGE_APART) parts nothing; only where the cause is bound to the address,
 * or is the path's, and most of one family fail while next to none of the other
 * do, few deliveries are enough, as they are in a live run.
 */
enum delivery_parted {
	PARTED_BY_FAMILY,
	PARTED_BY_HOST,
	PARTED_BY_SOURCE,
	PARTED_BY_NOTHING,              /* both families fail alike */
	PARTED_IRRELEVANT,              /* it is about the recipient, say: no
					   address matters */
	PARTED_UNDECIDED,               /* the other family was not tried */
};

struct delivery_contrast {
	enum delivery_parted parted;
	const struct delivery_row *row;
	const struct delivery_cause *cause;
	const struct delivery_row *other;       /* family; or NULL */
	const struct delivery_cause *other_cause;       /* the same; or NULL */
	bool has_change;
	struct change_point change;     /* of the row */
	struct change_share share;      /* that fail for the cause, since the
					   change if there was one */
	struct change_share other_share;        /* 0 of 0: not tried */
	bool has_hidden;                /* so that "not tried" is too much */
	struct change_share elsewhere;  /* over the other family, to all other
					   destinations: for the same cause;
					   see delivery_crowd.h */
	const struct delivery_party *party;     /* BY_HOST, BY_SOURCE: the one
						   that fails */
};

const char *delivery_parted_word(enum delivery_parted parted);

uint64_t delivery_cause_total(const struct delivery_cause *cause);

/* Deliveries of which the outcome is told. */
uint64_t delivery_row_told(const struct delivery_row *row);

/* The same row of the codebook, way of the path, and policy. */
bool delivery_cause_is_same(const struct delivery_cause *a,
	const struct delivery_cause *b);

/* Is the first so much worse that it is no chance? */
bool delivery_shares_part(const struct delivery_cause *cause,
	struct change_share share, struct change_share other);

/* Row and cause, and those of the other family if there are any, are given. */
void delivery_contrast_weigh(struct delivery_contrast *contrast);

/* All but what is elsewhere. */
void delivery_contrast_find(const struct delivery_table *table,
	const struct delivery_row *row, const struct delivery_cause *cause,
	struct delivery_contrast *contrast);

#endif
