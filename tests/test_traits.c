#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/traits.h"
#include "tests/own_arena.h"

static void assert_text(struct span found, const char *wanted)
{
	if (!span_is(found, span_of(wanted)))
		fail_msg("found \"%.*s\", wanted \"%s\"", SPAN_ARG(found),
			wanted);
}

static void each_value_stands_once_and_in_order(void **state)
{
	static const char *const values[] = { "250 b", "250 a", "250 b",
		"250 c", "250 a" };
	struct traits traits = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++)
		traits_add(arena, &traits, TRAIT_MAIL, span_of(values[i]));
	assert_text(traits.of[TRAIT_MAIL], "250 a | 250 b | 250 c");
}

static void a_bar_in_a_value_parts_nothing(void **state)
{
	struct traits traits = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		traits_add(arena, &traits, TRAIT_MAIL, SPAN("250 a | b|"));
	assert_text(traits.of[TRAIT_MAIL], "250 a \\x7c b");
}

static void a_text_of_traits_reads_as_it_was(void **state)
{
	struct traits traits = { 0 }, read;

	(void)state;
	for (int i = 0; i < TRAIT_COUNT; i += 2)
		traits_add(arena, &traits, (enum trait)i,
			arena_print(arena, "value %d\nof\x01it", i));
	traits_parse(traits_print(arena, &traits), &read);
	for (int i = 0; i < TRAIT_COUNT; i++)
		assert_true(span_is(traits.of[i], read.of[i]));
}

static void lines_of_others_are_passed_over(void **state)
{
	struct traits traits;

	(void)state;
	traits_parse(
		SPAN("of-later something\n\ncert-key ab\nmx-set"), &traits);
	assert_text(traits.of[TRAIT_CERT_KEY], "ab");
	assert_text(traits.of[TRAIT_MX_SET], "");
	assert_text(traits.of[TRAIT_MAIL], "");
}

static void what_was_not_found_out_is_no_verdict(void **state)
{
	(void)state;
	assert_text(trait_of_verdict(SPAN("pass")), "pass");
	assert_text(trait_of_verdict(SPAN("fixed")), "pass");
	assert_text(trait_of_verdict(SPAN("known")), "known");
	assert_text(trait_of_verdict(SPAN("fail")), "fail");
	assert_text(trait_of_verdict(SPAN("unknown")), "");
	assert_text(trait_of_verdict(SPAN("n/a")), "");
	assert_text(trait_of_verdict(SPAN("skipped")), "");
}

static void each_watched_thing_has_its_traits(void **state)
{
	(void)state;
	for (int i = 0; i < WATCHED_COUNT; i++) {
		unsigned count = 0;

		for (int j = 0; j < TRAIT_COUNT; j++)
			count += trait_is_watched(
				(enum trait)j, (enum watched)i);
		assert_int_equal(count, i == WATCHED_REPLY ? 7 : 1);
	}
}

/* ---- of visits */

static const struct span banner_lines[] = { { "mx.test ESMTP", 13 } };
static const struct reply banner = {
	.code = 220, .lines = banner_lines, .line_count = 1
};
static const struct span refusal_lines[] = { { "5.7.1 [192.0.2.1] not <here>",
	28 } };
static const struct reply refusal = { .code = 550,
	.status = { 5, 7, 1 },
	.lines = refusal_lines,
	.line_count = 1 };

static void the_other_family_is_another_cell(void **state)
{
	static const struct fault fault = { .failure = FAILURE_SMTP_5XX,
		.stage = STAGE_RCPT };
	struct path paths[] = { { .family = FAMILY_IPV4 },
		{ .family = FAMILY_IPV6 } };
	struct visit visits[2] = { 0 };
	struct visit *list[] = { &visits[0], &visits[1] };
	struct exchanger exchanger = { .host = SPAN("mx1.example.org") };
	struct outcome outcome = { .visits = list,
		.visit_count = 2,
		.mx_asked = true,
		.exchangers = &exchanger,
		.exchanger_count = 1 };
	struct traits traits;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		visits[i].path = &paths[i];
		visits[i].state = VISIT_WALKED;
		transcript_add(&visits[i].transcript, arena, 1, EVENT_HEARD,
			STAGE_BANNER)
			->heard = &banner;
	}
	transcript_add(&visits[1].transcript, arena, 2, EVENT_HEARD, STAGE_RCPT)
		->heard = &refusal;
	visits[1].fault = &fault;

	traits_of_family(arena, &outcome, FAMILY_IPV4, &traits);
	assert_text(traits.of[TRAIT_BANNER], "220 mx.test ESMTP");
	assert_text(traits.of[TRAIT_RCPT], "");
	assert_text(traits.of[TRAIT_FAULT], "");
	assert_text(traits.of[TRAIT_MX_SET], "example.org");
	traits_of_family(arena, &outcome, FAMILY_IPV6, &traits);
	assert_text(traits.of[TRAIT_RCPT], "550 5.7.1 [{address}] not <here>");
	assert_text(traits.of[TRAIT_FAULT], "smtp_5xx at rcpt");
	assert_text(traits.of[TRAIT_VERDICT], "");
}

static void ehlo_keywords_are_a_set(void **state)
{
	static const struct ehlo_keyword keywords[] = {
		{ .word = { "STARTTLS", 8 } },
		{ .word = { "8BITMIME", 8 } },
		{ .word = { "SIZE", 4 }, .parameters = { "100", 3 } },
	};
	struct path path = { .family = FAMILY_IPV4 };
	struct visit visit = { .path = &path,
		.state = VISIT_WALKED,
		.has_ehlo = true,
		.ehlo = { .domain = SPAN("mx.test"),
			.greeting = SPAN("hello [192.0.2.9]"),
			.keywords = keywords,
			.keyword_count = 3 } };
	struct visit *list[] = { &visit };
	struct outcome outcome = { .visits = list, .visit_count = 1 };
	struct traits traits;

	(void)state;
	traits_of_family(arena, &outcome, FAMILY_IPV4, &traits);
	assert_text(traits.of[TRAIT_KEYWORDS], "8BITMIME SIZE STARTTLS");
	assert_text(traits.of[TRAIT_GREETING], "mx.test hello [{address}]");
	assert_text(traits.of[TRAIT_MX_SET], "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_stands_once_and_in_order),
		cmocka_unit_test(a_bar_in_a_value_parts_nothing),
		cmocka_unit_test(a_text_of_traits_reads_as_it_was),
		cmocka_unit_test(lines_of_others_are_passed_over),
		cmocka_unit_test(what_was_not_found_out_is_no_verdict),
		cmocka_unit_test(each_watched_thing_has_its_traits),
		cmocka_unit_test(the_other_family_is_another_cell),
		cmocka_unit_test(ehlo_keywords_are_a_set),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
