#include "reports/row_formats.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/base/escape.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/prometheus.h"
#include "reports/rows_jsonl.h"
#include "reports/tap.h"

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
	const char *beside; /* NULL: written in its place */
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

static bool is_replaced(const char *file)
{
	struct stat found;

	return stat(file, &found) != 0 || S_ISREG(found.st_mode);
}

static bool open_file(struct arena *arena, struct one_report *one)
{
	if (is_standard_output(one)) {
		one->out = stdout;
		return true;
	}
	if (is_replaced(one->file))
		one->beside = arena_print(
			arena, "%s.%ld.part", one->file, (long)getpid())
				      .at;
	one->out = fopen(one->beside ? one->beside : one->file, "w");
	return one->out != NULL;
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
		fclose(one->out);
	if (one->beside)
		unlink(one->beside);
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

static bool close_file(struct one_report *one, bool is_well)
{
	FILE *out = one->out;

	is_well = fflush(out) == 0 && !ferror(out) && is_well;
	one->out = NULL;
	if (!is_standard_output(one))
		is_well = fclose(out) == 0 && is_well;
	if (!one->beside)
		return is_well;
	if (is_well && rename(one->beside, one->file) == 0)
		return true;
	unlink(one->beside);
	return false;
}

static bool end_one(struct one_report *one, int exit_status)
{
	errno = 0;
	return close_file(one, one->format->end(one->report, exit_status));
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
