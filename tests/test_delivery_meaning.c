#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/judge/delivery_meaning.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* What a witness told, and what it means. */
static const struct meaning_row {
	struct delivery delivery;
	const char *policy;
} rows[] = {
	/* the words decide */
	{ { .text = BYTES("550 5.1.1 User unknown"),
		  .code = 550,
		  .status = { 5, 1, 1 },
		  .result = DELIVERY_REFUSED },
		"mailbox-unknown" },
	/* without words, the stage */
	{ { .text = BYTES("gone"),
		  .has_stage = true,
		  .stage = STAGE_RESOLVE,
		  .result = DELIVERY_REFUSED },
		"dns" },
	{ { .text = BYTES("gone"),
		  .has_stage = true,
		  .stage = STAGE_CONNECT,
		  .result = DELIVERY_EXPIRED },
		"network" },
	{ { .text = BYTES("gone"),
		  .has_stage = true,
		  .stage = STAGE_TLS,
		  .result = DELIVERY_DEFERRED },
		"tls-required" },
	/* not even that: how it ended */
	{ { .text = BYTES("gone"), .result = DELIVERY_EXPIRED }, "expired" },
	{ { .text = BYTES("gone"),
		  .has_stage = true,
		  .stage = STAGE_RCPT,
		  .result = DELIVERY_EXPIRED },
		"expired" },
	{ { .text = BYTES("gone"), .result = DELIVERY_REFUSED }, "unknown" },
	/* a server that replied has its own reasons */
	{ { .text = BYTES("550 gone"),
		  .code = 550,
		  .has_stage = true,
		  .stage = STAGE_CONNECT,
		  .result = DELIVERY_REFUSED },
		"unknown" },
};

static void words_come_first_then_the_stage_then_the_end(void **state)
{
	const struct codebook *codebook = codebook_embedded(arena);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct codebook_answer answer = delivery_meaning(
			codebook, &rows[i].delivery);

		if (!span_is(answer.policy, span_of(rows[i].policy)))
			fail_msg("row %zu: %.*s, not %s", i,
				SPAN_ARG(answer.policy), rows[i].policy);
		assert_true(answer.meaning.len > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_first_then_the_stage_then_the_end),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
