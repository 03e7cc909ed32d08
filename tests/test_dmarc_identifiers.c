#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/dmarc_identifiers.h"

static void a_passing_signature_counts_wherever_it_stands(void **state)
{
	struct dkim_signature signature = { .domain = SPAN("b.example") };
	struct dkim_check checks[DMARC_IDENTIFIERS_MAX + 4] = { 0 };
	struct dkim_checks dkim = { .checks = checks,
		.count = COUNT_OF(checks) };
	struct spf_check spf = { .result = SPF_FAIL,
		.domain = SPAN("a.example") };
	struct dmarc_query query = { 0 };
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		checks[i].signature = &signature;
		checks[i].result = DKIM_FAIL;
	}
	checks[COUNT_OF(checks) - 1].result = DKIM_PASS;
	dmarc_identify(arena, &query, &spf, &dkim);
	assert_int_equal(query.identifier_count, DMARC_IDENTIFIERS_MAX);
	assert_int_equal(query.identifiers[0].method, DMARC_BY_SPF);
	assert_int_equal(query.identifiers[0].outcome, DMARC_METHOD_FAILED);
	assert_int_equal(query.identifiers[1].method, DMARC_BY_DKIM);
	assert_int_equal(query.identifiers[1].outcome, DMARC_METHOD_PASSED);
	assert_int_equal(query.identifiers[2].outcome, DMARC_METHOD_FAILED);
	arena_close(arena);
}

static void what_could_not_be_looked_up_may_have_passed(void **state)
{
	struct dkim_signature signature = { .domain = SPAN("b.example") };
	struct dkim_check check = { .signature = &signature,
		.result = DKIM_TEMPERROR };
	struct dkim_checks dkim = { .checks = &check, .count = 1 };
	struct dmarc_query query = { 0 };
	struct arena *arena = arena_open();

	(void)state;
	dmarc_identify(arena, &query, NULL, &dkim);
	assert_int_equal(query.identifier_count, 1);
	assert_int_equal(query.identifiers[0].outcome, DMARC_METHOD_UNSURE);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_passing_signature_counts_wherever_it_stands),
		cmocka_unit_test(what_could_not_be_looked_up_may_have_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
