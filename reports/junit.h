#ifndef MXP_JUNIT_H
#define MXP_JUNIT_H

#include "reports/row_formats.h"

/*
 * JUnit's XML, as Ant writes it and as Jenkins, GitLab and others read it: a
 * suite for each scenario, a test case for each row.  A case that is not as
 * expected is a failure, one that could not be decided an error; one that was
 * not walked is skipped, and so is a rejection that is known until a date.
 *
 * It is written so that the schemas that are stricter than any reader accept
 * it too: tests/junit.xsd says what they have in common.
 */
void *junit_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run);
void junit_row(void *report, const struct result_row *row);
bool junit_end(void *report, int exit_status);
void junit_drop(void *report);

#endif
