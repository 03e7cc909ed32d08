#include "reports/html.h"

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "reports/html_block.h"
#include "reports/html_grid.h"
#include "reports/html_style.h"
#include "reports/spool.h"

struct html {
	FILE *out, *body; /* the blocks */
	const struct report_run *run;
	struct grid grid;
	struct block *blocks; /* that wait for a row */
	unsigned numbers, opened, waiting;
	uint64_t body_len;
	size_t shortened; /* blocks that are not told in full */
};

void *html_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run)
{
	struct html *html = arena_new(arena, struct html);

	(void)file;
	html->body = spool_open();
	if (!html->body)
		return NULL;
	html->out = out;
	html->run = run;
	html->grid.arena = arena_open();
	return html;
}

/* ---- rows */

static struct block *block_of(struct html *html, const struct result_row *row)
{
	struct block *block = html->blocks;

	while (block && !block_holds(block, row))
		block = block->next;
	if (block)
		return block;
	block = block_open(row, ++html->numbers);
	block->next = html->blocks;
	html->blocks = block;
	html->waiting++;
	return block;
}

static void let_go(struct html *html, struct block *block)
{
	struct block **at = &html->blocks;

	while (*at != block)
		at = &(*at)->next;
	*at = block->next;
	html->waiting--;
	block_close(block);
}

/* What is well may be left out of a page that grows too long. */
static bool is_short(const struct html *html, const struct result_row *row)
{
	if (html->waiting > HTML_WAITING_MAX)
		return true;
	return html->body_len > HTML_BODY_MAX &&
	       (row_is_well(row) || row->is_skipped ||
		       html->body_len > 2 * (uint64_t)HTML_BODY_MAX);
}

static void finish(struct html *html, struct block *block)
{
	bool is_open = block->is_bad && html->opened < HTML_OPEN_MAX;
	long len;

	html->opened += is_open;
	block_put(html->body, block, is_open);
	len = ftell(html->body);
	html->body_len = len < 0 ? 0 : (uint64_t)len;
	let_go(html, block);
}

void html_row(void *report, const struct result_row *row)
{
	struct html *html = report;
	struct block *block = block_of(html, row);
	bool shortens = is_short(html, row);

	html->shortened += shortens;
	grid_take(&html->grid, row, block->number);
	block_take(block, row, shortens);
	if (!shortens)
		block_take_past(block, row, html->run);
	if (block->count >= block->wanted)
		finish(html, block);
}

/* ---- the page */

/* The policy is the second line of defence: nothing is loaded, nothing runs,
 * and the style is our own. */
static void put_head(const struct html *html)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" "
	      "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" "
	      "content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"generator\" content=\"mxprobe " MXP_VERSION "\">\n",
		html->out);
	fputs("<title>mxprobe: ", html->out);
	grid_put_claim(html->out, &html->grid);
	fputs("</title>\n<style>\n", html->out);
	html_style(html->out);
	fputs("</style>\n</head>\n", html->out);
}

static void put_run(const struct html *html, struct arena *arena)
{
	const struct report_run *run = html->run;
	int64_t took_ms = clock_wall_ms() - run->began_ms;
	FILE *out = html->out;

	fprintf(out, "<p class=\"run\"><time>%.*s</time>",
		SPAN_ARG(html_date(arena, run->began_ms)));
	if (run->host.len) {
		fputs(", from <bdi>", out);
		markup_show(out, escape_text(arena, run->host));
		fputs("</bdi>", out);
	}
	if (took_ms > 0)
		fprintf(out, ", in %.*s",
			SPAN_ARG(html_time(arena, (uint64_t)took_ms * 1000)));
	fputs("</p>\n", out);
}

static void put_summary(const struct html *html, struct arena *arena)
{
	FILE *out = html->out;

	fputs("<body>\n<a class=\"skip\" href=\"#matrix\">To the matrix</a>\n"
	      "<header>\n<p class=\"name\">mxprobe</p>\n<h1>",
		out);
	grid_put_claim(out, &html->grid);
	fputs("</h1>\n", out);
	put_run(html, arena);
	grid_put_tally(out, &html->grid);
	fputs("</header>\n<main>\n", out);
}

static void put_end(const struct html *html, struct arena *arena, int status)
{
	FILE *out = html->out;

	if (html->shortened)
		fprintf(out,
			"<p>The page has grown long: the dialogues of %zu rows "
			"are left out.  A report of --report-jsonl has "
			"all.</p>\n",
			html->shortened);
	fputs("</section>\n</main>\n<footer><p>mxprobe " MXP_VERSION
	      ", codebook ",
		out);
	markup_show(out, escape_text(arena, html->run->codebook));
	fprintf(out,
		". Exit status %d. Octets that cannot be shown are written "
		"<span class=\"octet\">\\xHH</span>.</p></footer>\n"
		"</body>\n</html>\n",
		status);
}

bool html_end(void *report, int exit_status)
{
	struct html *html = report;
	struct arena *arena = arena_open();
	bool is_well;

	while (html->blocks)
		finish(html, html->blocks);
	put_head(html);
	put_summary(html, arena);
	grid_put_bad(html->out, &html->grid);
	grid_put_matrix(html->out, &html->grid);
	fputs("<section aria-labelledby=\"rows\">\n"
	      "<h2 id=\"rows\">In full</h2>\n",
		html->out);
	is_well = spool_pour(html->body, html->out);
	put_end(html, arena, exit_status);
	arena_close(arena);
	html_drop(html);
	return is_well;
}

void html_drop(void *report)
{
	struct html *html = report;

	while (html->blocks)
		let_go(html, html->blocks);
	arena_close(html->grid.arena);
	fclose(html->body);
}
