#ifndef MXP_REPORTED_TEXT_H
#define MXP_REPORTED_TEXT_H

#include "probe/judge/reported_judge.h"
#include "reports/screen.h"

/*
 * For people, what receivers reported: the reports that were read, the two
 * families of our own sources side by side, each source with what it is and
 * what speaks for and against that, and the TLS sessions that failed.  Of a
 * kind of source only the first REPORTED_SHOWN are listed, unless the style is
 * verbose.  The findings are for the caller to show with all others.
 */
enum { REPORTED_SHOWN = 8 };

void reported_text(FILE *out, const struct text_style *style,
	const struct reported_judgement *judgement);

/* Findings, as the last part of it. */
void reported_text_findings(FILE *out, const struct text_style *style,
	const struct reported_judgement *judgement);

#endif
