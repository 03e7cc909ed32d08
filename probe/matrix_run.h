#ifndef MXP_MATRIX_RUN_H
#define MXP_MATRIX_RUN_H

#include "probe/check_run.h"
#include "probe/judge/result_row.h"
#include "probe/run.h"

/*
 * `mxprobe run`: the cells of a matrix walked one after the other, each by a
 * run of its own, with one ledger of politeness for all.  Everything that can
 * be wrong with a cell is found before the first packet.
 */
/* False: nobody reads any more, and no further cell is begun. */
typedef bool row_told(void *receiver, struct arena *arena,
	const struct result_row *row);

struct matrix_orders {
	const struct options *options;
	const struct codebook *codebook;
	struct run_orders run;          /* of each cell; its options, message
					   and receiver are ours */
	row_told *told;
	void *receiver;
};

/* Has the scenario this tag?  Every one has the empty tag. */
bool matrix_has_tag(const struct matrix *matrix, struct span tag);

/* A cell with the options of its run, and what it sends. */
struct prepared_cell;

/* NULL: *errors has a line for each, and nothing may be sent. */
const struct prepared_cell *matrix_prepare(struct arena *arena,
	const struct matrix_orders *orders, const struct check_result *scenario,
	struct span *errors);

/* RUN_FAILED: *why says why. */
enum run_result matrix_run(const struct matrix_orders *orders,
	const struct check_result *scenario,
	const struct prepared_cell *prepared, struct span *why);

#endif
