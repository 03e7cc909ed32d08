#ifndef MXP_PROMETHEUS_H
#define MXP_PROMETHEUS_H

#include "reports/row_formats.h"

/*
 * Metrics in Prometheus' text format, for the text file collector of its node
 * exporter.  Every series of a row has the labels scenario, kind, probe,
 * target, family and path; those of a walk have a stage, of a closed set.
 * Where two rows have the same labels, the first one counts.
 *
 * When a row last succeeded is taken over from the file of the run before, so
 * that a series tells it also while it fails.
 */
enum {
	PROMETHEUS_FILE_MAX = 64 * 1024 * 1024, /* of a run before */
};

void *prometheus_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run);
void prometheus_row(void *report, const struct result_row *row);
bool prometheus_end(void *report, int exit_status);
void prometheus_drop(void *report);

#endif
