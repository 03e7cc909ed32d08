#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/signer.h"
#include "tests/dkim_samples.h"

static struct arena *arena;
static struct dkim_secret *secret;

static int begin(void **state)
{
	const char *why;

	(void)state;
	arena = arena_open();
	secret = dkim_secret_open(SPAN(SEED_8463), &why);
	return secret ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	dkim_secret_close(secret);
	arena_close(arena);
	return 0;
}

static bool is_fit(const char *domain, const char *selector)
{
	struct signer signer = { .secret = secret,
		.domain = span_of(domain),
		.selector = span_of(selector) };
	const char *why = NULL;
	bool is_it = signer_check(arena, &signer, &why);

	assert_true(is_it || *why);
	return is_it;
}

static void a_domain_and_a_selector_that_are_names_will_sign(void **state)
{
	(void)state;
	assert_true(is_fit("example.org", "s2026"));
	assert_true(is_fit("example.org", "s.of.2026"));
	assert_true(is_fit("xn--bcher-kva.example", "_"));
}

/* Each of them is a name to the DNS, and none to a verifier. */
static void names_that_no_signature_can_hold_are_refused_at_once(void **state)
{
	static const char *const names[] = { "*", ".", "a b", "a/b", "a\\.b",
		"[192.0.2.1]", "" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_false(is_fit(names[i], "s2026"));
		assert_false(is_fit("example.org", names[i]));
	}
}

static void a_message_is_signed_on_top(void **state)
{
	struct signer signer = { .secret = secret,
		.domain = SPAN("example.org"),
		.selector = SPAN("s2026") };
	const struct message *message = message_from(
		arena, SPAN("From: <a@example.org>\r\n\r\nHello.\r\n"));
	const struct message *made;
	const char *why;

	(void)state;
	made = signer_sign(arena, &signer, message, 1000, &why);
	assert_non_null(made);
	assert_true(span_starts_nocase(
		message_text(arena, made), SPAN("DKIM-Signature: v=1;")));
	assert_true(made->size > message->size);
}

static void a_message_without_author_is_not_signed(void **state)
{
	struct signer signer = { .secret = secret,
		.domain = SPAN("example.org"),
		.selector = SPAN("s2026") };
	const struct message *message = message_from(
		arena, SPAN("To: <a@example.org>\r\n\r\nHello.\r\n"));
	const char *why;

	(void)state;
	assert_null(signer_sign(arena, &signer, message, 1000, &why));
	assert_string_equal(why, "the message has no From");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_domain_and_a_selector_that_are_names_will_sign),
		cmocka_unit_test(
			names_that_no_signature_can_hold_are_refused_at_once),
		cmocka_unit_test(a_message_is_signed_on_top),
		cmocka_unit_test(a_message_without_author_is_not_signed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
