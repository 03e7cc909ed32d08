#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/delivery_words.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static void thousands_are_parted(void **state)
{
	(void)state;
	assert_span(delivery_count_text(arena, 0), "0");
	assert_span(delivery_count_text(arena, 999), "999");
	assert_span(delivery_count_text(arena, 1204), "1,204");
	assert_span(delivery_count_text(arena, 1000000), "1,000,000");
	assert_span(delivery_count_text(arena, UINT64_MAX),
		"18,446,744,073,709,551,615");
}

static void times_are_short(void **state)
{
	(void)state;
	assert_span(
		delivery_minute_text(arena, 1725706260000), "2024-09-07 10:51");
	assert_span(delivery_second_text(arena, 1725706262999),
		"2024-09-07 10:51:02");
	assert_span(delivery_wait_text(arena, 8100), "8 s");
	assert_span(delivery_wait_text(arena, 20), "less than a second");
	assert_span(delivery_wait_text(arena, 0), "0 s");
	assert_span(delivery_wait_text(arena, -5), "0 s");
	assert_span(delivery_wait_text(arena, 300000), "5 min");
	assert_span(delivery_wait_text(arena, 3 * 3600000), "3 h");
	assert_span(delivery_wait_text(arena, 5 * 86400000), "5 days");
}

static void a_reply_is_one_line_with_one_code(void **state)
{
	static const struct {
		struct span text;
		unsigned code;
		const char *line;
	} rows[] = {
		{ BYTES("550-5.7.1 not\n550-5.7.1 today\n550 5.7.1  but soon"),
			550, "550 5.7.1 not today but soon" },
		{ BYTES("5.7.1 not\n5.7.1 today"), 550, "550 5.7.1 not today" },
		{ BYTES("550-5.7.1 not 550-5.7.1 today 550 5.7.1 x"), 550,
			"550 5.7.1 not today x" },
		{ BYTES("550 550 users are too many"), 550,
			"550 550 users are too many" },
		{ BYTES("no code\r\nat all"), 0, "no code  at all" },
		{ BYTES("read 5.7.1 of the rules"), 0,
			"read 5.7.1 of the rules" },
		{ BYTES(""), 421, "421" },
		{ BYTES("421"), 421, "421" },
		{ BYTES("421 "), 421, "421" },
		{ BYTES("550-"), 550, "550" },
		{ BYTES("x 550-"), 550, "550 x " },
		{ BYTES(""), 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_span(
			delivery_reply_text(arena, rows[i].text, rows[i].code),
			rows[i].line);
}

static void witnesses_are_named_with_their_place(void **state)
{
	struct delivery_spot spot = {
		.witnesses = { { .kind = WITNESS_LOG,
				       .file = SPAN("maillog"),
				       .position = 12 },
			{ .kind = WITNESS_BOUNCE,
				.file = SPAN("dsn.eml"),
				.position = 1 },
			{ .kind = WITNESS_CAPTURE,
				.file = SPAN("a.pcap"),
				.position = 49 } },
		.witness_count = 3
	};

	(void)state;
	assert_span(delivery_spot_text(arena, &spot),
		"maillog line 12, dsn.eml, a.pcap frame 49");
	spot.witness_count = 1;
	spot.witnesses[0].file = SPAN("");
	assert_span(delivery_spot_text(arena, &spot), "log line 12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousands_are_parted),
		cmocka_unit_test(times_are_short),
		cmocka_unit_test(a_reply_is_one_line_with_one_code),
		cmocka_unit_test(witnesses_are_named_with_their_place),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
