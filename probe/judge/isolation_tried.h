#ifndef MXP_ISOLATION_TRIED_H
#define MXP_ISOLATION_TRIED_H

#include "probe/judge/isolation.h"

/*
 * What the trials say so far, those known and those made: which change alone
 * went how, and which of the well ones is nearest to what failed.  The trials
 * are the isolation's, and move when it takes another.
 */

/* What one changed that can matter; 0: nothing that counts here. */
unsigned isolation_change_of(
	const struct isolation *isolation, const struct trial *trial);

enum trial_verdict isolation_verdict_of(
	const struct isolation *isolation, const struct trial *trial);

bool isolation_was_tried(
	const struct isolation *isolation, const struct setting *setting);

/* The first that changed this alone and ended so; NULL: there is none. */
const struct trial *isolation_trial_of(const struct isolation *isolation,
	enum varied varied, enum trial_verdict verdict);

/* The one that went well and differs in the least; NULL: none went well. */
const struct trial *isolation_nearest_well(const struct isolation *isolation);

/* The one that asked for the same once more; NULL: there is none. */
const struct trial *isolation_repeat_of(const struct isolation *isolation);

#endif
