#include "reports/html_grid.h"

#include "reports/html.h"

/* ---- rows */

static void line_add(struct grid *grid, const struct result_row *row)
{
	struct grid_line *line;
	const struct matrix_cell *cell = row->cell;
	struct span probe = row->kind == ROW_CELL ? cell->probe : row->subject;

	grid->lines = arena_grow(grid->arena, grid->lines, grid->count,
		&grid->room, sizeof(*line));
	line = &grid->lines[grid->count++];
	line->is_wide = !row->has_family;
	line->scenario = row_scenario(grid->arena, row);
	line->probe = row_shown(grid->arena, row, probe);
	line->target = cell ? row_shown(grid->arena, row,
				      aim_text(grid->arena, cell->aim))
			    : SPAN("");
	line->path = cell ? row_shown(grid->arena, row, cell->egress->name)
			  : SPAN("");
	grid->has_paths |= line->path.len != 0;
}

static struct span where_of(const struct result_row *row)
{
	const struct visit_judgement *judged = row_failed_visit(row);

	if (row_is_well(row) && row->result->verdict != CELL_KNOWN)
		return SPAN("");
	if (row->result->miss_count)
		return span_of(stage_phrase(row->result->misses[0].stage));
	return judged ? span_of(stage_phrase(judged->visit->fault->stage))
		      : SPAN("");
}

/* How long it was talked, without what the row waited for its turn. */
static struct span took_of(struct arena *arena, const struct result_row *row)
{
	uint64_t most = 0;

	if (!row->outcome)
		return SPAN("");
	for (size_t i = 0; i < row->outcome->visit_count; i++) {
		const struct visit *visit = row->outcome->visits[i];
		uint64_t ns = visit->ended_ns - visit->began_ns;

		if (visit->state == VISIT_WALKED && row_has_visit(row, visit) &&
			ns > most)
			most = ns;
	}
	return html_time(arena, (most ? most : row->took_ns) / 1000);
}

static void take_cause(
	struct grid *grid, struct grid_bad *bad, const struct result_row *row)
{
	const struct finding *cause = row_cause(row);

	bad->cause = bad->fix = SPAN("");
	if (!cause)
		return;
	bad->cause = row_cause_text(grid->arena, row, cause);
	bad->fix = row_fix_text(grid->arena, row, cause);
}

static void add_bad(
	struct grid *grid, const struct result_row *row, unsigned block)
{
	struct grid_bad *bad;

	if (grid->bad_count++ >= HTML_BAD_MAX)
		return;
	bad = arena_new(grid->arena, struct grid_bad);
	bad->block = block;
	bad->badge = badge_of(row);
	bad->title = row_title(grid->arena, row);
	bad->reason = row_reason(grid->arena, row);
	take_cause(grid, bad, row);
	if (grid->last_bad)
		grid->last_bad->next = bad;
	else
		grid->bad = bad;
	grid->last_bad = bad;
}

void grid_take(struct grid *grid, const struct result_row *row, unsigned block)
{
	enum family family = row->has_family ? row->family : FAMILY_IPV4;

	if (block > grid->count)
		line_add(grid, row);
	grid->lines[block - 1].cells[family] =
		(struct grid_cell){ .is_told = true,
			.badge = badge_of(row),
			.where = where_of(row),
			.took = took_of(grid->arena, row) };
	if (row->is_skipped) {
		grid->skipped++;
		return;
	}
	grid->of[row->result->verdict]++;
	if (row->result->verdict == CELL_FAIL ||
		row->result->verdict == CELL_UNKNOWN)
		add_bad(grid, row, block);
}

/* ---- the claim */

void grid_put_claim(FILE *out, const struct grid *grid)
{
	size_t walked = 0;

	for (int i = 0; i < CELL_VERDICTS; i++)
		walked += i == CELL_NA ? 0 : grid->of[i];
	if (!walked)
		fputs("Nothing was walked", out);
	else if (grid->of[CELL_FAIL])
		fprintf(out, "%zu of %zu %s not as expected",
			grid->of[CELL_FAIL], walked,
			grid->of[CELL_FAIL] == 1 ? "is" : "are");
	else if (grid->of[CELL_UNKNOWN])
		fprintf(out, "%zu of %zu could not be decided",
			grid->of[CELL_UNKNOWN], walked);
	else if (walked == 1)
		fputs("All is as expected", out);
	else
		fprintf(out, "All %zu are as expected", walked);
}

static void put_count(FILE *out, struct badge badge, size_t count)
{
	if (!count)
		return;
	fprintf(out, "<li data-verdict=\"%s\"><b>%zu</b> ", badge.word, count);
	html_badge(out, badge);
	fputs("</li>\n", out);
}

void grid_put_tally(FILE *out, const struct grid *grid)
{
	struct cell_result result = { .verdict = CELL_NA };
	struct result_row row = { .result = &result };

	fputs("<ul class=\"tally\">\n", out);
	for (int i = CELL_VERDICTS; i-- > 0;) {
		result.verdict = (enum cell_verdict)i;
		put_count(out, badge_of(&row), grid->of[i]);
	}
	row.is_skipped = true;
	put_count(out, badge_of(&row), grid->skipped);
	fputs("</ul>\n", out);
}

/* ---- the matrix */

static void put_cell(
	FILE *out, const struct grid *grid, size_t at, enum family family)
{
	const struct grid_line *line = &grid->lines[at];
	const struct grid_cell *cell = &line->cells[family];

	if (!cell->is_told) {
		fputs("<td class=\"none\"><span aria-label=\"not in this "
		      "run\">\xc2\xb7</span></td>",
			out);
		return;
	}
	fprintf(out,
		"<td%s class=\"%s\" data-verdict=\"%s\">"
		"<a href=\"#b%zu\">",
		line->is_wide ? " colspan=\"2\"" : "", cell->badge.class,
		cell->badge.word, at + 1);
	html_badge(out, cell->badge);
	if (cell->where.len)
		fprintf(out, "<small>%.*s</small>", SPAN_ARG(cell->where));
	if (cell->took.len)
		fprintf(out, "<small class=\"took\">%.*s</small>",
			SPAN_ARG(cell->took));
	fputs("</a></td>", out);
}

static void put_line(FILE *out, const struct grid *grid, size_t at)
{
	const struct grid_line *line = &grid->lines[at];

	fputs("<tr><th scope=\"row\"><bdi>", out);
	markup_show(out, line->probe);
	fputs("</bdi>", out);
	if (line->target.len) {
		fputs(" <span class=\"target\">", out);
		markup_show(out, line->target);
		fputs("</span>", out);
	}
	if (line->path.len) {
		fputs(" <span class=\"path\">from <bdi>", out);
		markup_show(out, line->path);
		fputs("</bdi></span>", out);
	}
	fputs("</th>", out);
	put_cell(out, grid, at, FAMILY_IPV4);
	if (!line->is_wide)
		put_cell(out, grid, at, FAMILY_IPV6);
	fputs("</tr>\n", out);
}

static void begin_table(FILE *out, const struct grid_line *line, bool has_paths)
{
	fputs("<table class=\"matrix\"><caption>", out);
	markup_show(out, line->scenario);
	fprintf(out,
		"</caption>\n<thead><tr><th scope=\"col\">Probe, target%s"
		"</th><th scope=\"col\">IPv4</th>"
		"<th scope=\"col\">IPv6</th></tr></thead>\n<tbody>\n",
		has_paths ? ", path" : "");
}

void grid_put_matrix(FILE *out, const struct grid *grid)
{
	const struct grid_line *before = NULL;

	fputs("<section aria-labelledby=\"matrix\">\n"
	      "<h2 id=\"matrix\">Matrix</h2>\n",
		out);
	for (size_t i = 0; i < grid->count; i++) {
		const struct grid_line *line = &grid->lines[i];

		if (!before || !span_is(before->scenario, line->scenario)) {
			if (before)
				fputs("</tbody></table>\n", out);
			begin_table(out, line, grid->has_paths);
		}
		put_line(out, grid, i);
		before = line;
	}
	fputs(before ? "</tbody></table>\n" : "<p>There is nothing in it.</p>",
		out);
	fputs("</section>\n", out);
}

/* ---- what is not as expected */

static void put_part(FILE *out, const char *word, struct span shown)
{
	if (!shown.len)
		return;
	fprintf(out, "</p><p>%s: <bdi>", word);
	markup_show(out, shown);
	fputs("</bdi>", out);
}

void grid_put_bad(FILE *out, const struct grid *grid)
{
	if (!grid->bad_count)
		return;
	fputs("<section aria-labelledby=\"bad\">\n<h2 id=\"bad\">What to look "
	      "at</h2>\n<ul class=\"bad-list\">\n",
		out);
	for (const struct grid_bad *bad = grid->bad; bad; bad = bad->next) {
		fputs("<li>", out);
		html_badge(out, bad->badge);
		fprintf(out, " <a href=\"#b%u\"><bdi>", bad->block);
		markup_show(out, bad->title);
		fputs("</bdi></a><p>", out);
		markup_show(out, bad->reason);
		put_part(out, "Cause", bad->cause);
		put_part(out, "Fix", bad->fix);
		fputs("</p></li>\n", out);
	}
	fputs("</ul>\n", out);
	if (grid->bad_count > HTML_BAD_MAX)
		fprintf(out, "<p>And %zu more.</p>\n",
			grid->bad_count - HTML_BAD_MAX);
	fputs("</section>\n", out);
}
