#include "reports/row_text.h"

#include "probe/base/escape.h"
#include "reports/finding_gist.h"

struct span row_hidden(
	struct arena *arena, const struct result_row *row, struct span text)
{
	return row->variables ? variables_hide(arena, row->variables, text)
			      : text;
}

struct span row_shown(
	struct arena *arena, const struct result_row *row, struct span text)
{
	return escape_text(arena, row_hidden(arena, row, text));
}

struct span row_scenario(struct arena *arena, const struct result_row *row)
{
	if (!row->matrix || !row->matrix->name.len)
		return SPAN("mxprobe");
	return row_shown(arena, row, row->matrix->name);
}

struct span row_title(struct arena *arena, const struct result_row *row)
{
	return escape_text(arena, row_name(arena, row));
}

struct span row_miss(struct arena *arena, const struct result_row *row,
	const struct miss *miss)
{
	struct span place = SPAN("");

	if (miss->place.line)
		place = arena_print(arena, "%.*s:%u:%u: ",
			SPAN_ARG(escape_text(arena, miss->place.file)),
			miss->place.line, miss->place.column);
	return arena_print(arena, "%.*sat %s: wanted %.*s, found %.*s",
		SPAN_ARG(place), stage_word(miss->stage),
		SPAN_ARG(row_shown(arena, row, miss->wanted)),
		SPAN_ARG(row_shown(arena, row, miss->found)));
}

struct span row_reason(struct arena *arena, const struct result_row *row)
{
	const struct cell_result *result = row->result;
	struct span reason = row_shown(arena, row, result->why);

	if (!result->miss_count)
		return reason;
	reason = row_miss(arena, row, &result->misses[0]);
	if (result->miss_count > 1)
		reason = arena_print(arena, "%.*s (and %zu more)",
			SPAN_ARG(reason), result->miss_count - 1);
	return reason;
}

bool row_has_visit(const struct result_row *row, const struct visit *visit)
{
	return !row->has_family || visit->path->family == row->family;
}

const struct visit_judgement *row_failed_visit(const struct result_row *row)
{
	for (size_t i = 0; row->judgement && i < row->judgement->visit_count;
		i++) {
		const struct visit_judgement *judged =
			&row->judgement->visits[i];

		if (judged->visit->fault && row_has_visit(row, judged->visit))
			return judged;
	}
	return NULL;
}

static bool is_to_be_explained(const struct result_row *row)
{
	switch (row->result->verdict) {
	case CELL_UNKNOWN:
	case CELL_FAIL:
		return !row->is_skipped && row->kind == ROW_CELL &&
		       row->judgement && row->outcome;
	case CELL_NA:
	case CELL_PASS:
	case CELL_FIXED:
	case CELL_KNOWN:
		break;
	}
	return false;
}

static bool explains(
	const struct result_row *row, const struct finding *finding)
{
	bool is_elsewhere = finding->has_family && row->has_family &&
			    finding->family != row->family;

	return !is_elsewhere &&
	       (finding->severity == SEVERITY_FAIL || finding->leaves_open);
}

/* An expectation may be missed by a walk that nothing stopped. */
const struct finding *row_cause(const struct result_row *row)
{
	const struct judgement *judgement = row->judgement;

	if (!is_to_be_explained(row))
		return NULL;
	if (row->result->miss_count && !row_failed_visit(row) &&
		!row->outcome->fault)
		return NULL;
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (explains(row, &judgement->findings[i]))
			return &judgement->findings[i];
	return NULL;
}

struct span row_cause_text(struct arena *arena, const struct result_row *row,
	const struct finding *cause)
{
	return row_shown(arena, row, finding_gist(arena, cause, false));
}

struct span row_fix_text(struct arena *arena, const struct result_row *row,
	const struct finding *cause)
{
	return row_shown(arena, row, cause->remedy);
}

bool row_is_well(const struct result_row *row)
{
	if (row->is_skipped)
		return false;
	switch (row->result->verdict) {
	case CELL_PASS:
	case CELL_FIXED:
	case CELL_KNOWN:
		return true;
	case CELL_NA:
	case CELL_UNKNOWN:
	case CELL_FAIL:
		break;
	}
	return false;
}
