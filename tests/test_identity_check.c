#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/check_run.h"
#include "probe/judge/identity_check.h"
#include "tests/own_arena.h"
#include "tests/spans.h"
#include "tests/zone_by_hand.h"

#define ZEROS   ".0.0.0.0.0.0.0.0.0.0.0"
#define NIBBLES ZEROS ZEROS ".8.b.d.0.1.0.0.2.ip6.arpa"

/* The key is that of RFC 8463, appendix A.2. */
/* clang-format off */
static const char records[] =
	"25.113.0.203.in-addr.arpa PTR found \"mail.example.org\"\n"
	"mail.example.org A found \"203.0.113.25\"\n"
	"9.113.0.203.in-addr.arpa PTR servfail\n"
	"5.2" NIBBLES " PTR found \"mail.example.org\"\n"
	"mail.example.org AAAA found \"2001:db8::99\"\n"
	"example.org TXT found \"v=spf1 ip4:203.0.113.25 a:none.example.org "
		"-all\"\n"
	"lost.example TXT timeout\n"
	"s1._domainkey.example.org TXT found \"v=DKIM1; k=ed25519; "
		"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
	"old._domainkey.example.org TXT found \"v=DKIM1; p=\"\n"
	"lost._domainkey.example.org TXT servfail\n"
	"_dmarc.example.org TXT found \"v=DMARC1; p=reject\"\n"
	"_dmarc.lost.example TXT timeout\n";
/* clang-format on */

static const struct matrix *matrix_of(const char *lines)
{
	struct check_result *check = arena_new(arena, struct check_result);

	check_text(arena, codebook_embedded(arena), SPAN("f"),
		arena_print(arena, "mxprobe 1\npath a\nidentity a\n%s", lines),
		check);
	if (!check->matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &check->complaints.list[0])));
	return check->matrix;
}

struct asked {
	struct identity_facts facts;
	struct cell_result result;
	unsigned rounds;
};

static struct asked ask(const char *lines, const char *source)
{
	struct zone_by_hand zone = zone_by_hand_in(arena, records);
	struct identity_question question = {
		.identity = &matrix_of(lines)->identities[0],
		.helo = SPAN("mail.example.org"),
		.keys = dkim_keys_open(),
		.now = 1795305600,
	};
	struct asked asked = { .rounds = 0 };

	assert_true(ip_parse(span_of(source), &question.source));
	while (!identity_check(arena, zone.answers, &question, &asked.facts))
		assert_true(zone_by_hand_settle(&zone));
	asked.rounds = zone.rounds;
	identity_judge(arena, &asked.facts, &asked.result);
	dkim_keys_close(question.keys);
	return asked;
}

static void each_line_is_held_against_the_dns(void **state)
{
	static const char four[] = "203.0.113.25", six[] = "2001:db8::25";
	static const struct row {
		const char *lines, *source, *verdict, *found;
	} rows[] = {
		{ "  fcrdns\n", four, "pass", "mail.example.org" },
		{ "  fcrdns\n", six, "fail",
			"mail.example.org does not lead back to it" },
		{ "  fcrdns\n", "203.0.113.8", "fail",
			"the address has no PTR" },
		{ "  fcrdns\n", "203.0.113.9", "unknown",
			"its names could not be looked up" },
		{ "  spf a@example.org\n", four, "pass",
			"pass for example.org (lookups 0, void 0)" },
		{ "  spf a@example.org\n", six, "fail",
			"fail for example.org (lookups 1, void 1)" },
		{ "  spf a@example.org => fail\n", six, "pass", NULL },
		{ "  spf a@example.org => fail, lookups <= 1, void = 1\n", six,
			"pass", NULL },
		{ "  spf a@example.org => fail, lookups < 1\n", six, "fail",
			NULL },
		{ "  spf a@example.org => fail, void < 1\n", six, "fail",
			NULL },
		{ "  spf a@lost.example\n", six, "unknown", NULL },
		{ "  spf a@none.example => none\n", six, "pass", NULL },
		{ "  spf <> => none\n", four, "pass", NULL },
		{ "  dkim example.org s1\n", four, "pass",
			"Ed25519 of 256 bits" },
		{ "  dkim example.org s1 bits >= 1024\n", four, "fail", NULL },
		{ "  dkim example.org s2\n", four, "fail",
			"no key is published" },
		{ "  dkim example.org old\n", four, "fail", NULL },
		{ "  dkim example.org lost\n", four, "unknown", NULL },
		{ "  dmarc example.org\n", four, "pass", NULL },
		{ "  dmarc none.example\n", four, "fail", NULL },
		{ "  dmarc lost.example\n", four, "unknown", NULL },
		{ "  dmarc example.org aligned spf\n  spf a@example.org\n",
			four, "pass", "p=reject, aligned by SPF" },
		{ "  dmarc example.org aligned spf\n"
		  "  spf a@example.org => fail\n",
			six, "fail",
			"p=reject, nothing that passes is aligned" },
		{ "  dmarc example.org aligned any\n"
		  "  spf a@example.org => fail\n  dkim example.org s1\n",
			six, "pass", "p=reject, aligned by DKIM" },
		{ "  dmarc example.org aligned both\n"
		  "  spf a@example.org\n  dkim example.org s1\n",
			four, "pass", "p=reject, aligned by SPF and DKIM" },
		{ "  dmarc example.org aligned both\n"
		  "  spf a@example.org\n  dkim example.org lost\n",
			four, "unknown", "p=reject, aligned by SPF" },
		{ "  dmarc example.org aligned dkim\n"
		  "  dkim example.org lost\n",
			four, "unknown", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct asked asked = ask(rows[i].lines, rows[i].source);

		if (strcmp(cell_verdict_word(asked.result.verdict),
			    rows[i].verdict) != 0)
			fail_msg("%s from %s: %s, %.*s", rows[i].lines,
				rows[i].source,
				cell_verdict_word(asked.result.verdict),
				SPAN_ARG(asked.facts.facts[0].found));
		if (rows[i].found)
			assert_span(asked.facts.facts[0].found, rows[i].found);
	}
}

static void all_lines_are_asked_for_together(void **state)
{
	struct asked asked = ask(
		"  fcrdns\n  spf a@example.org\n"
		"  dkim example.org s1\n  dkim example.org s2\n"
		"  dmarc example.org aligned any\n",
		"203.0.113.25");

	(void)state;
	assert_int_equal(asked.rounds, 2);
	assert_int_equal(asked.result.verdict, CELL_FAIL);
	assert_int_equal(asked.result.miss_count, 1);
	assert_int_equal(asked.result.misses[0].place.line, 7);
	assert_span(asked.result.misses[0].wanted, "dkim example.org s2");
}

static void one_that_is_wrong_outweighs_one_that_is_open(void **state)
{
	struct asked asked = ask(
		"  spf a@lost.example\n  fcrdns\n", "2001:db8::25");

	(void)state;
	assert_int_equal(asked.result.verdict, CELL_FAIL);
	assert_int_equal(asked.result.miss_count, 1);
	assert_true(asked.result.why.len != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_held_against_the_dns),
		cmocka_unit_test(all_lines_are_asked_for_together),
		cmocka_unit_test(one_that_is_wrong_outweighs_one_that_is_open),
	};

	return cmocka_run_group_tests_name(
		"identity check", tests, open_arena, close_arena);
}
