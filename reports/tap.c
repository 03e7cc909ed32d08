#include "reports/tap.h"

#include "probe/base/escape.h"
#include "reports/isolation_account.h"
#include "reports/row_text.h"

struct tap {
	FILE *out;
	size_t count;
};

void *tap_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run)
{
	struct tap *tap = arena_new(arena, struct tap);

	(void)file;
	tap->out = out;
	fprintf(out,
		"TAP version 13\n# mxprobe " MXP_VERSION ", codebook %.*s\n",
		SPAN_ARG(escape_text(arena, run->codebook)));
	return tap;
}

/* In a description a bare # would begin a directive. */
static void put_description(FILE *out, struct span safe)
{
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.at[i] == '#')
			fputc('\\', out);
		fputc(safe.at[i], out);
	}
}

static bool is_ok(const struct result_row *row)
{
	switch (row->result->verdict) {
	case CELL_NA:
	case CELL_PASS:
	case CELL_FIXED:
		return true;
	case CELL_KNOWN:
	case CELL_UNKNOWN:
	case CELL_FAIL:
		break;
	}
	return row->is_skipped;
}

static void put_directive(
	struct tap *tap, struct arena *arena, const struct result_row *row)
{
	const char *word = "SKIP";

	if (row->result->verdict == CELL_KNOWN)
		word = "TODO";
	else if (row->result->verdict != CELL_NA && !row->is_skipped)
		return;
	fprintf(tap->out, " # %s ", word);
	put_description(tap->out, row_reason(arena, row));
}

/* ---- why: a block of YAML, whose strings are in double quotes */

static void put_string(FILE *out, const char *key, struct span safe)
{
	fprintf(out, "%s: \"", key);
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.at[i] == '"' || safe.at[i] == '\\')
			fputc('\\', out);
		fputc(safe.at[i], out);
	}
	fputs("\"\n", out);
}

static void put_miss(struct tap *tap, struct arena *arena,
	const struct result_row *row, const struct miss *miss)
{
	FILE *out = tap->out;

	put_string(out, "    - stage", span_of(stage_word(miss->stage)));
	put_string(out, "      wanted", row_shown(arena, row, miss->wanted));
	put_string(out, "      found", row_shown(arena, row, miss->found));
	put_string(out, "      place",
		arena_print(arena, "%.*s:%u:%u",
			SPAN_ARG(escape_text(arena, miss->place.file)),
			miss->place.line, miss->place.column));
}

static void put_isolation(
	struct tap *tap, struct arena *arena, const struct result_row *row)
{
	const struct isolation_account account = { .arena = arena,
		.isolation = row->isolation,
		.secrets = row->variables };
	struct span *lines;
	size_t count = account_lines(&account, &lines);

	fputs("  isolation:\n", tap->out);
	put_string(tap->out, "    result",
		span_of(isolation_end_word(row->isolation->end)));
	put_string(tap->out, "    conclusion",
		escape_text(arena, account_conclusion(&account)));
	fputs("    account:\n", tap->out);
	/* The last line is the conclusion. */
	for (size_t i = 0; i + 1 < count; i++)
		put_string(
			tap->out, "      - line", escape_text(arena, lines[i]));
}

static void put_cause(
	struct tap *tap, struct arena *arena, const struct result_row *row)
{
	const struct finding *cause = row_cause(row);

	if (!cause)
		return;
	put_string(tap->out, "  cause", row_cause_text(arena, row, cause));
	if (cause->remedy.len)
		put_string(tap->out, "  fix", row_fix_text(arena, row, cause));
}

static void put_why(
	struct tap *tap, struct arena *arena, const struct result_row *row)
{
	fputs("  ---\n", tap->out);
	put_string(tap->out, "  verdict", span_of(row_word(row)));
	put_string(tap->out, "  message", row_reason(arena, row));
	put_cause(tap, arena, row);
	if (row->result->miss_count)
		fputs("  misses:\n", tap->out);
	for (size_t i = 0; i < row->result->miss_count; i++)
		put_miss(tap, arena, row, &row->result->misses[i]);
	if (row->isolation)
		put_isolation(tap, arena, row);
	fputs("  ...\n", tap->out);
}

void tap_row(void *report, const struct result_row *row)
{
	struct tap *tap = report;
	struct arena *arena = arena_open();

	fprintf(tap->out, "%sok %zu - ", is_ok(row) ? "" : "not ",
		++tap->count);
	put_description(tap->out, arena_print(arena, "%.*s: %.*s",
					  SPAN_ARG(row_scenario(arena, row)),
					  SPAN_ARG(row_title(arena, row))));
	put_directive(tap, arena, row);
	fputc('\n', tap->out);
	if (!is_ok(row))
		put_why(tap, arena, row);
	arena_close(arena);
}

bool tap_end(void *report, int exit_status)
{
	struct tap *tap = report;

	(void)exit_status;
	fprintf(tap->out, "1..%zu%s\n", tap->count,
		tap->count ? "" : " # SKIP nothing was walked");
	return true;
}
