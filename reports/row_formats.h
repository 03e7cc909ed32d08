#ifndef MXP_ROW_FORMATS_H
#define MXP_ROW_FORMATS_H

#include <stdio.h>

#include "probe/judge/result_row.h"
#include "probe/store/history_read.h"

/*
 * The reports that a run writes beside its screen, each to a file of its own
 * and in a form of its own: one small file and one row of the table each.
 * They are told of the same rows, as these come, and keep no row.
 *
 * A file is written beside its place and renamed when it is whole: whoever
 * reads it meanwhile reads the report of an earlier run.  What is no plain
 * file, such as /dev/stderr, is written at once, and "-" is standard output.
 */
/* The moments of a row in earlier runs and this one, the oldest first. */
typedef size_t row_past(void *history, struct arena *arena,
	const struct result_row *row, const struct history_moment **past);

struct report_run {                     /* what a report says of its run */
	struct span host;               /* this one's name; or empty */
	struct span codebook;           /* its date */
	int64_t began_ms;
	row_past *past;                 /* NULL: there is no history */
	void *history;
};

struct row_format {
	const char *word;               /* "junit": --report-junit */

	/* NULL: it has no room for what it must keep; errno says why.  `file`
	   may hold the report of an earlier run. */
	void *(*begin)(struct arena *arena, FILE *out, const char *file,
		const struct report_run *run);
	void (*row)(void *report, const struct result_row *row);

	/* False: what it kept is lost. */
	bool (*end)(void *report, int exit_status);

	/* Instead of the end: lets go of what it kept.  NULL: of nothing. */
	void (*drop)(void *report);
};

/* To one without a word. */
extern const struct row_format row_formats[];

const struct row_format *row_format_of(struct span word);

/* Those of one run.  Rows are told to all of them. */
struct row_reports;

struct row_reports *row_reports_open(
	struct arena *arena, const struct report_run *run);

/* False: *why says why this file cannot be written. */
bool row_reports_add(struct row_reports *reports,
	const struct row_format *format, const char *file, struct span *why);

void row_reports_row(
	struct row_reports *reports, const struct result_row *row);

/*
 * Whatever happened, all files are closed after this.  False: *why has a line
 * for each report that is not whole, and the file of an earlier run stands.
 * What standard output does not take is for the end of the program to tell.
 */
bool row_reports_end(
	struct row_reports *reports, int exit_status, struct span *why);

/* Nothing was run: the files of earlier runs stand. */
void row_reports_give_up(struct row_reports *reports);

#endif
