#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/attr.h"
#include "probe/judge/reported_judge.h"
#include "reports/inbound/report_collection.h"
#include "reports/reported_json.h"
#include "reports/reported_text.h"
#include "tests/golden.h"
#include "tests/own_arena.h"
#include "tests/reports_by_hand.h"
#include "tests/spans.h"

static struct report_collection *collection;

static const struct reported_judgement *judged(
	const char *const *reports, const char *own_text)
{
	struct own_prefix prefix;
	struct own_prefixes own = { .at = &prefix, .count = 0 };

	collection = report_collection_open();
	for (size_t i = 0; reports[i]; i++)
		assert_int_equal(report_collection_add(collection, SPAN("f"),
					 span_of(reports[i])),
			1);
	if (own_text) {
		assert_true(own_prefix_parse(span_of(own_text), &prefix));
		own.count = 1;
	}
	return reported_judge(
		arena, report_collection_reported(collection), &own);
}

/* "2001:db8::25 not-in-spf likely|" for each */
static struct span kinds_text(const struct reported_judgement *judgement)
{
	struct span text = SPAN("");
	char room[IP_TEXT_MAX];

	for (size_t i = 0; i < judgement->source_count; i++) {
		const struct source_judgement *source = &judgement->sources[i];

		text = arena_print(arena, "%.*s%s %s %s|", SPAN_ARG(text),
			ip_print(&source->source->ip, room),
			source_kind_word(source->verdict->kind),
			confidence_word(source->verdict->confidence));
	}
	return text;
}

static void assert_kinds(
	const char *const *reports, const char *own, const char *kinds)
{
	assert_span(kinds_text(judged(reports, own)), kinds);
	report_collection_close(collection);
}

#define OURS(count)                                                            \
	DMARC_ROW("192.0.2.1", count, "pass", "pass",                          \
		DMARC_FROM DMARC_AUTH(DMARC_DKIM("example.org", "pass")        \
				DMARC_SPF("example.org", "pass")))
#define SIGNED_ONLY(ip, count, envelope, result)                               \
	DMARC_ROW(ip, count, "pass", "fail",                                   \
		"<identifiers><header_from>example.org</header_from>"          \
		"<envelope_from>" envelope                                     \
		"</envelope_from></identifiers>" DMARC_AUTH(DMARC_DKIM(        \
			"example.org", "pass") DMARC_SPF(envelope, result)))
#define LISTED(ip, count)                                                      \
	"<record><row><source_ip>" ip "</source_ip><count>" count "</count>"   \
	"<policy_evaluated><disposition>quarantine</disposition><dkim>fail"    \
	"</dkim><spf>fail</spf><reason><type>mailing_list</type></reason>"     \
	"</policy_evaluated></row></record>"
#define NOTHING(ip, count, envelope, result)                                   \
	DMARC_ROW(ip, count, "fail", "fail",                                   \
		"<identifiers><header_from>example.org</header_from>"          \
		"<envelope_from>" envelope                                     \
		"</envelope_from></identifiers>" DMARC_AUTH(                   \
			DMARC_SPF(envelope, result)))

/* The same three in two reports of two days. */
#define THREE                                                                  \
	OURS("100")                                                            \
	NOTHING("198.51.100.7", "2", "web3.example.org", "none")               \
	SIGNED_ONLY("203.0.113.9", "3", "list.example.net", "pass")            \
	NOTHING("233.252.0.66", "400", "example.org", "fail")

static void a_forgotten_host_a_forwarder_and_a_forger_are_told_apart(
	void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") THREE DMARC_END,
		DMARC_HEAD("r", "2", "172800", "259199") THREE DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL,
		"198.51.100.7 forgotten-host likely|192.0.2.1 ours confirmed|"
		"203.0.113.9 forwarder likely|233.252.0.66 forger likely|");
}

/* Our own host over the family that nobody thought of. */
static void a_family_that_spf_does_not_list_is_ours(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") OURS("300") SIGNED_ONLY(
			"2001:db8::25", "120", "example.org", "fail") DMARC_END,
		NULL,
	};
	const struct reported_judgement *judgement = judged(reports, NULL);
	const struct finding *finding = &judgement->findings[0];

	(void)state;
	assert_span(kinds_text(judgement),
		"2001:db8::25 not-in-spf likely|192.0.2.1 ours confirmed|");
	assert_span(finding->id, "reports.source-not-in-spf");
	assert_true(finding->has_family);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_span(finding->for_it[0].text,
		"IPv6 source 2001:db8::25: 0 of 120 aligned by SPF, 120 by "
		"DKIM for example.org; IPv4: all 300");
	report_collection_close(collection);
}

static void what_the_user_calls_his_own_is_his(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") NOTHING(
			"198.51.100.7", "400", "example.org", "fail") DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL, "198.51.100.7 forger likely|");
	assert_kinds(reports, "198.51.96.0/20",
		"198.51.100.7 forgotten-host confirmed|");
	assert_kinds(reports, "198.51.112.0/20", "198.51.100.7 forger likely|");
}

static void a_host_beside_ours_is_rather_ours(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") OURS("9")
			NOTHING("192.0.2.7", "1", "", "none") DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL,
		"192.0.2.7 forgotten-host likely|192.0.2.1 ours confirmed|");
}

static void a_list_that_breaks_the_signature_is_a_forwarder(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") DMARC_ROW("192.0.2.7",
			"1", "fail", "fail",
			DMARC_FROM DMARC_AUTH(DMARC_DKIM("example.org",
				"fail") DMARC_DKIM("list.example.net", "pass")
					DMARC_SPF("list.example.net", "pass")))
			DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL, "192.0.2.7 forwarder suspected|");
}

/* Of a list that takes our signature off nothing else is to be seen. */
static void what_a_receiver_calls_a_list_is_one(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") OURS("9")
			LISTED("203.0.113.77", "5") DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL,
		"192.0.2.1 ours confirmed|203.0.113.77 forwarder suspected|");
}

static void who_signs_as_itself_is_no_forger(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") DMARC_ROW("192.0.2.7",
			"50", "fail", "fail",
			"<identifiers><header_from>example.org</header_from>"
			"</identifiers>" DMARC_AUTH(
				DMARC_DKIM("news.example.net", "pass")
					DMARC_SPF("news.example.net", "pass")))
			DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL, "192.0.2.7 other-sender likely|");
}

static void one_message_alone_tells_too_little(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799")
			NOTHING("192.0.2.7", "1", "", "none") DMARC_END,
		NULL,
	};

	(void)state;
	assert_kinds(reports, NULL, "192.0.2.7 unknown suspected|");
}

#define TLS_REPORT                                                             \
	"{\"organization-name\":\"t\",\"report-id\":\"1\",\"policies\":[{"     \
	"\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"a.example\"}" \
	",\"summary\":{\"total-successful-session-count\":5,"                  \
	"\"total-failure-session-count\":2},\"failure-details\":[{"            \
	"\"result-type\":\"certificate-expired\",\"sending-mta-ip\":"          \
	"\"192.0.2.9\",\"receiving-ip\":\"2001:db8::1\","                      \
	"\"failed-session-count\":2}]}]}"

static void tls_that_fails_over_one_family_is_told_so(void **state)
{
	static const char *const reports[] = {
		TLS_REPORT,
		NULL,
	};
	const struct reported_judgement *judgement = judged(reports, NULL);

	(void)state;
	assert_int_equal(judgement->finding_count, 1);
	assert_span(judgement->findings[0].id, "reports.tls-failure");
	assert_true(judgement->findings[0].has_family);
	assert_int_equal(judgement->findings[0].family, FAMILY_IPV6);
	report_collection_close(collection);
}

/* ---- reports */

static struct span printed(
	const struct reported_judgement *judgement, bool is_json)
{
	struct text_style style = { .columns = 80 };
	char *text = NULL;
	struct span copy;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (is_json)
		reported_json(out, judgement);
	else
		reported_text(out, &style, judgement);
	if (!is_json)
		reported_text_findings(out, &style, judgement);
	fclose(out);
	copy = arena_copy(arena, (struct span){ text, len });
	free(text);
	return copy;
}

static void the_text_says_what_is_what(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") THREE DMARC_END,
		DMARC_HEAD("r", "2", "172800", "259199") THREE SIGNED_ONLY(
			"2001:db8::25", "120", "example.org", "fail")
			LISTED("203.0.113.77", "5") DMARC_END,
		DMARC_HEAD("r", "2", "172800", "259199") THREE "<record",
		TLS_REPORT,
		NULL,
	};

	(void)state;
	golden_hold(arena, "reported", printed(judged(reports, NULL), false));
	report_collection_close(collection);
}

static void the_json_says_the_same(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r", "1", "86400", "172799") THREE DMARC_END,
		TLS_REPORT,
		NULL,
	};
	struct span text = printed(judged(reports, NULL), true);
	json_t *root = json_loadb(text.at, text.len, 0, NULL);
	json_t *sources = json_object_get(root, "sources");

	(void)state;
	assert_int_equal(json_array_size(sources), 4);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(sources, 0), "is")),
		"forgotten-host");
	assert_int_equal(
		json_array_size(json_object_get(root, "documents")), 2);
	assert_int_equal(
		json_array_size(json_object_get(root, "tls_failures")), 1);
	json_decref(root);
	report_collection_close(collection);
}

static void no_foreign_byte_reaches_the_terminal(void **state)
{
	static const char *const reports[] = {
		DMARC_HEAD("r\x1b[2J", "1\xc2\x9b", "86400", "172799") NOTHING(
			"192.0.2.7", "1", "a\x1b]0;\xe2\x80\xae.org", "none")
			DMARC_ROW("a\x1b[2J", "1", "fail", "fail",
				"") "</record\x1b>",
		"{\"report-id\":\"\\u001b[2J\",\"policies\":[{\"policy\":{"
		"\"policy-domain\":\"\\u001b[2J\\u202e\"},\"failure-details\":"
		"[{\"result-type\":\"\\u009b\"}]}]}",
		NULL,
	};

	(void)state;
	for (int is_json = 0; is_json < 2; is_json++) {
		struct span text = printed(judged(reports, NULL), is_json);

		assert_true(span_find(text, '\x1b') == text.len);
		assert_true(span_find_nocase(text, SPAN("\xe2\x80\xae")) ==
			    text.len);
		assert_true(
			span_find_nocase(text, SPAN("\xc2\x9b")) == text.len);
		report_collection_close(collection);
	}
}

static const struct prefix_row {
	const char *text;
	unsigned bits; /* 999: it is none */
} prefixes[] = {
	{ "192.0.2.1", 32 },
	{ "192.0.2.0/24", 24 },
	{ "0.0.0.0/0", 0 },
	{ "2001:db8::/33", 33 },
	{ "2001:db8::1", 128 },
	{ "192.0.2.0/33", 999 },
	{ "192.0.2.0/", 999 },
	{ "192.0.2.0/x", 999 },
	{ "/8", 999 },
	{ "", 999 },
	{ "mx.example", 999 },
};

static void a_prefix_is_read_and_held(void **state)
{
	struct own_prefix prefix;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		bool is_one = own_prefix_parse(
			span_of(prefixes[i].text), &prefix);

		assert_true(is_one == (prefixes[i].bits != 999));
		if (is_one)
			assert_int_equal(prefix.bits, prefixes[i].bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_forgotten_host_a_forwarder_and_a_forger_are_told_apart),
		cmocka_unit_test(a_family_that_spf_does_not_list_is_ours),
		cmocka_unit_test(what_the_user_calls_his_own_is_his),
		cmocka_unit_test(a_host_beside_ours_is_rather_ours),
		cmocka_unit_test(
			a_list_that_breaks_the_signature_is_a_forwarder),
		cmocka_unit_test(what_a_receiver_calls_a_list_is_one),
		cmocka_unit_test(who_signs_as_itself_is_no_forger),
		cmocka_unit_test(one_message_alone_tells_too_little),
		cmocka_unit_test(tls_that_fails_over_one_family_is_told_so),
		cmocka_unit_test(the_text_says_what_is_what),
		cmocka_unit_test(the_json_says_the_same),
		cmocka_unit_test(no_foreign_byte_reaches_the_terminal),
		cmocka_unit_test(a_prefix_is_read_and_held),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
