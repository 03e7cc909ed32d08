#ifndef MXP_TEXT_TABLE_H
#define MXP_TEXT_TABLE_H

#include "reports/screen.h"

/*
 * The table of one target: a block for each mail exchanger, a column for each
 * family that was asked for, side by side where the screen is wide enough.
 * Below it stands, whole, what the servers said to refuse.
 */
void text_table(struct screen *screen, const struct outcome *outcome,
	const struct judgement *judgement);

#endif
