#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/policy/dkim_signature.h"
#include "tests/own_arena.h"

static struct header header;
static struct dkim_signature signature;

static bool parse(enum dkim_kind kind, const char *value)
{
	struct span text = arena_print(arena, "X:%s\r\n\r\n", value);

	header_parse(arena, text, &header);
	assert_int_equal(header.count, 1);
	return dkim_signature_parse(arena, kind, &header.fields[0], &signature);
}

#define WHOLE                                                                  \
	"v=1; a=rsa-sha256; c=relaxed/simple; d=Example.com; s=One.Two;\r\n"   \
	" i=joe=3Dx@sub.EXAMPLE.com; t=10; x=20; l=7; q=dns/txt;\r\n"          \
	" h=From : To\r\n :From; bh=Zm9v; b=YmF\r\n y; z=ignored"

static void every_tag_is_read(void **state)
{
	(void)state;
	assert_true(parse(DKIM_SIGNATURE, WHOLE));
	assert_int_equal(signature.algorithm, DKIM_RSA_SHA256);
	assert_int_equal(signature.header_canon, CANON_RELAXED);
	assert_int_equal(signature.body_canon, CANON_SIMPLE);
	assert_true(span_is(signature.domain, SPAN("example.com")));
	assert_true(span_is(signature.selector, SPAN("one.two")));
	assert_true(span_is(signature.identity, SPAN("joe=x@sub.example.com")));
	assert_int_equal(signature.name_count, 3);
	assert_true(span_is(signature.names[1], SPAN("To")));
	assert_true(span_is(signature.names[2], SPAN("From")));
	assert_true(span_is(signature.body_hash, SPAN("foo")));
	assert_true(span_is(signature.signature, SPAN("bar")));
	assert_int_equal(signature.body_length, 7);
	assert_true(signature.has_time && signature.has_expiry);
	assert_int_equal(signature.time, 10);
	assert_int_equal(signature.expiry, 20);
	assert_true(span_is(dkim_signature_key_name(arena, &signature),
		SPAN("one.two._domainkey.example.com")));
	assert_true(dkim_signature_covers(&signature, SPAN("FROM")));
	assert_false(dkim_signature_covers(&signature, SPAN("Cc")));
}

static void what_is_not_said_has_a_default(void **state)
{
	(void)state;
	assert_true(parse(DKIM_SIGNATURE,
		"v=1;a=ed25519-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg"));
	assert_int_equal(signature.algorithm, DKIM_ED25519_SHA256);
	assert_int_equal(signature.header_canon, CANON_SIMPLE);
	assert_int_equal(signature.body_canon, CANON_SIMPLE);
	assert_true(span_is(signature.identity, SPAN("@a.b")));
	assert_true(signature.body_length == CANON_WHOLE);
	assert_false(signature.has_time || signature.has_expiry);
	assert_true(parse(DKIM_SIGNATURE,
		"v=1;a=rsa-sha256;c=relaxed;d=a.b;s=c;h=from;bh=Zg;b=Zg"));
	assert_int_equal(signature.header_canon, CANON_RELAXED);
	assert_int_equal(signature.body_canon, CANON_SIMPLE);
}

/* What is said instead of, or beside, a signature that is good. */
static const struct fault_row {
	const char *value;
	enum dkim_fault fault;
} faults[] = {
	{ "a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_VERSION },
	{ "v=0.5;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_VERSION },
	{ "v=1.0;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_VERSION },
	{ "v=1;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_MISSING_TAG },
	{ "v=1;a=rsa-sha256;s=c;h=from;bh=Zg;b=Zg", DKIM_MISSING_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;h=from;bh=Zg;b=Zg", DKIM_MISSING_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;bh=Zg;b=Zg", DKIM_MISSING_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;b=Zg", DKIM_MISSING_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg", DKIM_MISSING_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=", DKIM_BAD_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=$$", DKIM_BAD_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Z;b=Zg", DKIM_BAD_TAG },
	{ "v=1;a=rsa-sha1;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_OLD_ALGORITHM },
	{ "v=1;a=RSA-SHA256;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_ALGORITHM },
	{ "v=1;a=dsa-sha1;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_ALGORITHM },
	{ "v=1;a=rsa-sha256;c=;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_CANON },
	{ "v=1;a=rsa-sha256;c=simple/;d=a.b;s=c;h=from;bh=Zg;b=Zg",
		DKIM_BAD_CANON },
	{ "v=1;a=rsa-sha256;c=x/simple;d=a.b;s=c;h=from;bh=Zg;b=Zg",
		DKIM_BAD_CANON },
	{ "v=1;a=rsa-sha256;d=;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=a(.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=a..b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=.;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=a\xe1.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=a.b;s=;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=a.b;s=c d;h=from;bh=Zg;b=Zg", DKIM_BAD_DOMAIN },
	{ "v=1;a=rsa-sha256;d=a.b;i=a.b;s=c;h=from;bh=Zg;b=Zg",
		DKIM_BAD_IDENTITY },
	{ "v=1;a=rsa-sha256;d=a.b;i=x@b;s=c;h=from;bh=Zg;b=Zg",
		DKIM_BAD_IDENTITY },
	{ "v=1;a=rsa-sha256;d=a.b;i=x@xa.b;s=c;h=from;bh=Zg;b=Zg",
		DKIM_BAD_IDENTITY },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=to;bh=Zg;b=Zg", DKIM_FROM_UNSIGNED },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=;bh=Zg;b=Zg", DKIM_FROM_UNSIGNED },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;q=http",
		DKIM_BAD_QUERY },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;t=10;x=10",
		DKIM_BAD_TIMES },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;t=", DKIM_BAD_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;t=1 2", DKIM_BAD_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;l=-1", DKIM_BAD_TAG },
	{ "v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;v=1", DKIM_BAD_TAGS },
	{ "v=1;a=rsa-sha256;;d=a.b;s=c;h=from;bh=Zg;b=Zg", DKIM_BAD_TAGS },
	{ "", DKIM_BAD_TAGS },
};

static void what_is_wrong_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		assert_false(parse(DKIM_SIGNATURE, faults[i].value));
		if (signature.fault != faults[i].fault)
			fail_msg("%s: %s, %.*s", faults[i].value,
				dkim_fault_word(signature.fault),
				SPAN_ARG(signature.why));
		assert_true(signature.why.len > 0);
		assert_true(dkim_fault_section(signature.fault)[0] != '\0');
	}
}

static const char *const lenient[] = {
	"v=1;a=rsa-sha256;d=a.b;s=c;h=from::to:;bh=Zg;b=Zg",
	"v=1;a=rsa-sha256;d=a.b;s=c_d;h=from;bh=Zg;b=Zg;q=http:dns/txt",
	"v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;q=dns",
	"v=1;a=rsa-sha256;d=a.b;s=c;i=@x.a.b;h=from;bh=Zg;b=Zg;x=999999999999",
	"v=1;a=rsa-sha256;d=b\xc3\xbc.de;i=\xc3\xbc@b\xc3\xbc.de;s=c;h=from;"
	"bh=Zg;b=Zg",
	"v=1;a=rsa-sha256;d=a.b;s=c;h=from;bh=Zg;b=Zg;"
	"l=99999999999999999999999999999999",
};

static void what_may_be_is_let_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lenient); i++)
		if (!parse(DKIM_SIGNATURE, lenient[i]))
			fail_msg("%s: %.*s", lenient[i],
				SPAN_ARG(signature.why));
}

static void a_domain_with_umlauts_is_asked_for_in_ascii(void **state)
{
	(void)state;
	assert_true(parse(DKIM_SIGNATURE, lenient[4]));
	assert_true(span_is(signature.domain, SPAN("xn--b-eha.de")));
}

static void arc_has_rules_of_its_own(void **state)
{
	(void)state;
	assert_true(parse(DKIM_ARC_MESSAGE,
		"i=3; a=rsa-sha256; d=a.b; s=c; h=; bh=Zg; b=Zg"));
	assert_int_equal(signature.instance, 3);
	assert_int_equal(signature.name_count, 0);
	assert_false(parse(DKIM_ARC_MESSAGE,
		"a=rsa-sha256; d=a.b; s=c; h=from; bh=Zg; b=Zg"));
	assert_int_equal(signature.fault, DKIM_MISSING_TAG);
	assert_false(parse(DKIM_ARC_MESSAGE,
		"i=0; a=rsa-sha256; d=a.b; s=c; h=from; bh=Zg; b=Zg"));
	assert_int_equal(signature.fault, DKIM_BAD_TAG);
	assert_false(parse(DKIM_ARC_MESSAGE,
		"i=51; a=rsa-sha256; d=a.b; s=c; h=from; bh=Zg; b=Zg"));
	assert_true(parse(
		DKIM_ARC_SEAL, "i=1; a=rsa-sha256; d=a.b; s=c; cv=none; b=Zg"));
	assert_int_equal(signature.header_canon, CANON_RELAXED);
	assert_true(span_is(signature.chain, SPAN("none")));
	assert_false(
		parse(DKIM_ARC_SEAL, "i=1; a=rsa-sha256; d=a.b; s=c; b=Zg"));
	assert_int_equal(signature.fault, DKIM_MISSING_TAG);
}

static const struct without_row {
	const char *raw, *without;
} withouts[] = {
	{ "X: a=1; b=abc", "X: a=1; b=" },
	{ "X: a=1; b = abc ; c=2", "X: a=1; b =; c=2" },
	{ "X: b=a=b=c\r\n d;", "X: b=;" },
	{ "X: bh=1;\r\n\tb=\r\n\tabc", "X: bh=1;\r\n\tb=" },
	{ "X: a=1; bb=2", "X: a=1; bb=2" },
	{ "b=1:", "b=1:" },
	{ "X:", "X:" },
	{ "X: b", "X: b" },
	{ "X: b=1; b=2", "X: b=; b=2" },
};

static void b_is_taken_out_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(withouts); i++) {
		struct span got = dkim_signature_without_b(
			arena, span_of(withouts[i].raw));

		if (!span_is(got, span_of(withouts[i].without)))
			fail_msg("%s: %.*s", withouts[i].raw, SPAN_ARG(got));
	}
}

/* Each field of the table has its number as its value. */
static void must_pick(const char *names, const char *numbers)
{
	const struct header_field *const *fields;
	struct header_field own = { 0 };
	struct header many;
	size_t count;

	own.value = arena_print(
		arena, "v=1;a=rsa-sha256;d=a.b;s=c;bh=Zg;b=Zg;h=%s", names);
	dkim_signature_parse(arena, DKIM_SIGNATURE, &own, &signature);
	header_parse(arena,
		SPAN("X:0\r\nfrom:1\r\nTo:2\r\nFrom:3\r\nX:4\r\nFrom:5\r\n"),
		&many);
	signature.field = &many.fields[4];
	count = dkim_signature_pick(arena, &many, &signature, &fields);
	if (count != strlen(numbers))
		fail_msg("%s: %zu fields", names, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(fields[i]->value.at[0], numbers[i]);
}

static void fields_are_taken_from_the_bottom_up(void **state)
{
	(void)state;
	must_pick("From", "5");
	must_pick("from:To:FROM", "523");
	must_pick("from:from:from:from:from", "531");
	must_pick("Cc:from:Cc", "5");
	must_pick("To:To:from", "25");
}

static void a_signature_does_not_sign_itself(void **state)
{
	(void)state;
	must_pick("x:x:from", "05");
}

static void the_signed_text_ends_without_a_line_end(void **state)
{
	const struct header_field *const *fields;
	struct header many;
	struct span text;

	(void)state;
	header_parse(arena, SPAN("From: a\r\n b\r\nTO:  x \r\n"), &many);
	dkim_signature_parse(arena, DKIM_SIGNATURE,
		&(struct header_field){
			.value = SPAN("v=1;a=rsa-sha256;d=a.b;s=c;bh=Zg;b=Zg;"
				      "h=to:from:to") },
		&signature);
	assert_int_equal(
		dkim_signature_pick(arena, &many, &signature, &fields), 2);
	text = dkim_signed_text(
		arena, CANON_RELAXED, fields, 2, SPAN("X:  b= "));
	assert_true(span_is(text, SPAN("to:x\r\nfrom:a b\r\nx:b=")));
	text = dkim_signed_text(
		arena, CANON_SIMPLE, fields, 2, SPAN("X:  b= "));
	assert_true(span_is(text, SPAN("TO:  x \r\nFrom: a\r\n b\r\nX:  b= ")));
}

static void too_many_names_are_refused(void **state)
{
	char *names = arena_take(arena, 2 * DKIM_NAMES_MAX + 64);
	char *at = names;

	(void)state;
	memcpy(at, "v=1;a=rsa-sha256;d=a.b;s=c;bh=Zg;b=Zg;h=from", 44);
	at += 44;
	for (int i = 0; i < DKIM_NAMES_MAX - 1; i++, at += 2)
		memcpy(at, ":x", 2);
	assert_true(parse(DKIM_SIGNATURE, names));
	assert_int_equal(signature.name_count, DKIM_NAMES_MAX);
	memcpy(at, ":x", 2);
	assert_false(parse(DKIM_SIGNATURE, names));
	assert_int_equal(signature.fault, DKIM_BAD_TAG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tag_is_read),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(what_may_be_is_let_through),
		cmocka_unit_test(a_domain_with_umlauts_is_asked_for_in_ascii),
		cmocka_unit_test(arc_has_rules_of_its_own),
		cmocka_unit_test(b_is_taken_out_and_nothing_else),
		cmocka_unit_test(fields_are_taken_from_the_bottom_up),
		cmocka_unit_test(a_signature_does_not_sign_itself),
		cmocka_unit_test(the_signed_text_ends_without_a_line_end),
		cmocka_unit_test(too_many_names_are_refused),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
