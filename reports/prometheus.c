#include "reports/prometheus.h"

#include <sys/stat.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "reports/row_text.h"
#include "reports/series.h"
#include "reports/spool.h"

/* A metric's samples stand together, so each has a spool of its own. */
enum metric {
	METRIC_SUCCESS,
	METRIC_VERDICT,
	METRIC_LAST_SUCCESS,
	METRIC_DURATION,
	METRIC_STAGE_OK,
	METRIC_STAGE_DURATION,
	METRIC_FAILURE,
	METRIC_CERTIFICATE,
};
enum { METRIC_COUNT = METRIC_CERTIFICATE + 1 };

static const struct {
	const char *name, *help;
} metrics[] = {
	/* clang-format off */
	[METRIC_SUCCESS]        = { "mxprobe_success", "1 where all was as expected, 0 where something was not; none where it could not be decided or was not walked." },
	[METRIC_VERDICT]        = { "mxprobe_verdict", "1 for the verdict of the row: pass, fixed, known, unknown, fail, n/a, skipped." },
	[METRIC_LAST_SUCCESS]   = { "mxprobe_last_success_timestamp_seconds", "When all was as expected last." },
	[METRIC_DURATION]       = { "mxprobe_duration_seconds", "How long it took." },
	[METRIC_STAGE_OK]       = { "mxprobe_stage_ok", "1 where the stage ended well at every address that was walked to." },
	[METRIC_STAGE_DURATION] = { "mxprobe_stage_duration_seconds", "How long the stage took, at the slowest of the addresses." },
	[METRIC_FAILURE]        = { "mxprobe_failure", "1 for where and how the walk ended early, and what it means: an id that mxprobe explain knows." },
	[METRIC_CERTIFICATE]    = { "mxprobe_certificate_not_after_timestamp_seconds", "When the first of the servers' certificates expires." },
	/* clang-format on */
};

struct prometheus {
	FILE *out;
	const struct report_run *run;
	struct arena *arena;
	FILE *spools[METRIC_COUNT];
	struct series_set series;
	unsigned long long of[CELL_VERDICTS], skipped, repeated;
};

/* ---- the run before */

static const char last_success_begin[] =
	"mxprobe_last_success_timestamp_seconds{";

/* name{labels} seconds: as we wrote it, or it is passed over. */
static void take_line(struct prometheus *report, struct span line)
{
	size_t head = sizeof(last_success_begin) - 1;
	struct span labels = line, number;
	unsigned long seconds;

	if (!span_starts_nocase(line, span_of(last_success_begin)))
		return;
	while (labels.len && labels.at[labels.len - 1] != ' ')
		labels.len--;
	number = span_part(line, labels.len, line.len);
	if (labels.len < head + 2 || labels.at[labels.len - 2] != '}' ||
		!span_number(number, UINT32_MAX, &seconds))
		return;
	labels = span_part(labels, head, labels.len - head - 2);
	if (labels.len)
		series_of(&report->series, labels)->last_success =
			(int64_t)seconds;
}

static void take_file(struct prometheus *report, const char *name)
{
	struct arena *arena = arena_open();
	struct span text, why;
	struct stat found;

	if (stat(name, &found) == 0 && S_ISREG(found.st_mode) &&
		file_read(arena, name, PROMETHEUS_FILE_MAX, &text, &why))
		while (text.len)
			take_line(report, span_cut(&text, '\n'));
	arena_close(arena);
}

void *prometheus_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run)
{
	struct prometheus *report = arena_new(arena, struct prometheus);

	report->out = out;
	report->run = run;
	report->arena = report->series.arena = arena_open();
	for (int i = 0; i < METRIC_COUNT; i++) {
		report->spools[i] = spool_open();
		if (report->spools[i])
			continue;
		prometheus_drop(report);
		return NULL;
	}
	take_file(report, file);
	return report;
}

/* ---- labels */

/* The label is left out where its value is empty: to Prometheus that is the
 * same. */
static struct span with_label(struct arena *arena, struct span labels,
	const char *name, struct span safe)
{
	char *room = arena_take(arena, 2 * safe.len + 1);
	size_t len = 0;

	if (!safe.len)
		return labels;
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.at[i] == '"' || safe.at[i] == '\\')
			room[len++] = '\\';
		room[len++] = safe.at[i];
	}
	return arena_print(arena, "%.*s%s%s=\"%.*s\"", SPAN_ARG(labels),
		labels.len ? "," : "", name, (int)len, room);
}

static struct span labels_of(struct arena *arena, const struct result_row *row)
{
	const struct matrix_cell *cell = row->cell;
	struct span labels = SPAN(""), probe = row->subject;

	if (row->kind == ROW_CELL && cell)
		probe = cell->probe;
	labels = with_label(
		arena, labels, "scenario", row_scenario(arena, row));
	labels = with_label(
		arena, labels, "kind", span_of(row_kind_word(row->kind)));
	labels = with_label(
		arena, labels, "probe", row_shown(arena, row, probe));
	if (cell)
		labels = with_label(arena, labels, "target",
			row_shown(arena, row, aim_text(arena, cell->aim)));
	if (row->has_family)
		labels = with_label(arena, labels, "family",
			span_of(row->family == FAMILY_IPV4 ? "ipv4" : "ipv6"));
	if (cell)
		labels = with_label(arena, labels, "path",
			row_shown(arena, row, cell->egress->name));
	return labels;
}

/* ---- samples */

static void put_sample(struct prometheus *report, enum metric metric,
	struct span labels, double value)
{
	fprintf(report->spools[metric], "%s{%.*s} %.*f\n", metrics[metric].name,
		SPAN_ARG(labels), value == (double)(int64_t)value ? 0 : 6,
		value);
}

/* Of several addresses the worst. */
struct stage_facts {
	bool is_begun, is_ok;
	uint64_t ns;
};

static void gather_stages(
	const struct result_row *row, struct stage_facts facts[STAGE_COUNT])
{
	for (size_t i = 0; i < row->outcome->visit_count; i++) {
		const struct visit *visit = row->outcome->visits[i];

		if (visit->state != VISIT_WALKED || !row_has_visit(row, visit))
			continue;
		for (int s = STAGE_CONNECT; s < STAGE_COUNT; s++) {
			uint64_t ns = visit_stage_ns(visit, (enum stage)s);
			bool is_begun = visit->reached[s] ||
					(int)visit->last == s;
			struct stage_facts *stage = &facts[s];

			if (!is_begun)
				continue;
			stage->is_ok = (stage->is_ok || !stage->is_begun) &&
				       visit->reached[s];
			stage->is_begun = true;
			if (ns > stage->ns)
				stage->ns = ns;
		}
	}
}

static void put_stages(struct prometheus *report, struct arena *arena,
	const struct result_row *row, struct span labels)
{
	struct stage_facts facts[STAGE_COUNT] = { 0 };

	gather_stages(row, facts);
	for (int s = STAGE_CONNECT; s < STAGE_COUNT; s++) {
		struct span more = with_label(arena, labels, "stage",
			span_of(stage_word((enum stage)s)));

		if (!facts[s].is_begun)
			continue;
		put_sample(report, METRIC_STAGE_OK, more, facts[s].is_ok);
		put_sample(report, METRIC_STAGE_DURATION, more,
			(double)facts[s].ns / 1e9);
	}
}

static void put_failure(struct prometheus *report, struct arena *arena,
	const struct result_row *row, struct span labels)
{
	const struct visit_judgement *judged = row_failed_visit(row);
	const struct fault *fault = judged ? judged->visit->fault
					   : row->outcome->fault;
	const struct finding *cause = row_cause(row);
	struct span meaning = SPAN("");

	if (!fault)
		return;
	if (judged && judged->row)
		meaning = judged->row->id;
	else if (cause)
		meaning = cause->id;
	labels = with_label(
		arena, labels, "stage", span_of(stage_word(fault->stage)));
	labels = with_label(arena, labels, "failure",
		span_of(failure_word(fault->failure)));
	labels = with_label(
		arena, labels, "meaning", escape_text(arena, meaning));
	put_sample(report, METRIC_FAILURE, labels, 1);
}

static void put_certificate(struct prometheus *report,
	const struct result_row *row, struct span labels)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < row->outcome->visit_count; i++) {
		const struct visit *visit = row->outcome->visits[i];

		if (row_has_visit(row, visit) && visit->tls &&
			visit->tls->chain_count &&
			visit->tls->chain[0].not_after < first)
			first = visit->tls->chain[0].not_after;
	}
	if (first != INT64_MAX)
		put_sample(report, METRIC_CERTIFICATE, labels, (double)first);
}

static void count(struct prometheus *report, const struct result_row *row)
{
	if (row->is_skipped)
		report->skipped++;
	else
		report->of[row->result->verdict]++;
}

static void put_row(struct prometheus *report, struct arena *arena,
	const struct result_row *row, struct span labels)
{
	if (row_is_well(row))
		put_sample(report, METRIC_SUCCESS, labels, 1);
	else if (!row->is_skipped && row->result->verdict == CELL_FAIL)
		put_sample(report, METRIC_SUCCESS, labels, 0);
	put_sample(report, METRIC_VERDICT,
		with_label(arena, labels, "verdict", span_of(row_word(row))),
		1);
	if (!row->outcome)
		return;
	put_sample(report, METRIC_DURATION, labels, (double)row->took_ns / 1e9);
	put_stages(report, arena, row, labels);
	put_failure(report, arena, row, labels);
	put_certificate(report, row, labels);
}

void prometheus_row(void *report_of_run, const struct result_row *row)
{
	struct prometheus *report = report_of_run;
	struct arena *arena = arena_open();
	struct span labels = labels_of(arena, row);
	struct series *series = series_of(&report->series, labels);

	count(report, row);
	if (series->is_told) {
		report->repeated++;
		arena_close(arena);
		return;
	}
	series->is_told = true;
	if (row_is_well(row))
		series->last_success = row->began_ms / 1000 +
				       (int64_t)(row->took_ns / 1000000000u);
	if (series->last_success)
		put_sample(report, METRIC_LAST_SUCCESS, labels,
			(double)series->last_success);
	put_row(report, arena, row, labels);
	arena_close(arena);
}

/* ---- the whole */

static void put_head(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_alone(
	FILE *out, const char *name, const char *help, double value)
{
	put_head(out, name, help);
	fprintf(out, "%s %.0f\n", name, value);
}

static void put_build(struct prometheus *report)
{
	struct span labels = with_label(
		report->arena, SPAN(""), "version", SPAN(MXP_VERSION));

	labels = with_label(report->arena, labels, "codebook",
		escape_text(report->arena, report->run->codebook));
	put_head(report->out, "mxprobe_build_info",
		"1, with the version and the date of the codebook.");
	fprintf(report->out, "mxprobe_build_info{%.*s} 1\n", SPAN_ARG(labels));
}

static void put_counts(struct prometheus *report)
{
	put_head(report->out, "mxprobe_rows",
		"How many rows of the run had which verdict.");
	for (int i = 0; i < CELL_VERDICTS; i++)
		fprintf(report->out, "mxprobe_rows{verdict=\"%s\"} %llu\n",
			cell_verdict_word((enum cell_verdict)i), report->of[i]);
	fprintf(report->out, "mxprobe_rows{verdict=\"skipped\"} %llu\n",
		report->skipped);
	put_alone(report->out, "mxprobe_rows_repeated",
		"Rows with the labels of an earlier one, which count only "
		"there.",
		(double)report->repeated);
}

static void put_run(struct prometheus *report, int exit_status)
{
	put_build(report);
	put_alone(report->out, "mxprobe_run_began_timestamp_seconds",
		"When the run began.", (double)(report->run->began_ms / 1000));
	put_alone(report->out, "mxprobe_run_ended_timestamp_seconds",
		"When the run ended.", (double)(clock_wall_ms() / 1000));
	put_alone(report->out, "mxprobe_run_exit_status",
		"The exit status of the run.", exit_status);
	put_counts(report);
}

static bool put_metric(struct prometheus *report, enum metric metric)
{
	if (fflush(report->spools[metric]) != 0)
		return false;
	if (ftell(report->spools[metric]) == 0)
		return true;
	put_head(report->out, metrics[metric].name, metrics[metric].help);
	return spool_pour(report->spools[metric], report->out);
}

bool prometheus_end(void *report_of_run, int exit_status)
{
	struct prometheus *report = report_of_run;
	bool is_well = true;

	put_run(report, exit_status);
	for (int i = 0; i < METRIC_COUNT; i++)
		is_well &= put_metric(report, (enum metric)i);
	prometheus_drop(report);
	return is_well;
}

void prometheus_drop(void *report_of_run)
{
	struct prometheus *report = report_of_run;

	for (int i = 0; i < METRIC_COUNT; i++)
		if (report->spools[i])
			fclose(report->spools[i]);
	arena_close(report->arena);
}
