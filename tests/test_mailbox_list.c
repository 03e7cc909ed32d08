#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/mail/mailbox_list.h"
#include "tests/own_arena.h"

/*
 * What a field holds, written as name|local|domain for each address, with a
 * space between; or what is wrong with it.
 */
static const struct list {
	const char *value, *wanted, *why;
	bool is_obsolete;
	size_t groups;
} lists[] = {
	{ .value = " user@example.org", .wanted = "|user|example.org" },
	{ .value = "User <user@example.org>",
		.wanted = "User|user|example.org" },
	{ .value = "<user@example.org>", .wanted = "|user|example.org" },
	{ .value = "\"A, B\" <a@example.org>, b@example.org",
		.wanted = "A, B|a|example.org |b|example.org" },
	{ .value = "A  B\r\n C <a@example.org>",
		.wanted = "A B C|a|example.org" },
	{ .value = "a@example.org (A Person)",
		.wanted = "A Person|a|example.org" },
	{ .value = "(one (two)) a (three) @ (four) example (five) . org",
		.wanted = "five|a|example.org" },
	{ .value = "\"a b\"@example.org", .wanted = "|a b|example.org" },
	{ .value = "\"a\\\"b\" <\"c\\\\d\"@example.org>",
		.wanted = "a\"b|c\\d|example.org" },
	{ .value = "a.b.c@example.org", .wanted = "|a.b.c|example.org" },
	{ .value = "a@[192.0.2.1]", .wanted = "|a|[192.0.2.1]" },
	{ .value = "a@[IPv6:2001:db8::1]", .wanted = "|a|[IPv6:2001:db8::1]" },
	{ .value = "b\303\274cher <a@b\303\274cher.example>",
		.wanted = "b\303\274cher|a|b\303\274cher.example" },
	{ .value = "Undisclosed recipients:;", .wanted = "", .groups = 1 },
	{ .value = "Friends: a@example.org, B <b@example.org>;, c@example.org",
		.wanted = "|a|example.org B|b|example.org |c|example.org",
		.groups = 1 },
	{ .value = "=?utf-8?q?J=C3=BCrgen?= <j@example.org>",
		.wanted = "=?utf-8?q?J=C3=BCrgen?=|j|example.org" },

	/* RFC 5322 section 4.4 and what real mailers write. */
	{ .value = "John Q. Public <j@example.org>",
		.wanted = "John Q. Public|j|example.org",
		.is_obsolete = true },
	{ .value = ",a@example.org,,b@example.org,",
		.wanted = "|a|example.org |b|example.org",
		.is_obsolete = true },
	{ .value = "<@one.example,@two.example:a@example.org>",
		.wanted = "|a|example.org",
		.is_obsolete = true },
	{ .value = "a..b.@docomo.example",
		.wanted = "|a..b.|docomo.example",
		.is_obsolete = true },

	{ .value = "", .wanted = "", .why = "there is no address" },
	{ .value = " \r\n ", .wanted = "", .why = "there is no address" },
	{ .value = "(only a comment)",
		.wanted = "",
		.why = "there is no address" },
	{ .value = "user",
		.wanted = "",
		.why = "there is no @ in the address" },
	{ .value = "A Person",
		.wanted = "",
		.why = "there is no @ in the address" },
	{ .value = "User <user>",
		.wanted = "",
		.why = "there is no @ in the address" },
	{ .value = "User <>",
		.wanted = "",
		.why = "there is nothing between < and >" },
	{ .value = "@example.org",
		.wanted = "",
		.why = "there is no user name before the @" },
	{ .value = "<@example.org>",
		.wanted = "",
		.why = "there is no user name before the @" },
	{ .value = "a b@example.org",
		.wanted = "",
		.why = "the user name is two words" },
	{ .value = "a@",
		.wanted = "",
		.why = "there is no domain behind the @" },
	{ .value = "a@b..c",
		.wanted = "",
		.why = "the domain has a dot too many" },
	{ .value = "a@[192.0.2.1",
		.wanted = "",
		.why = "an address literal is not closed" },
	{ .value = "\"a <a@example.org>",
		.wanted = "",
		.why = "a quote is not closed" },
	{ .value = "(a <a@example.org>",
		.wanted = "",
		.why = "a comment is not closed" },
	{ .value = "A <a@example.org",
		.wanted = "",
		.why = "the > behind the address is missing" },
	{ .value = "a@example.org b@example.org",
		.wanted = "|a|example.org",
		.why = "a comma is missing between two addresses" },
	{ .value = "a@example.org; b@example.org",
		.wanted = "|a|example.org",
		.why = "a comma is missing between two addresses" },
	{ .value = "Group: a@example.org",
		.wanted = "|a|example.org",
		.groups = 1,
		.why = "a group is not closed with ;" },
	{ .value = "One: Two: a@example.org;;",
		.wanted = "",
		.groups = 1,
		.why = "a group stands inside a group" },
	{ .value = ":;", .wanted = "", .why = "a group has no name" },
	{ .value = ">a@example.org",
		.wanted = "",
		.why = "a character stands where an address should" },
};

static struct span shown(const struct mailbox_list *list)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < list->count; i++) {
		const struct mailbox *mailbox = &list->mailboxes[i];

		text = arena_print(arena, "%.*s%s%.*s|%.*s|%.*s",
			SPAN_ARG(text), i ? " " : "", SPAN_ARG(mailbox->name),
			SPAN_ARG(mailbox->local), SPAN_ARG(mailbox->domain));
	}
	return text;
}

static void each_list_is_read_as_it_is_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const struct list *wanted = &lists[i];
		struct mailbox_list list;
		const char *why = NULL;
		bool is_well = mailbox_list_parse(
			arena, span_of(wanted->value), &list, &why);

		if (is_well != !wanted->why ||
			(wanted->why && strcmp(why, wanted->why) != 0))
			fail_msg("%s: %s", wanted->value, why ? why : "read");
		if (!span_is(shown(&list), span_of(wanted->wanted)))
			fail_msg("%s: %.*s", wanted->value,
				SPAN_ARG(shown(&list)));
		if (list.is_obsolete != wanted->is_obsolete && is_well)
			fail_msg("%s: obsolete %d", wanted->value,
				list.is_obsolete);
		assert_int_equal(list.group_count, wanted->groups);
	}
}

static void a_comment_that_nests_without_end_is_refused(void **state)
{
	char deep[2 * 4096 + 16];
	struct mailbox_list list;
	const char *why;

	(void)state;
	memset(deep, '(', sizeof(deep));
	assert_false(mailbox_list_parse(
		arena, (struct span){ deep, sizeof(deep) }, &list, &why));
	assert_string_equal(why, "comments are nested too deep");
}

static void a_long_list_takes_memory_in_proportion(void **state)
{
	enum { COUNT = 4096 };
	static const char one[] = "\"a\" <b@c.example>,";
	size_t each = sizeof(one) - 1;
	char *text = arena_take(arena, COUNT * each);
	struct mailbox_list list;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		memcpy(text + i * each, one, each);
	assert_true(mailbox_list_parse(
		arena, (struct span){ text, COUNT * each - 1 }, &list, &why));
	assert_int_equal(list.count, COUNT);
}

static void one_address_more_than_the_limit_is_told(void **state)
{
	size_t len = 4 * (MAILBOX_LIST_MAX + 1);
	char *text = arena_take(arena, len);
	struct mailbox_list list;
	const char *why;

	(void)state;
	for (size_t i = 0; i < len; i += 4)
		memcpy(text + i, "a@b,", 4);
	assert_false(mailbox_list_parse(
		arena, (struct span){ text, len }, &list, &why));
	assert_string_equal(why, "it has too many addresses");
	assert_int_equal(list.count, MAILBOX_LIST_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_list_is_read_as_it_is_meant),
		cmocka_unit_test(a_comment_that_nests_without_end_is_refused),
		cmocka_unit_test(a_long_list_takes_memory_in_proportion),
		cmocka_unit_test(one_address_more_than_the_limit_is_told),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
