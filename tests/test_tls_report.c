#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/tls_report.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static struct span detail_text(const struct tls_report_detail *detail)
{
	char from[IP_TEXT_MAX], to[IP_TEXT_MAX];

	return arena_print(arena, "%.*s x%llu from %s to %s %.*s [%.*s] %.*s",
		SPAN_ARG(detail->result), (unsigned long long)detail->sessions,
		detail->has_sending ? ip_print(&detail->sending, from) : "?",
		detail->has_receiving ? ip_print(&detail->receiving, to) : "?",
		SPAN_ARG(detail->mx_host), SPAN_ARG(detail->reason),
		SPAN_ARG(detail->more));
}

static struct span report_text(const struct tls_report *report)
{
	struct span text = arena_print(arena, "%.*s %.*s %lld-%lld",
		SPAN_ARG(report->organization), SPAN_ARG(report->report_id),
		(long long)report->begin_s, (long long)report->end_s);

	for (size_t i = 0; i < report->policy_count; i++) {
		const struct tls_report_policy *policy = &report->policies[i];

		text = arena_print(arena,
			"%.*s|%.*s %.*s {%.*s} %.*s +%llu-%llu", SPAN_ARG(text),
			SPAN_ARG(policy->type), SPAN_ARG(policy->domain),
			SPAN_ARG(policy->text), SPAN_ARG(policy->mx_host),
			(unsigned long long)policy->successes,
			(unsigned long long)policy->failures);
		for (size_t k = 0; k < policy->detail_count; k++)
			text = arena_print(arena, "%.*s; %.*s", SPAN_ARG(text),
				SPAN_ARG(detail_text(&policy->details[k])));
	}
	return text;
}

static const struct document_row {
	const char *document, *text;
} rows[] = {
	{ "{\"organization-name\":\"r\",\"report-id\":\"1\",\"date-range\":{"
	  "\"start-datetime\":\"2024-01-09T00:00:00Z\","
	  "\"end-datetime\":\"2024-01-09T23:59:59.5+00:00\"},\"policies\":[{"
	  "\"policy\":{\"policy-type\":\"sts\",\"policy-string\":["
	  "\"version: STSv1\",\"mode: testing\"],\"policy-domain\":"
	  "\"a.example\",\"mx-host\":[\"*.a.example\"]},\"summary\":{"
	  "\"total-successful-session-count\":5326,"
	  "\"total-failure-session-count\":303},\"failure-details\":[{"
	  "\"result-type\":\"certificate-expired\",\"sending-mta-ip\":"
	  "\"2001:db8:abcd:0012::1\",\"receiving-ip\":\"203.0.113.56\","
	  "\"receiving-mx-hostname\":\"mx.a.example\","
	  "\"failed-session-count\":100,\"failure-reason-code\":\"why\","
	  "\"additional-information\":\"https://a.example/\"}]}]}",
		"r 1 1704758400-1704844799|sts a.example {version: STSv1\n"
		"mode: testing} *.a.example +5326-303; certificate-expired "
		"x100 from 2001:db8:abcd:12::1 to 203.0.113.56 mx.a.example "
		"[why] https://a.example/" },
	/* nothing in it, a mark before it, something behind it */
	{ "\xef\xbb\xbf\r\n {\"report-id\":\"1\"} trailing", " 1 0-0" },
	/* other types than they should be */
	{ "{\"report-id\":1,\"policies\":[null,3,{\"policy\":[],\"summary\":{"
	  "\"total-successful-session-count\":\"7\","
	  "\"total-failure-session-count\":2.0},\"failure-details\":[{"
	  "\"failed-session-count\":-1,\"sending-mta-ip\":\"[192.0.2.1]\"},"
	  "\"x\"]}]}",
		"  0-0|  {}  +7-2;  x0 from 192.0.2.1 to ?  [] " },
	{ "{\"policies\":{},\"report-id\":\"a\\u0000b\x80\"}", " a" },
};

static void a_report_is_read_as_it_was_meant(void **state)
{
	struct tls_report report;
	struct span why;

	(void)state;
	for (size_t i = 0; i + 1 < COUNT_OF(rows); i++) {
		assert_true(tls_report_read(
			arena, span_of(rows[i].document), &report, &why));
		assert_span(report_text(&report), rows[i].text);
		assert_true(tls_report_is_likely(span_of(rows[i].document)));
	}
}

static void hostile_bytes_in_a_text_stay_in_it(void **state)
{
	struct tls_report report;
	struct span why;

	(void)state;
	assert_true(tls_report_read(arena,
		span_of(rows[COUNT_OF(rows) - 1].document), &report, &why));
	assert_true(span_is(
		report.report_id, ((struct span){ "a\0b\xef\xbf\xbd", 6 })));
}

static const char *const refusals[] = { "", "{", "[]", "{}", "null",
	"{\"policies\":1}", "words", "{\"report-id\":\"1\"" };

static void what_is_no_report_is_refused(void **state)
{
	struct tls_report report;
	struct span why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		why = SPAN("");
		assert_false(tls_report_read(
			arena, span_of(refusals[i]), &report, &why));
		assert_true(why.len);
	}
}

static void a_report_cut_anywhere_is_refused(void **state)
{
	struct span whole = span_of(rows[0].document);
	struct tls_report report;
	struct span why;

	(void)state;
	for (size_t len = 0; len < whole.len; len++)
		assert_false(tls_report_read(
			arena, span_part(whole, 0, len), &report, &why));
}

static struct span repeated(const char *before, const char *text, size_t count)
{
	size_t len = strlen(text), start = strlen(before);
	char *room = arena_take(arena, start + len * count + 1);

	memcpy(room, before, start);
	for (size_t i = 0; i < count; i++)
		memcpy(room + start + i * len, text, len);
	return (struct span){ room, start + len * count };
}

static void depth_and_members_are_bounded(void **state)
{
	struct tls_report report;
	struct span why;

	(void)state;
	assert_false(tls_report_read(
		arena, repeated("{\"policies\":", "[", 50000), &report, &why));
	assert_true(span_find_nocase(why, SPAN("depth")) < why.len);
	assert_false(tls_report_read(arena,
		repeated("{\"policies\":[", "{},", 200000), &report, &why));
	assert_span(why, "it has more members than any report");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_as_it_was_meant),
		cmocka_unit_test(hostile_bytes_in_a_text_stay_in_it),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(a_report_cut_anywhere_is_refused),
		cmocka_unit_test(depth_and_members_are_bounded),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
