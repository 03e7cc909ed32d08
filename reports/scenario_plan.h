#ifndef MXP_SCENARIO_PLAN_H
#define MXP_SCENARIO_PLAN_H

#include <stdio.h>

#include "probe/judge/scenario_cost.h"

/*
 * What `mxprobe check --plan` tells beside the cells: what is compared, found
 * out and kept, the limits, what a failure leads to, and how many connections
 * all of it comes to for each destination.  All of it is escaped.
 */
void scenario_plan_rules(FILE *out, const struct matrix *matrix);
void scenario_plan_cost(FILE *out, const struct matrix *matrix);

#endif
