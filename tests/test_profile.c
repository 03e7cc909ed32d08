#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/profile.h"
#include "tests/own_arena.h"

#define HEAD                                                                   \
	"mxprobe-profile 1\nprofile x\ntitle X\npage https://x.example/\n"     \
	"seen 2026-11-21\n"

/* clang-format off */
static const struct wrong_file {
	const char *text, *errors;
} wrong_files[] = {
	{ "", "f:0: the profile has no name\nf:0: the profile has no title\n" },
	{ "profile x\ntitle X\n",
	  "f:1: \"mxprobe-profile 1\" is wanted first, not \"profile x\"\n"
	  "f:2: the profile has no name\n" },
	{ HEAD "role x\n", "f:6: a key is wanted, not \"role\"\n" },
	{ HEAD "rule x.a some required spf refused - a title\n",
	  "f:6: all or bulk is wanted, not \"some\"\n" },
	{ HEAD "rule x.a all must spf refused - a title\n",
	  "f:6: required or recommended is wanted, not \"must\"\n" },
	{ HEAD "rule x.a all required spv refused - a title\n",
	  "f:6: the word of a check is wanted, not \"spv\"\n" },
	{ HEAD "rule x.a all required spf bounced - a title\n",
	  "f:6: none, spam, deferred or refused is wanted, not \"bounced\"\n" },
	{ HEAD "rule x.a all required spf refused 550 a title\n",
	  "f:6: a reply in quotes or - is wanted, not \"550\"\n" },
	{ HEAD "rule x.a all required spf refused \"550 a title\n",
	  "f:6: a quote is not closed\nf:6: a rule has no title\n" },
	{ HEAD "rule x.a all required spf refused -\n",
	  "f:6: a rule has no title\n" },
	{ "mxprobe-profile 1\nprofile x\ntitle X\n"
	  "rule x.a all required spf refused - a title\n",
	  "f:4: page and seen stand above the first rule\n" },
	{ HEAD "seen yesterday\n", "f:6: a date is wanted, not \"yesterday\"\n" },
};
/* clang-format on */

static void a_rule_is_one_line(void **state)
{
	static const char text[] = HEAD
		"# a comment\n\n"
		"  rule  x.ptr bulk recommended fcrdns deferred \"450 4.7.25\" "
		"has a name\n"
		"page https://y.example/\n"
		"rule x.tls all required tls none - is encrypted\n";
	struct span errors;
	const struct profile *profile = profile_parse(
		arena, SPAN("f"), span_of(text), &errors);
	const struct profile_rule *rule;

	(void)state;
	assert_non_null(profile);
	assert_int_equal(profile->rule_count, 2);
	rule = &profile->rules[0];
	assert_true(span_is(rule->id, SPAN("x.ptr")));
	assert_true(rule->is_bulk);
	assert_int_equal(rule->severity, RULE_RECOMMENDED);
	assert_int_equal(rule->check, CHECK_FCRDNS);
	assert_int_equal(rule->consequence, CONSEQUENCE_DEFERRED);
	assert_true(span_is(rule->reply, SPAN("450 4.7.25")));
	assert_true(span_is(rule->title, SPAN("has a name")));
	assert_true(span_is(rule->page, SPAN("https://x.example/")));
	assert_true(span_is(rule->seen, SPAN("2026-11-21")));
	assert_int_equal(profile->rules[1].reply.len, 0);
	assert_true(
		span_is(profile->rules[1].page, SPAN("https://y.example/")));
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong_files); i++) {
		struct span errors;

		assert_null(profile_parse(arena, SPAN("f"),
			span_of(wrong_files[i].text), &errors));
		if (!span_is(errors, span_of(wrong_files[i].errors)))
			fail_msg("%.*s", SPAN_ARG(errors));
	}
}

/* A check that no parser knows would end the program at the first use. */
static void every_profile_that_is_built_in_can_be_read(void **state)
{
	const char *name;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; (name = profile_name_at(i)); i++) {
		const struct profile *profile = profile_embedded(
			arena, span_of(name));

		assert_non_null(profile);
		assert_true(span_is(profile->name, span_of(name)));
		assert_true(profile->rule_count >= 8);
		count++;
	}
	assert_int_equal(count, 6);
	assert_null(profile_embedded(arena, SPAN("nobody")));
	assert_non_null(profile_embedded(arena, SPAN("Google-Bulk")));
}

static void a_bulk_profile_has_the_rules_of_all_senders_first(void **state)
{
	const struct profile *all = profile_embedded(arena, SPAN("google"));
	const struct profile *bulk = profile_embedded(
		arena, SPAN("google-bulk"));

	(void)state;
	assert_true(bulk->rule_count > all->rule_count);
	for (size_t i = 0; i < bulk->rule_count; i++) {
		assert_int_equal(bulk->rules[i].is_bulk, i >= all->rule_count);
		if (i < all->rule_count)
			assert_true(
				span_is(bulk->rules[i].id, all->rules[i].id));
	}
}

static bool names_check(enum check check)
{
	const char *name;

	for (size_t i = 0; (name = profile_name_at(i)); i++) {
		const struct profile *profile = profile_embedded(
			arena, span_of(name));

		for (size_t j = 0; j < profile->rule_count; j++)
			if (profile->rules[j].check == check)
				return true;
	}
	return false;
}

/* The EHLO name is asked for by RFC 5321, and so by nobody in particular. */
static void every_check_is_asked_for_by_somebody(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		enum check check = (enum check)i, again;

		if (check != CHECK_HELO && !names_check(check))
			fail_msg("%s", check_word(check));
		assert_true(check_parse(span_of(check_word(check)), &again));
		assert_int_equal(again, check);
	}
}

/* What has a code is refused or deferred; ids begin with the receiver. */
static void the_rules_fit_what_they_say(void **state)
{
	const char *name;

	(void)state;
	for (size_t i = 0; (name = profile_name_at(i)); i++) {
		const struct profile *profile = profile_embedded(
			arena, span_of(name));
		struct span receiver = span_of(name);

		receiver = span_cut(&receiver, '-');
		for (size_t j = 0; j < profile->rule_count; j++) {
			const struct profile_rule *rule = &profile->rules[j];

			assert_true(span_starts_nocase(rule->id, receiver));
			assert_true(span_starts_nocase(
				rule->page, SPAN("https://")));
			if (rule->reply.len)
				assert_true(rule->consequence >=
					    CONSEQUENCE_DEFERRED);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_one_line),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(every_profile_that_is_built_in_can_be_read),
		cmocka_unit_test(
			a_bulk_profile_has_the_rules_of_all_senders_first),
		cmocka_unit_test(every_check_is_asked_for_by_somebody),
		cmocka_unit_test(the_rules_fit_what_they_say),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
