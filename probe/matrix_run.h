#ifndef MXP_MATRIX_RUN_H
#define MXP_MATRIX_RUN_H

#include "probe/check_run.h"
#include "probe/judge/result_row.h"
#include "probe/run.h"

/*
 * `mxprobe run`: the cells of a matrix are errands of one run, with one loop,
 * one resolver and one ledger of politeness for all.  They are told in the
 * order of the matrix, walked or not; behind them come the comparisons, and
 * what is found out about the sources of the paths.  Everything that can be
 * wrong with a cell is found before the first packet.
 */
/* False: nobody reads any more, and no further cell is begun. */
typedef bool row_told(void *receiver, struct arena *arena,
	const struct result_row *row);

struct matrix_orders {
	const struct options *options;
	const struct codebook *codebook;
	struct run_orders run;          /* its options, errands and receivers
					   are ours */
	row_told *ended;                /* a cell, as soon as it ends and
					   before its turn to be told; or NULL */
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

/* Ctrl-C came before it: its cells are told as not walked. */
void matrix_pass_over(const struct matrix_orders *orders,
	const struct check_result *scenario);

#endif
