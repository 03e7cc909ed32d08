#include "probe/judge/result_row.h"

const char *row_word(const struct result_row *row)
{
	return row->is_skipped ? "skipped"
			       : cell_verdict_word(row->result->verdict);
}

const char *row_kind_word(enum row_kind kind)
{
	switch (kind) {
	case ROW_CELL:
		return "cell";
	case ROW_IDENTITY:
		return "identity";
	case ROW_COMPARISON:
		return "comparison";
	case ROW_BASELINE:
		break;
	}
	return "baseline";
}

struct span row_name(struct arena *arena, const struct result_row *row)
{
	struct span name = row->kind == ROW_CELL ? row->cell->probe
						 : row->subject;

	if (row->cell)
		name = arena_print(arena, "%.*s, %.*s", SPAN_ARG(name),
			SPAN_ARG(aim_text(arena, row->cell->aim)));
	if (row->has_family)
		name = arena_print(arena, "%.*s, %s", SPAN_ARG(name),
			family_word(row->family));
	if (row->cell && row->cell->egress->name.len)
		name = arena_print(arena, "%.*s, %.*s", SPAN_ARG(name),
			SPAN_ARG(row->cell->egress->name));
	return variables_hide(arena, row->variables, name);
}

struct span row_key(struct arena *arena, const struct result_row *row)
{
	struct span scenario = variables_hide(
		arena, row->variables, row->matrix->name);

	return arena_print(arena, "%.*s/%s/%.*s", SPAN_ARG(scenario),
		row_kind_word(row->kind), SPAN_ARG(row_name(arena, row)));
}
