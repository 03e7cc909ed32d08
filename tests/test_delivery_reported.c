#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/delivery_reported.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

#define OUR_64 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2

static const struct ip ours = { FAMILY_IPV6, { OUR_64, [15] = 0x25 } };

/* One finding about one source, and what is reported of it. */
struct case_of {
	struct mail_source source;
	struct source_judgement judged;
	struct family_alignment alignment;
	struct reported_judgement reported;
	struct delivery_row row;
	struct delivery_cause cause;
	struct delivery_finding found;
	struct delivery_findings findings;
};

static void begin(struct case_of *one, const char *policy)
{
	memset(one, 0, sizeof(*one));
	one->source.ip = ours;
	one->source.domain = SPAN("example.org");
	one->source.messages = 1300;
	one->source.spf_aligned = 12;
	one->source.dkim_aligned = 1290;
	one->source.aligned = 1295;
	one->judged.source = &one->source;
	one->alignment = (struct family_alignment){ .domain = SPAN(
							    "example.org"),
		.family = FAMILY_IPV4,
		.messages = 4000,
		.spf_aligned = 4000,
		.dkim_aligned = 3900,
		.aligned = 4000 };
	one->reported.sources = &one->judged;
	one->reported.source_count = 1;
	one->reported.alignments = &one->alignment;
	one->reported.alignment_count = 1;
	one->cause.policy = span_of(policy);
	one->cause.has_source = true;
	one->cause.source = ours;
	one->found.contrast.row = &one->row;
	one->found.contrast.cause = &one->cause;
	one->findings.at = &one->found;
	one->findings.count = 1;
}

static const struct finding *weighed(struct case_of *one)
{
	delivery_reported_weigh(arena, &one->reported, &one->findings);
	return &one->found.finding;
}

static void what_reports_tell_of_the_address_is_evidence(void **state)
{
	const struct finding *finding;
	struct case_of one;

	(void)state;
	begin(&one, "spf");
	finding = weighed(&one);
	assert_int_equal(finding->for_count, 1);
	assert_int_equal(finding->against_count, 0);
	assert_span(finding->for_it[0].text,
		"DMARC reports on example.org: from 2001:db8:1:2::25 SPF "
		"passed, aligned, for 12 of 1,300 messages; over IPv4 for "
		"4,000 of 4,000");
}

static void an_address_that_passes_speaks_against_it(void **state)
{
	const struct finding *finding;
	struct case_of one;

	(void)state;
	begin(&one, "dkim");
	finding = weighed(&one);
	assert_int_equal(finding->for_count, 0);
	assert_int_equal(finding->against_count, 1);
	begin(&one, "auth-any");
	assert_int_equal(weighed(&one)->against_count, 1);
}

static void evidence_comes_behind_what_there_is(void **state)
{
	const struct evidence first = { .text = SPAN("first") };
	const struct finding *finding;
	struct case_of one;

	(void)state;
	begin(&one, "spf");
	one.found.finding.for_it = &first;
	one.found.finding.for_count = 1;
	finding = weighed(&one);
	assert_int_equal(finding->for_count, 2);
	assert_span(finding->for_it[0].text, "first");
}

static void the_same_64_is_the_same_place(void **state)
{
	struct case_of one;

	(void)state;
	begin(&one, "spf");
	one.source.ip.bytes[15] = 0x99;
	assert_int_equal(weighed(&one)->for_count, 1);
	begin(&one, "spf");
	one.source.ip.bytes[7] ^= 1;
	assert_int_equal(weighed(&one)->for_count, 0);
	begin(&one, "spf");
	one.source.ip = (struct ip){ FAMILY_IPV4, { 192, 0, 2, 1 } };
	one.cause.source = (struct ip){ FAMILY_IPV4, { 192, 0, 2, 2 } };
	assert_int_equal(weighed(&one)->for_count, 0);
}

static void what_says_nothing_of_it_is_none(void **state)
{
	static const char *const policies[] = { "mailbox-unknown", "dnsbl",
		"greylist" };
	struct case_of one;

	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		begin(&one, policies[i]);
		assert_int_equal(weighed(&one)->for_count, 0);
		assert_int_equal(weighed(&one)->against_count, 0);
	}
	begin(&one, "spf");
	one.source.spf_aligned = 900;
	assert_int_equal(weighed(&one)->for_count, 0);
	assert_int_equal(weighed(&one)->against_count, 0);
}

static void without_a_source_in_the_reply_those_of_the_row_count(void **state)
{
	struct delivery_party party = { .ip = ours };
	struct case_of one;

	(void)state;
	begin(&one, "spf");
	one.cause.has_source = false;
	assert_int_equal(weighed(&one)->for_count, 0);
	one.row.sources.at = &party;
	one.row.sources.count = 1;
	assert_int_equal(weighed(&one)->for_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_reports_tell_of_the_address_is_evidence),
		cmocka_unit_test(an_address_that_passes_speaks_against_it),
		cmocka_unit_test(evidence_comes_behind_what_there_is),
		cmocka_unit_test(the_same_64_is_the_same_place),
		cmocka_unit_test(what_says_nothing_of_it_is_none),
		cmocka_unit_test(
			without_a_source_in_the_reply_those_of_the_row_count),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
