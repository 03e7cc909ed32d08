#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/generic_name.h"

/* clang-format off */
static const struct {
	const char *name, *address;
	enum generic kind;
	const char *evidence;
} names[] = {
	{ "mail.example.com", "192.0.2.25", GENERIC_NO, "" },
	{ "mx2.example.com", "192.0.2.2", GENERIC_NO, "" },
	{ "mx-2-25.example.com", "192.0.2.25", GENERIC_NO, "" },
	{ "static.example.com", "192.0.2.25", GENERIC_NO, "" },
	{ "server25.example.com", "192.0.2.25", GENERIC_NO, "" },
	{ "192-0-2-25.example.com", "192.0.2.25", GENERIC_ADDRESS,
		"192-0-2-25" },
	{ "25.2.0.192.example.com", "192.0.2.25", GENERIC_ADDRESS,
		"25.2.0.192" },
	{ "ip192.000.002.025.example.com", "192.0.2.25", GENERIC_ADDRESS,
		"192.000.002.025" },
	{ "x-0-2-25.example.com", "192.0.2.25", GENERIC_ADDRESS, "0-2-25" },
	{ "host192000002025.example.com", "192.0.2.25", GENERIC_ADDRESS,
		"192000002025" },
	{ "hC0000219.example.com", "192.0.2.25", GENERIC_ADDRESS,
		"c0000219" },
	{ "192-0-2-26.example.com", "192.0.2.25", GENERIC_ADDRESS,
		"192-0-2" },
	{ "10-20-30-40.example.com", "192.0.2.25", GENERIC_NO, "" },
	{ "host-2-25.example.com", "192.0.2.25", GENERIC_DYNAMIC, "host" },
	{ "p25.dyn.example.com", "192.0.2.25", GENERIC_DYNAMIC, "dyn" },
	{ "Pool3.example.com", "192.0.2.25", GENERIC_DYNAMIC, "pool" },
	{ "pooling.example.com", "192.0.2.25", GENERIC_NO, "" },
	{ "mail.dsl.com", "192.0.2.25", GENERIC_NO, "" },
	{ "dsl.com", "192.0.2.25", GENERIC_NO, "" },
	{ "mail.example.com", "2001:db8::25", GENERIC_NO, "" },
	{ "2001-db8--25.example.com", "2001:db8::25", GENERIC_ADDRESS,
		"2001-db8--25" },
	{ "2001-db8-0-0-0-0-0-25.example.com", "2001:db8::25",
		GENERIC_ADDRESS, "2001-db8-0-0-0-0-0-25" },
	{ "20010db8000000000000000000000025.example.com", "2001:db8::25",
		GENERIC_ADDRESS, "20010db8000000000000000000000025" },
	{ "v6-0000-0000-0000-0025.example.com", "2001:db8::25",
		GENERIC_ADDRESS, "v6-0000-0000-0000-0025" },
	{ "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
		".example.com", "2001:db8::25", GENERIC_ADDRESS,
		"5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0"
		".2" },
	{ "cable-7.example.com", "2001:db8::25", GENERIC_DYNAMIC, "cable" },
	{ "", "192.0.2.25", GENERIC_NO, "" },
	{ "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.192.0.2.25.example.com",
		"192.0.2.25", GENERIC_NO, "" },
};
/* clang-format on */

static void a_name_made_for_a_range_shows_it(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct generic_name generic;
		struct ip ip;

		assert_true(ip_parse(span_of(names[i].address), &ip));
		generic_name_check(arena, suffix_list_own(),
			span_of(names[i].name), &ip, &generic);
		if (generic.kind != names[i].kind ||
			!span_is(generic.evidence, span_of(names[i].evidence)))
			fail_msg("%s: %s, \"%.*s\"", names[i].name,
				generic_word(generic.kind),
				SPAN_ARG(generic.evidence));
		assert_int_equal(
			generic.why.len > 0, generic.kind != GENERIC_NO);
	}
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_made_for_a_range_shows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
