#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "reports/inbound/log_memory.h"
#include "tests/spans.h"

static struct log_memory *memory;
static struct arena *arena;

static bool find(struct span key, enum log_fact fact, struct span *value)
{
	*value = log_memory_find(memory, key).of[fact];
	return value->at != NULL;
}

static int open_memory(void **state)
{
	(void)state;
	arena = arena_open();
	memory = log_memory_open(arena);
	return 0;
}

static int close_memory(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static void two_facts_of_a_key_are_kept_apart(void **state)
{
	struct span value;

	(void)state;
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_SENDER, SPAN("s@x"));
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_MESSAGE_ID, SPAN("id"));
	log_memory_keep(memory, SPAN("A2"), LOG_FACT_SENDER, SPAN(""));
	assert_true(find(SPAN("A1"), LOG_FACT_SENDER, &value));
	assert_span(value, "s@x");
	assert_true(find(SPAN("A1"), LOG_FACT_MESSAGE_ID, &value));
	assert_span(value, "id");
	assert_true(find(SPAN("A2"), LOG_FACT_SENDER, &value));
	assert_int_equal(value.len, 0);
	assert_false(find(SPAN("A2"), LOG_FACT_MESSAGE_ID, &value));
	assert_false(find(SPAN("A3"), LOG_FACT_SENDER, &value));
}

static void the_last_word_counts(void **state)
{
	struct span value;

	(void)state;
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_SENDER, SPAN("old"));
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_SENDER, SPAN("new"));
	assert_true(find(SPAN("A1"), LOG_FACT_SENDER, &value));
	assert_span(value, "new");
}

static void what_is_too_long_is_not_kept(void **state)
{
	static const char big[2000];
	struct span value, much = { big, sizeof(big) };

	(void)state;
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_SENDER, much);
	log_memory_keep(memory, much, LOG_FACT_SENDER, SPAN("x"));
	log_memory_keep(memory, SPAN(""), LOG_FACT_SENDER, SPAN("x"));
	assert_false(find(SPAN("A1"), LOG_FACT_SENDER, &value));
	assert_false(find(much, LOG_FACT_SENDER, &value));
	assert_false(find(SPAN(""), LOG_FACT_SENDER, &value));
}

static struct span number(char room[static 32], bool is_key, size_t i)
{
	int len = is_key ? snprintf(room, 32, "%zX", i * 7919)
			 : snprintf(room, 32, "sender-%zu@example", i);

	return (struct span){ room, (size_t)len };
}

/* More than the ring holds: the last are there and right, the first are gone,
 * and none is wrong. */
static void the_oldest_are_forgotten(void **state)
{
	enum { MANY = 600000, LAST = 20000 };
	size_t found = 0, found_last = 0;
	char key[32], wanted[32];
	struct span value;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		struct span word = number(wanted, false, i);

		log_memory_keep(
			memory, number(key, true, i), LOG_FACT_SENDER, word);
	}
	for (size_t i = 0; i < MANY; i++) {
		if (!find(number(key, true, i), LOG_FACT_SENDER, &value))
			continue;
		assert_true(span_is(value, number(wanted, false, i)));
		found++;
		found_last += i >= MANY - LAST;
	}
	/* A set may be crowded by chance. */
	assert_true(found_last >= LAST - LAST / 1000);
	assert_true(found < MANY / 2);
}

static void what_is_gone_is_not_known_and_may_come_again(void **state)
{
	struct span value;

	(void)state;
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_SENDER, SPAN("s@x"));
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_MESSAGE_ID, SPAN("id"));
	log_memory_keep(memory, SPAN("A2"), LOG_FACT_SENDER, SPAN("t@x"));
	log_memory_drop(memory, SPAN("A1"));
	log_memory_drop(memory, SPAN("A3"));
	log_memory_drop(memory, SPAN(""));
	assert_false(find(SPAN("A1"), LOG_FACT_SENDER, &value));
	assert_false(find(SPAN("A1"), LOG_FACT_MESSAGE_ID, &value));
	assert_true(find(SPAN("A2"), LOG_FACT_SENDER, &value));
	assert_span(value, "t@x");
	log_memory_keep(memory, SPAN("A1"), LOG_FACT_SENDER, SPAN("again"));
	assert_true(find(SPAN("A1"), LOG_FACT_SENDER, &value));
	assert_span(value, "again");
	assert_false(find(SPAN("A1"), LOG_FACT_MESSAGE_ID, &value));
}

/* One that stays in the queue for a month is known until it goes. */
static void what_stays_is_known_however_many_come_and_go(void **state)
{
	enum { MANY = 1000000 };
	struct span value;
	char key[32], word[32];

	(void)state;
	log_memory_keep(memory, SPAN("-"), LOG_FACT_SENDER, SPAN("the first"));
	log_memory_keep(memory, SPAN("+"), LOG_FACT_MESSAGE_ID, SPAN("id"));
	for (size_t i = 0; i < MANY; i++) {
		struct span id = number(key, true, i);

		log_memory_keep(
			memory, id, LOG_FACT_SENDER, number(word, false, i));
		log_memory_keep(memory, id, LOG_FACT_MESSAGE_ID, id);
		assert_true(find(id, LOG_FACT_MESSAGE_ID, &value));
		assert_true(span_is(value, id));
		assert_true(find(id, LOG_FACT_SENDER, &value));
		assert_true(span_is(value, number(word, false, i)));
		log_memory_drop(memory, id);
		log_memory_tidy(memory);
	}
	assert_false(log_memory_is_full(memory));
	assert_true(find(SPAN("-"), LOG_FACT_SENDER, &value));
	assert_span(value, "the first");
	assert_true(find(SPAN("+"), LOG_FACT_MESSAGE_ID, &value));
	assert_span(value, "id");
}

static void the_last_word_counts_however_often_it_changes(void **state)
{
	enum { MANY = 1000000 };
	struct span value;
	char key[32], word[32];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		log_memory_keep(memory, number(key, true, i % 700),
			LOG_FACT_SENDER, number(word, false, i));
		log_memory_tidy(memory);
	}
	assert_false(log_memory_is_full(memory));
	for (size_t i = MANY - 700; i < MANY; i++) {
		assert_true(find(
			number(key, true, i % 700), LOG_FACT_SENDER, &value));
		assert_true(span_is(value, number(word, false, i)));
	}
}

/* Until it is tidied, or full, whoever reads a value can go on. */
static void a_value_that_was_found_stays_while_others_come(void **state)
{
	enum { MANY = 600000 };
	struct span value, first;
	char key[32], word[32];
	size_t i;

	(void)state;
	log_memory_keep(memory, SPAN("-"), LOG_FACT_SENDER, SPAN("the first"));
	assert_true(find(SPAN("-"), LOG_FACT_SENDER, &first));
	for (i = 0; i < MANY && !log_memory_is_full(memory); i++) {
		struct span id = number(key, true, i);

		assert_span(first, "the first");
		log_memory_keep(
			memory, id, LOG_FACT_SENDER, number(word, false, i));
		if (i % 2)
			log_memory_drop(memory, id);
	}
	assert_in_range(i, 100000, MANY - 1);
	assert_true(find(number(key, true, (i - 1) & ~(size_t)1),
		LOG_FACT_SENDER, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_memory, close_memory)
		TEST(two_facts_of_a_key_are_kept_apart),
		TEST(the_last_word_counts),
		TEST(what_is_too_long_is_not_kept),
		TEST(the_oldest_are_forgotten),
		TEST(what_is_gone_is_not_known_and_may_come_again),
		TEST(what_stays_is_known_however_many_come_and_go),
		TEST(a_value_that_was_found_stays_while_others_come),
		TEST(the_last_word_counts_however_often_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
