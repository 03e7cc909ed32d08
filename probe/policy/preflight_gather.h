#ifndef MXP_PREFLIGHT_GATHER_H
#define MXP_PREFLIGHT_GATHER_H

#include "probe/policy/preflight_facts.h"

/*
 * Everything that the lines of a preflight could want, asked for all sources
 * in one round.  Nothing is judged here.
 */

/*
 * How many sources are looked at: at least one, which has no address when the
 * host has none.
 */
size_t preflight_source_count(const struct preflight_query *query);

/*
 * Fills the result but for what is written from the facts: the lines, the
 * forecasts, the changes and the story.  result->sources and facts have room
 * for preflight_source_count() of each.  False: something is open.
 */
bool preflight_gather(struct arena *arena, struct answers *answers,
	const struct preflight_query *query, struct preflight *result,
	struct preflight_facts *facts) MXP_MUST_USE;

#endif
