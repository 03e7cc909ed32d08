#ifndef MXP_EXPLAIN_TEXT_H
#define MXP_EXPLAIN_TEXT_H

#include "probe/judge/incident.h"
#include "reports/screen.h"

/*
 * For people: first in a few lines what happened; then what became of deliveries,
 * a row for each destination and family and below it why they failed; then what it means and what to do; what happened
 * in the order of time; how much was sent to those who ask more of large senders;
 * and what none of the witnesses can know.  Unless the style is verbose, of each
 * only the first ones are told, and how many more there are.
 */
enum {
	EXPLAIN_TITLES_SHOWN = 5,       /* at the top, also if verbose */
	EXPLAIN_ROWS_SHORT = 4,         /* ... unless there is one finding and
					   no more rows than these */
	EXPLAIN_ROWS_SHOWN = 20,
	EXPLAIN_FINDINGS_SHOWN = 12,
	EXPLAIN_TIMES_SHOWN = 60,       /* that tell the most */
	EXPLAIN_DAYS_SHOWN = 10,
};

void explain_text(FILE *out, const struct text_style *style,
	const struct incident_judgement *judgement);

/* What none can know, where there are reports (DMARC, TLS), whose own text comes
 * between. */
void explain_text_last(FILE *out, const struct text_style *style,
	const struct incident_judgement *judgement);

/* The parts of it, on one screen. */
void explain_text_summary(struct screen *screen,
	const struct delivery_findings *findings);
void explain_text_table(struct screen *screen,
	const struct delivery_table *table);
void explain_text_findings(struct screen *screen,
	const struct delivery_findings *findings);
void explain_text_timeline(struct screen *screen,
	const struct timeline_entries *timeline);
void explain_text_volume(struct screen *screen, const struct volume *volume);
void explain_text_limits(struct screen *screen,
	const struct incident_judgement *judgement);

#endif
