#include "probe/judge/scenario_cost.h"

#include "probe/judge/isolation.h"

/* However many of its hosts are chosen. */
static bool is_one_place(const struct aim *a, const struct aim *b)
{
	return a->kind == b->kind && span_is_nocase(a->name, b->name) &&
	       ip_is(&a->ip, &b->ip) && a->port == b->port;
}

static struct destination_cost *cost_of(
	struct arena *arena, struct scenario_cost *cost, const struct aim *aim)
{
	/* The cells of a target stand together. */
	for (size_t i = cost->count; i-- > 0;)
		if (cost->list[i].aim == aim ||
			is_one_place(cost->list[i].aim, aim))
			return &cost->list[i];
	cost->list = arena_grow(arena, cost->list, cost->count, &cost->room,
		sizeof(*cost->list));
	cost->list[cost->count] = (struct destination_cost){ .aim = aim };
	return &cost->list[cost->count++];
}

static unsigned long isolation_of(const struct matrix *matrix)
{
	const struct on_failure *on_failure = matrix->on_failure;

	if (!on_failure || !on_failure->isolates)
		return 0;
	return on_failure->max_connections ? on_failure->max_connections
					   : ISOLATION_CONNECTIONS;
}

/* One address of each host and family is walked, unless all are. */
static void add_cell(struct destination_cost *cost,
	const struct matrix_cell *cell, unsigned long isolating)
{
	unsigned long hosts = cell->aim->choice == AIM_FIRST ? cell->aim->first
							     : 1;

	cost->cells++;
	cost->isolating += isolating;
	if (cell->aim->choice == AIM_ALL)
		cost->all++;
	else if (cell->delivers)
		cost->delivering += hosts;
	else
		cost->connections += hosts;
}

void scenario_cost(struct arena *arena, const struct matrix *matrix,
	struct scenario_cost *cost)
{
	unsigned long isolating = isolation_of(matrix);

	*cost = (struct scenario_cost){ 0 };
	for (size_t i = 0; i < matrix->cell_count; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];

		if (cell->left_out.len)
			continue;
		add_cell(cost_of(arena, cost, cell->aim), cell, isolating);
		add_cell(&cost->sum, cell, isolating);
	}
}
