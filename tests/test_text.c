#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/base/escape.h"
#include "probe/facts/mtu_trial.h"
#include "reports/text.h"

#include "tests/golden.h"
#include "tests/outcomes.c"
#include "tests/own_arena.h"

/* Whole screens. */

static struct span report(const struct sample *sample,
	struct text_style style)
{
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);
	struct span text;

	text_report(out, &style, &sample->outcome, &sample->judgement);
	fclose(out);
	text = arena_copy(arena, (struct span){ at, len });
	free(at);
	return text;
}

static size_t widest(struct span text)
{
	size_t most = 0;

	while (text.len) {
		size_t columns = escape_columns(span_cut(&text, '\n'));

		if (columns > most)
			most = columns;
	}
	return most;
}

static bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static const struct text_style wide = { .columns = 100 };
static const struct text_style narrow = { .columns = 80 };

/* ---- the demo */

static void the_families_stand_side_by_side(void **state)
{
	(void)state;
	golden_hold(arena, "demo-100", report(sample_demo(arena), wide));
}

static void the_families_stand_below_each_other(void **state)
{
	(void)state;
	golden_hold(arena, "demo-80", report(sample_demo(arena), narrow));
}

static void forty_columns_are_enough(void **state)
{
	struct text_style style = { .columns = 40 };

	(void)state;
	golden_hold(arena, "demo-40", report(sample_demo(arena), style));
}

static void colour_only_repeats_the_words(void **state)
{
	struct text_style style = { .columns = 100, .color = true };
	struct span text = report(sample_demo(arena), style);
	struct span plain = report(sample_demo(arena), wide);
	char *bare = arena_take(arena, text.len);
	size_t len = 0;

	(void)state;
	golden_hold(arena, "demo-colour", text);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\033')
			while (text.at[i] != 'm')
				i++;
		else
			bare[len++] = text.at[i];
	}
	assert_int_equal(len, plain.len);
	assert_memory_equal(bare, plain.at, len);
}

static void verbose_tells_the_whole_walk(void **state)
{
	struct text_style style = { .columns = 100, .verbose = true };

	(void)state;
	golden_hold(arena, "demo-verbose", report(sample_demo(arena), style));
}

/* ---- other outcomes */

static void the_answer_of_an_mtu_trial_is_in_the_table(void **state)
{
	struct sample *sample = sample_demo(arena);
	struct mtu_trial *trial = arena_new(arena, struct mtu_trial);
	struct visit *full = arena_new(arena, struct visit);

	(void)state;
	*full = *sample->outcome.visits[0];
	trial->full = full;
	sample->visits[0].mtu_trial = trial;
	assert_true(has(report(sample, wide), " large packets "));
	sample->visits[0].mtu_trial = NULL;
	assert_false(has(report(sample, wide), " large packets "));
}

static void where_nothing_is_walked_each_family_says_why(void **state)
{
	struct sample *sample = sample_open(arena, "v6only.example");
	struct judgement *judgement = &sample->judgement;
	struct span text;

	(void)state;
	sample_exchanger(sample, 10, SAMPLE_HOST);
	sample->outcome.wanted[FAMILY_IPV6] = false;
	judgement->verdict = judgement->families[FAMILY_IPV4] = VERDICT_NA;
	judgement->family_why[FAMILY_IPV4] = SPAN("not the address of --ip");
	text = report(sample, narrow);
	assert_true(has(text, "walked: nothing\n"
			      " IPv4 n/a: not the address of --ip\n"
			      "VERDICT"));
	assert_false(has(text, "IPv6"));
}

static void a_family_without_a_route_is_not_a_failure(void **state)
{
	struct span text = report(sample_no_ipv6(arena), wide);

	(void)state;
	golden_hold(arena, "no-ipv6-100", text);
	golden_hold(arena, "no-ipv6-80", report(sample_no_ipv6(arena), narrow));
	assert_false(has(text, "FAIL"));
}

static void a_green_result_says_where_it_stopped(void **state)
{
	static const struct {
		enum stage reached;
		const char *says;
	} cases[] = {
		{ STAGE_CONNECT, "stopped after connecting (add -f, -t and" },
		{ STAGE_BANNER, "stopped after the banner (add -f, -t and" },
		{ STAGE_TLS, "stopped after EHLO (add -f, -t and --deliver)" },
		{ STAGE_MAIL, "stopped after MAIL (add -t and --deliver)" },
		{ STAGE_RCPT, "stopped after RCPT (add --deliver)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample *sample = sample_no_ipv6(arena);
		bool *reached = sample->visits[0].reached;

		memset(reached, 0, STAGE_COUNT * sizeof(*reached));
		for (int at = STAGE_CONNECT; at <= (int)cases[i].reached; at++)
			reached[at] = true;
		assert_true(has(report(sample, wide), cases[i].says));
		sample->judgement.stopped_before_data = false;
		assert_false(has(report(sample, wide), "policy stage"));
	}
}

static void one_family_is_one_column(void **state)
{
	(void)state;
	golden_hold(
		arena, "only-ipv6-100", report(sample_only_ipv6(arena), wide));
	golden_hold(
		arena, "only-ipv6-80", report(sample_only_ipv6(arena), narrow));
}

static void each_host_has_its_block(void **state)
{
	(void)state;
	golden_hold(arena, "hosts-100", report(sample_hosts(arena), wide));
	golden_hold(arena, "hosts-80", report(sample_hosts(arena), narrow));
}

static void what_went_half_well_says_so(void **state)
{
	(void)state;
	golden_hold(arena, "put-off-100", report(sample_put_off(arena), wide));
	golden_hold(arena, "put-off-80", report(sample_put_off(arena), narrow));
}

static void the_faults_of_the_dns_are_told_apart(void **state)
{
	struct span all = SPAN("");

	(void)state;
	for (int i = FAILURE_DNS_NXDOMAIN; i <= FAILURE_DNS_BAD_MX; i++) {
		enum failure failure = (enum failure)i;
		enum verdict verdict = failure_is_ours(failure) ?
			VERDICT_UNKNOWN : VERDICT_FAIL;
		struct span text = report(sample_no_dns(arena, failure,
			verdict), narrow);

		assert_true(has(text, failure_word(failure)));
		assert_int_equal(has(text, "FAIL "),
			!failure_is_ours(failure));
		all = arena_print(arena, "%.*s%.*s", SPAN_ARG(all),
			SPAN_ARG(text));
	}
	golden_hold(arena, "dns-faults", all);
}

/* ---- findings */

static void the_reason_of_a_dns_fault_is_said_once(void **state)
{
	static const struct evidence evidence[] = {
		{ { "MX lost.example, asked of 192.0.2.53", 36 }, NULL },
		{ { "another clause", 14 }, NULL },
	};
	struct sample *sample = sample_no_dns(arena, FAILURE_DNS_NXDOMAIN,
		VERDICT_FAIL);
	struct finding *finding = sample_finding(sample,
		"domain.no-such-domain", SEVERITY_FAIL, "no domain");
	struct span text;

	(void)state;
	finding->for_it = evidence;
	finding->for_count = 1;
	text = report(sample, narrow);
	assert_true(has(text, "dns_nxdomain: MX lost.example, asked of"));
	assert_false(has(text, "  for "));
	finding->for_count = 2;
	assert_true(has(report(sample, narrow), "  for      another clause"));
}

static void only_what_can_be_doubted_has_a_confidence(void **state)
{
	struct sample *sample = sample_no_ipv6(arena);
	struct finding *finding = sample_finding(sample, "x.y",
		SEVERITY_WARN, "so it is");

	(void)state;
	finding->confidence = CONFIRMED;
	assert_true(has(report(sample, wide), "Found: x.y (so it is)\n"));
	finding->confidence = SUSPECTED;
	assert_true(has(report(sample, wide), "(so it is), suspected\n"));
	finding->confidence = CONFIRMED;
	finding->policy = SPAN("greylist");
	assert_true(has(report(sample, wide), "(so it is), confirmed\n"));
}

static void a_warning_names_its_family(void **state)
{
	struct sample *sample = sample_no_ipv6(arena);
	struct finding *first = sample_finding(sample, "x.y",
		SEVERITY_WARN, "one");
	struct finding *second = sample_finding(sample, "z",
		SEVERITY_WARN, "two");

	(void)state;
	second->family = FAMILY_IPV6;
	first->has_family = second->has_family = true;
	assert_true(has(report(sample, wide), "Found: x.y over IPv4 (one)\n"));
	assert_true(has(report(sample, wide), "warn z over IPv6 (two)\n"));
	first->has_family = second->has_family = false;
	assert_true(has(report(sample, wide), "Found: x.y (one)\n"));
	assert_true(has(report(sample, wide), "warn z (two)\n"));
	assert_false(has(report(sample_demo(arena), wide), "ed over IPv6 ("));
}

static void an_open_verdict_names_what_left_it_open(void **state)
{
	struct sample *sample = sample_no_ipv6(arena);
	struct finding *side, *open;

	(void)state;
	sample->judgement.verdict = VERDICT_UNKNOWN;
	side = sample_finding(sample, "side", SEVERITY_WARN, "aside");
	assert_false(has(report(sample, wide), "Cause"));
	assert_true(has(report(sample, wide), " warn side (aside)\n"));
	open = sample_finding(sample, "open", SEVERITY_WARN, "it waits");
	open->leaves_open = true;
	open->remedy = SPAN("come back");
	assert_true(has(report(sample, wide),
		"Cause: open (it waits)\n  fix      come back\n"));
	assert_true(has(report(sample, wide), " warn side (aside)\n"));
	assert_false(has(report(sample, wide), "warn open"));
	sample->judgement.verdict = VERDICT_PASS;
	assert_true(has(report(sample, wide), "Found: side (aside)\n"));
	side->severity = SEVERITY_INFO;
	assert_true(has(report(sample, wide), "Found: open (it waits)\n"));
}

static void two_good_walks_of_which_one_is_in_clear_differ(void **state)
{
	struct sample *sample = sample_no_ipv6(arena);
	struct finding *finding = sample_finding(sample, "tls.one-family",
		SEVERITY_WARN, "TLS over IPv4 only");

	(void)state;
	sample->judgement.comparison = COMPARE_SAME;
	assert_true(has(report(sample, wide),
		"pass over both families; TLS differs.  Found: tls.one-"));
	sample->judgement.verdict = VERDICT_FAIL;
	assert_true(has(report(sample, wide), "fail, the same over both"));
	sample->judgement.verdict = VERDICT_PASS;
	finding->id = SPAN("tls.expired");
	assert_true(has(report(sample, wide), "pass, the same over both"));
}

static void an_icmp_error_is_repeated_only_when_verbose(void **state)
{
	struct text_style style = { .columns = 100, .verbose = true };
	struct sample *sample = sample_hosts(arena);

	(void)state;
	assert_false(has(report(sample, wide), "is out of reach"));
	assert_true(has(report(sample, style), "is out of reach"));
	assert_true(has(report(sample, style), "type 3 code 13 from 192.0.2."));
}

/* ---- hostile bytes */

static void assert_harmless(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		assert_true(text.at[i] == '\n' ||
			(text.at[i] >= ' ' && text.at[i] <= '~'));
}

static void hostile_bytes_reach_no_terminal(void **state)
{
	struct text_style style = { .columns = 100, .verbose = true };
	struct span text = report(sample_hostile(arena), style);

	(void)state;
	assert_harmless(text);
	golden_hold(arena, "hostile", text);
	style.columns = 40;
	assert_harmless(report(sample_hostile(arena), style));
}

static void no_line_is_wider_than_the_screen(void **state)
{
	struct sample *samples[] = { sample_demo(arena),
		sample_no_ipv6(arena), sample_only_ipv6(arena),
		sample_hostile(arena), sample_hosts(arena),
		sample_put_off(arena),
		sample_no_dns(arena, FAILURE_DNS_NULL_MX, VERDICT_FAIL) };

	(void)state;
	for (unsigned columns = 40; columns <= 130; columns++) {
		struct text_style style = { .columns = columns,
			.verbose = true };

		for (size_t i = 0; i < COUNT_OF(samples); i++) {
			struct span text = report(samples[i], style);

			assert_in_range(widest(text), 1, columns);
			assert_false(has(text, " \n"));
			assert_false(has(text, "\n\n"));
		}
	}
}

static void a_refusal_is_never_cut(void **state)
{
	struct text_style style = { .columns = 40 };
	struct span text = report(sample_demo(arena), style);
	char *joined = arena_take(arena, text.len);
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '\n' && text.at[i] != ' ')
			joined[len++] = text.at[i];
	text = (struct span){ joined, len };
	assert_true(has(text, "550-5.7.1[2001:db8:25::25]TheIPyou'reusing"));
	assert_true(has(text, "?p=NotAuthorizedErrorm18-20020a17-gsmtp"));
}

/* ---- the plan, the end */

static void the_plan_shows_every_path(void **state)
{
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);

	(void)state;
	text_plan(out, &narrow, &sample_demo(arena)->outcome);
	text_plan(out, &narrow, &sample_no_ipv6(arena)->outcome);
	fclose(out);
	golden_hold(arena, "plan", (struct span){ at, len });
	free(at);
}

static void the_last_line_counts(void **state)
{
	static const struct text_totals one = { .targets = 1,
		.of = { [VERDICT_FAIL] = 1 },
		.exit_status = 1 };
	static const struct text_totals many = { .targets = 200,
		.of = { [VERDICT_PASS] = 180, [VERDICT_FAIL] = 20 },
		.exit_status = 1 };
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);

	(void)state;
	text_summary(out, &narrow, &one);
	text_summary(out, &narrow, &many);
	fclose(out);
	assert_string_equal(at,
		"exit 1\n200 targets: 180 pass, 20 fail.  exit 1\n");
	free(at);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena,           \
	close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_families_stand_side_by_side),
		TEST(the_families_stand_below_each_other),
		TEST(forty_columns_are_enough),
		TEST(colour_only_repeats_the_words),
		TEST(verbose_tells_the_whole_walk),
		TEST(the_answer_of_an_mtu_trial_is_in_the_table),
		TEST(where_nothing_is_walked_each_family_says_why),
		TEST(a_family_without_a_route_is_not_a_failure),
		TEST(a_green_result_says_where_it_stopped),
		TEST(one_family_is_one_column),
		TEST(each_host_has_its_block),
		TEST(what_went_half_well_says_so),
		TEST(the_faults_of_the_dns_are_told_apart),
		TEST(the_reason_of_a_dns_fault_is_said_once),
		TEST(only_what_can_be_doubted_has_a_confidence),
		TEST(a_warning_names_its_family),
		TEST(an_open_verdict_names_what_left_it_open),
		TEST(two_good_walks_of_which_one_is_in_clear_differ),
		TEST(an_icmp_error_is_repeated_only_when_verbose),
		TEST(hostile_bytes_reach_no_terminal),
		TEST(no_line_is_wider_than_the_screen),
		TEST(a_refusal_is_never_cut),
		TEST(the_plan_shows_every_path),
		TEST(the_last_line_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
