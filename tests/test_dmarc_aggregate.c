#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/dmarc_aggregate.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static struct span results_text(
	const char *word, const struct dmarc_auth_result *results, size_t count)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < count; i++)
		text = arena_print(arena, "%.*s %s=%.*s:%.*s%s%.*s%s%.*s",
			SPAN_ARG(text), word, SPAN_ARG(results[i].domain),
			SPAN_ARG(results[i].result),
			results[i].selector.len ? "/" : "",
			SPAN_ARG(results[i].selector),
			results[i].scope.len ? "@" : "",
			SPAN_ARG(results[i].scope));
	return text;
}

/* "192.0.2.1 x3 none from=a env=b to=c dkim+ spf- dkim=d:pass/s (r: why)" */
static struct span row_text(const struct dmarc_row *row)
{
	struct span text = arena_print(arena,
		"%.*s%s x%llu %.*s from=%.*s env=%.*s to=%.*s dkim%c spf%c"
		"%.*s%.*s",
		SPAN_ARG(row->ip_text), row->has_ip ? "" : "?",
		(unsigned long long)row->count, SPAN_ARG(row->disposition),
		SPAN_ARG(row->header_from), SPAN_ARG(row->envelope_from),
		SPAN_ARG(row->envelope_to), row->is_dkim_aligned ? '+' : '-',
		row->is_spf_aligned ? '+' : '-',
		SPAN_ARG(results_text("dkim", row->dkim, row->dkim_count)),
		SPAN_ARG(results_text("spf", row->spf, row->spf_count)));

	for (size_t i = 0; i < row->reason_count; i++)
		text = arena_print(arena, "%.*s (%.*s: %.*s)", SPAN_ARG(text),
			SPAN_ARG(row->reasons[i].type),
			SPAN_ARG(row->reasons[i].comment));
	return text;
}

static struct span report_text(const struct dmarc_report *report)
{
	struct span text = arena_print(arena,
		"%.*s %.*s %lld-%lld %.*s p=%.*s sp=%.*s",
		SPAN_ARG(report->org_name), SPAN_ARG(report->report_id),
		(long long)report->begin_s, (long long)report->end_s,
		SPAN_ARG(report->domain), SPAN_ARG(report->policy),
		SPAN_ARG(report->subdomain_policy));

	for (size_t i = 0; i < report->row_count; i++)
		text = arena_print(arena, "%.*s|%.*s", SPAN_ARG(text),
			SPAN_ARG(row_text(&report->rows[i])));
	if (report->trouble.len)
		text = arena_print(arena, "%.*s|!%.*s", SPAN_ARG(text),
			SPAN_ARG(report->trouble));
	return text;
}

#define HEAD                                                                   \
	"<feedback><report_metadata><org_name>r</org_name><report_id>1"        \
	"</report_id><date_range><begin>10</begin><end>20</end></date_range>"  \
	"</report_metadata><policy_published><domain>a.example</domain>"       \
	"<p>none</p><sp>reject</sp></policy_published>"
#define ROW                                                                    \
	"<record><row><source_ip>2001:db8::25</source_ip><count>3</count>"     \
	"<policy_evaluated><disposition>None</disposition><dkim>Pass</dkim>"   \
	"<spf>fail</spf></policy_evaluated></row><identifiers><header_from>"   \
	"A.example</header_from></identifiers><auth_results><dkim><domain>"    \
	"a.example</domain><selector>s</selector><result>pass</result></dkim>" \
	"<spf><domain>b.example</domain><scope>mfrom</scope><result>none"      \
	"</result></spf></auth_results></record>"
#define HEAD_TEXT "r 1 10-20 a.example p=none sp=reject"
#define ROW_TEXT                                                               \
	"|2001:db8::25 x3 none from=a.example env= to= dkim+ spf- "            \
	"dkim=a.example:pass/s spf=b.example:none@mfrom"

static const struct document_row {
	const char *document, *text;
} rows[] = {
	{ HEAD ROW "</feedback>", HEAD_TEXT ROW_TEXT },
	{ " \r\n<?xml version=\"1.0\"?>\n" HEAD ROW ROW "</feedback>\n",
		HEAD_TEXT ROW_TEXT ROW_TEXT },
	{ "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>" HEAD
	  "</feedback>",
		HEAD_TEXT },
	/* namespaces, with and without a prefix */
	{ "<d:feedback xmlns:d='urn:ietf:params:xml:ns:dmarc-2.0'>"
	  "<d:record><d:row><d:source_ip>192.0.2.1</d:source_ip>"
	  "<d:count>1</d:count></d:row></d:record></d:feedback>",
		"  0-0  p= sp=|192.0.2.1 x1  from= env= to= dkim- spf-" },
	/* a schema around it that nobody closes */
	{ "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>" HEAD ROW
	  "</feedback>",
		HEAD_TEXT ROW_TEXT "|!line 1: no element found" },
	/* text where markup stands, and bytes of no charset */
	{ "<feedback><policy_published><domain>a<b&c \x80</domain>"
	  "</policy_published></feedback>",
		"  0-0 a<b&c \xef\xbf\xbd p= sp=" },
	{ "<feedback><policy_published><domain>a&amp;b &#101;</domain>"
	  "</policy_published></feedback>",
		"  0-0 a&b e p= sp=" },
	/* reasons, and what stands under auth_results beside the two */
	{ "<feedback><record><row><policy_evaluated><reason><type>Forwarded"
	  "</type><comment>x</comment></reason></policy_evaluated></row>"
	  "<auth_results><arc><domain>c.example</domain><result>pass</result>"
	  "</arc></auth_results></record></feedback>",
		"  0-0  p= sp=|? x0  from= env= to= dkim- spf- "
		"(forwarded: x)" },
	/* no address, no number */
	{ "<feedback><record><row><source_ip>example</source_ip><count>-1"
	  "</count></row></record></feedback>",
		"  0-0  p= sp=|example? x0  from= env= to= dkim- spf-" },
	/* it breaks off */
	{ HEAD ROW "<record><row><source_ip>192.0.2.9</source_ip>",
		HEAD_TEXT ROW_TEXT "|192.0.2.9 x0  from= env= to= dkim- spf-"
				   "|!line 1: no element found" },
};

static void a_report_is_read_as_it_was_meant(void **state)
{
	struct dmarc_report report;
	struct span why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(dmarc_report_read(
			arena, span_of(rows[i].document), &report, &why));
		assert_span(report_text(&report), rows[i].text);
		assert_true(dmarc_report_is_likely(span_of(rows[i].document)) ||
			    rows[i].document[1] == 'd' ||
			    rows[i].document[1] == 'x');
	}
}

/* Whatever is cut off, what came before stands. */
static void a_report_cut_anywhere_is_read_as_far_as_it_goes(void **state)
{
	struct span whole = SPAN(HEAD ROW ROW "</feedback>");
	size_t rows_before = 0;

	(void)state;
	for (size_t len = 0; len <= whole.len; len++) {
		struct arena *own = arena_open();
		struct dmarc_report report;
		struct span why;

		if (dmarc_report_read(
			    own, span_part(whole, 0, len), &report, &why)) {
			assert_true(report.row_count >= rows_before);
			assert_true(!report.trouble.len == (len == whole.len));
			rows_before = report.row_count;
		} else {
			assert_true(why.len);
			assert_int_equal(rows_before, 0);
		}
		arena_close(own);
	}
	assert_int_equal(rows_before, 2);
}

static const struct refusal_row {
	const char *document, *why;
} refusals[] = {
	{ "", "line 1: no element found" },
	{ "words", "line 1: syntax error" },
	{ "<html></html>", "it is XML, and no DMARC report" },
	{ "<feedback></feedback>", "it is XML, and no DMARC report" },
	/* a few octets that would become gigabytes */
	{ "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
	  "<feedback><record/></feedback>",
		"line 1: it declares entities, which no report needs" },
	{ "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
	  "<feedback><record/></feedback>",
		"line 1: it declares entities, which no report needs" },
};

static void what_is_no_report_is_refused(void **state)
{
	struct dmarc_report report;
	struct span why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		assert_false(dmarc_report_read(
			arena, span_of(refusals[i].document), &report, &why));
		assert_span(why, refusals[i].why);
	}
}

/* An entity of somewhere else is not fetched, and stays unknown. */
static void an_outer_document_type_is_not_fetched(void **state)
{
	struct dmarc_report report;
	struct span why;

	(void)state;
	assert_true(dmarc_report_read(arena,
		SPAN("<!DOCTYPE feedback SYSTEM 'http://192.0.2.1/x'><feedback>"
		     "<policy_published><domain>a&x;b</domain>"
		     "</policy_published></feedback>"),
		&report, &why));
	assert_span(report.domain, "ab");
}

static struct span times(const char *text, size_t count)
{
	size_t len = strlen(text);
	char *room = arena_take(arena, len * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(room + i * len, text, len);
	return (struct span){ room, len * count };
}

static void elements_are_nested_only_so_deep(void **state)
{
	struct dmarc_report report;
	struct span why;

	(void)state;
	assert_true(dmarc_report_read(arena,
		arena_print(arena, "<feedback><record>%.*s",
			SPAN_ARG(times("<a>", DMARC_DEPTH_MAX - 2))),
		&report, &why));
	assert_span(report.trouble, "line 1: no element found");
	assert_true(dmarc_report_read(arena,
		arena_print(arena, "<feedback><record>%.*s",
			SPAN_ARG(times("<a>", 100000))),
		&report, &why));
	assert_span(
		report.trouble, "line 1: its elements are nested too deeply");
}

/* A tag that grows is read again with each piece: megabytes take minutes. */
static void a_tag_without_end_is_given_up(void **state)
{
	struct dmarc_report report;
	struct span why;

	(void)state;
	assert_false(dmarc_report_read(arena,
		arena_print(arena, "<feedback a='%.*s'><record/></feedback>",
			SPAN_ARG(times("0123456789", 400000))),
		&report, &why));
	assert_span(why, "line 1: a tag is longer than any report has");
}

static void a_long_text_is_cut(void **state)
{
	struct dmarc_report report;
	struct span why;

	(void)state;
	assert_true(dmarc_report_read(arena,
		arena_print(arena,
			"<feedback><policy_published><domain>%.*s</domain>"
			"</policy_published></feedback>",
			SPAN_ARG(times("0123456789", 40000))),
		&report, &why));
	assert_int_equal(report.domain.len, DMARC_TEXT_MAX);
}

static void utf_16_is_read_too(void **state)
{
	struct span plain = SPAN(HEAD ROW "</feedback>");
	char *wide = arena_take(arena, plain.len * 2 + 2);
	struct dmarc_report report;
	struct span why;

	(void)state;
	memcpy(wide, "\xff\xfe", 2);
	for (size_t i = 0; i < plain.len; i++)
		wide[2 * i + 2] = plain.at[i];
	assert_true(dmarc_report_read(arena,
		(struct span){ wide, plain.len * 2 + 2 }, &report, &why));
	assert_span(report_text(&report), HEAD_TEXT ROW_TEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_as_it_was_meant),
		cmocka_unit_test(
			a_report_cut_anywhere_is_read_as_far_as_it_goes),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(an_outer_document_type_is_not_fetched),
		cmocka_unit_test(elements_are_nested_only_so_deep),
		cmocka_unit_test(a_tag_without_end_is_given_up),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(utf_16_is_read_too),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
