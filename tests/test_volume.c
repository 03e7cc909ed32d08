#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "probe/judge/volume.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static struct delivery to(const char *recipient, const char *sender)
{
	return (struct delivery){ .recipient = span_of(recipient),
		.sender = span_of(sender),
		.result = DELIVERY_ACCEPTED,
		.has_time = true,
		.time_ms = 5 * (int64_t)DAY_MS };
}

static void add(struct volume *volume, struct delivery delivery, unsigned times)
{
	while (times--)
		volume_add(volume, &delivery, SPAN(""));
}

static void subdomains_count_for_their_organisation(void **state)
{
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	add(&volume, to("x@gmail.com", "a@news.example.org"), 3);
	add(&volume, to("x@GoogleMail.com", "b@Example.ORG"), 2);
	add(&volume, to("x@gmail.com", "b@example.co.uk"), 1);
	volume_sort(&volume);
	assert_int_equal(volume.count, 2);
	assert_span(volume.cells[0]->domain, "example.org");
	assert_int_equal(volume.cells[0]->accepted, 5);
	assert_int_equal(volume.cells[0]->by_mail_from, 5);
	assert_span(volume.cells[1]->domain, "example.co.uk");
}

static void the_from_header_comes_before_mail_from(void **state)
{
	struct delivery delivery = to("x@gmail.com", "bounce@relay.example");
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	delivery.from_domain = SPAN("shop.example.org");
	add(&volume, delivery, 4);
	delivery.from_domain = SPAN("");
	delivery.sender = SPAN("x@example.org");
	add(&volume, delivery, 1);
	assert_int_equal(volume.count, 1);
	assert_span(volume.cells[0]->domain, "example.org");
	assert_int_equal(volume.cells[0]->by_mail_from, 1);
}

static void a_day_ends_at_midnight_of_utc(void **state)
{
	struct delivery delivery = to("x@gmail.com", "a@example.org");
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	delivery.time_ms = 2 * (int64_t)DAY_MS - 1;
	add(&volume, delivery, 1);
	delivery.time_ms++;
	add(&volume, delivery, 1);
	delivery.time_ms = -1;
	add(&volume, delivery, 1);
	assert_int_equal(volume.count, 3);
	assert_int_equal(volume.cells[0]->day, 1);
	assert_int_equal(volume.cells[1]->day, 2);
	assert_int_equal(volume.cells[2]->day, -1);
	assert_span(volume_day_text(arena, 19973), "2024-09-07");
}

static void only_what_was_accepted_counts(void **state)
{
	struct delivery delivery = to("x@gmail.com", "a@example.org");
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	delivery.result = DELIVERY_REFUSED;
	add(&volume, delivery, 1);
	delivery.result = DELIVERY_DEFERRED;
	add(&volume, delivery, 1);
	assert_int_equal(volume.count, 0);
	delivery.result = DELIVERY_ACCEPTED;
	delivery.has_time = false;
	add(&volume, delivery, 1);
	assert_int_equal(volume.undated, 1);
	add(&volume, to("x@gmail.com", ""), 2);
	assert_int_equal(volume.senderless, 2);
	assert_int_equal(volume.count, 0);
}

static void who_hosts_a_domain_matters_for_yahoo_alone(void **state)
{
	struct delivery delivery = to("x@own.example", "a@example.org");
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	volume_add(&volume, &delivery, SPAN("google"));
	volume_add(&volume, &delivery, SPAN("yahoo-jp"));
	volume_add(&volume, &delivery, SPAN("microsoft"));
	assert_int_equal(volume.count, 0);
	volume_add(&volume, &delivery, SPAN("yahoo"));
	assert_int_equal(volume.cells[0]->receiver, VOLUME_YAHOO);
	assert_false(volume_is_near(volume.cells[0]));
}

static void four_fifths_of_a_limit_are_told(void **state)
{
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	add(&volume, to("x@gmail.com", "a@example.org"), 3999);
	assert_false(volume_is_near(volume.cells[0]));
	add(&volume, to("x@gmail.com", "a@example.org"), 1);
	assert_true(volume_is_near(volume.cells[0]));
	add(&volume, to("x@gmail.com", "a@example.org"), 1000);
	assert_false(volume_is_over(volume.cells[0]));
	add(&volume, to("x@gmail.com", "a@example.org"), 1);
	assert_true(volume_is_over(volume.cells[0]));
}

static void cells_are_bounded(void **state)
{
	struct volume volume;

	(void)state;
	volume_open(&volume, arena);
	for (unsigned i = 0; i < VOLUME_CELLS_MAX + 10; i++) {
		char sender[64];

		snprintf(sender, sizeof(sender), "a@d%u.example", i);
		add(&volume, to("x@gmail.com", sender), 1);
	}
	assert_int_equal(volume.count, VOLUME_CELLS_MAX);
	assert_int_equal(volume.others, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subdomains_count_for_their_organisation),
		cmocka_unit_test(the_from_header_comes_before_mail_from),
		cmocka_unit_test(a_day_ends_at_midnight_of_utc),
		cmocka_unit_test(only_what_was_accepted_counts),
		cmocka_unit_test(who_hosts_a_domain_matters_for_yahoo_alone),
		cmocka_unit_test(four_fifths_of_a_limit_are_told),
		cmocka_unit_test(cells_are_bounded),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
