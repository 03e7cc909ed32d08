#ifndef MXP_BASELINES_H
#define MXP_BASELINES_H

#include "probe/matrix_run.h"
#include "probe/verbs/record.h"

/*
 * The rows of a scenario's baselines, told when its cells have been walked
 * and recorded: one for each cell that changed, that may have changed, or is
 * as it was before, and one that says of the others that nothing did.  What
 * cannot be compared is no change: without a history that is asked for, it
 * could not be decided.
 */
void baselines_tell(struct record *record,
	const struct check_result *scenario, row_told *told, void *receiver);

#endif
