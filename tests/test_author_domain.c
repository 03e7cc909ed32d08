#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/author_domain.h"

/* clang-format off */
static const struct {
	const char *from, *domain;
	size_t addresses;
	bool is_well_formed;
} fields[] = {
	{ "a@one.example", "one.example", 1, true },
	{ "A Name <a@one.example>", "one.example", 1, true },
	{ "\"a@two.example\" <a@one.example>", "one.example", 1, true },
	{ "a@one.example, b@two.example", "one.example", 2, true },
	{ "(b@two.example) a@one.example", "one.example", 1, true },
	{ "a@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]", 1, true },
	{ "\"b@two.example\" a@one.example", "one.example", 1, false },
	{ "<<<><a@one.example>>>", "one.example", 1, false },
	{ "From: A <a@one.example>", "one.example", 1, false },
	{ "a@one.example b@two.example", "one.example", 1, false },
	{ "b@two.example <a@one.example>", "one.example", 1, false },
	{ "b@two.example <a@one.example>, c@three.example", "one.example", 2,
		false },
	{ "A \"open <a@one.example>", "one.example", 1, false },
	{ "A (open <a@one.example>", "one.example", 1, false },
	{ "\"a b\"@one.example <", "one.example", 1, false },
	{ "\"a\\\"@two.example\"@one.example <", "one.example", 1, false },
	{ "a@b@one.example", "one.example", 1, false },
	{ "@one.example", "", 0, false },
	{ "a@", "", 0, false },
	{ "A Name", "", 0, false },
	{ "<>", "", 0, false },
	{ "", "", 0, false },
	{ "x <a@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]", 1, false },
	{ "a@[open <b@one.example>", "one.example", 1, false },
};
/* clang-format on */

static void the_first_address_gives_the_domain(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct author_domain author;

		author_domain_find(arena, span_of(fields[i].from), &author);
		if (!span_is(author.domain, span_of(fields[i].domain)) ||
			author.addresses != fields[i].addresses ||
			author.is_well_formed != fields[i].is_well_formed)
			fail_msg("%s: \"%.*s\", %zu, %d", fields[i].from,
				SPAN_ARG(author.domain), author.addresses,
				author.is_well_formed);
	}
	arena_close(arena);
}

static void marks_that_never_close_are_read_once(void **state)
{
	static const char marks[] = { '"', '(', '[', '<', '\\' };
	struct arena *arena = arena_open();
	struct author_domain author;
	char *room = arena_take(arena, 200000);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		memset(room, marks[i], 200000 - 6);
		memcpy(room + 200000 - 6, " <a@b>", 6);
		author_domain_find(
			arena, (struct span){ room, 200000 }, &author);
		assert_true(author.addresses <= 1);
	}
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_address_gives_the_domain),
		cmocka_unit_test(marks_that_never_close_are_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
