#include "reports/junit.h"

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "reports/isolation_account.h"
#include "reports/markup.h"
#include "reports/row_text.h"
#include "reports/spool.h"

/* The suite that is being gathered: its head needs the counts. */
struct junit {
	FILE *out, *cases;
	const struct report_run *run;
	struct arena *arena;    /* of the suite */
	struct span name, file; /* of the scenario whose suite it is */
	int64_t began_ms;
	uint64_t took_ns;
	unsigned suites;
	size_t tests, failures, errors, skipped;
	bool is_lost;
};

void *junit_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run)
{
	struct junit *junit = arena_new(arena, struct junit);

	(void)file;
	junit->cases = spool_open();
	if (!junit->cases)
		return NULL;
	junit->out = out;
	junit->run = run;
	junit->arena = arena_open();
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
		out);
	return junit;
}

static void put_attribute(FILE *out, const char *name, struct span safe)
{
	fprintf(out, " %s=\"", name);
	markup_put(out, safe);
	fputc('"', out);
}

/* ---- a suite */

static void put_property(FILE *out, const char *name, struct span safe)
{
	fprintf(out, "<property name=\"%s\"", name);
	put_attribute(out, "value", safe);
	fputs("/>", out);
}

static void put_head(struct junit *junit)
{
	FILE *out = junit->out;
	struct span began = clock_text(junit->arena, junit->began_ms);
	struct span host = escape_text(junit->arena, junit->run->host);

	fputs("<testsuite", out);
	put_attribute(out, "name", junit->name);
	put_attribute(out, "package", SPAN("mxprobe"));
	fprintf(out, " id=\"%u\"", junit->suites++);
	/* Both schemas want no fraction and no zone. */
	put_attribute(out, "timestamp", span_part(began, 0, 19));
	put_attribute(out, "hostname", host.len ? host : SPAN("localhost"));
	fprintf(out,
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\""
		" skipped=\"%zu\" time=\"%.3f\">\n<properties>",
		junit->tests, junit->failures, junit->errors, junit->skipped,
		(double)junit->took_ns / 1e9);
	put_property(out, "mxprobe", SPAN(MXP_VERSION));
	put_property(out, "codebook",
		escape_text(junit->arena, junit->run->codebook));
	put_property(out, "file", junit->file);
	fputs("</properties>\n", out);
}

static void end_suite(struct junit *junit)
{
	if (!junit->tests || junit->is_lost)
		return;
	put_head(junit);
	if (!spool_pour(junit->cases, junit->out))
		junit->is_lost = true;
	fputs("<system-out/>\n<system-err/>\n</testsuite>\n", junit->out);
	fclose(junit->cases);
	junit->cases = spool_open();
	junit->is_lost |= !junit->cases;
}

static bool is_of_suite(const struct junit *junit, struct arena *arena,
	const struct result_row *row)
{
	return junit->tests && span_is(junit->name, row_scenario(arena, row)) &&
	       span_is(junit->file, escape_text(arena, row->file));
}

static void begin_suite(struct junit *junit, const struct result_row *row)
{
	arena_empty(junit->arena);
	junit->name = row_scenario(junit->arena, row);
	junit->file = escape_text(junit->arena, row->file);
	junit->began_ms = row->began_ms;
	junit->took_ns = 0;
	junit->tests = junit->failures = junit->errors = junit->skipped = 0;
}

/* ---- a test case */

static const char *failure_of(const struct result_row *row)
{
	const struct visit_judgement *judged = row_failed_visit(row);

	if (judged)
		return failure_word(judged->visit->fault->failure);
	if (row->outcome && row->outcome->fault)
		return failure_word(row->outcome->fault->failure);
	return "expectation";
}

static void put_reply(struct arena *arena, FILE *out,
	const struct result_row *row, const struct reply *reply)
{
	for (size_t i = 0; i < reply->line_count; i++) {
		struct span line = arena_print(arena, "%u%c%.*s", reply->code,
			i + 1 < reply->line_count ? '-' : ' ',
			SPAN_ARG(row_shown(arena, row, reply->lines[i])));

		markup_put(out, line);
		fputc('\n', out);
	}
}

static void put_isolation(
	struct arena *arena, FILE *out, const struct result_row *row)
{
	const struct isolation_account account = { .arena = arena,
		.isolation = row->isolation,
		.secrets = row->variables };
	struct span *lines;
	size_t count = account_lines(&account, &lines);

	for (size_t i = 0; i < count; i++) {
		fputs(i ? "  " : "isolation: ", out);
		markup_put(out, escape_text(arena, lines[i]));
		fputc('\n', out);
	}
}

static void put_cause(
	struct arena *arena, FILE *out, const struct result_row *row)
{
	const struct finding *cause = row_cause(row);

	if (!cause)
		return;
	fputs("cause: ", out);
	markup_put(out, row_cause_text(arena, row, cause));
	fputc('\n', out);
	if (!cause->remedy.len)
		return;
	fputs("fix: ", out);
	markup_put(out, row_fix_text(arena, row, cause));
	fputc('\n', out);
}

/* What was not as expected, a line each, what it comes from, and what the
 * server said. */
static void put_story(
	struct arena *arena, FILE *out, const struct result_row *row)
{
	const struct visit_judgement *judged = row_failed_visit(row);

	for (size_t i = 0; i < row->result->miss_count; i++) {
		markup_put(out, row_miss(arena, row, &row->result->misses[i]));
		fputc('\n', out);
	}
	put_cause(arena, out, row);
	if (judged && judged->visit->fault->reply)
		put_reply(arena, out, row, judged->visit->fault->reply);
	if (row->isolation)
		put_isolation(arena, out, row);
}

static void put_bad(struct arena *arena, FILE *out,
	const struct result_row *row, const char *element)
{
	fprintf(out, "<%s", element);
	put_attribute(out, "type", span_of(failure_of(row)));
	put_attribute(out, "message", row_reason(arena, row));
	fputc('>', out);
	put_story(arena, out, row);
	fprintf(out, "</%s>", element);
}

static void put_skipped(
	struct arena *arena, FILE *out, const struct result_row *row)
{
	fputs("<skipped", out);
	put_attribute(out, "message",
		arena_print(arena, "%s: %.*s", row_word(row),
			SPAN_ARG(row_reason(arena, row))));
	fputs("/>", out);
}

static void put_result(
	struct junit *junit, struct arena *arena, const struct result_row *row)
{
	FILE *out = junit->cases;

	switch (row->result->verdict) {
	case CELL_PASS:
	case CELL_FIXED:
		return;
	case CELL_NA:
	case CELL_KNOWN:
		junit->skipped++;
		put_skipped(arena, out, row);
		return;
	case CELL_UNKNOWN:
		junit->errors++;
		put_bad(arena, out, row, "error");
		return;
	case CELL_FAIL:
		junit->failures++;
		put_bad(arena, out, row, "failure");
		return;
	}
}

static void put_case(
	struct junit *junit, struct arena *arena, const struct result_row *row)
{
	FILE *out = junit->cases;

	fputs("<testcase", out);
	put_attribute(out, "classname", junit->name);
	put_attribute(out, "name", row_title(arena, row));
	fprintf(out, " time=\"%.3f\">", (double)row->took_ns / 1e9);
	put_result(junit, arena, row);
	fputs("</testcase>\n", out);
}

void junit_row(void *report, const struct result_row *row)
{
	struct junit *junit = report;
	struct arena *arena = arena_open();

	if (!is_of_suite(junit, arena, row)) {
		end_suite(junit);
		begin_suite(junit, row);
	}
	junit->tests++;
	junit->took_ns += row->took_ns;
	if (!junit->is_lost)
		put_case(junit, arena, row);
	arena_close(arena);
}

/* ---- the end */

void junit_drop(void *report)
{
	struct junit *junit = report;

	if (junit->cases)
		fclose(junit->cases);
	arena_close(junit->arena);
}

bool junit_end(void *report, int exit_status)
{
	struct junit *junit = report;

	(void)exit_status;
	end_suite(junit);
	fputs("</testsuites>\n", junit->out);
	junit_drop(junit);
	return !junit->is_lost;
}
