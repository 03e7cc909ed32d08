#ifndef MXP_HISTORY_JSON_H
#define MXP_HISTORY_JSON_H

#include <stdio.h>

#include "probe/store/history_read.h"

/*
 * `mxprobe history --json`, in the forms of its text.  One run has
 * "cells" as `mxprobe run --json` writes them, with their findings and the
 * whole outcome, so `mxprobe diff` takes it for a run.
 */
void history_json_runs(FILE *out, const struct history_lines *lines);
void history_json_subjects(FILE *out,
	const struct history_subjects *subjects);
void history_json_run(FILE *out, struct database *database,
	const struct recorded_run *run);

/* What was done: --accept, --prune, --check (`why` has what is damaged). */
void history_json_accepted(FILE *out, long long count);
void history_json_forgotten(FILE *out, long long count);
void history_json_check(FILE *out, bool is_whole, struct span why);

#endif
