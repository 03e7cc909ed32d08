#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/judge/identity_check.h"

#include "tests/isolation_by_hand.h"
#include "tests/rows_by_hand.h"

/*
 * The page of --report-html: that it is whole, that nothing foreign becomes
 * markup, and that it says what the rows say.  With MXP_HTML_TO=DIR the pages
 * are kept there, each with its rows as JSON lines, for tests/html/run, which
 * opens them in a browser.
 */

static bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static void assert_has(struct span text, const char *part)
{
	if (!has(text, part))
		fail_msg("no %s in a page of %zu octets", part, text.len);
}

static size_t count_of(struct span text, const char *part)
{
	struct span needle = span_of(part);
	size_t count = 0;

	for (size_t i = 0; i + needle.len <= text.len; i++)
		count += memcmp(text.at + i, part, needle.len) == 0;
	return count;
}

static void keep(const char *name, const char *ending, struct span text)
{
	const char *folder = getenv("MXP_HTML_TO");
	FILE *out;

	if (!folder)
		return;
	out = fopen(
		arena_print(arena, "%s/%s.%s", folder, name, ending).at, "w");
	assert_non_null(out);
	fwrite(text.at, 1, text.len, out);
	assert_int_equal(fclose(out), 0);
}

static struct span page_of(
	const char *name, const struct result_row *rows, size_t count)
{
	struct span page = report_of("html", "-", rows, count);

	keep(name, "html", page);
	keep(name, "jsonl", report_of("jsonl", "-", rows, count));
	return page;
}

/* ---- a page is a tree of the elements that we write, and of no others */

static const char *const elements[] = { "html", "head", "title", "style",
	"body", "header", "main", "section", "footer", "h1", "h2", "h3", "h4",
	"p", "a", "ul", "li", "dl", "dt", "dd", "table", "caption", "thead",
	"tbody", "tr", "th", "td", "span", "bdi", "small", "b", "code", "time",
	"details", "summary", "div", "figure", "svg", "g", "line", "path",
	"rect", "text", "desc", "figcaption" };
static const char *const lone[] = { "!DOCTYPE", "meta", "link" };
static const char *const attributes[] = { "lang", "charset", "http-equiv",
	"content", "name", "rel", "href", "class", "id", "aria-labelledby",
	"aria-hidden", "aria-label", "data-verdict", "data-us", "data-event",
	"data-stage", "data-family", "data-row", "scope", "colspan", "width",
	"height", "role", "focusable", "x", "x1", "x2", "y", "y1", "y2", "dx",
	"d", "overflow", "open" };

static bool is_among(struct span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, span_of(words[i])))
			return true;
	return false;
}

struct tree {
	struct span open[64];
	size_t depth;
};

/* A link leads into the page, or to a page of the web. */
static void assert_harmless(struct span name, struct span value)
{
	if (span_is(name, SPAN("href")) && value.len && value.at[0] != '#' &&
		!span_starts_nocase(value, SPAN("https://")))
		fail_msg("a link to %.*s", SPAN_ARG(value));
}

/* Each is name, or name="value", and no value has a quote in it. */
static void walk_attributes(struct span text)
{
	while (text.len) {
		size_t end = 0;
		struct span name;

		while (end < text.len && text.at[end] != '=' &&
			text.at[end] != ' ')
			end++;
		name = span_part(text, 0, end);
		if (name.len &&
			!is_among(name, attributes, COUNT_OF(attributes)))
			fail_msg("an attribute %.*s", SPAN_ARG(name));
		text = span_part(text, end, text.len);
		if (text.len && text.at[0] == '=') {
			assert_true(text.len > 1 && text.at[1] == '"');
			text = span_part(text, 2, text.len);
			assert_harmless(name, span_cut(&text, '"'));
		}
		while (text.len && text.at[0] == ' ')
			text = span_part(text, 1, text.len);
	}
}

static void walk_tag(struct tree *tree, struct span tag)
{
	bool closes = tag.len && tag.at[0] == '/', alone;
	struct span name;

	alone = tag.len && tag.at[tag.len - 1] == '/';
	tag = span_part(tag, closes, tag.len - closes - alone);
	name = span_cut(&tag, ' ');
	if (is_among(name, lone, COUNT_OF(lone))) {
		if (!span_is(name, SPAN("!DOCTYPE")))
			walk_attributes(tag);
		return;
	}
	if (!is_among(name, elements, COUNT_OF(elements)))
		fail_msg("an element %.*s", SPAN_ARG(name));
	walk_attributes(tag);
	if (alone)
		return;
	if (!closes) {
		assert_true(tree->depth < COUNT_OF(tree->open));
		tree->open[tree->depth++] = name;
		return;
	}
	assert_true(tree->depth > 0);
	if (!span_is(tree->open[--tree->depth], name))
		fail_msg("%.*s closes %.*s", SPAN_ARG(name),
			SPAN_ARG(tree->open[tree->depth]));
}

static void assert_tree(struct span page)
{
	struct tree tree = { .depth = 0 };
	size_t style = span_find_nocase(page, SPAN("</style>"));
	struct span rest = page;

	/* Of the style sheet only this can end it. */
	assert_int_equal(count_of(page, "</style>"), 1);
	while (rest.len) {
		struct span tag;

		span_cut(&rest, '<');
		if (!rest.len)
			break;
		tag = span_cut(&rest, '>');
		walk_tag(&tree, tag);
		if (span_is(tag, SPAN("style")))
			rest = span_part(page, style, page.len);
	}
	assert_int_equal(tree.depth, 0);
}

static void assert_tame(struct span page)
{
	for (size_t i = 0; i < page.len; i++) {
		unsigned char c = (unsigned char)page.at[i];

		if (c < 0x20 && c != '\n' && c != '\t')
			fail_msg("\\x%02x at %zu", c, i);
	}
}

/* ---- what it says */

static struct span demo_page(void)
{
	struct result_row rows[2];

	rows_of_demo(rows);
	return page_of("demo", rows, 2);
}

static void a_page_is_whole_and_loads_nothing(void **state)
{
	struct span page = demo_page();

	(void)state;
	assert_tree(page);
	assert_tame(page);
	assert_has(page, "default-src 'none'; style-src 'unsafe-inline'");
	assert_false(has(page, "<script"));
	assert_false(has(page, "url("));
	assert_false(has(page, "@import"));
	assert_false(has(page, "src="));
}

static void the_matrix_has_a_cell_for_each_family(void **state)
{
	struct span page = demo_page();

	(void)state;
	assert_has(page, "<h1>1 of 2 is not as expected</h1>");
	assert_has(page, "<p>Cause: <bdi>google.not-authorized (policy on the "
			 "IP range), confirmed</bdi></p><p>Fix: <bdi>ask the ");
	assert_has(page, "<td class=\"good\" data-verdict=\"pass\">");
	assert_has(page, "<td class=\"bad\" data-verdict=\"fail\">");
	assert_has(page, "<small>at end of DATA</small>");
	assert_int_equal(count_of(page, "<details class=\"block\""), 1);
}

static void the_ladder_has_every_event_of_both(void **state)
{
	struct sample *sample = sample_demo(arena);
	struct span page = demo_page();
	size_t events = sample->visits[0].transcript.count +
			sample->visits[1].transcript.count;

	(void)state;
	assert_int_equal(count_of(page, "<g class=\"event "), events);
	assert_int_equal(count_of(page, ">EHLO probe.example.org</text>"), 4);
	assert_int_equal(count_of(page, "<tr class=\"said\"") +
				 count_of(page, "<tr class=\"heard") +
				 count_of(page, "<tr class=\"up\"") +
				 count_of(page, "<tr class=\"fault"),
		events);
}

static void findings_have_evidence_both_ways(void **state)
{
	struct span page = demo_page();

	(void)state;
	assert_has(page, "<dt>For it</dt><dd><ul><li>the same message was");
	assert_has(page, "<dt>Against it</dt>");
	assert_has(page, "<dt>Fix</dt><dd>ask the provider");
	assert_has(page, "href=\"https://support.google.com/mail/answer/81126");
}

static void every_sample_makes_a_page(void **state)
{
	struct sample *sample;

	(void)state;
	for (size_t i = 0; (sample = sample_numbered(i)); i++) {
		struct result_row rows[] = {
			row_by_hand(sample, FAMILY_IPV4, CELL_UNKNOWN),
			row_by_hand(sample, FAMILY_IPV6, CELL_KNOWN),
		};
		struct span page = page_of(
			arena_print(arena, "sample-%zu", i).at, rows, 2);

		assert_tree(page);
		assert_tame(page);
	}
}

static void rows_without_a_family_span_both_columns(void **state)
{
	static const struct identity_line line = {
		.text = { "spf probe@example.org => pass", 29 }
	};
	struct identity_fact fact = {
		.line = &line, .held = HELD_NOT, .found = SPAN("fail <b>")
	};
	struct identity_facts identity = { .source = sample_ip(
						   "2001:db8:25::25"),
		.ptr_name = SPAN("mail6.example.org"),
		.facts = &fact,
		.count = 1 };
	struct result_row rows[4];
	struct span page;

	(void)state;
	rows_of_demo(rows);
	rows[2] = row_by_hand(NULL, FAMILY_IPV4, CELL_FAIL);
	rows[2].kind = ROW_COMPARISON;
	rows[2].has_family = false;
	rows[2].subject = SPAN("compare 4 6 of delivery");
	rows[3] = row_by_hand(NULL, FAMILY_IPV6, CELL_PASS);
	rows[3].kind = ROW_IDENTITY;
	rows[3].cell = NULL;
	rows[3].subject = SPAN("identity office");
	rows[3].identity = &identity;
	page = page_of("kinds", rows, 4);
	assert_tree(page);
	assert_has(
		page, "<td colspan=\"2\" class=\"bad\" data-verdict=\"fail\">");
	assert_has(page, "<caption>As 2001:db8:25::25, <bdi>mail6.example.org");
	assert_has(page, "<tr><td>spf probe@example.org =&gt; pass</td>");
	assert_has(page, "<td>fail &lt;b&gt;</td>");
}

static void an_isolation_stands_with_what_failed(void **state)
{
	struct result_row rows[2];
	struct span page;

	(void)state;
	rows_of_demo(rows);
	rows[1].isolation = isolation_by_hand(arena);
	page = page_of("isolation", rows, 2);
	assert_tree(page);
	assert_tame(page);
	assert_int_equal(count_of(page, "<div class=\"isolation\">"), 1);
	assert_has(page, "<h4>Isolation over IPv6</h4>\n<p>" ISOLATION_GIST);
	assert_has(page,
		"<tr><td>family IPv4<small>walked before</small></td><td><span "
		"class=\"badge good\">");
	assert_has(page, "goes well");
	assert_has(page, "<dt>Held still</dt><dd>target, ");
	assert_has(page, "<dt>Cost</dt><dd>2 of at most 4 more connections");
	assert_has(page, "&lt;script&gt;alert(1)");
}

static void families_may_come_in_any_order(void **state)
{
	struct matrix_cell cells[6];
	struct matrix matrix = matrix_by_hand;
	struct result_row rows[6];
	struct aim aims[3];

	(void)state;
	matrix.cells = cells;
	matrix.cell_count = 6;
	for (size_t i = 0; i < 6; i++) {
		enum family family = i < 3 ? FAMILY_IPV6 : FAMILY_IPV4;

		aims[i % 3] = (struct aim){ .kind = AIM_HOST,
			.name = arena_print(arena, "mx%zu.example", i % 3) };
		cells[i] = cells_by_hand[family];
		cells[i].aim = &aims[i % 3];
		rows[i] = row_by_hand(sample_demo(arena), family, CELL_PASS);
		rows[i].matrix = &matrix;
		rows[i].cell = &cells[i];
	}
	assert_tree(page_of("order", rows, 6));
	assert_int_equal(
		count_of(page_of("order", rows, 6), "<details class=\"block\""),
		3);
}

/* ---- history */

static size_t past_by_hand(void *history, struct arena *into,
	const struct result_row *row, const struct history_moment **past)
{
	static const char *const verdicts[] = { "pass", "fail", "unknown",
		"known", "fixed", "pass", "n/a", "<b>" };
	struct history_moment *moments = arena_take(
		into, 80 * sizeof(*moments));

	(void)history;
	for (size_t i = 0; i < 80; i++)
		moments[i] = (struct history_moment){
			.verdict = span_of(verdicts[i % 11 ? 0 : i / 11 % 8]),
			.began_ms = row->began_ms -
				    (int64_t)(80 - i) * 21600000,
			.has_connect = i % 11 != 3,
			.connect_us = 17000 + i * i * 7 % 9000
		};
	*past = moments;
	return 80;
}

static void the_past_is_plotted(void **state)
{
	struct report_run run = run_by_hand;
	struct result_row rows[2];
	struct span page;

	(void)state;
	run.past = past_by_hand;
	rows_of_demo(rows);
	page = report_of_run(&run, "html", "-", rows, 2);
	keep("history", "html", page);
	assert_tree(page);
	assert_has(page, "History over IPv6: ");
	assert_has(page, "of the last 60 runs well");
	assert_false(has(demo_page(), "figcaption>History"));
}

/* ---- what would be markup */

static const char *const payloads[] = {
	"<script>alert(1)</script>",
	"\"><script>alert(1)</script>",
	"'><img src=x onerror=alert(1)>",
	"</title><script>alert(1)</script>",
	"</style><script>alert(1)</script>",
	"</text></svg><script>alert(1)</script>",
	"<svg onload=alert(1)>",
	"<svg/onload=alert(1)//",
	"<img src=\"http://192.0.2.1/x.png\">",
	"<link rel=stylesheet href=http://192.0.2.1/x.css>",
	"<iframe src=javascript:alert(1)>",
	"<a href=javascript:alert(1)>x</a>",
	"<base href=http://192.0.2.1/>",
	"<meta http-equiv=refresh content=\"0;url=http://192.0.2.1/\">",
	"<style>@import 'http://192.0.2.1/x.css';</style>",
	"<!-- ",
	"-->",
	"<![CDATA[",
	"]]>",
	"<?xml ?>",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"&#60;script&#62;alert(1)&#60;/script&#62;",
	"\\x3cscript\\x3ealert(1)\\x3c/script\\x3e",
	"\\u003cscript\\u003ealert(1)",
	"\" onmouseover=\"alert(1)",
	"' onfocus='alert(1)' autofocus='",
	"` onclick=alert(1) `",
	"\xc0\xbcscript\xc0\xbe",
	"\xef\xbc\x9cscript\xef\xbc\x9e",
	("\xe2\x80\xae"
	 "evil\xe2\x80\xac"),
	"\x1b[31m\x07\x08\x7f",
	"\xff\xfe<\xff>",
	"+ADw-script+AD4-",
	"%3Cscript%3E",
	"{{7*7}}",
	"${7*7}",
	"https://x/\" onclick=\"alert(1)",
	"javascript:alert(1)",
	"data:text/html,<script>alert(1)",
	"<details open ontoggle=alert(1)>",
	"<math><mtext></mtext></math>",
	"a\r\nb\r\n\r\n<script>",
	"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d <b>",
};

/* Everywhere that a peer may choose a text. */
static struct sample *sample_of_payload(const char *payload)
{
	struct sample *sample = sample_open(arena, payload);
	struct session *tls = arena_new(arena, struct session);
	struct certificate *leaf = arena_new(arena, struct certificate);
	struct span lines[] = { span_of(payload), span_of(payload) };
	struct reply *reply = arena_new(arena, struct reply);
	struct ehlo_keyword *keyword = arena_new(arena, struct ehlo_keyword);
	struct evidence *evidence = arena_new(arena, struct evidence);
	struct finding *finding;
	struct visit *visit;

	sample_exchanger(sample, 10, payload);
	visit = sample_visit(sample,
		sample_path(sample, 10, payload, "2001:db8:66::66"),
		"2001:db8:25::25");
	sample_greet(sample, visit);
	*leaf = *visit->tls->chain;
	leaf->subject = leaf->issuer = leaf->key_type = span_of(payload);
	*tls = *visit->tls;
	tls->chain = leaf;
	tls->verify_why = tls->cipher = tls->version = span_of(payload);
	visit->tls = tls;
	visit->ehlo_name = visit->source.interface = span_of(payload);
	*keyword = (struct ehlo_keyword){ lines[0], lines[1] };
	visit->ehlo.keywords = keyword;
	visit->ehlo.keyword_count = 1;
	sample_ptr(visit, payload);
	*reply = (struct reply){ .code = 550, .line_count = 2 };
	reply->lines = memcpy(
		arena_take(arena, sizeof(lines)), lines, sizeof(lines));
	sample_event(sample, visit, 300000, EVENT_HEARD, STAGE_MAIL)->heard =
		reply;
	sample_fault(sample, visit, FAILURE_SMTP_5XX, STAGE_MAIL, payload)
		->garbled = span_of(payload);
	visit->fault = NULL;
	finding = sample_finding(sample, payload, SEVERITY_FAIL, payload);
	*evidence = (struct evidence){ span_of(payload), NULL };
	finding->meaning = finding->remedy = finding->reference = span_of(
		payload);
	finding->for_it = finding->against = evidence;
	finding->for_count = finding->against_count = 1;
	return sample;
}

static void nothing_foreign_becomes_markup(void **state)
{
	struct result_row rows[COUNT_OF(payloads)];
	struct matrix_cell cells[COUNT_OF(payloads)];
	struct aim aims[COUNT_OF(payloads)];
	struct egress paths[COUNT_OF(payloads)];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(payloads); i++) {
		struct span payload = span_of(payloads[i]);

		paths[i] = (struct egress){ .name = payload };
		aims[i] = (struct aim){ .kind = AIM_HOST, .name = payload };
		cells[i] = (struct matrix_cell){ .probe = payload,
			.aim = &aims[i],
			.family = FAMILY_IPV6,
			.egress = &paths[i] };
		rows[i] = row_by_hand(
			sample_of_payload(payloads[i]), FAMILY_IPV6, CELL_FAIL);
		rows[i].cell = &cells[i];
		row_misses(&rows[i], payload);
		assert_tree(report_of("html", "-", &rows[i], 1));
	}
	assert_tree(page_of("xss", rows, COUNT_OF(rows)));
	assert_tame(page_of("xss", rows, COUNT_OF(rows)));
	assert_has(page_of("xss", rows, COUNT_OF(rows)),
		"<bdi>&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;");
}

static void octets_that_cannot_be_shown_are_marked(void **state)
{
	struct result_row row = row_by_hand(
		sample_of_payload("\x1b[31m"), FAMILY_IPV6, CELL_FAIL);

	(void)state;
	assert_has(report_of("html", "-", &row, 1),
		"550-<span class=\"octet\">\\x1b</span>[31m");
}

/* ---- much */

static void a_long_run_stays_a_page(void **state)
{
	enum { CELLS = 3000 };
	struct matrix_cell *cells = arena_take(arena, CELLS * sizeof(*cells));
	struct result_row *rows = arena_take(arena, CELLS * sizeof(*rows));
	struct aim *aims = arena_take(arena, CELLS * sizeof(*aims));
	struct sample *sample = sample_demo(arena);
	struct matrix *matrix = arena_new(arena, struct matrix);
	struct span page;

	(void)state;
	*matrix = (struct matrix){
		.name = SPAN("many"), .cells = cells, .cell_count = CELLS
	};
	for (size_t i = 0; i < CELLS; i++) {
		enum family family = i % 2 ? FAMILY_IPV6 : FAMILY_IPV4;

		aims[i / 2] = (struct aim){ .kind = AIM_MX,
			.name = arena_print(arena, "d%zu.example", i / 2) };
		cells[i] = cells_by_hand[family];
		cells[i].aim = &aims[i / 2];
		rows[i] = row_by_hand(
			sample, family, i % 97 == 1 ? CELL_FAIL : CELL_PASS);
		rows[i].matrix = matrix;
		rows[i].cell = &cells[i];
	}
	page = report_of("html", "-", rows, CELLS);
	keep("many", "html", page);
	assert_has(page, "31 of 3000 are not as expected");
	assert_has(page, "The page has grown long");
	assert_int_equal(count_of(page, "data-verdict=\"fail\"><a"), 31);
	assert_int_equal(count_of(page, " open>"), 12);
	assert_true(page.len < (size_t)20 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_whole_and_loads_nothing),
		cmocka_unit_test(the_matrix_has_a_cell_for_each_family),
		cmocka_unit_test(the_ladder_has_every_event_of_both),
		cmocka_unit_test(findings_have_evidence_both_ways),
		cmocka_unit_test(every_sample_makes_a_page),
		cmocka_unit_test(rows_without_a_family_span_both_columns),
		cmocka_unit_test(an_isolation_stands_with_what_failed),
		cmocka_unit_test(families_may_come_in_any_order),
		cmocka_unit_test(the_past_is_plotted),
		cmocka_unit_test(nothing_foreign_becomes_markup),
		cmocka_unit_test(octets_that_cannot_be_shown_are_marked),
		cmocka_unit_test(a_long_run_stays_a_page),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
