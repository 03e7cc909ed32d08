#ifndef MXP_COMPARE_H
#define MXP_COMPARE_H

#include "probe/judge/judge.h"

/*
 * Family against family, at the same host.  Two visits ended alike when both
 * went well, or when both failed in the same way: the same failure at the
 * same stage, in the same class of codes, for the same policy as far as the
 * codebook knows it.  Only visits that could be decided are compared.
 */

/* How one visit ended: all that is compared, so that it may outlive it. */
struct ending {
	struct span host;
	enum family family;
	bool is_decided;
	bool is_well;
	enum failure failure;           /* where it is not well, ... */
	enum stage stage;
	unsigned code;                  /* ... 0: nothing was said */
	struct span policy;             /* of the codebook; or empty */
};

struct endings {
	const struct ending *list;
	size_t count;
};

struct compared {
	enum comparison comparison;
	struct span why;                /* one clause */
	bool is_parted;                 /* the families differ ... */
	enum stage parted;              /* ... first at this stage */
	enum family worse;              /* ... and this one fared worse */
};

/* Its spans are the visit's and the codebook's. */
struct ending ending_of(const struct visit_judgement *judged);

bool ending_is_like(const struct ending *a, const struct ending *b);

void endings_compare(struct arena *arena, const struct endings *endings,
	struct compared *compared);

/*
 * Fills the comparison's fields of the judgement; its visits must have their
 * verdicts.
 */
void compare_families(struct arena *arena, struct judgement *judgement);

#endif
