#ifndef MXP_PUBLICATION_H
#define MXP_PUBLICATION_H

#include "probe/verbs/program.h"
#include "probe/verbs/record.h"
#include "reports/nagios.h"
#include "reports/row_formats.h"

/*
 * What a run writes beside the screen: the files of --report-*, and the line
 * of --exit-style nagios.  The files are opened before the first packet, so
 * that one that cannot be written stops the run while nothing is sent.
 */
struct publication {
	struct program *program;
	const struct record *record;    /* what the past of a row is read from;
					   NULL: nothing */
	struct report_run run;
	struct row_reports *reports;
	struct nagios nagios;
};

/* Does any of it go to a file, rather than to standard output? */
bool publication_has_file(const struct options *options);

/* False: it was told on stderr which file cannot be written. */
bool publication_open(struct publication *publication, struct arena *arena,
	struct program *program);

void publication_row(
	struct publication *publication, const struct result_row *row);

/* A walk without a scenario, as a row for each of its families. */
void publication_walk(struct publication *publication, struct arena *arena,
	const struct outcome *outcome, const struct judgement *judgement);

/* The exit status: another one where a file could not be written whole, or
 * where the run is a plugin. */
int publication_close(struct publication *publication, int status);

/*
 * For the end of the program: a plugin that told nothing says so, with `why`
 * (escaped; empty: it is on stderr).
 */
int publication_exit(
	const struct program *program, int status, struct span why);

#endif
