#include "reports/row_formats.h"

#include <errno.h>

#include "probe/base/escape.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/prometheus.h"
#include "reports/rows_jsonl.h"
#include "reports/tap.h"
#include "reports/whole_file.h"

const struct row_format row_formats[] = {
	/* clang-format off */
	{ "junit", junit_begin, junit_row, junit_end, junit_drop },
	{ "tap", tap_begin, tap_row, tap_end, NULL },
	{ "prometheus", prometheus_begin, prometheus_row, prometheus_end, prometheus_drop },
	{ "html", html_begin, html_row, html_end, html_drop },
	{ "jsonl", rows_jsonl_begin, rows_jsonl_row, rows_jsonl_end, NULL },
	{ NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

struct one_report {
	struct one_report *next;
	const struct row_format *format;
	const char *file;
	struct whole_file to; /* not of "-" */
	FILE *out;
	void *report;
};

struct row_reports {
	struct arena *arena;
	struct report_run run;
	struct one_report *first, **last;
};

const struct row_format *row_format_of(struct span word)
{
	for (const struct row_format *format = row_formats; format->word;
		format++)
		if (span_is(word, span_of(format->word)))
			return format;
	return NULL;
}

struct row_reports *row_reports_open(
	struct arena *arena, const struct report_run *run)
{
	struct row_reports *reports = arena_new(arena, struct row_reports);

	reports->arena = arena;
	reports->run = *run;
	reports->last = &reports->first;
	return reports;
}

static bool is_standard_output(const struct one_report *one)
{
	return strcmp(one->file, "-") == 0;
}

static bool open_file(struct arena *arena, struct one_report *one)
{
	if (is_standard_output(one)) {
		one->out = stdout;
		return true;
	}
	if (!whole_file_open(arena, one->file, &one->to))
		return false;
	one->out = one->to.out;
	return true;
}

static struct span why_not(struct arena *arena, const struct one_report *one)
{
	const char *error = errno ? strerror(errno) : "it could not be kept";

	return arena_print(arena, "%.*s: %s",
		SPAN_ARG(escape_text(arena, span_of(one->file))), error);
}

static void drop_file(struct one_report *one)
{
	if (one->out && !is_standard_output(one))
		whole_file_drop(&one->to);
	one->out = NULL;
}

bool row_reports_add(struct row_reports *reports,
	const struct row_format *format, const char *file, struct span *why)
{
	struct one_report *one = arena_new(reports->arena, struct one_report);

	one->format = format;
	one->file = file;
	if (open_file(reports->arena, one))
		one->report = format->begin(
			reports->arena, one->out, file, &reports->run);
	if (!one->report) {
		*why = why_not(reports->arena, one);
		if (one->out)
			drop_file(one);
		return false;
	}
	*reports->last = one;
	reports->last = &one->next;
	return true;
}

void row_reports_row(struct row_reports *reports, const struct result_row *row)
{
	for (struct one_report *one = reports->first; one; one = one->next)
		one->format->row(one->report, row);
}

static bool end_one(struct one_report *one, int exit_status)
{
	bool is_well;

	errno = 0;
	is_well = one->format->end(one->report, exit_status);
	one->out = NULL;
	if (is_standard_output(one))
		return fflush(stdout) != 0 || ferror(stdout) || is_well;
	return whole_file_close(&one->to, is_well);
}

bool row_reports_end(
	struct row_reports *reports, int exit_status, struct span *why)
{
	bool is_well = true;

	*why = SPAN("");
	for (struct one_report *one = reports->first; one; one = one->next) {
		if (end_one(one, exit_status))
			continue;
		*why = arena_print(reports->arena, "%.*s%.*s\n", SPAN_ARG(*why),
			SPAN_ARG(why_not(reports->arena, one)));
		is_well = false;
	}
	reports->first = NULL;
	return is_well;
}

void row_reports_give_up(struct row_reports *reports)
{
	for (struct one_report *one = reports->first; one; one = one->next) {
		if (one->format->drop)
			one->format->drop(one->report);
		drop_file(one);
	}
	reports->first = NULL;
}
