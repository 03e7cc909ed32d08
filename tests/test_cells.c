#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "reports/cells.h"

enum { LABEL = 8, WORD = 5 };

static const struct mark ok = { "ok", TONE_GOOD };

/* What is put on a screen of 40 columns. */
static void must_put(const char *label, const struct cell *cells, size_t count,
	const char *wanted)
{
	struct text_style style = { .columns = 40 };
	struct cell_layout layout = { .label = LABEL, .word = WORD };
	struct screen screen;
	char *text = NULL;
	size_t len = 0;

	screen_open(&screen, open_memstream(&text, &len), &style);
	cells_spread(&layout, &screen, count);
	cells_put(&screen, &layout, label, cells, count);
	fclose(screen.out);
	screen_close(&screen);
	assert_string_equal(text, wanted);
	free(text);
}

static void cells_stand_beside_each_other_and_wrap_within(void **state)
{
	const struct cell cells[] = { { ok, SPAN("one two three") },
		{ { "FAIL", TONE_BAD }, SPAN("four") } };

	(void)state;
	must_put("row", cells, 2,
		" row    ok   one two     FAIL four\n"
		"             three\n");
}

static void a_cell_with_nothing_to_say_leaves_its_place(void **state)
{
	const struct cell cells[] = { cell_nothing, { ok, SPAN("two") } };

	(void)state;
	must_put("row", cells, 2, " row                     ok   two\n");
	must_put("row", cells, 1, "");
}

static void a_word_that_is_too_long_moves_its_own_line(void **state)
{
	const struct cell cell = { { "permerror", TONE_BAD },
		SPAN("it is one of some length, in three lines of words") };

	(void)state;
	must_put("row", &cell, 1,
		" row    permerror it is one of some\n"
		"             length, in three lines\n"
		"             of words\n");
}

static void a_label_that_is_too_long_pushes(void **state)
{
	const struct cell cell = { ok, SPAN("x") };

	(void)state;
	must_put("labels", &cell, 1, " labels ok   x\n");
	must_put("label 7", &cell, 1, " label 7 ok   x\n");
	must_put("label 10 c", &cell, 1, " label 10 c ok   x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_stand_beside_each_other_and_wrap_within),
		cmocka_unit_test(a_cell_with_nothing_to_say_leaves_its_place),
		cmocka_unit_test(a_word_that_is_too_long_moves_its_own_line),
		cmocka_unit_test(a_label_that_is_too_long_pushes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
