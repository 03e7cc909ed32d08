#ifndef MXP_IDENTIFY_H
#define MXP_IDENTIFY_H

#include "probe/options.h"
#include "probe/policy/dkim_key.h"

/*
 * The act after the walks: what a receiver finds out about us, for the source
 * address of each visit.  Addresses that mean nothing to others (private,
 * loopback) are left alone.
 */
struct identify {
	struct arena *arena;
	struct answers *answers;
	struct dkim_keys *keys;
	const struct options *options;
	int64_t now;                    /* seconds of Unix time */
};

/*
 * False while answers are missing: settle them and call it again.  What is in
 * the visit is then worked out anew.
 */
bool identify_visit(const struct identify *how, struct visit *visit)
	MXP_MUST_USE;

/*
 * Afterwards: what to mend in the SPF record, where some visit's source did
 * not pass.  False, again, while answers are missing.
 */
bool identify_repairs(const struct identify *how, struct outcome *outcome)
	MXP_MUST_USE;

#endif
