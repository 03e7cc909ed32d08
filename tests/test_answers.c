#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/dns/answers.h"

static const struct answer none = { .kind = ANSWER_NONE };
static const struct answer gone = { .kind = ANSWER_NO_NAME };

static void what_is_not_known_becomes_a_question(void **state)
{
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);
	struct question *open;

	(void)state;
	assert_null(answers_open_question(answers));
	assert_null(answers_get(answers, SPAN("b.example"), RR_MX));
	assert_null(answers_get(answers, SPAN("a.example"), RR_A));
	assert_null(answers_get(answers, SPAN("B.Example."), RR_MX));
	open = answers_open_question(answers);
	assert_true(span_is(open->name, SPAN("b.example")));
	assert_int_equal(open->type, RR_MX);
	open = question_next_open(open);
	assert_true(span_is(open->name, SPAN("a.example")));
	assert_null(question_next_open(open));
	arena_close(arena);
}

static void a_settled_question_is_an_answer(void **state)
{
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);

	(void)state;
	assert_null(answers_get(answers, SPAN("a.example"), RR_A));
	assert_null(answers_known(answers, SPAN("a.example"), RR_A));
	question_settle(answers_open_question(answers), &none);
	assert_ptr_equal(answers_get(answers, SPAN("A.example"), RR_A), &none);
	assert_ptr_equal(
		answers_known(answers, SPAN("a.example."), RR_A), &none);
	assert_null(answers_get(answers, SPAN("a.example"), RR_AAAA));
	assert_null(answers_known(answers, SPAN("other.example"), RR_A));
	arena_close(arena);
}

/* Whatever is hashed at once: lengths around it, and one byte changed. */
static void names_of_every_length_are_told_apart(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);

	(void)state;
	for (size_t len = 1; len < sizeof(letters); len++)
		for (size_t at = 0; at < len; at++) {
			struct span name = arena_copy(
				arena, (struct span){ letters, len });

			((char *)(uintptr_t)name.at)[at] = '0';
			assert_null(answers_get(answers, name, RR_A));
			assert_null(answers_get(answers, name, RR_MX));
			answers_put(answers, name, RR_A, &none);
			answers_put(answers, name, RR_MX, &gone);
			assert_ptr_equal(
				answers_get(answers, name, RR_A), &none);
			assert_ptr_equal(
				answers_get(answers, name, RR_MX), &gone);
		}
	assert_null(answers_open_question(answers));
	arena_close(arena);
}

/* Both ways of writing one: as it is kept, and in need of a change. */
static void a_name_is_found_however_it_is_written(void **state)
{
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);

	(void)state;
	answers_put(answers, SPAN("a\\.b.example"), RR_A, &none);
	assert_ptr_equal(
		answers_get(answers, SPAN("a\\046b.example"), RR_A), &none);
	assert_ptr_equal(
		answers_get(answers, SPAN("A\\.b.example."), RR_A), &none);
	assert_null(answers_known(answers, SPAN("a.b.example"), RR_A));
	answers_put(answers, SPAN("."), RR_MX, &gone);
	assert_ptr_equal(answers_get(answers, SPAN("."), RR_MX), &gone);
	assert_int_equal(
		answers_get(answers, SPAN(""), RR_MX)->kind, ANSWER_NO_NAME);
	assert_null(answers_open_question(answers));
	arena_close(arena);
}

static void what_is_put_is_known_and_the_last_word_counts(void **state)
{
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);

	(void)state;
	answers_put(answers, SPAN("A.example."), RR_A, &none);
	assert_ptr_equal(answers_get(answers, SPAN("a.example"), RR_A), &none);
	answers_put(answers, SPAN("a.example"), RR_A, &gone);
	assert_ptr_equal(answers_get(answers, SPAN("a.example"), RR_A), &gone);
	answers_put(answers, SPAN("a..example"), RR_A, &gone);
	assert_null(answers_first(answers)->next);
	arena_close(arena);
}

static void a_name_that_no_dns_could_hold_does_not_exist(void **state)
{
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);
	const struct answer *answer;

	(void)state;
	answer = answers_get(answers, SPAN("a..example"), RR_A);
	assert_int_equal(answer->kind, ANSWER_NO_NAME);
	assert_true(span_is(answer->why, SPAN("a label is empty")));
	assert_null(answers_first(answers));
	arena_close(arena);
}

static void many_names_are_kept_apart(void **state)
{
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);
	struct question *question;
	int i = 0;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_null(answers_get(
			answers, arena_print(arena, "n%d.example", i), RR_A));
	question = answers_first(answers);
	for (i = 0; question; question = question->next, i++) {
		assert_true(span_is(
			question->name, arena_print(arena, "n%d.example", i)));
		question_settle(question, i % 2 ? &none : &gone);
	}
	assert_int_equal(i, 1000);
	for (i = 0; i < 1000; i++)
		assert_ptr_equal(
			answers_get(answers,
				arena_print(arena, "n%d.example", i), RR_A),
			i % 2 ? &none : &gone);
	arena_close(arena);
}

static void words_lead_back(void **state)
{
	enum answer_kind kind;
	enum rr_type type;

	(void)state;
	for (unsigned i = ANSWER_DATA; i <= ANSWER_UNSAVED; i++) {
		assert_true(answer_kind_parse(
			span_of(answer_word((enum answer_kind)i)), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(answer_kind_parse(SPAN("lost"), &kind));
	assert_true(rr_type_parse(SPAN("tlsa"), &type));
	assert_int_equal(type, RR_TLSA);
	assert_false(rr_type_parse(SPAN("NAPTR"), &type));
	assert_false(rr_type_parse(SPAN(""), &type));
}

static void an_mx_value_is_a_number_and_a_name(void **state)
{
	unsigned preference;
	struct span host;

	(void)state;
	assert_true(answer_mx(SPAN("10 mx.example"), &preference, &host));
	assert_int_equal(preference, 10);
	assert_true(span_is(host, SPAN("mx.example")));
	assert_true(answer_mx(SPAN("0 ."), &preference, &host));
	assert_true(answer_mx(SPAN("65535 a"), &preference, &host));
	assert_false(answer_mx(SPAN("65536 a"), &preference, &host));
	assert_false(answer_mx(SPAN("10"), &preference, &host));
	assert_false(answer_mx(SPAN("10 "), &preference, &host));
	assert_false(answer_mx(SPAN("mx.example"), &preference, &host));
	assert_false(answer_mx(SPAN("10 a b"), &preference, &host));
	assert_false(answer_mx(SPAN(""), &preference, &host));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_known_becomes_a_question),
		cmocka_unit_test(a_settled_question_is_an_answer),
		cmocka_unit_test(names_of_every_length_are_told_apart),
		cmocka_unit_test(a_name_is_found_however_it_is_written),
		cmocka_unit_test(what_is_put_is_known_and_the_last_word_counts),
		cmocka_unit_test(a_name_that_no_dns_could_hold_does_not_exist),
		cmocka_unit_test(many_names_are_kept_apart),
		cmocka_unit_test(words_lead_back),
		cmocka_unit_test(an_mx_value_is_a_number_and_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
