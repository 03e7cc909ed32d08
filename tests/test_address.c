#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/escape.h"
#include "probe/smtp/address.h"

enum { NONE = 0, EMPTY = ADDRESS_ALLOW_EMPTY, LOCAL = ADDRESS_ALLOW_LOCAL,
	LENIENT = ADDRESS_LENIENT, OPTIONAL = ADDRESS_OPTIONAL_BRACKETS };

struct address_case {
	const char *text;
	unsigned flags;
	const char *local, *domain;     /* domain NULL: none */
	const char *print;              /* NULL: as it was read */
	const char *literal;            /* the address it names */
};

/* clang-format off */
static const struct address_case mailboxes[] = {
	{ "eg@example.com", NONE, "eg", .domain = "example.com" },
	{ "e.g+tag=1@a.example", NONE, "e.g+tag=1", .domain = "a.example" },
	{ "!#$%&'*+-/=?^_`{|}~@x", NONE, "!#$%&'*+-/=?^_`{|}~", .domain = "x" },
	{ "\"eg\"@example.com", NONE, "eg", .domain = "example.com",
		"eg@example.com" },
	{ "\"e g\"@example.com", NONE, "e g", .domain = "example.com" },
	{ "\"e@g\"@example.com", NONE, "e@g", .domain = "example.com" },
	{ "\"e\\\"g\\\\\"@x", NONE, "e\"g\\", .domain = "x" },
	{ "\"\\e\\g\"@x", NONE, "eg", .domain = "x", "eg@x" },
	{ "\"e..g\"@x", NONE, "e..g", .domain = "x" },
	{ "\"\"@x", NONE, "", .domain = "x" },
	{ "\"<>\"@x", NONE, "<>", .domain = "x" },
	{ "eg@127.0.0.1", NONE, "eg", .domain = "127.0.0.1" },
	{ "eg@[192.0.2.1]", NONE, "eg", .domain = "[192.0.2.1]",
		.literal = "192.0.2.1" },
	{ "eg@[IPv6:2001:db8::1]", NONE, "eg", .domain = "[IPv6:2001:db8::1]",
		.literal = "2001:db8::1" },
	{ "eg@[ipV6:::ffff:192.0.2.1]", NONE, "eg",
		.domain = "[ipV6:::ffff:192.0.2.1]",
		.literal = "::ffff:192.0.2.1" },
	{ "eg@xn--bcher-kva.example", NONE, "eg",
		.domain = "xn--bcher-kva.example" },
	{ "eg@b\303\274cher.example", NONE, "eg",
		.domain = "b\303\274cher.example" },
	{ "\303\251@x", NONE, "\303\251", .domain = "x" },
	{ "\"\303\251 \"@x", NONE, "\303\251 ", .domain = "x" },
	{ "", EMPTY, "", .domain = NULL },
	{ "postmaster", LOCAL, "postmaster", .domain = NULL },
	{ "\"post master\"", LOCAL, "post master", .domain = NULL },
	{ ".eg@x", LENIENT, ".eg", .domain = "x", "\".eg\"@x" },
	{ "e..g.@-x.example", LENIENT, "e..g.", .domain = "-x.example",
		"\"e..g.\"@-x.example" },
};

static const struct address_case paths[] = {
	{ "<eg@example.com>", NONE, "eg", .domain = "example.com",
		"eg@example.com" },
	{ "<>", EMPTY, "", .domain = NULL, "" },
	{ "<Postmaster>", LOCAL, "Postmaster", .domain = NULL, "Postmaster" },
	{ "<@one.example,@two.example:eg@x>", NONE, "eg", .domain = "x",
		"eg@x" },
	{ "<\"a>b\"@x>", NONE, "a>b", .domain = "x", "\"a>b\"@x" },
	{ "eg@x", OPTIONAL, "eg", .domain = "x", "eg@x" },
	{ "<eg@x>", OPTIONAL, "eg", .domain = "x", "eg@x" },
	{ "", OPTIONAL | EMPTY, "", .domain = NULL, "" },
};

static const struct refusal {
	const char *text;
	unsigned flags;
	const char *why;
} bad_mailboxes[] = {
	{ "", NONE, "the address is empty" },
	{ "eg", NONE, "there is no @" },
	{ "eg", EMPTY, "there is no @" },
	{ "@x", NONE, "there is no user name before the @" },
	{ "@", LOCAL, "there is no user name before the @" },
	{ "eg@", NONE, "the domain has an empty label, or a character that "
		"no domain has" },
	{ ".eg@x", NONE, "the user name has a dot too many" },
	{ "eg.@x", NONE, "the user name has a dot too many" },
	{ "e..g@x", NONE, "the user name has a dot too many" },
	{ "e g@x", NONE, "a character that must be quoted, or no @" },
	{ "e\"g\"@x", NONE, "a character that must be quoted, or no @" },
	{ "\"eg\"x@x", NONE, "a character that must be quoted, or no @" },
	{ "eg\r\nRCPT@x", NONE, "a character that must be quoted, or no @" },
	{ "eg <eg@x>", NONE, "a character that must be quoted, or no @" },
	{ "\"eg@x", NONE, "the closing quote is missing" },
	{ "\"eg\\", NONE, "the closing quote is missing" },
	{ "\"eg\\\"", NONE, "the closing quote is missing" },
	{ "\"e\ng\"@x", NONE, "a quoted user name holds a forbidden byte" },
	{ "\"e\\\ng\"@x", NONE, "a quoted user name holds a forbidden byte" },
	{ "\"\\\303\251\"@x", NONE,
		"a quoted user name holds a forbidden byte" },
	{ "eg@x@y", NONE, "the domain holds a character that no domain has" },
	{ "eg@x ", NONE, "the domain holds a character that no domain has" },
	{ "eg@x\r\n", NONE,
		"the domain holds a character that no domain has" },
	{ "eg@a$.x", NONE, "the domain holds a character that no domain has" },
	{ "eg@_a.x", NONE, "the domain has an empty label, or a character "
		"that no domain has" },
	{ "eg@.x", NONE, "the domain has an empty label, or a character that "
		"no domain has" },
	{ "eg@x.", NONE, "the domain has an empty label, or a character that "
		"no domain has" },
	{ "eg@a..x", LENIENT, "the domain has an empty label, or a character "
		"that no domain has" },
	{ "eg@-x", NONE,
		"a label of the domain begins or ends in a hyphen" },
	{ "eg@x-.y", LENIENT,
		"a label of the domain begins or ends in a hyphen" },
	{ "eg@[", NONE, "the closing ] is missing" },
	{ "eg@[192.0.2.1", NONE, "the closing ] is missing" },
	{ "eg@[]", NONE, "not [192.0.2.1] nor [IPv6:2001:db8::1] after the @" },
	{ "eg@[192.0.2]", NONE,
		"not [192.0.2.1] nor [IPv6:2001:db8::1] after the @" },
	{ "eg@[2001:db8::1]", NONE,
		"not [192.0.2.1] nor [IPv6:2001:db8::1] after the @" },
	{ "eg@[IPv6:192.0.2.1]", NONE,
		"not [192.0.2.1] nor [IPv6:2001:db8::1] after the @" },
	{ "eg@[IPv6:fe80::1%lo]", NONE,
		"not [192.0.2.1] nor [IPv6:2001:db8::1] after the @" },
	{ "eg@[x400:c=se]", NONE,
		"not [192.0.2.1] nor [IPv6:2001:db8::1] after the @" },
	{ "eg@[192.0.2.1]x", NONE,
		"the domain holds a character that no domain has" },
	{ "\351@x", NONE, "the address is not UTF-8" },
}, bad_paths[] = {
	{ "eg@x", NONE, "the address does not begin with <" },
	{ "eg@x>", OPTIONAL,
		"the domain holds a character that no domain has" },
	{ "<eg@x", OPTIONAL, "the address does not end in >" },
	{ "<", EMPTY, "the address does not end in >" },
	{ "<>", NONE, "the address is empty" },
	{ "<eg>", NONE, "there is no @" },
	{ "<eg@x> ", NONE, "the address does not end in >" },
	{ "<<eg@x>>", NONE, "there is no user name before the @" },
	{ "<@one.example,@two.example.eg@x>", NONE,
		"the source route has no end" },
	{ "<@one.example>", NONE, "the source route has no end" },
	{ "<@#:eg@x>", NONE, "the domain has an empty label, or a character "
		"that no domain has" },
	{ "@one.example:eg@x", OPTIONAL,
		"there is no user name before the @" },
};
/* clang-format on */

static bool parse(struct arena *arena, const char *text, unsigned flags,
	bool is_path, struct address *address, const char **why)
{
	return is_path ? address_parse_path(arena, span_of(text), flags,
				 address, why) :
			 address_parse(arena, span_of(text), flags, address,
				 why);
}

static void expect_literal(const struct address *address, const char *text)
{
	char room[IP_TEXT_MAX];

	assert_int_equal(address->is_literal, text != NULL);
	if (text)
		assert_string_equal(ip_print(&address->ip, room), text);
}

static bool is_high(const char *text)
{
	while (*text)
		if ((unsigned char)*text++ >= 0x80)
			return true;
	return false;
}

static void expect_good(const struct address_case *c, bool is_path)
{
	struct arena *arena = arena_open();
	struct address address;
	const char *why;

	print_message("# %.*s\n",
		SPAN_ARG(escape_text(arena, span_of(c->text))));
	assert_true(parse(arena, c->text, c->flags, is_path, &address, &why));
	assert_true(span_is(address.local, span_of(c->local)));
	assert_true(span_is(address.domain,
		c->domain ? span_of(c->domain) : SPAN("")));
	assert_int_equal(address.is_quoted,
		c->text[strspn(c->text, "<")] == '"');
	assert_int_equal(address.is_utf8, is_high(c->text));
	expect_literal(&address, c->literal);
	assert_true(span_is(address_print(arena, &address),
		span_of(c->print ? c->print : c->text)));
	arena_close(arena);
}

static void expect_bad(const struct refusal *c, bool is_path)
{
	struct arena *arena = arena_open();
	struct address address;
	const char *why;

	print_message("# %.*s\n",
		SPAN_ARG(escape_text(arena, span_of(c->text))));
	assert_false(parse(arena, c->text, c->flags, is_path, &address, &why));
	assert_string_equal(why, c->why);
	arena_close(arena);
}

static void mailboxes_are_read_and_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(mailboxes); i++)
		expect_good(&mailboxes[i], false);
}

static void paths_are_read_without_their_route(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		expect_good(&paths[i], true);
}

static void what_is_no_address_is_refused_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad_mailboxes); i++)
		expect_bad(&bad_mailboxes[i], false);
	for (size_t i = 0; i < COUNT_OF(bad_paths); i++)
		expect_bad(&bad_paths[i], true);
}

static void a_nul_is_no_part_of_an_address(void **state)
{
	struct arena *arena = arena_open();
	struct address address;
	const char *why;

	(void)state;
	assert_false(address_parse(arena, SPAN("e\0g@x"), NONE, &address,
		&why));
	assert_false(address_parse(arena, SPAN("eg@x\0"), NONE, &address,
		&why));
	assert_false(address_parse(arena, SPAN("\"e\0g\"@x"), NONE, &address,
		&why));
	assert_false(address_parse(arena, (struct span){ NULL, 0 }, NONE,
		&address, &why));
	arena_close(arena);
}

/* `user` letters, @, and a domain of labels of `label` letters. */
static bool is_accepted(int user, int label, int labels, const char **why)
{
	struct arena *arena = arena_open();
	struct span text = arena_print(arena, "%0*d@", user, 0);
	struct address address;
	bool is_good;

	for (int i = 0; i < labels; i++)
		text = arena_print(arena, "%s%s%0*d", text.at, i ? "." : "",
			label, 0);
	is_good = address_parse(arena, text, NONE, &address, why);
	arena_close(arena);
	return is_good;
}

static void the_lengths_of_the_rfc_are_kept(void **state)
{
	const char *why;

	(void)state;
	assert_true(is_accepted(64, 9, 1, &why));
	assert_false(is_accepted(65, 9, 1, &why));
	assert_string_equal(why, "the user name is longer than 64 bytes");
	assert_true(is_accepted(1, 63, 1, &why));
	assert_false(is_accepted(1, 64, 1, &why));
	assert_string_equal(why,
		"a label of the domain is longer than 63 bytes");
	assert_true(is_accepted(14, 59, 4, &why));      /* 14 + 1 + 239 */
	assert_false(is_accepted(15, 59, 4, &why));
	assert_string_equal(why, "the address is longer than 254 bytes");
}

static void an_address_outlives_its_text(void **state)
{
	struct arena *arena = arena_open();
	char text[] = "eg@example.com";
	struct address address;
	const char *why;

	(void)state;
	assert_true(address_parse(arena, span_of(text), NONE, &address, &why));
	memset(text, 'x', sizeof(text) - 1);
	assert_true(span_is(address_print(arena, &address),
		SPAN("eg@example.com")));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mailboxes_are_read_and_printed),
		cmocka_unit_test(paths_are_read_without_their_route),
		cmocka_unit_test(what_is_no_address_is_refused_with_a_reason),
		cmocka_unit_test(a_nul_is_no_part_of_an_address),
		cmocka_unit_test(the_lengths_of_the_rfc_are_kept),
		cmocka_unit_test(an_address_outlives_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
