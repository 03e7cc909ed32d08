#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/recent_octets.h"

/* The octet at an offset, in what these tests say. */
static char said(uint64_t offset)
{
	return (char)(offset * 7 + offset / 256);
}

static struct span text(char *room, uint64_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		room[i] = said(from + i);
	return (struct span){ room, len };
}

/* Says what is from `from` to `end`, `step` octets at a time. */
static void say(
	struct recent_octets *recent, uint64_t from, uint64_t end, size_t step)
{
	char room[3 * RECENT_OCTETS_MAX];

	while (from < end) {
		size_t len = end - from < step ? (size_t)(end - from) : step;

		recent_octets_add(recent, from, text(room, from, len));
		from += len;
	}
}

/* Of a copy with every octet changed, how many are known to differ? */
static uint64_t known(const struct recent_octets *recent, uint64_t end,
	uint64_t from, size_t len)
{
	char room[3 * RECENT_OCTETS_MAX];

	text(room, from, len);
	assert_int_equal(recent_octets_differ(
				 recent, end, from, (struct span){ room, len }),
		0);
	for (size_t i = 0; i < len; i++)
		room[i] = (char)~room[i];
	return recent_octets_differ(
		recent, end, from, (struct span){ room, len });
}

static void a_copy_is_held_against_what_was_said(void **state)
{
	struct recent_octets recent = { 0 };
	char room[8];

	(void)state;
	say(&recent, 0, 100, 30);
	text(room, 40, 8);
	room[1] ^= 1;
	room[6] ^= 1;
	assert_int_equal(recent_octets_differ(
				 &recent, 100, 40, (struct span){ room, 8 }),
		2);
	assert_int_equal(known(&recent, 100, 0, 100), 100);
	recent_octets_close(&recent);
}

static void what_was_not_said_yet_differs_from_nothing(void **state)
{
	struct recent_octets recent = { 0 };

	(void)state;
	assert_int_equal(known(&recent, 0, 0, 10), 0);
	say(&recent, 0, 20, 20);
	assert_int_equal(known(&recent, 20, 15, 10), 5);
	recent_octets_close(&recent);
}

static void the_latest_are_kept_however_they_came(void **state)
{
	static const size_t steps[] = { 1, 7, 512, 1460, 4096, 5000, 9000 };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct recent_octets recent = { 0 };

		say(&recent, 0, 9000, steps[i]);
		assert_int_equal(known(&recent, 9000, 9000 - RECENT_OCTETS_MAX,
					 RECENT_OCTETS_MAX),
			RECENT_OCTETS_MAX);
		assert_int_equal(
			known(&recent, 9000, 0, 9000 - RECENT_OCTETS_MAX), 0);
		recent_octets_close(&recent);
	}
}

static void the_ring_grows_and_forgets_nothing(void **state)
{
	struct recent_octets recent = { 0 };

	(void)state;
	say(&recent, 0, RECENT_OCTETS_AT_FIRST, 100);
	assert_int_equal(recent.room, RECENT_OCTETS_AT_FIRST);
	say(&recent, RECENT_OCTETS_AT_FIRST, RECENT_OCTETS_AT_FIRST + 1, 1);
	assert_int_equal(recent.room, RECENT_OCTETS_MAX);
	assert_int_equal(known(&recent, RECENT_OCTETS_AT_FIRST + 1, 0,
				 RECENT_OCTETS_AT_FIRST + 1),
		RECENT_OCTETS_AT_FIRST + 1);
	recent_octets_close(&recent);
}

static void of_octets_before_a_hole_nothing_is_known(void **state)
{
	struct recent_octets recent = { 0 };

	(void)state;
	say(&recent, 0, 100, 100);
	recent.from = 150;
	say(&recent, 150, 200, 50);
	assert_int_equal(known(&recent, 200, 0, 200), 50);
	recent_octets_close(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_held_against_what_was_said),
		cmocka_unit_test(what_was_not_said_yet_differs_from_nothing),
		cmocka_unit_test(the_latest_are_kept_however_they_came),
		cmocka_unit_test(the_ring_grows_and_forgets_nothing),
		cmocka_unit_test(of_octets_before_a_hole_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
