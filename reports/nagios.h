#ifndef MXP_NAGIOS_H
#define MXP_NAGIOS_H

#include "reports/row_formats.h"

/*
 * What a plugin tells Nagios, Icinga and their kin: one line, in which "|"
 * parts the words from the figures, and one of four exit statuses.
 *
 *	MXPROBE CRITICAL: 1 of 2 rows fail: ... | 'fail'=1;;;0;2 ...
 *
 * The figures are how many rows had which verdict, and how long the first
 * ones took, each 'label'=value[unit];warn;crit;min;max.
 */
enum nagios_state { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL,
	NAGIOS_UNKNOWN };
enum {
	NAGIOS_TEXT_MAX = 400,          /* octets of what went wrong */
	NAGIOS_TIMES_MAX = 20,          /* rows whose durations are told */
	NAGIOS_LABEL_MAX = 100,         /* octets */
};

struct nagios {
	struct arena *arena;
	bool warns;                     /* of what the judge warns of, also
					   where all was as expected */
	size_t of[CELL_VERDICTS];
	size_t skipped, warnings;
	struct span first_bad;          /* of the worst state so far */
	enum nagios_state first_state;
	struct span times;
	size_t time_count;
};

void nagios_begin(struct nagios *nagios, struct arena *arena, bool warns);
void nagios_row(struct nagios *nagios, const struct result_row *row);

/* Its line; the exit status is the state. */
enum nagios_state nagios_end(const struct nagios *nagios, FILE *out);

/* Nothing was to be run now: what was found before still stands. */
enum nagios_state nagios_idle(FILE *out);

/* Nothing could be run: UNKNOWN, with the reason. */
enum nagios_state nagios_failed(FILE *out, struct span safe_why);

#endif
