#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "pcap/held_segments.h"
#include "probe/base/attr.h"

struct holding {
	struct held_segments held;
	size_t all;
	char text[64];
};

static void begin(struct holding *holding)
{
	*holding = (struct holding){ .all = 0 };
	holding->held.octets_all = &holding->all;
}

/* True: something was new. */
static bool add(struct holding *holding, uint64_t offset, const char *text,
	uint64_t *differ)
{
	struct chunk chunk = { .bytes = { text, strlen(text) },
		.offset = offset,
		.acked = offset,
		.seen = { .frame = 100 + offset } };

	return held_segments_add(&holding->held, chunk, 7, differ);
}

/* Takes all out again: what stood where, a dot for each octet that did not. */
static const char *taken(struct holding *holding)
{
	struct held_segment *one;

	memset(holding->text, '.', sizeof(holding->text) - 1);
	while ((one = held_segments_take(&holding->held))) {
		assert_true(one->offset + one->len < sizeof(holding->text));
		memcpy(holding->text + one->offset, one->bytes, one->len);
		free(one);
	}
	assert_int_equal(holding->held.octets, 0);
	assert_int_equal(holding->held.count, 0);
	assert_int_equal(holding->all, 0);
	holding->text[12] = 0;
	return holding->text;
}

static void they_are_sorted_and_counted(void **state)
{
	struct holding holding;
	uint64_t differ;

	(void)state;
	begin(&holding);
	assert_true(add(&holding, 8, "ij", &differ));
	assert_true(add(&holding, 2, "cd", &differ));
	assert_int_equal(holding.held.first->offset, 2);
	assert_int_equal(holding.held.first->waits_since, 7);
	assert_int_equal(holding.held.first->seen.frame, 102);
	assert_int_equal(holding.held.first->acked, 2);
	assert_int_equal(holding.held.octets, 4);
	assert_int_equal(holding.held.count, 2);
	assert_int_equal(holding.all, 4);
	assert_string_equal(taken(&holding), "..cd....ij..");
}

/* clang-format off */
static const struct overlap {
	const char *name;
	uint64_t offset;
	const char *text;               /* beside "cde" at 2 and "ijk" at 8 */
	bool is_new;
	uint64_t differ;
	const char *held;
	size_t count;
} overlaps[] = {
	{ "the same", 2, "cde", false, 0, "..cde...ijk.", 2 },
	{ "a part of it", 3, "d", false, 0, "..cde...ijk.", 2 },
	{ "other octets", 2, "cXY", false, 2, "..cde...ijk.", 2 },
	{ "in the gap", 5, "fgh", true, 0, "..cdefghijk.", 3 },
	{ "before it", 0, "abc", true, 0, "abcde...ijk.", 3 },
	{ "behind it", 10, "kl", true, 0, "..cde...ijkl", 3 },
	{ "over both", 0, "abcdefghijkl", true, 0, "abcdefghijkl", 5 },
	{ "over both, with other octets", 1, "bXdefghXjk", true, 2,
	  ".bcdefghijk.", 4 },
	{ "nothing", 6, "", false, 0, "..cde...ijk.", 2 },
};
/* clang-format on */

static void the_first_copy_of_an_octet_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(overlaps); i++) {
		const struct overlap *overlap = &overlaps[i];
		struct holding holding;
		uint64_t differ;

		begin(&holding);
		assert_true(add(&holding, 2, "cde", &differ));
		assert_true(add(&holding, 8, "ijk", &differ));
		if (add(&holding, overlap->offset, overlap->text, &differ) !=
				overlap->is_new ||
			differ != overlap->differ ||
			holding.held.count != overlap->count)
			fail_msg("%s", overlap->name);
		assert_string_equal(taken(&holding), overlap->held);
	}
}

static void none_is_left_when_it_closes(void **state)
{
	struct holding holding;
	uint64_t differ;

	(void)state;
	begin(&holding);
	assert_true(add(&holding, 2, "cde", &differ));
	assert_true(add(&holding, 8, "ijk", &differ));
	held_segments_close(&holding.held);
	assert_null(held_segments_take(&holding.held));
	assert_int_equal(holding.all, 0);
	held_segments_close(&holding.held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_sorted_and_counted),
		cmocka_unit_test(the_first_copy_of_an_octet_wins),
		cmocka_unit_test(none_is_left_when_it_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
