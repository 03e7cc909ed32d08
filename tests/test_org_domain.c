#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "probe/policy/org_domain.h"

/* A list of our own: what the machine's says may change with any update. */
static const char list_text[] = "// ===BEGIN ICANN DOMAINS===\n"
				"com\n"
				"uk\n"
				"co.uk\n"
				"*.city\n"
				"!hall.city\n"
				"// ===END ICANN DOMAINS===\n"
				"// ===BEGIN PRIVATE DOMAINS===\n"
				"pages.example\n"
				"// ===END PRIVATE DOMAINS===\n";

/* clang-format off */
static const struct {
	const char *domain, *org;
} domains[] = {
	{ "example.com", "example.com" },
	{ "a.b.example.com", "example.com" },
	{ "MAIL.Example.CO.UK", "example.co.uk" },
	{ "mail.example.co.uk.", "example.co.uk" },
	{ "..mail.example.com..", "example.com" },
	{ "co.uk", "co.uk" },
	{ "com", "com" },
	{ "a.b.unknown", "b.unknown" },
	{ "a.b.town.city", "b.town.city" },
	{ "a.b.hall.city", "hall.city" },
	{ "me.pages.example", "me.pages.example" },
	{ "x.me.pages.example", "me.pages.example" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "2001:DB8::1", "2001:db8::1" },
	{ "[192.0.2.1]", "[192.0.2.1]" },
	{ "localhost", "localhost" },
	{ "", "" },
	{ "...", "" },
};
/* clang-format on */

static struct arena *arena;
static struct suffix_list *list;

static int open_list(void **state)
{
	char name[] = "/tmp/mxprobe-suffixes-XXXXXX";
	int fd = mkstemp(name);
	FILE *file = fdopen(fd, "w");

	(void)state;
	assert_non_null(file);
	fputs(list_text, file);
	fclose(file);
	arena = arena_open();
	list = suffix_list_open(arena, name);
	unlink(name);
	return list == NULL;
}

static int close_list(void **state)
{
	(void)state;
	suffix_list_close(list);
	arena_close(arena);
	return 0;
}

static void a_suffix_and_one_label_are_the_organization(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(domains); i++) {
		struct span got = org_domain(
			arena, list, span_of(domains[i].domain));

		if (!span_is(got, span_of(domains[i].org)))
			fail_msg("%s: \"%.*s\"", domains[i].domain,
				SPAN_ARG(got));
	}
}

static void a_nul_ends_no_name(void **state)
{
	(void)state;
	assert_true(span_is(org_domain(arena, list, SPAN("a.example.com\0.x")),
		SPAN("a.example.com\0.x")));
}

static void this_machine_has_a_list(void **state)
{
	const struct suffix_list *own = suffix_list_own();

	(void)state;
	assert_ptr_equal(own, suffix_list_own());
	assert_true(strlen(suffix_list_file(own)) > 0);
	assert_true(span_is(org_domain(arena, own, SPAN("a.example.co.uk")),
		strcmp(suffix_list_file(own), "none") == 0
			? SPAN("a.example.co.uk")
			: SPAN("example.co.uk")));
}

static void a_file_that_is_not_there_is_no_list(void **state)
{
	(void)state;
	assert_null(suffix_list_open(arena, "/nonexistent/list"));
	suffix_list_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_suffix_and_one_label_are_the_organization),
		cmocka_unit_test(a_nul_ends_no_name),
		cmocka_unit_test(this_machine_has_a_list),
		cmocka_unit_test(a_file_that_is_not_there_is_no_list),
	};

	return cmocka_run_group_tests(tests, open_list, close_list);
}
