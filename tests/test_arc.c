#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "tests/arc_by_hand.h"

static const char plain[] = "From: a@a.example\r\n"
			    "To: list@lists.example\r\n"
			    "Subject: hello\r\n"
			    "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"
			    "\r\n"
			    "text of it\r\n";

/* A message with so many sets. */
static struct span sealed(struct arc_bench *bench, unsigned sets)
{
	struct span message = span_of(plain);

	while (sets--)
		message = arc_bench_seal(bench, message);
	return message;
}

static void a_message_without_sets_has_no_chain(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;

	(void)state;
	arc_bench_open(&bench);
	assert_int_equal(
		arc_bench_check(&bench, span_of(plain), &chain), ARC_NONE);
	assert_int_equal(chain.count, 0);
	arc_bench_close(&bench);
}

static void chains_up_to_fifty_sets_pass(void **state)
{
	static const unsigned lengths[] = { 1, 2, 3, 50 };
	struct arc_bench bench;

	(void)state;
	arc_bench_open(&bench);
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct arc_chain chain;
		struct span message = sealed(&bench, lengths[i]);

		if (arc_bench_check(&bench, message, &chain) != ARC_PASS)
			fail_msg("%u: %.*s", lengths[i], SPAN_ARG(chain.why));
		assert_int_equal(chain.count, lengths[i]);
		assert_int_equal(chain.oldest_pass, 0);
		assert_int_equal(chain.fault, ARC_SOUND);
	}
	arc_bench_close(&bench);
}

static void each_set_tells_who_says_what(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	const struct arc_set *set;

	(void)state;
	arc_bench_open(&bench);
	arc_bench_check(&bench, sealed(&bench, 2), &chain);
	set = &chain.sets[1];
	assert_int_equal(set->instance, 2);
	assert_true(set->is_checked);
	assert_int_equal(set->cv, ARC_CV_PASS);
	assert_int_equal(chain.sets[0].cv, ARC_CV_NONE);
	assert_int_equal(set->message_check.result, DKIM_PASS);
	assert_int_equal(set->seal_check.result, DKIM_PASS);
	assert_int_equal(set->seal_check.header, DKIM_FITS);
	assert_true(span_is(set->seal->domain, SPAN(ARC_DOMAIN)));
	assert_true(span_is(set->authserv_id, SPAN("mx.lists.example")));
	assert_true(span_is(set->results,
		SPAN("spf=pass smtp.mailfrom=a.example; dkim=none")));
	arc_bench_close(&bench);
}

/* Of three sets, with one thing wrong. */
static const struct row {
	const char *name;
	const char *after, *old, *new;
	enum arc_fault fault;
	unsigned instance;
} rows[] = {
	/* clang-format off */
	{ .name = "results are renamed away",
	  .after = "Results: i=2", .old = "i=2", .new = "i=4",
	  .fault = ARC_GAP, .instance = 2 },
	{ .name = "a seal of i=3 says i=2",
	  .after = "", .old = "i=3", .new = "i=2",
	  .fault = ARC_DUPLICATE, .instance = 2 },
	{ .name = "a seal without i=",
	  .after = "", .old = "i=3", .new = "y=3",
	  .fault = ARC_NO_INSTANCE },
	{ .name = "an instance of 0",
	  .after = "ARC-Message", .old = "i=3", .new = "i=0",
	  .fault = ARC_NO_INSTANCE },
	{ .name = "an instance of 51",
	  .after = "ARC-Auth", .old = "i=3", .new = "i=51",
	  .fault = ARC_NO_INSTANCE },
	{ .name = "a field that is no field of ARC any more",
	  .after = "", .old = "ARC-Message-Signature",
	  .new = "ARC-Massage-Signature",
	  .fault = ARC_GAP, .instance = 3 },
	{ .name = "the newest seal says fail",
	  .after = "", .old = "cv=pass", .new = "cv=fail",
	  .fault = ARC_SEALED_AS_FAILED, .instance = 3 },
	{ .name = "an older seal says fail",
	  .after = "Results: i=3", .old = "cv=pass", .new = "cv=fail",
	  .fault = ARC_BAD_CHAIN_VALUE, .instance = 2 },
	{ .name = "a later seal says none",
	  .after = "", .old = "cv=pass", .new = "cv=none",
	  .fault = ARC_BAD_CHAIN_VALUE, .instance = 3 },
	{ .name = "the first seal says pass",
	  .after = "", .old = "cv=none", .new = "cv=pass",
	  .fault = ARC_BAD_CHAIN_VALUE, .instance = 1 },
	{ .name = "a seal says neither",
	  .after = "", .old = "cv=pass", .new = "cv=good",
	  .fault = ARC_BAD_CHAIN_VALUE, .instance = 3 },
	{ .name = "the body was changed",
	  .after = "", .old = "text of", .new = "more of",
	  .fault = ARC_BAD_MESSAGE, .instance = 3 },
	{ .name = "a signed field was changed",
	  .after = "\nSubject", .old = "hello", .new = "[x] hello",
	  .fault = ARC_BAD_MESSAGE, .instance = 3 },
	{ .name = "the newest results were changed",
	  .after = "Results: i=3", .old = "spf=pass", .new = "spf=fail",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "the oldest results were changed",
	  .after = "Results: i=1", .old = "spf=pass", .new = "spf=fail",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "an older message signature was changed",
	  .after = "cv=none", .old = "c=relaxed/relaxed", .new = "c=relaxed",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "the newest seal was changed",
	  .after = "", .old = "t=1600000000", .new = "t=1600000001",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "a seal has h=",
	  .after = "", .old = "cv=pass", .new = "h=from; cv=pass",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "a message signature covers a seal",
	  .after = "ARC-Message", .old = " h=", .new = " h=ARC-Seal:",
	  .fault = ARC_BAD_MESSAGE, .instance = 3 },
	{ .name = "a seal has a tag twice",
	  .after = "", .old = "cv=pass", .new = "cv=pass; cv=pass",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "a seal by rsa-sha1",
	  .after = "", .old = "a=ed25519-sha256", .new = "a=rsa-sha1",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	{ .name = "a seal whose key is not there",
	  .after = "", .old = "s=s1", .new = "s=s2",
	  .fault = ARC_BAD_SEAL, .instance = 3 },
	/* clang-format on */
};

static void each_fault_fails_the_chain_and_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct arc_bench bench;
		struct arc_chain chain;
		struct span message;

		arc_bench_open(&bench);
		arc_bench_answer(&bench, "s2._domainkey.lists.example",
			ANSWER_NO_NAME, SPAN(""));
		message = arc_bench_spoil(&bench, sealed(&bench, 3), row->after,
			row->old, row->new);
		if (arc_bench_check(&bench, message, &chain) != ARC_FAIL)
			fail_msg("%s: %s", row->name,
				arc_result_word(chain.result));
		if (chain.fault != row->fault ||
			chain.fault_instance != row->instance)
			fail_msg("%s: %s of %u: %.*s", row->name,
				arc_fault_word(chain.fault),
				chain.fault_instance, SPAN_ARG(chain.why));
		assert_true(chain.why.len > 0);
		assert_non_null(
			strstr(arc_fault_section(chain.fault), "RFC 8617"));
		arc_bench_close(&bench);
	}
}

static void a_seal_with_h_says_so(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;

	(void)state;
	arc_bench_open(&bench);
	arc_bench_check(&bench,
		arc_bench_spoil(&bench, sealed(&bench, 1), "", "cv=none",
			"cv=none; h=from"),
		&chain);
	assert_string_equal(
		chain.why.at, "the seal of i=1: a seal must not have h=");
	arc_bench_close(&bench);
}

/* RFC 8617 section 4.1.2; the signature would not fit either, and that is not
 * the reason. */
static void a_message_signature_over_a_seal_says_so(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;

	(void)state;
	arc_bench_open(&bench);
	arc_bench_check(&bench,
		arc_bench_spoil(&bench, sealed(&bench, 1), "ARC-Message",
			" h=", " h=ARC-Seal:"),
		&chain);
	assert_string_equal(chain.why.at,
		"the message signature of i=1: h= must not hold ARC-Seal");
	arc_bench_close(&bench);
}

/* Set 1 is moved above set 2: the numbers tell the order, not the place. */
static void sets_may_stand_in_any_order(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message, two;
	size_t start, end;

	(void)state;
	arc_bench_open(&bench);
	message = sealed(&bench, 2);
	start = span_find_nocase(message, SPAN("cv=none"));
	while (memcmp(message.at + start, "ARC-Seal", 8) != 0)
		start--;
	end = span_find_nocase(message, SPAN("From: a@a"));
	two = arena_print(bench.arena, "%.*s%.*s%.*s",
		SPAN_ARG(span_part(message, start, end - start)),
		SPAN_ARG(span_part(message, 0, start)),
		SPAN_ARG(span_part(message, end, message.len)));
	assert_int_equal(arc_bench_check(&bench, two, &chain), ARC_PASS);
	arc_bench_close(&bench);
}

/* A list that changes the text and seals: the chain holds, set 2 does not. */
static void a_change_between_two_sets_shows_in_oldest_pass(void **state)
{
	struct arc_bench bench;
	struct arc_chain before, chain;
	struct arc_sealing sealing;
	struct span message, fields;
	const char *why;

	(void)state;
	arc_bench_open(&bench);
	message = sealed(&bench, 2);
	arc_bench_check(&bench, message, &before);
	message = arc_bench_spoil(&bench, message, "text", "of", "off");
	sealing = arc_bench_sealing(&bench);
	assert_int_equal(arc_seal(bench.arena, &sealing, message, &before,
				 &fields, &why),
		ARC_SEALED);
	message = arena_print(
		bench.arena, "%.*s%.*s", SPAN_ARG(fields), SPAN_ARG(message));
	message = arc_bench_seal(&bench, message);
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_PASS);
	assert_int_equal(chain.count, 4);
	assert_int_equal(chain.oldest_pass, 3);
	assert_int_equal(chain.sets[1].message_check.result, DKIM_FAIL);
	assert_int_equal(chain.sets[1].message_check.body, DKIM_DIFFERS);
	arc_bench_close(&bench);
}

static size_t open_questions(struct answers *answers)
{
	struct question *question = answers_open_question(answers);
	size_t count = 0;

	for (; question; question = question_next_open(question))
		count++;
	return count;
}

static void all_keys_are_asked_for_in_one_round(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = sealed(&bench, 2);
	message = arc_bench_spoil(&bench, message, "", "s=s1", "s=a");
	message = arc_bench_spoil(
		&bench, message, "ARC-Message", "s=s1", "s=b");
	message = arc_bench_spoil(&bench, message, "", "s=s1", "s=c");
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_OPEN);
	assert_int_equal(open_questions(bench.answers), 3);
	assert_int_equal(chain.why.len, 0);
	arc_bench_close(&bench);
}

static void a_broken_structure_asks_for_no_key(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = arc_bench_spoil(&bench, sealed(&bench, 1), "", "s=s1", "s=a");
	message = arc_bench_spoil(&bench, message, "ARC-Auth", "i=1", "i=2");
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_FAIL);
	assert_int_equal(open_questions(bench.answers), 0);
	assert_false(chain.sets[0].is_checked);
	arc_bench_close(&bench);
}

static void a_failed_lookup_is_no_failure_of_the_chain(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = sealed(&bench, 2);
	arc_bench_answer(&bench, ARC_KEY, ANSWER_TIMEOUT, SPAN(""));
	assert_int_equal(
		arc_bench_check(&bench, message, &chain), ARC_TEMPERROR);
	assert_int_equal(chain.fault, ARC_SOUND);
	assert_true(chain.why.len > 0);
	arc_bench_close(&bench);
}

static void a_failure_is_worth_more_than_a_failed_lookup(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = arc_bench_spoil(
		&bench, sealed(&bench, 2), "", "s=s1", "s=s2");
	message = arc_bench_spoil(&bench, message, "", "text", "more");
	arc_bench_answer(&bench, "s2._domainkey.lists.example", ANSWER_SERVFAIL,
		SPAN(""));
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_FAIL);
	assert_int_equal(chain.fault, ARC_BAD_MESSAGE);
	arc_bench_close(&bench);
}

/* ---- ARC-Authentication-Results */

static const struct results_row {
	const char *value;
	unsigned instance; /* 0: not readable */
	const char *authserv_id, *results;
} results_rows[] = {
	/* clang-format off */
	{ " i=1; mx.example; spf=pass", 1, "mx.example", "spf=pass" },
	{ "i=50;mx.example", 50, "mx.example", "" },
	{ " (a (b) \\) c) i (x) = 2 (y) ; mx.example 1; none", 2,
	  "mx.example", "none" },
	{ " i=1;\r\n\tmx.example;\r\n\tspf=pass;\r\n\tdkim=none", 1,
	  "mx.example", "spf=pass; dkim=none" },
	{ " i=01; mx.example; none", 1, "mx.example", "none" },
	{ " i=1", 0, "", "" },
	{ " i=1 mx.example; none", 0, "", "" },
	{ " mx.example; i=1; none", 0, "", "" },
	{ " i=0; mx.example", 0, "", "" },
	{ " i=51; mx.example", 0, "", "" },
	{ " i=100; mx.example", 0, "", "" },
	{ " i=; mx.example", 0, "", "" },
	{ " i=a; mx.example", 0, "", "" },
	{ " I=1; mx.example", 0, "", "" },
	{ " i=+1; mx.example", 0, "", "" },
	{ " (i=1; mx.example", 0, "", "" },
	{ "", 0, "", "" },
	/* clang-format on */
};

static void results_begin_with_their_instance(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(results_rows); i++) {
		const struct results_row *row = &results_rows[i];
		struct span authserv_id, results;
		unsigned instance;
		bool is_it = arc_results_parse(arena, span_of(row->value),
			&instance, &authserv_id, &results);

		if (is_it != (row->instance != 0) ||
			instance != row->instance ||
			!span_is(authserv_id, span_of(row->authserv_id)) ||
			!span_is(results, span_of(row->results)))
			fail_msg("%s: %u %.*s", row->value, instance,
				SPAN_ARG(results));
	}
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_sets_has_no_chain),
		cmocka_unit_test(chains_up_to_fifty_sets_pass),
		cmocka_unit_test(each_set_tells_who_says_what),
		cmocka_unit_test(each_fault_fails_the_chain_and_is_named),
		cmocka_unit_test(a_seal_with_h_says_so),
		cmocka_unit_test(a_message_signature_over_a_seal_says_so),
		cmocka_unit_test(sets_may_stand_in_any_order),
		cmocka_unit_test(
			a_change_between_two_sets_shows_in_oldest_pass),
		cmocka_unit_test(all_keys_are_asked_for_in_one_round),
		cmocka_unit_test(a_broken_structure_asks_for_no_key),
		cmocka_unit_test(a_failed_lookup_is_no_failure_of_the_chain),
		cmocka_unit_test(a_failure_is_worth_more_than_a_failed_lookup),
		cmocka_unit_test(results_begin_with_their_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
