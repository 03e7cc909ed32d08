#ifndef MXP_ISOLATION_TEXT_H
#define MXP_ISOLATION_TEXT_H

#include <stdio.h>

#include "probe/judge/isolation.h"
#include "reports/screen.h"
#include "scenarios/variables.h"

/*
 * An isolation for people: what failed, one line for each experiment with what
 * it changed and how it ended, what was held still, and the conclusion.
 */
void isolation_text_screen(struct screen *screen,
	const struct isolation *isolation);

/* Below a row of `mxprobe run`; `secrets` are shown as "***", NULL: none. */
void isolation_text_row(FILE *out, const struct isolation *isolation,
	const struct variables *secrets);

#endif
