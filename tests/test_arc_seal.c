#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "probe/base/attr.h"
#include "tests/arc_by_hand.h"

static const char plain[] = "From: a@a.example\r\n"
			    "To: list@lists.example\r\n"
			    "Subject:  hello  there \r\n"
			    "\r\n"
			    "text  of it \r\n";

static void the_fields_stand_in_the_order_of_their_making(void **state)
{
	struct arc_bench bench;
	struct header header;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = arc_bench_seal(&bench, span_of(plain));
	header_parse(bench.arena, message, &header);
	assert_int_equal(header.count, 6);
	assert_int_equal(header.oddities & HEADER_BARE_LF, 0);
	assert_true(span_is(header.fields[0].name, SPAN("ARC-Seal")));
	assert_true(
		span_is(header.fields[1].name, SPAN("ARC-Message-Signature")));
	assert_true(span_is(
		header.fields[2].name, SPAN("ARC-Authentication-Results")));
	assert_true(span_is(header.fields[3].name, SPAN("From")));
	arc_bench_close(&bench);
}

static void no_line_is_longer_than_mail_allows(void **state)
{
	struct arc_bench bench;
	struct arc_sealing sealing;
	struct span names[200], message, rest;

	(void)state;
	arc_bench_open(&bench);
	sealing = arc_bench_sealing(&bench);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		names[i] = SPAN("X-A-Rather-Long-Name");
	sealing.names = names;
	sealing.name_count = COUNT_OF(names);
	message = arc_bench_seal_as(&bench, &sealing, span_of(plain));
	for (rest = message; rest.len;)
		assert_true(span_cut(&rest, '\n').len < 998);
	assert_int_equal(arc_bench_result(&bench, message), ARC_PASS);
	arc_bench_close(&bench);
}

static struct dkim_secret *rsa_secret(void)
{
	EVP_PKEY *key = EVP_RSA_gen(1024);
	BIO *out = BIO_new(BIO_s_mem());
	struct dkim_secret *secret;
	const char *why;
	char *text;
	long len;

	assert_non_null(key);
	PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(out, &text);
	secret = dkim_secret_open((struct span){ text, (size_t)len }, &why);
	assert_non_null(secret);
	BIO_free(out);
	EVP_PKEY_free(key);
	return secret;
}

static void both_algorithms_and_all_forms_pass(void **state)
{
	struct dkim_secret *rsa = rsa_secret();
	struct arc_bench bench;

	(void)state;
	arc_bench_open(&bench);
	arc_bench_answer(&bench, "r._domainkey.lists.example", ANSWER_DATA,
		dkim_secret_record(bench.arena, rsa));
	for (unsigned i = 0; i < 8; i++) {
		struct arc_sealing sealing = arc_bench_sealing(&bench);
		struct span message;

		sealing.header_canon = i & 1 ? CANON_RELAXED : CANON_SIMPLE;
		sealing.body_canon = i & 2 ? CANON_RELAXED : CANON_SIMPLE;
		sealing.secret = i & 4 ? rsa : bench.secret;
		sealing.selector = i & 4 ? SPAN("r") : SPAN("s1");
		message = arc_bench_seal_as(&bench, &sealing, span_of(plain));
		message = arc_bench_seal_as(&bench, &sealing, message);
		if (arc_bench_result(&bench, message) != ARC_PASS)
			fail_msg("%u", i);
	}
	dkim_secret_close(rsa);
	arc_bench_close(&bench);
}

static void nothing_found_is_none(void **state)
{
	struct arc_bench bench;
	struct arc_sealing sealing;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	sealing = arc_bench_sealing(&bench);
	sealing.results = SPAN("");
	message = arc_bench_seal_as(&bench, &sealing, span_of(plain));
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_PASS);
	assert_true(span_is(chain.sets[0].results, SPAN("none")));
	arc_bench_close(&bench);
}

static void a_failed_chain_gets_one_last_set(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = arc_bench_seal(&bench, span_of(plain));
	message = arc_bench_spoil(&bench, message, "", "text", "more");
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_FAIL);
	message = arc_bench_seal(&bench, message);
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_FAIL);
	assert_int_equal(chain.fault, ARC_SEALED_AS_FAILED);
	assert_int_equal(chain.count, 2);
	/* Its seal covers nothing but its own set, and is good. */
	assert_int_equal(chain.sets[1].seal_check.result, DKIM_PASS);
	assert_int_equal(chain.sets[1].message_check.result, DKIM_PASS);
	assert_int_equal(arc_bench_seal(&bench, message).len, message.len);
	arc_bench_close(&bench);
}

static void a_seal_of_failure_does_not_cover_older_sets(void **state)
{
	struct arc_bench bench;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	message = arc_bench_seal(&bench, span_of(plain));
	message = arc_bench_spoil(&bench, message, "", "text", "more");
	message = arc_bench_seal(&bench, message);
	message = arc_bench_spoil(
		&bench, message, "Results: i=1", "spf=pass", "spf=fail");
	arc_bench_check(&bench, message, &chain);
	assert_int_equal(chain.sets[1].seal_check.result, DKIM_PASS);
	message = arc_bench_spoil(
		&bench, message, "Results: i=2", "spf=pass", "spf=fail");
	arc_bench_check(&bench, message, &chain);
	assert_int_equal(chain.sets[1].seal_check.result, DKIM_FAIL);
	arc_bench_close(&bench);
}

static void the_fiftieth_set_is_the_last(void **state)
{
	struct arc_bench bench;
	struct span message = span_of(plain), more;

	(void)state;
	arc_bench_open(&bench);
	for (int i = 0; i < ARC_INSTANCE_MAX; i++)
		message = arc_bench_seal(&bench, message);
	more = arc_bench_seal(&bench, message);
	assert_int_equal(more.len, message.len);
	arc_bench_close(&bench);
}

static enum arc_sealed try_sealing(struct arc_bench *bench,
	const struct arc_sealing *sealing, enum arc_result result)
{
	const struct arc_chain chain = { .result = result };
	enum arc_sealed sealed;
	struct span fields;
	const char *why;

	sealed = arc_seal(
		bench->arena, sealing, span_of(plain), &chain, &fields, &why);
	assert_true(sealed == ARC_SEALED ? !why : why && !fields.len);
	return sealed;
}

static void nothing_is_sealed_without_what_it_takes(void **state)
{
	struct arc_bench bench;
	struct arc_sealing good, sealing;

	(void)state;
	arc_bench_open(&bench);
	good = arc_bench_sealing(&bench);
	assert_int_equal(try_sealing(&bench, &good, ARC_NONE), ARC_SEALED);
	assert_int_equal(try_sealing(&bench, &good, ARC_OPEN), ARC_NOT_SEALED);
	assert_int_equal(
		try_sealing(&bench, &good, ARC_TEMPERROR), ARC_NOT_SEALED);
	sealing = good;
	sealing.secret = NULL;
	assert_int_equal(
		try_sealing(&bench, &sealing, ARC_NONE), ARC_NOT_SEALED);
	sealing = good;
	sealing.domain = SPAN("");
	assert_int_equal(
		try_sealing(&bench, &sealing, ARC_NONE), ARC_NOT_SEALED);
	sealing = good;
	sealing.authserv_id = SPAN("");
	assert_int_equal(
		try_sealing(&bench, &sealing, ARC_NONE), ARC_NOT_SEALED);
	sealing = good;
	sealing.results = SPAN("spf=pass\0; dkim=none");
	assert_int_equal(
		try_sealing(&bench, &sealing, ARC_NONE), ARC_NOT_SEALED);
	arc_bench_close(&bench);
}

static bool lists(const struct span *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(names[i], span_of(name)))
			return true;
	return false;
}

static void the_usual_names_hold_dkim_but_no_seal(void **state)
{
	struct arc_bench bench;
	struct header header;
	const struct span *names;
	struct span message;
	size_t count;

	(void)state;
	arc_bench_open(&bench);
	message = arc_bench_seal(&bench, span_of(plain));
	message = arena_print(
		bench.arena, "DKIM-Signature: v=1\r\n%.*s", SPAN_ARG(message));
	header_parse(bench.arena, message, &header);
	count = arc_default_names(bench.arena, &header, &names);
	assert_true(lists(names, count, "From"));
	assert_true(lists(names, count, "DKIM-Signature"));
	assert_false(lists(names, count, "ARC-Seal"));
	arc_bench_close(&bench);
}

static void a_message_signature_may_cover_its_own_results(void **state)
{
	const struct span names[] = { SPAN("From"),
		SPAN("ARC-Authentication-Results") };
	struct arc_bench bench;
	struct arc_sealing sealing;
	struct arc_chain chain;
	struct span message;

	(void)state;
	arc_bench_open(&bench);
	sealing = arc_bench_sealing(&bench);
	sealing.names = names;
	sealing.name_count = COUNT_OF(names);
	message = arc_bench_seal_as(&bench, &sealing, span_of(plain));
	assert_int_equal(arc_bench_check(&bench, message, &chain), ARC_PASS);
	message = arc_bench_spoil(&bench, message, "", "spf=pass", "spf=fail");
	arc_bench_check(&bench, message, &chain);
	assert_int_equal(chain.fault, ARC_BAD_MESSAGE);
	arc_bench_close(&bench);
}

static void results_of_one_server_are_joined(void **state)
{
	struct arena *arena = arena_open();
	struct header header;

	(void)state;
	header_parse(arena,
		SPAN("Authentication-Results: mx.example; spf=pass\r\n"
		     " smtp.mailfrom=a.example\r\n"
		     "Authentication-Results: other.example; spf=fail\r\n"
		     "authentication-results: MX.example 1; dkim=none;\r\n"
		     "X-Authentication-Results: mx.example; arc=none\r\n"),
		&header);
	assert_true(span_is(arc_results_of(arena, &header, SPAN("mx.example")),
		SPAN("spf=pass smtp.mailfrom=a.example; dkim=none")));
	assert_int_equal(
		arc_results_of(arena, &header, SPAN("no.example")).len, 0);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_stand_in_the_order_of_their_making),
		cmocka_unit_test(no_line_is_longer_than_mail_allows),
		cmocka_unit_test(both_algorithms_and_all_forms_pass),
		cmocka_unit_test(nothing_found_is_none),
		cmocka_unit_test(a_failed_chain_gets_one_last_set),
		cmocka_unit_test(a_seal_of_failure_does_not_cover_older_sets),
		cmocka_unit_test(the_fiftieth_set_is_the_last),
		cmocka_unit_test(nothing_is_sealed_without_what_it_takes),
		cmocka_unit_test(the_usual_names_hold_dkim_but_no_seal),
		cmocka_unit_test(a_message_signature_may_cover_its_own_results),
		cmocka_unit_test(results_of_one_server_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
