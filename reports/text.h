#ifndef MXP_TEXT_H
#define MXP_TEXT_H

#include <stdio.h>

#include "probe/judge/judge.h"

/*
 * The report for people: both families side by side on a wide screen, one
 * below the other on a narrow one, readable from 40 columns on.  Colour never
 * says what the words do not.  Everything foreign is escaped.
 *
 * Nothing fails; whether it could be written, ferror() knows.
 */
struct text_style {
	unsigned columns;       /* 0: not a terminal, taken as 80 */
	bool color;
	bool verbose;           /* the whole transcript, TLS, TCP, the DNS */
};

enum { TEXT_SIDE_BY_SIDE = 100 };       /* columns, at least */

void text_report(FILE *out, const struct text_style *style,
	const struct outcome *outcome, const struct judgement *judgement);

/* What would be done (--dry-run): every path, and why some are left out. */
void text_plan(FILE *out, const struct text_style *style,
	const struct outcome *outcome);

/* The last line of a run: "20 targets: 18 pass, 2 fail.  exit 1". */
struct text_totals {
	size_t targets;
	size_t of[VERDICT_NA + 1];      /* how many, by enum verdict */
	int exit_status;
};

void text_summary(FILE *out, const struct text_style *style,
	const struct text_totals *totals);

#endif
