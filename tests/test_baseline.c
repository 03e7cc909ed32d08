#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/baseline.h"
#include "tests/own_arena.h"

/* What one run after another sees, and what is told of it. */
struct sight {
	const char *value; /* "": not seen */
	enum baseline_news news;
};

enum { SIGHTS_MAX = 12 };

/* clang-format off */
static const struct story {
	const char *name;
	enum trait trait;
	unsigned confirm;
	struct sight sights[SIGHTS_MAX];        /* to one without a value */
} stories[] = {
	{ "what stays is learned once", TRAIT_MAIL, 1, {
		{ "250 ok", BASELINE_LEARNED }, { "250 ok", BASELINE_SAME },
		{ "250 ok", BASELINE_SAME } } },
	{ "not seen is nothing, before and after", TRAIT_MAIL, 1, {
		{ "", BASELINE_NOT_SEEN }, { "250 ok", BASELINE_LEARNED },
		{ "", BASELINE_NOT_SEEN }, { "250 ok", BASELINE_SAME } } },
	{ "a change is told until it is undone", TRAIT_MAIL, 1, {
		{ "250 ok", BASELINE_LEARNED }, { "550 no", BASELINE_CHANGED },
		{ "550 no", BASELINE_CHANGED }, { "", BASELINE_NOT_SEEN },
		{ "550 no", BASELINE_CHANGED }, { "250 ok", BASELINE_FIXED },
		{ "250 ok", BASELINE_SAME } } },
	{ "it is confirmed first", TRAIT_MAIL, 3, {
		{ "250 ok", BASELINE_LEARNED }, { "550 no", BASELINE_PENDING },
		{ "550 no", BASELINE_PENDING }, { "550 no", BASELINE_CHANGED },
		{ "250 ok", BASELINE_FIXED } } },
	{ "what was not confirmed need not be fixed", TRAIT_MAIL, 2, {
		{ "250 ok", BASELINE_LEARNED }, { "550 no", BASELINE_PENDING },
		{ "250 ok", BASELINE_SAME }, { "550 no", BASELINE_PENDING },
		{ "250 ok", BASELINE_SAME } } },
	{ "runs that do not know do not confirm", TRAIT_MAIL, 2, {
		{ "250 ok", BASELINE_LEARNED }, { "550 no", BASELINE_PENDING },
		{ "", BASELINE_NOT_SEEN }, { "", BASELINE_NOT_SEEN },
		{ "550 no", BASELINE_CHANGED } } },
	{ "another way each time is a change, too", TRAIT_MAIL, 2, {
		{ "250 ok", BASELINE_LEARNED }, { "451 a", BASELINE_PENDING },
		{ "452 b", BASELINE_CHANGED }, { "453 c", BASELINE_CHANGED } } },
	{ "a failure is a change of the verdict", TRAIT_VERDICT, 2, {
		{ "pass", BASELINE_LEARNED }, { "fail", BASELINE_PENDING },
		{ "fail", BASELINE_CHANGED }, { "pass", BASELINE_FIXED },
		{ "pass", BASELINE_SAME } } },
	{ "what failed from the start is fixed once", TRAIT_VERDICT, 1, {
		{ "fail", BASELINE_LEARNED }, { "fail", BASELINE_SAME },
		{ "pass", BASELINE_FIXED }, { "pass", BASELINE_SAME },
		{ "fail", BASELINE_CHANGED } } },
	{ "a known rejection is no change, its date is", TRAIT_VERDICT, 1, {
		{ "pass", BASELINE_LEARNED }, { "known", BASELINE_SAME },
		{ "known", BASELINE_SAME }, { "fail", BASELINE_CHANGED },
		{ "known", BASELINE_FIXED }, { "pass", BASELINE_FIXED },
		{ "pass", BASELINE_SAME } } },
	{ "a failure that becomes known is no news", TRAIT_VERDICT, 1, {
		{ "fail", BASELINE_LEARNED }, { "known", BASELINE_SAME },
		{ "pass", BASELINE_FIXED } } },
};
/* clang-format on */

static void each_story_is_told_as_it_goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(stories); i++) {
		struct baseline_state kept = { .accepted = SPAN(""),
			.seen = SPAN("") };

		for (size_t j = 0; stories[i].sights[j].value; j++) {
			const struct sight *sight = &stories[i].sights[j];
			struct baseline_question question = {
				.trait = stories[i].trait,
				.value = span_of(sight->value),
				.confirm = stories[i].confirm,
				.now_ms = 1000 + (int64_t)j,
			};
			enum baseline_news news = baseline_judge(
				&question, &kept);

			if (news != sight->news)
				fail_msg("%s: run %zu told %d, not %d",
					stories[i].name, j, (int)news,
					(int)sight->news);
		}
	}
}

static enum baseline_news see(
	struct baseline_state *kept, const char *value, int64_t now_ms)
{
	struct baseline_question question = { .trait = TRAIT_CERT_KEY,
		.value = span_of(value),
		.confirm = 1,
		.now_ms = now_ms };

	return baseline_judge(&question, kept);
}

static void what_is_accepted_stands_beside_what_was(void **state)
{
	struct baseline_state kept = { .accepted = SPAN(""), .seen = SPAN("") };

	(void)state;
	see(&kept, "a", 1);
	assert_false(baseline_state_accept(arena, TRAIT_CERT_KEY, &kept));
	assert_int_equal(see(&kept, "b", 2), BASELINE_CHANGED);
	assert_true(baseline_state_accept(arena, TRAIT_CERT_KEY, &kept));
	assert_int_equal(see(&kept, "b", 3), BASELINE_SAME);
	assert_int_equal(see(&kept, "a", 4), BASELINE_SAME);
	assert_int_equal(see(&kept, "c", 5), BASELINE_CHANGED);
	assert_true(
		span_is(baseline_accepted_text(arena, &kept), SPAN("a | b")));
}

static void the_newest_values_are_kept(void **state)
{
	struct baseline_state kept = { .accepted = SPAN(""), .seen = SPAN("") };

	(void)state;
	for (int i = 0; i < 3 * BASELINE_VALUES_MAX; i++) {
		see(&kept, arena_print(arena, "%d", i).at, i);
		baseline_state_accept(arena, TRAIT_CERT_KEY, &kept);
	}
	assert_int_equal(see(&kept, "47", 100), BASELINE_SAME);
	assert_int_equal(see(&kept, "32", 101), BASELINE_SAME);
	assert_int_equal(see(&kept, "31", 102), BASELINE_CHANGED);
}

static void a_change_has_the_time_it_was_first_seen(void **state)
{
	struct baseline_state kept = { .accepted = SPAN(""), .seen = SPAN("") };

	(void)state;
	see(&kept, "a", 1);
	see(&kept, "b", 20);
	see(&kept, "c", 30);
	assert_int_equal(kept.since_ms, 20);
	assert_int_equal(kept.times, 2);
	assert_true(span_is(kept.seen, SPAN("c")));
	see(&kept, "a", 40);
	assert_int_equal(kept.times, 0);
	assert_int_equal(kept.seen.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_story_is_told_as_it_goes),
		cmocka_unit_test(what_is_accepted_stands_beside_what_was),
		cmocka_unit_test(the_newest_values_are_kept),
		cmocka_unit_test(a_change_has_the_time_it_was_first_seen),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
