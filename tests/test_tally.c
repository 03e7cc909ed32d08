#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "reports/tally.h"

static void buckets_grow_by_an_eighth_and_never_overlap(void **state)
{
	(void)state;
	for (unsigned i = 0; i + 1 < TALLY_BUCKETS && i < 400; i++) {
		uint64_t least = tally_bucket_least(i);
		uint64_t next = tally_bucket_least(i + 1);

		assert_int_equal(tally_bucket(least), i);
		assert_int_equal(tally_bucket(next - 1), i);
		assert_true(next > least);
		assert_true((next - least) * 8 <= least || least < 16);
	}
}

static void the_tally_tells_verdicts_and_failures(void **state)
{
	struct path path = { .family = FAMILY_IPV6 };
	struct fault fault = { .failure = FAILURE_TIMEOUT };
	struct visit well = { .path = &path, .began_ns = 1000000,
		.ended_ns = 3000000 };
	struct visit badly = { .path = &path, .began_ns = 1000000,
		.ended_ns = 1001000000, .fault = &fault };
	struct visit_judgement pass = { &well, VERDICT_PASS, NULL };
	struct visit_judgement fail = { &badly, VERDICT_FAIL, NULL };
	static struct tally tally;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		tally_add(&tally, &pass);
	tally_add(&tally, &fail);
	tally_print(out, &tally);
	fclose(out);
	assert_string_equal(text,
		"IPv6  10 walks: 9 pass 1 fail; 1.9 ms half of them, "
		"983.0 ms 95 %, 983.0 ms 99 %\n"
		"      1 timeout\n"
		"10 walks a second\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_grow_by_an_eighth_and_never_overlap),
		cmocka_unit_test(the_tally_tells_verdicts_and_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
