#include "reports/html_block.h"

#include <stdlib.h>

#include "reports/html_isolation.h"
#include "reports/html_ladder.h"
#include "reports/html_story.h"

/* ---- which rows */

static bool is_same_aim(
	const struct matrix_cell *a, const struct matrix_cell *b)
{
	return a->aim == b->aim && span_is(a->probe, b->probe) &&
	       span_is(a->egress->name, b->egress->name);
}

bool block_holds(const struct block *block, const struct result_row *row)
{
	if (block->matrix != row->matrix || block->kind != row->kind ||
		block->is_wide || !row->has_family ||
		block->has_family[row->family])
		return false;
	if (block->cell && row->cell)
		return is_same_aim(block->cell, row->cell);
	return block->cell == row->cell &&
	       span_is(block->subject, row->subject);
}

static size_t rows_wanted(const struct result_row *row)
{
	size_t count = 0;

	if (!row->has_family)
		return 1;
	if (!row->cell)
		return FAMILY_COUNT;
	for (size_t i = 0; i < row->matrix->cell_count; i++)
		count += is_same_aim(&row->matrix->cells[i], row->cell);
	return count;
}

static struct span title_of(struct arena *arena, const struct result_row *row)
{
	struct result_row any = *row;

	any.has_family = false;
	return row_title(arena, &any);
}

struct block *block_open(const struct result_row *row, unsigned number)
{
	struct arena *arena = arena_open();
	struct block *block = arena_new(arena, struct block);

	*block = (struct block){ .arena = arena,
		.number = number,
		.matrix = row->matrix,
		.kind = row->kind,
		.cell = row->cell,
		.subject = arena_copy(arena, row->subject),
		.wanted = rows_wanted(row),
		.title = title_of(arena, row),
		.is_wide = !row->has_family,
		.misses = SPAN(""),
		.talk = SPAN("") };
	for (int f = 0; f < FAMILY_COUNT; f++)
		block->last[f] = &block->lanes[f];
	return block;
}

void block_close(struct block *block)
{
	arena_close(block->arena);
}

/* ---- what is kept of a row */

typedef void row_writer(
	FILE *out, struct arena *arena, const struct result_row *row);

static void add(struct block *block, struct span *html,
	const struct result_row *row, row_writer *write)
{
	struct arena *arena = arena_open();
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);

	if (out) {
		write(out, arena, row);
		fclose(out);
		*html = arena_print(block->arena, "%.*s%.*s", SPAN_ARG(*html),
			(int)len, at);
		free(at);
	}
	arena_close(arena);
}

/* Rows that differ by family alone find much alike. */
static void take_finding(struct block *block, const struct result_row *row,
	const struct finding *finding)
{
	struct span *all = &block->findings[finding->severity];
	struct arena *arena = arena_open();
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);

	if (out) {
		html_finding(out, arena, row, finding);
		fclose(out);
		if (!all->len || !memmem(all->at, all->len, at, len))
			*all = arena_print(block->arena, "%.*s%.*s",
				SPAN_ARG(*all), (int)len, at);
		free(at);
	}
	arena_close(arena);
}

static void take_lane(struct block *block, const struct result_row *row,
	const struct visit_judgement *judged)
{
	enum family family = judged->visit->path->family;

	if (block->lane_count[family] >= BLOCK_LANES_MAX) {
		block->lanes_left_out++;
		return;
	}
	*block->last[family] = lane_of(block->arena, row, judged);
	block->last[family] = &(*block->last[family])->next;
	block->lane_count[family]++;
}

static void take_facts(struct block *block, const struct result_row *row)
{
	const struct judgement *judgement = row->judgement;

	for (size_t i = 0;
		i < judgement->finding_count && i < BLOCK_FINDINGS_MAX; i++)
		take_finding(block, row, &judgement->findings[i]);
	add(block, &block->talk, row, html_transcripts);
	for (size_t i = 0; i < judgement->visit_count; i++)
		if (row_has_visit(row, judgement->visits[i].visit))
			take_lane(block, row, &judgement->visits[i]);
}

void block_take(
	struct block *block, const struct result_row *row, bool is_short)
{
	enum family family = row->has_family ? row->family : FAMILY_IPV4;

	block->count++;
	block->badges[family] = badge_of(row);
	block->has_family[family] = true;
	block->is_bad |= !row->is_skipped &&
			 (row->result->verdict == CELL_FAIL ||
				 row->result->verdict == CELL_UNKNOWN);
	add(block, &block->misses, row, html_misses);
	add(block, &block->misses, row, html_identity);
	add(block, &block->misses, row, html_isolation);
	if (row->outcome && row->judgement && !is_short)
		take_facts(block, row);
}

void block_take_past(struct block *block, const struct result_row *row,
	const struct report_run *run)
{
	struct past *past = &block->pasts[row->family];

	if (run->past && row->has_family)
		past->count = run->past(
			run->history, block->arena, row, &past->moments);
	if (past->count > HTML_HISTORY_MAX) {
		past->moments += past->count - HTML_HISTORY_MAX;
		past->count = HTML_HISTORY_MAX;
	}
}

/* ---- the tables of facts */

static bool has_fact(const struct lane *const lanes[FAMILY_COUNT], int fact)
{
	for (int f = 0; f < FAMILY_COUNT; f++)
		if (lanes[f] && lanes[f]->facts[fact].len)
			return true;
	return false;
}

static void put_fact(
	FILE *out, const struct lane *const lanes[FAMILY_COUNT], int fact)
{
	fprintf(out, "<tr><th scope=\"row\">%s</th>",
		lane_fact_word((enum lane_fact)fact));
	for (int f = 0; f < FAMILY_COUNT; f++) {
		fputs("<td>", out);
		if (lanes[f] && lanes[f]->facts[fact].len)
			markup_show(out, lanes[f]->facts[fact]);
		else
			fputs("<span class=\"none\">\xe2\x80\x93</span>", out);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static void put_facts(FILE *out, const struct lane *const lanes[FAMILY_COUNT])
{
	fputs("<table class=\"identity\"><caption>Who met whom</caption>"
	      "<thead><tr><td></td><th scope=\"col\">IPv4</th>"
	      "<th scope=\"col\">IPv6</th></tr></thead>\n<tbody>\n",
		out);
	for (int fact = 0; fact < LANE_FACTS; fact++) {
		if (fact == LANE_OURS)
			fputs("</tbody><tbody>\n", out);
		if (has_fact(lanes, fact))
			put_fact(out, lanes, fact);
	}
	fputs("</tbody></table>\n", out);
}

/* ---- pairs of lanes */

/* The lane of the other family at the same host, if there is one left. */
static const struct lane *partner_of(
	const struct block *block, const struct lane *lane, const bool *is_used)
{
	const struct lane *other = block->lanes[FAMILY_IPV6];

	for (size_t i = 0; other; other = other->next, i++)
		if (!is_used[i] && span_is(other->host, lane->host))
			return other;
	return NULL;
}

static size_t place_of(const struct block *block, const struct lane *lane)
{
	const struct lane *other = block->lanes[FAMILY_IPV6];
	size_t at = 0;

	for (; other != lane; other = other->next)
		at++;
	return at;
}

static void put_pair(FILE *out, const struct block *block, unsigned *pairs,
	const struct lane *const lanes[FAMILY_COUNT])
{
	struct arena *arena = arena_open();

	html_ladder(out, arena, block->number * 100 + (*pairs)++, lanes);
	put_facts(out, lanes);
	arena_close(arena);
}

static void put_pairs(FILE *out, const struct block *block)
{
	bool is_used[BLOCK_LANES_MAX] = { false };
	const struct lane *lane;
	unsigned pairs = 0;
	size_t at = 0;

	for (lane = block->lanes[FAMILY_IPV4]; lane; lane = lane->next) {
		const struct lane *other = partner_of(block, lane, is_used);
		const struct lane *lanes[] = { lane, other };

		if (other)
			is_used[place_of(block, other)] = true;
		put_pair(out, block, &pairs, lanes);
	}
	for (lane = block->lanes[FAMILY_IPV6]; lane; lane = lane->next) {
		const struct lane *lanes[] = { NULL, lane };

		if (!is_used[at++])
			put_pair(out, block, &pairs, lanes);
	}
	if (block->lanes_left_out)
		fprintf(out, "<p>%zu more walks are left out here.</p>\n",
			block->lanes_left_out);
}

/* ---- the whole */

static void put_summary(FILE *out, const struct block *block)
{
	fputs("<summary><h3><bdi>", out);
	markup_show(out, block->title);
	fputs("</bdi></h3><span class=\"verdicts\">", out);
	for (int f = 0; f < FAMILY_COUNT; f++) {
		if (!block->has_family[f])
			continue;
		fprintf(out, "<span>%s ",
			block->is_wide ? "" : family_word((enum family)f));
		html_badge(out, block->badges[f]);
		fputs("</span>", out);
	}
	fputs("</span></summary>\n", out);
}

static void put_history(FILE *out, const struct block *block)
{
	struct arena *arena = arena_open();

	html_history(out, arena, block->number, block->pasts);
	arena_close(arena);
}

static void put_html(FILE *out, struct span html)
{
	if (html.len)
		fwrite(html.at, 1, html.len, out);
}

static void put_findings(FILE *out, const struct block *block)
{
	bool has_any = false;

	for (int i = SEVERITY_FAIL + 1; i-- > SEVERITY_INFO;)
		has_any |= block->findings[i].len != 0;
	if (!has_any)
		return;
	fputs("<ul class=\"findings\">\n", out);
	for (int i = SEVERITY_FAIL + 1; i-- > SEVERITY_INFO;)
		put_html(out, block->findings[i]);
	fputs("</ul>\n", out);
}

void block_put(FILE *out, const struct block *block, bool is_open)
{
	fprintf(out, "<details class=\"block\" id=\"b%u\"%s>\n", block->number,
		is_open ? " open" : "");
	put_summary(out, block);
	put_html(out, block->misses);
	put_findings(out, block);
	if (block->lanes[FAMILY_IPV4] || block->lanes[FAMILY_IPV6])
		put_pairs(out, block);
	put_history(out, block);
	put_html(out, block->talk);
	fputs("</details>\n", out);
}
