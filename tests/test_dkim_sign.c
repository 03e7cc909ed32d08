#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/policy/dkim_sign.h"
#include "tests/dkim_samples.h"

static struct arena *arena;
static struct dkim_secret *rsa, *ed25519;

static int begin(void **state)
{
	const char *why;

	(void)state;
	arena = arena_open();
	rsa = dkim_secret_open(span_of(sample_rsa_pem), &why);
	ed25519 = dkim_secret_open(SPAN(SEED_8463), &why);
	return rsa && ed25519 ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	dkim_secret_close(rsa);
	dkim_secret_close(ed25519);
	arena_close(arena);
	return 0;
}

/* What the verifier makes of it. */
static enum dkim_result verify(
	const struct dkim_secret *secret, struct span message)
{
	struct answer answer = { .kind = ANSWER_DATA, .value_count = 1 };
	struct span record = dkim_secret_record(arena, secret);
	struct dkim_query query = {
		.arena = arena,
		.answers = answers_open(arena),
		.keys = dkim_keys_open(),
		.now = 1000,
	};
	struct dkim_checks checks;
	enum dkim_result result;

	answer.values = &record;
	answers_put(query.answers, SPAN("sel._domainkey.example.com"), RR_TXT,
		&answer);
	result = dkim_check(&query, dkim_message_of(arena, message), &checks);
	dkim_keys_close(query.keys);
	return result;
}

static struct dkim_signing usual(const struct dkim_secret *secret)
{
	return (struct dkim_signing){
		.secret = secret,
		.domain = SPAN("example.com"),
		.selector = SPAN("sel"),
		.header_canon = CANON_RELAXED,
		.body_canon = CANON_RELAXED,
	};
}

static struct span sign(const struct dkim_signing *signing, const char *text)
{
	struct span field;
	const char *why;

	if (!dkim_sign(arena, signing, span_of(text), &field, &why))
		fail_msg("%s", why);
	return field;
}

static const char *const letters[] = {
	"From: a@example.com\r\n\r\nbody\r\n",
	"From: a@example.com\r\n\r\n",
	"From: a@example.com\r\n",
	"From: a@example.com\r\n\r\n\r\n\r\n",
	"From: a@example.com\r\n\r\n  \r\n\t\r\nx  y \r\n\r\n",
	"from : a@example.com\r\nSubject:  odd\r\n  fold\t\r\nTo:\r\n\r\nbody",
	"FROM: a@example.com\r\nReceived: 1\r\nX-Y: 2\r\nTo: b\r\nTo: c\r\n"
	"List-Unsubscribe: <https://x.example/>\r\n"
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nbody\r\n",
	"From: \xc3\xa4@example.com\r\n\r\n\xff\xfe\r\n.\r\n",
	"From: a@example.com\nTo: b\n\nbody\nwith LF\n",
};

static void what_we_sign_we_verify(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8 * COUNT_OF(letters); i++) {
		const struct dkim_secret *secret = i & 1 ? rsa : ed25519;
		const char *letter = letters[i / 8];
		struct dkim_signing signing = usual(secret);
		struct span field;

		signing.header_canon = i & 2 ? CANON_RELAXED : CANON_SIMPLE;
		signing.body_canon = i & 4 ? CANON_RELAXED : CANON_SIMPLE;
		field = sign(&signing, letter);
		if (verify(secret, arena_print(arena, "%.*s%s", SPAN_ARG(field),
					   letter)) != DKIM_PASS)
			fail_msg("%u: %.*s%s", i, SPAN_ARG(field), letter);
	}
}

static void the_field_says_what_was_wished(void **state)
{
	const struct span names[] = { SPAN("From"), SPAN("X"), SPAN("from") };
	struct dkim_signing signing = usual(ed25519);
	struct dkim_signature signature;
	struct header header;
	struct span field;

	(void)state;
	signing.identity = SPAN("joe@sub.example.com");
	signing.body_canon = CANON_SIMPLE;
	signing.names = names;
	signing.name_count = COUNT_OF(names);
	signing.body_length = CANON_WHOLE;
	signing.time = 100;
	signing.expiry = 200;
	field = sign(&signing, letters[0]);
	header_parse(arena, field, &header);
	assert_true(dkim_signature_parse(
		arena, DKIM_SIGNATURE, &header.fields[0], &signature));
	assert_true(span_is(signature.identity, signing.identity));
	assert_int_equal(signature.header_canon, CANON_RELAXED);
	assert_int_equal(signature.body_canon, CANON_SIMPLE);
	assert_int_equal(signature.name_count, 3);
	assert_int_equal(signature.body_length, 6);
	assert_int_equal(signature.time, 100);
	assert_int_equal(signature.expiry, 200);
	assert_int_equal(signature.algorithm, DKIM_ED25519_SHA256);
}

static void no_line_is_wider_than_a_page(void **state)
{
	struct dkim_signing signing = usual(rsa);
	struct span rest;
	unsigned lines = 0;

	(void)state;
	signing.domain = SPAN("a-rather-long-name.of-a-department.example.com");
	rest = sign(&signing, letters[6]);
	assert_true(span_ends_nocase(rest, SPAN("\r\n")));
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		size_t columns = line.len - 1;

		if (line.at[0] == '\t')
			columns += 7;
		if (columns > 76)
			fail_msg("%zu: %.*s", columns, SPAN_ARG(line));
		lines++;
	}
	assert_in_range(lines, 6, 12);
}

static void from_and_the_likes_are_named_once_more(void **state)
{
	const struct span *names;
	struct header header;
	struct span all = SPAN("");
	size_t count;

	(void)state;
	header_parse(arena, span_of(letters[6]), &header);
	count = dkim_default_names(arena, &header, &names);
	for (size_t i = 0; i < count; i++)
		all = arena_print(
			arena, "%.*s%.*s ", SPAN_ARG(all), SPAN_ARG(names[i]));
	assert_true(span_is(all, SPAN("From From To To To List-Unsubscribe "
				      "List-Unsubscribe-Post ")));
}

static void a_field_put_in_later_breaks_the_signature(void **state)
{
	struct dkim_signing signing = usual(ed25519);
	struct span field = sign(&signing, letters[0]);

	(void)state;
	assert_int_equal(
		verify(ed25519, arena_print(arena, "From: eve@x\r\n%.*s%s",
					SPAN_ARG(field), letters[0])),
		DKIM_FAIL);
}

static const struct refusal_row {
	const char *letter, *domain, *selector, *identity;
} refusals[] = {
	{ .letter = "To: b\r\n\r\n", .domain = "example.com", .selector = "s" },
	{ .letter = "From: b\r\n\r\n",
		.domain = "exa mple.com",
		.selector = "s" },
	{ .letter = "From: b\r\n\r\n", .domain = "", .selector = "s" },
	{ .letter = "From: b\r\n\r\n",
		.domain = "example.com",
		.selector = "" },
	{ .letter = "From: b\r\n\r\n",
		.domain = "example.com\r\nX: y",
		.selector = "s" },
	{ .letter = "From: b\r\n\r\n",
		.domain = "example.com; l=0",
		.selector = "s;l=0" },
	{ .letter = "From: b\r\n\r\n",
		.domain = "example.com",
		.selector = "s",
		.identity = "x@example.net" },
};

static void what_no_verifier_would_take_is_not_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		const struct refusal_row *row = &refusals[i];
		struct dkim_signing signing = usual(ed25519);
		struct span field;
		const char *why = NULL;

		signing.domain = span_of(row->domain);
		signing.selector = span_of(row->selector);
		if (row->identity)
			signing.identity = span_of(row->identity);
		if (dkim_sign(arena, &signing, span_of(row->letter), &field,
			    &why))
			fail_msg("%zu: %.*s", i, SPAN_ARG(field));
		assert_non_null(why);
	}
}

static void a_secret_tells_the_record_it_needs(void **state)
{
	(void)state;
	assert_true(
		span_is(dkim_secret_record(arena, rsa), SPAN(RECORD_8463_RSA)));
	assert_true(span_is(
		dkim_secret_record(arena, ed25519), SPAN(RECORD_8463_ED25519)));
	assert_int_equal(dkim_secret_algorithm(rsa), DKIM_RSA_SHA256);
	assert_int_equal(dkim_secret_algorithm(ed25519), DKIM_ED25519_SHA256);
}

/* The same seed in PKCS#8. */
static const char pkcs8[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	"-----END PRIVATE KEY-----\n";

static void a_seed_may_come_in_pem(void **state)
{
	const char *why;
	struct dkim_secret *secret = dkim_secret_open(span_of(pkcs8), &why);

	(void)state;
	assert_non_null(secret);
	assert_true(span_is(
		dkim_secret_record(arena, secret), SPAN(RECORD_8463_ED25519)));
	dkim_secret_close(secret);
}

static const char *const no_secrets[] = {
	"",
	"-----BEGIN PRIVATE KEY-----\n",
	"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2",
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	"-----END PUBLIC KEY-----\n",
	/* RSA of 512 bits */
	"-----BEGIN RSA PRIVATE KEY-----\n"
	"MIIBPAIBAAJBALfYT14fyzlW4XXTTDumHpWPWX13AvqJEEUq03yThdipFKcQNU9j\n"
	"AfpPjyVQHmi2TWdm1onpcMEztj9FsJmt6QcCAwEAAQJBAI29IJvByW3AtPyhVnHa\n"
	"hlPqfCVF/y7nQ3sAJKM0HYpGqF9b1qxc62ciCZOwKbLTYlRTNMFM8/P27LraY9+b\n"
	"JskCIQD09rhbNBkbt4ePFgfNJ1+Ed56xRXkkcHF5GhATiejCPQIhAMAgrcA8S2fJ\n"
	"xgFmDzcCo7Hw2mzqpl9kQXFBpcthZeCTAiEAuojZb9HnQLzrxCChhi5yRNwWAqWF\n"
	"jyL0taQME+TTUn0CIQCt3GSfc3ChSVxfY6YdF8xeeCCRM36/EBCQluGbvFXe9QIg\n"
	"ZJc2N+ALdBa/B2rT38DVj0mQ7Kjhm5gZzYfyoAjBd30=\n"
	"-----END RSA PRIVATE KEY-----\n",
	/* P-256 */
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAAAAAAAAAAAAAAA\n"
	"AAAAAAAAAAAAAAAAAAAAAAAAAAGhRANCAARrF9Hy4SxCR/i85uVjpEDydwN9gS3r\n"
	"M6D0oTlF2JjClk/jQuL+Gn+bjufrSnwPnhYrzjNXazFezsu2QGg3v1H1\n"
	"-----END PRIVATE KEY-----\n",
};

static void what_is_no_secret_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(no_secrets); i++) {
		const char *why = NULL;

		assert_null(dkim_secret_open(span_of(no_secrets[i]), &why));
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_we_sign_we_verify),
		cmocka_unit_test(the_field_says_what_was_wished),
		cmocka_unit_test(no_line_is_wider_than_a_page),
		cmocka_unit_test(from_and_the_likes_are_named_once_more),
		cmocka_unit_test(a_field_put_in_later_breaks_the_signature),
		cmocka_unit_test(what_no_verifier_would_take_is_not_signed),
		cmocka_unit_test(a_secret_tells_the_record_it_needs),
		cmocka_unit_test(a_seed_may_come_in_pem),
		cmocka_unit_test(what_is_no_secret_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
