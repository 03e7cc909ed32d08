#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/codebook_recent.h"

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_open();
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static const struct codebook_row rows[2];

static const struct codebook_evidence plain = { .code = 550,
	.class = 5,
	.has_status = true,
	.status = { 5, 7, 1 },
	.has_stage = true,
	.stage = STAGE_RCPT,
	.hints = { { "google", 6 }, { "", 0 } } };

static void keep(struct codebook_recent *recent, struct span text,
	const struct codebook_evidence *evidence,
	const struct codebook_row *row)
{
	struct codebook_found found = { .row = row, .is_tied = row == NULL };

	codebook_recent_keep(recent, text, evidence, &found);
}

static void what_was_kept_is_found_again(void **state)
{
	struct codebook_recent *recent = codebook_recent_new(arena);
	struct codebook_found found;
	char text[] = "550 5.7.1 no";

	(void)state;
	assert_false(
		codebook_recent_find(recent, span_of(text), &plain, &found));
	keep(recent, span_of(text), &plain, &rows[1]);
	text[0] = 'x'; /* it has a copy */
	assert_false(
		codebook_recent_find(recent, span_of(text), &plain, &found));
	assert_true(codebook_recent_find(
		recent, SPAN("550 5.7.1 no"), &plain, &found));
	assert_ptr_equal(found.row, &rows[1]);
	assert_false(found.is_tied);
}

static void that_nothing_was_found_is_known_too(void **state)
{
	struct codebook_recent *recent = codebook_recent_new(arena);
	struct codebook_found found = { .row = &rows[0] };

	(void)state;
	assert_false(codebook_recent_find(
		recent, (struct span){ NULL, 0 }, &plain, &found));
	keep(recent, (struct span){ NULL, 0 }, &plain, NULL);
	assert_true(codebook_recent_find(recent, SPAN(""), &plain, &found));
	assert_null(found.row);
	assert_true(found.is_tied);
}

static void other_evidence_is_another_question(void **state)
{
	struct codebook_evidence others[9];
	struct codebook_recent *recent = codebook_recent_new(arena);
	struct codebook_found found;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		others[i] = plain;
	others[0].code = 554;
	others[1].class = 4;
	others[2].has_status = false;
	others[3].status[0] = 4;
	others[4].status[2] = 2;
	others[5].has_stage = false;
	others[6].stage = STAGE_DOT;
	others[7].hints[0] = SPAN("yahoo");
	others[8].hints[1] = SPAN("google");
	keep(recent, SPAN("no"), &plain, &rows[0]);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(codebook_recent_find(
			recent, SPAN("no"), &others[i], &found));
	assert_true(codebook_recent_find(recent, SPAN("no"), &plain, &found));
}

static void a_text_beyond_the_limit_is_not_kept(void **state)
{
	static char text[CODEBOOK_RECENT_TEXT_MAX + 1];
	struct codebook_recent *recent = codebook_recent_new(arena);
	struct codebook_found found;

	(void)state;
	for (size_t len = sizeof(text) - 1; len <= sizeof(text); len++) {
		struct span long_text = { text, len };

		keep(recent, long_text, &plain, &rows[0]);
		assert_int_equal(
			codebook_recent_find(recent, long_text, &plain, &found),
			len <= CODEBOOK_RECENT_TEXT_MAX);
	}
}

/* Texts of many lengths, more than there are places: what is found is right. */
static void the_next_in_its_place_drives_a_text_out(void **state)
{
	enum { TEXTS = 400 };
	static char text[TEXTS];
	struct codebook_recent *recent = codebook_recent_new(arena);
	size_t kept = 0;

	(void)state;
	for (size_t len = 0; len < TEXTS; len++)
		keep(recent, (struct span){ text, len }, &plain,
			&rows[len % 2]);
	for (size_t len = 0; len < TEXTS; len++) {
		struct codebook_found found;

		if (!codebook_recent_find(
			    recent, (struct span){ text, len }, &plain, &found))
			continue;
		assert_ptr_equal(found.row, &rows[len % 2]);
		kept++;
	}
	assert_in_range(kept, CODEBOOK_RECENT / 2, CODEBOOK_RECENT);
}

/* Samples of the codebook, asked twice; and by one that was never asked. */
static void a_second_answer_is_as_the_first(void **state)
{
	const struct codebook *codebook = codebook_embedded(arena);
	size_t count = codebook_row_count(codebook);

	(void)state;
	/* Each reading of the codebook takes some milliseconds. */
	for (size_t i = 0; i < count; i += 16) {
		const struct codebook_row *row = codebook_row(codebook, i);
		struct codebook_question question = { .text = row->sample };
		struct codebook_answer first, second;

		first = codebook_find_text(codebook, &question);
		second = codebook_find_text(codebook, &question);
		assert_ptr_equal(first.row, second.row);
		question.has_stage = true;
		question.stage = STAGE_CONNECT;
		first = codebook_find_text(codebook, &question);
		second = codebook_find_text(
			codebook_embedded(arena), &question);
		assert_int_equal(first.row != NULL, second.row != NULL);
		if (first.row)
			assert_true(span_is(first.row->id, second.row->id));
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_kept_is_found_again),
		TEST(that_nothing_was_found_is_known_too),
		TEST(other_evidence_is_another_question),
		TEST(a_text_beyond_the_limit_is_not_kept),
		TEST(the_next_in_its_place_drives_a_text_out),
		TEST(a_second_answer_is_as_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
