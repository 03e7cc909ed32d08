#ifndef MXP_ISOLATE_RUN_H
#define MXP_ISOLATE_RUN_H

#include "probe/judge/isolation.h"
#include "probe/run.h"

/*
 * Walks the experiments that find out what makes a failure differ from what
 * goes well (probe/judge/isolation.h), one after the other, each as a run of
 * one errand on a loop of its own, with the politeness ledger of the run that
 * saw the failure.  That run must have nothing else under way meanwhile.
 *
 * Of a delivery each experiment repeats the message, byte for byte.
 */
struct isolate_orders {
	const struct run_orders *run;   /* its TLS, answers and ledger */
	const struct options *options;  /* that the failing visit was walked
					   with */
	const struct codebook *codebook;
	const struct matrix *matrix;    /* whose paths have other sources and
					   names; or NULL */
	const struct matrix_cell *cell; /* NULL: of no scenario */
	bool varies[VARIED_COUNT];
	unsigned max_connections;
	const struct trial *known;
	size_t known_count;
};

/* Of this visit; in the arena, as the findings are in the judgement's. */
const struct isolation *isolate_run(struct arena *arena,
	const struct isolate_orders *orders, const struct outcome *outcome,
	const struct judgement *judgement, size_t visit);

/*
 * --isolate: of each family that fails the first visit, unless it ends as that
 * of the other family does.  The judgement's isolations are set.
 */
void isolate_target(struct arena *arena, const struct isolate_orders *orders,
	const struct outcome *outcome, struct judgement *judgement);

#endif
