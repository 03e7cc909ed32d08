#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/dns/answers_file.h"

static void assert_text(struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", SPAN_ARG(got), wanted);
}

/* What a file says, saved again. */
static struct span saved_text(struct arena *arena, struct answers *answers)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	struct span copy;

	assert_non_null(file);
	answers_file_begin(file);
	answers_file_save(file, answers);
	assert_int_equal(fclose(file), 0);
	copy = arena_copy(arena, (struct span){ text, len });
	free(text);
	return copy;
}

static void assert_same(const struct answer *a, const struct answer *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->secure, b->secure);
	assert_int_equal(a->ttl, b->ttl);
	assert_int_equal(a->rtt_us, b->rtt_us);
	assert_true(span_is(a->canonical, b->canonical));
	assert_true(span_is(a->server, b->server));
	assert_true(span_is(a->why, b->why));
	assert_int_equal(a->value_count, b->value_count);
	for (size_t i = 0; i < a->value_count; i++)
		assert_true(span_is(a->values[i], b->values[i]));
}

static void every_byte_of_an_answer_comes_back(void **state)
{
	static char bytes[256];
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);
	struct answers *again = answers_open(arena);
	const struct span values[] = { { bytes, 256 }, SPAN(""), SPAN("#") };
	const struct answer full = { .kind = ANSWER_DATA,
		.secure = true,
		.values = values,
		.value_count = 3,
		.canonical = SPAN("c\\032.example"),
		.ttl = UINT32_MAX,
		.rtt_us = 1,
		.server = SPAN("[2001:db8::53]:5353"),
		.why = { bytes, 256 } };
	const struct answer lost = { .kind = ANSWER_TIMEOUT,
		.why = SPAN("no answer within 2000 ms") };
	struct answers_file_errors errors;
	struct saved_answers *saved;

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	answers_put(answers, SPAN("#\"\\\\.example"), RR_TXT, &full);
	answers_put(answers, SPAN("."), RR_MX, &lost);
	saved = answers_file_load(
		arena, SPAN("f"), saved_text(arena, answers), &errors);
	assert_int_equal(errors.total, 0);
	assert_null(answers_get(again, SPAN("#\"\\\\.example"), RR_TXT));
	assert_null(answers_get(again, SPAN("."), RR_MX));
	saved_answers_settle(saved, again);
	assert_same(answers_get(again, SPAN("#\"\\\\.example"), RR_TXT), &full);
	assert_same(answers_get(again, SPAN("."), RR_MX), &lost);
	arena_close(arena);
}

static void a_line_reads_like_what_was_asked(void **state)
{
	const struct span values[] = { SPAN("192.0.2.1"),
		SPAN("a\"b\\\n\x7f\xff") };
	const struct answer found = { .kind = ANSWER_DATA,
		.secure = true,
		.values = values,
		.value_count = 2,
		.ttl = 300,
		.rtt_us = 1200,
		.server = SPAN("192.0.2.53") };
	const struct answer bogus = { .kind = ANSWER_SERVFAIL,
		.why = SPAN("DNSSEC Bogus (6)") };
	static const struct answer unsaved = { .kind = ANSWER_UNSAVED };
	struct arena *arena = arena_open();
	struct answers *answers = answers_open(arena);

	(void)state;
	answers_put(answers, SPAN("mx.example"), RR_A, &found);
	answers_put(answers, SPAN("mx.example"), RR_AAAA, &bogus);
	answers_put(answers, SPAN("mx.example"), RR_TXT, &unsaved);
	assert_null(answers_get(answers, SPAN("open.example"), RR_A));
	assert_text(saved_text(arena, answers),
		"mxprobe-answers 1\n"
		"mx.example A found ttl=300 secure rtt=1200 "
		"server=192.0.2.53 \"192.0.2.1\" "
		"\"a\\\"b\\\\\\x0a\\x7f\\xff\"\n"
		"mx.example AAAA servfail why=\"DNSSEC Bogus (6)\"\n");
	arena_close(arena);
}

static const struct answer *replay(struct arena *arena, const char *text,
	const char *name, enum rr_type type)
{
	struct answers *answers = answers_open(arena);
	struct answers_file_errors errors;
	struct saved_answers *saved = answers_file_load(
		arena, SPAN("f"), span_of(text), &errors);

	assert_non_null(saved);
	assert_int_equal(errors.total, 0);
	assert_null(answers_get(answers, span_of(name), type));
	saved_answers_settle(saved, answers);
	return answers_get(answers, span_of(name), type);
}

static void what_people_write_by_hand_is_understood(void **state)
{
	static const char text[] =
		"mxprobe-answers 1\r\n"
		"\n"
		"# a comment\n"
		"\t Example.  mx  found \"10 mx.example\"\t# best\r\n"
		"\"MX.example\" a no-data\n"
		"twice.example A nxdomain\n"
		"twice.example A refused";
	struct arena *arena = arena_open();
	const struct answer *got;

	(void)state;
	got = replay(arena, text, "example", RR_MX);
	assert_text(got->values[0], "10 mx.example");
	got = replay(arena, text, "mx.example", RR_A);
	assert_int_equal(got->kind, ANSWER_NONE);
	got = replay(arena, text, "twice.example", RR_A);
	assert_int_equal(got->kind, ANSWER_REFUSED);
	got = replay(arena, text, "twice.example", RR_AAAA);
	assert_int_equal(got->kind, ANSWER_UNSAVED);
	arena_close(arena);
}

/* clang-format off */
static const struct {
	const char *line;
	const char *error;
} wrong[] = {
	{ "a..b A found \"1\"", "expected a name: a label is empty" },
	{ "= A found", "expected a name" },
	{ "a.example", "expected a record type: A, AAAA, CNAME, MX, POLICY, "
	  "PTR, SOA, TLSA or TXT" },
	{ "a.example NAPTR found", "expected a record type: A, AAAA, CNAME, "
	  "MX, POLICY, PTR, SOA, TLSA or TXT" },
	{ "a.example A", "expected how it was answered: found, no-data, "
	  "nxdomain, servfail, timeout, refused, unreachable, malformed or "
	  "untrusted" },
	{ "a.example A unsaved", "expected how it was answered: found, "
	  "no-data, nxdomain, servfail, timeout, refused, unreachable, "
	  "malformed or untrusted" },
	{ "a.example A found", "expected a value: found needs one" },
	{ "a.example A no-data \"192.0.2.1\"",
	  "expected no value: only found has some" },
	{ "a.example A found 192.0.2.1", "expected ttl=, rtt=, secure, "
	  "canonical=, server=, why= or a quoted value" },
	{ "a.example A found ttl=1h \"1\"",
	  "expected a number of seconds after ttl=" },
	{ "a.example A found ttl=4294967296 \"1\"",
	  "expected a number of seconds after ttl=" },
	{ "a.example A found rtt= \"1\"",
	  "expected a number of microseconds after rtt=" },
	{ "a.example A found ttl=1 ttl=2 \"1\"", "expected each field once" },
	{ "a.example A found secured \"1\"",
	  "expected a space after secure" },
	{ "a.example A found why=two words \"1\"", "expected ttl=, rtt=, "
	  "secure, canonical=, server=, why= or a quoted value" },
	{ "a.example A found \"1\" ttl=1", "expected a quoted value: fields "
	  "stand before the values" },
	{ "a.example A found \"1", "expected a closing quote" },
	{ "a.example A found \"1\\\"", "expected a closing quote" },
	{ "a.example A found \"1\\", "expected \\\", \\\\ or \\xHH after \\" },
	{ "a.example A found \"\\n\"",
	  "expected \\\", \\\\ or \\xHH after \\" },
	{ "a.example A found \"\\x0g\"",
	  "expected \\\", \\\\ or \\xHH after \\" },
	{ "a.example A found \"1\"\"2\"", "expected a space after the quote" },
};
/* clang-format on */

static void each_error_says_where_and_what_was_expected(void **state)
{
	struct arena *arena = arena_open();
	struct span text = SPAN("mxprobe-answers 1\n");
	struct answers_file_errors errors;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		text = arena_print(
			arena, "%.*s%s\n", SPAN_ARG(text), wrong[i].line);
	assert_non_null(answers_file_load(arena, SPAN("a.txt"), text, &errors));
	assert_int_equal(errors.count, COUNT_OF(wrong));
	for (size_t i = 0; i < errors.count && i < COUNT_OF(wrong); i++)
		assert_text(errors.texts[i], arena_print(arena, "a.txt:%zu: %s",
						     i + 2, wrong[i].error)
						     .at);
	arena_close(arena);
}

static void another_file_is_not_read_at_all(void **state)
{
	static const char *const texts[] = { "", "mxprobe-answers 2\n",
		"a.example A found \"192.0.2.1\"\n" };
	struct arena *arena = arena_open();
	struct answers_file_errors errors;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_null(answers_file_load(
			arena, SPAN("a.txt"), span_of(texts[i]), &errors));
		assert_int_equal(errors.count, 1);
		assert_text(errors.texts[0], "a.txt:1: expected the line "
					     "\"mxprobe-answers 1\"");
	}
	arena_close(arena);
}

static void a_thousand_errors_are_counted_not_kept(void **state)
{
	struct arena *arena = arena_open();
	struct answers_file_errors errors;
	char text[2100] = "mxprobe-answers 1\n";
	size_t at = strlen(text);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		text[at++] = '=';
		text[at++] = '\n';
	}
	assert_non_null(answers_file_load(
		arena, SPAN("f"), (struct span){ text, at }, &errors));
	assert_int_equal(errors.count, ANSWERS_FILE_ERRORS_MAX);
	assert_int_equal(errors.total, 1000);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_of_an_answer_comes_back),
		cmocka_unit_test(a_line_reads_like_what_was_asked),
		cmocka_unit_test(what_people_write_by_hand_is_understood),
		cmocka_unit_test(each_error_says_where_and_what_was_expected),
		cmocka_unit_test(another_file_is_not_read_at_all),
		cmocka_unit_test(a_thousand_errors_are_counted_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
