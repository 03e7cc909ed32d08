#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/ledger.h"

static struct path path_to(const char *host, const char *address)
{
	struct path path = { .host = span_of(host) };

	assert_true(ip_parse(span_of(address), &path.remote));
	return path;
}

static void one_host_is_never_taken_twice(void **state)
{
	struct ledger *ledger = ledger_open(1000);
	struct path four = path_to("mx.example", "192.0.2.1");
	struct path six = path_to("mx.example", "2001:db8::1");
	struct path other = path_to("mx2.example", "192.0.2.2");
	uint64_t wait;

	(void)state;
	assert_true(ledger_take(ledger, &four, 0, &wait));
	assert_false(ledger_take(ledger, &six, 0, &wait));
	assert_int_equal(wait, 0);
	assert_true(ledger_take(ledger, &other, 0, &wait));
	ledger_close(ledger);
}

static void two_names_of_one_address_are_one_host(void **state)
{
	struct ledger *ledger = ledger_open(1000);
	struct path a = path_to("a.example", "192.0.2.1");
	struct path b = path_to("b.example", "192.0.2.1");
	uint64_t wait;

	(void)state;
	assert_true(ledger_take(ledger, &a, 0, &wait));
	assert_false(ledger_take(ledger, &b, 0, &wait));
	ledger_close(ledger);
}

static void a_host_rests_after_a_visit(void **state)
{
	struct ledger *ledger = ledger_open(1000);
	struct path path = path_to("mx.example", "192.0.2.1");
	uint64_t wait;

	(void)state;
	assert_true(ledger_take(ledger, &path, 100, &wait));
	ledger_release(ledger, &path, 500);
	assert_false(ledger_take(ledger, &path, 700, &wait));
	assert_int_equal(wait, 800);
	assert_true(ledger_take(ledger, &path, 1500, &wait));
	ledger_close(ledger);
}

static void without_a_pause_the_host_is_free_at_once(void **state)
{
	struct ledger *ledger = ledger_open(0);
	struct path path = path_to("mx.example", "192.0.2.1");
	uint64_t wait;

	(void)state;
	assert_true(ledger_take(ledger, &path, 5, &wait));
	ledger_release(ledger, &path, 5);
	assert_true(ledger_take(ledger, &path, 5, &wait));
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_is_never_taken_twice),
		cmocka_unit_test(two_names_of_one_address_are_one_host),
		cmocka_unit_test(a_host_rests_after_a_visit),
		cmocka_unit_test(without_a_pause_the_host_is_free_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
