#ifndef MXP_SCENARIO_COST_H
#define MXP_SCENARIO_COST_H

#include "probe/base/arena.h"
#include "scenarios/matrix.h"

/*
 * What one run of a scenario asks of others' servers: how many connections it
 * may make to each destination, at most.  Known before anything is looked up,
 * so of a cell that walks all addresses there is only that it does.
 */
struct destination_cost {
	const struct aim *aim;          /* the first that leads there */
	size_t cells;                   /* that are walked */
	unsigned long connections;      /* of these, but for `all` */
	unsigned long delivering;       /* further, with --deliver */
	size_t all;                     /* cells with a connection to each
					   address of its hosts */
	unsigned long isolating;        /* further, if all of them fail */
};

struct scenario_cost {
	struct destination_cost *list;  /* in the order of the matrix */
	size_t count, room;
	struct destination_cost sum;    /* without an aim */
};

void scenario_cost(struct arena *arena, const struct matrix *matrix,
	struct scenario_cost *cost);

#endif
