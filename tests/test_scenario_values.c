#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/nearest.h"
#include "scenarios/value.h"
#include "scenarios/variables.h"

static bool reads(enum value_kind kind, const char *text, uint64_t *number)
{
	struct value value = { .kind = kind, .text = span_of(text) };
	const char *why = NULL;
	bool is_well = value_read(&value, &why);

	assert_true(is_well || why);
	*number = value.number;
	return is_well;
}

static void numbers_are_read_with_their_units(void **state)
{
	static const struct row {
		enum value_kind kind;
		const char *text;
		uint64_t number;
	} rows[] = {
		{ VALUE_DURATION, "500ms", 500 },
		{ VALUE_DURATION, "1.5s", 1500 },
		{ VALUE_DURATION, "0s", 0 },
		{ VALUE_DURATION, "5m", 300000 },
		{ VALUE_DURATION, "5min", 300000 },
		{ VALUE_DURATION, "6h", 21600000 },
		{ VALUE_DURATION, "3660d", 3660ull * 86400000 },
		{ VALUE_SIZE, "1000G", 1000ull * 1000 * 1000 * 1000 },
		{ VALUE_SIZE, "35882577", 35882577 },
		{ VALUE_SIZE, "25M", 25000000 },
		{ VALUE_SIZE, "1.5Ki", 1536 },
		{ VALUE_RATIO, "3", 3000 },
		{ VALUE_RATIO, "1.25", 1250 },
		{ VALUE_DATE, "1970-01-01", 0 },
		{ VALUE_DATE, "2000-02-29", 11016 },
		{ VALUE_DATE, "2027-01-31", 20849 },
		{ VALUE_FAMILY, "6", 6 },
		{ VALUE_PORT, "65535", 65535 },
		{ VALUE_CODE, "550", 550 },
		{ VALUE_STATUS, "5.7.26", 5007026 },
		{ VALUE_TLS_VERSION, "1.3", 13 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t number;

		if (!reads(rows[i].kind, rows[i].text, &number) ||
			number != rows[i].number)
			fail_msg("%s", rows[i].text);
	}
}

static void what_is_no_value_says_what_was_wanted(void **state)
{
	static const struct row {
		enum value_kind kind;
		const char *text;
	} rows[] = {
		{ VALUE_DURATION, "5" },
		{ VALUE_DURATION, "s" },
		{ VALUE_DURATION, "" },
		{ VALUE_DURATION, "-5s" },
		{ VALUE_DURATION, "1.s" },
		{ VALUE_DURATION, "1.2345s" },
		{ VALUE_DURATION, "1000000000s" },
		{ VALUE_DURATION, "999999999d" },
		{ VALUE_DURATION, "3660.001d" },
		{ VALUE_SIZE, "999999999Gi" },
		{ VALUE_DURATION, "5S" },
		{ VALUE_SIZE, "25MB" },
		{ VALUE_SIZE, "" },
		{ VALUE_SIZE, "M" },
		{ VALUE_RATIO, "1,5" },
		{ VALUE_DATE, "2027-02-29" },
		{ VALUE_DATE, "2027-13-01" },
		{ VALUE_DATE, "2027-00-01" },
		{ VALUE_DATE, "2027-01-00" },
		{ VALUE_DATE, "1969-12-31" },
		{ VALUE_DATE, "2027-1-1" },
		{ VALUE_DATE, "" },
		{ VALUE_FAMILY, "5" },
		{ VALUE_FAMILY, "4,6" },
		{ VALUE_PORT, "0" },
		{ VALUE_PORT, "65536" },
		{ VALUE_CODE, "199" },
		{ VALUE_CODE, "600" },
		{ VALUE_CODE, "0250" },
		{ VALUE_STATUS, "3.7.1" },
		{ VALUE_STATUS, "5.7" },
		{ VALUE_STATUS, "5.7.1." },
		{ VALUE_STATUS, "5.7.1.1" },
		{ VALUE_STATUS, "5.1000.1" },
		{ VALUE_TLS_VERSION, "1.4" },
		{ VALUE_NAME, "" },
		{ VALUE_NAME, "a.b" },
		{ VALUE_ENV, "1A" },
		{ VALUE_ENV, "A-B" },
		{ VALUE_DOMAIN, "" },
		{ VALUE_DOMAIN, "." },
		{ VALUE_DOMAIN, "a..b" },
		{ VALUE_DOMAIN, "-a.b" },
		{ VALUE_DOMAIN, "a b" },
		{ VALUE_MAILBOX, ""
				 "a" },
		{ VALUE_MAILBOX, "@b" },
		{ VALUE_MAILBOX, "a@" },
		{ VALUE_MAILBOX, "a b@c" },
		{ VALUE_MAILBOX, "<a@b" },
		{ VALUE_IPV4, "::1" },
		{ VALUE_IPV6, "192.0.2.1" },
		{ VALUE_ADDRESS, "[::1" },
		{ VALUE_KEYWORD, "" },
		{ VALUE_OPERATOR, "=>" },
		{ VALUE_REASON, "spam" },
		{ VALUE_REASON, ".a" },
		{ VALUE_REASON, "a." },
		{ VALUE_FILE, "" },
		{ VALUE_INTERFACE, "a/b" },
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (reads(rows[i].kind, rows[i].text, &number))
			fail_msg("%s as %s", rows[i].text,
				value_kind_word(rows[i].kind));
}

static void words_of_each_kind_are_taken(void **state)
{
	static const struct row {
		enum value_kind kind;
		const char *text;
	} rows[] = {
		{ VALUE_DOMAIN, "example.org" },
		{ VALUE_DOMAIN, "a.b." },
		{ VALUE_DOMAIN, "_dmarc.b\xc3\xbc\x63her.example" },
		{ VALUE_MAILBOX, "<>" },
		{ VALUE_MAILBOX, "<a@b.example>" },
		{ VALUE_MAILBOX, "a@[192.0.2.1]" },
		{ VALUE_MAILBOX, "SRS0=x=y@b.example" },
		{ VALUE_ADDRESS, "[2001:db8::1]" },
		{ VALUE_INTERFACE, "eth0.100" },
		{ VALUE_KEYWORD, "X-EXPS" },
		{ VALUE_REASON, "google.not-authorized" },
		{ VALUE_TEXT, "" },
		{ VALUE_HOST, "[192.0.2.1]" },
		{ VALUE_HOST, "[IPv6:2001:db8::1]" },
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!reads(rows[i].kind, rows[i].text, &number))
			fail_msg("%s", rows[i].text);
}

static void a_secret_stands_only_where_text_may(void **state)
{
	const char *why;

	(void)state;
	for (size_t i = 0; i < VALUE_KINDS; i++) {
		struct value value = { .kind = (enum value_kind)i,
			.text = SPAN("***"),
			.has_secret = true };
		bool is_text = value.kind == VALUE_TEXT ||
			       value.kind == VALUE_MAILBOX ||
			       value.kind == VALUE_DOMAIN ||
			       value.kind == VALUE_HOST;

		assert_int_equal(value_read(&value, &why), is_text);
	}
}

static void the_word_that_was_meant_is_found(void **state)
{
	static const struct row {
		const char *word, *meant;
	} rows[] = {
		{ "sorce4", "source4" },
		{ "suorce4", "source4" },
		{ "source", "source4" },
		{ "banenr", "banner" },
		{ "Banner", "banner" },
		{ "xyz", "" },
		{ "f", "" },
		{ "->", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct nearest nearest = nearest_begin(span_of(rows[i].word));

		nearest_offer(&nearest, SPAN("source4"));
		nearest_offer(&nearest, SPAN("source6"));
		nearest_offer(&nearest, SPAN("banner"));
		nearest_offer(&nearest, SPAN("g"));
		if (!span_is(nearest.best, span_of(rows[i].meant)))
			fail_msg("%s: %.*s", rows[i].word,
				SPAN_ARG(nearest.best));
	}
}

/* ---- variables */

static void add(struct variables *variables, const char *name,
	enum variable_kind kind, const char *text)
{
	assert_true(variable_add(
		variables, &(struct variable){ .name = span_of(name),
				   .kind = kind,
				   .text = span_of(text) }));
}

static void variables_and_escapes_become_text(void **state)
{
	static const struct row {
		const char *raw, *text;
		bool is_quoted, has_secret;
	} rows[] = {
		{ "a${a}b", "axyb", false, false },
		{ "${a}${a}", "xyxy", true, false },
		{ "${s}@x", "***@x", false, true },
		{ "\\${a}", "\\xy", false, false },
		{ "\\${a}", "${a}", true, false },
		{ "$a $", "$a $", true, false },
		{ "\\\"\\\\\\n\\x41\\t", "\"\\\nA\t", true, false },
		{ "\\x00", NULL, true, false },
		{ "", "", true, false },
	};
	struct arena *arena = arena_open();
	struct variables variables = { .arena = arena };

	(void)state;
	add(&variables, "a", VARIABLE_TEXT, "xy");
	add(&variables, "s", VARIABLE_ENV, "MXP_S");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_fault fault;
		struct span text, wanted;
		bool has_secret;

		wanted = rows[i].text ? span_of(rows[i].text)
				      : (struct span){ "\0", 1 };
		assert_true(text_expand(&variables, span_of(rows[i].raw),
			rows[i].is_quoted, &text, &has_secret, &fault));
		if (!span_is(text, wanted))
			fail_msg("%s: %.*s", rows[i].raw, SPAN_ARG(text));
		assert_int_equal(has_secret, rows[i].has_secret);
	}
	arena_close(arena);
}

static void a_fault_in_a_text_knows_its_place(void **state)
{
	static const struct row {
		const char *raw;
		size_t at;
	} rows[] = { { "ab\\q", 2 }, { "ab\\", 2 }, { "a\\x4", 1 },
		{ "a\\xg1", 1 }, { "a\\x1g", 1 }, { "a${b}", 1 }, { "a${b", 1 },
		{ "a${", 1 }, { "a\xff", 1 }, { "a\x1b", 1 } };
	struct arena *arena = arena_open();
	struct variables variables = { .arena = arena };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_fault fault;
		struct span text;
		bool has_secret;

		assert_false(text_expand(&variables, span_of(rows[i].raw), true,
			&text, &has_secret, &fault));
		assert_int_equal(fault.at, rows[i].at);
	}
	arena_close(arena);
}

static void variables_of_variables_do_not_grow_without_end(void **state)
{
	struct arena *arena = arena_open();
	struct variables variables = { .arena = arena };
	char *long_text = arena_take(arena, VARIABLE_TEXT_MAX + 1);
	struct text_fault fault;
	struct span text;
	bool has_secret;
	size_t times = 0;

	(void)state;
	memset(long_text, 'a', VARIABLE_TEXT_MAX);
	add(&variables, "a", VARIABLE_TEXT, long_text);
	assert_false(text_expand(
		&variables, SPAN("${a}a"), true, &text, &has_secret, &fault));
	while (text_expand(
		&variables, SPAN("${a}"), true, &text, &has_secret, &fault))
		times++;
	assert_true(times * VARIABLE_TEXT_MAX <= VARIABLES_GROWTH_MAX);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_with_their_units),
		cmocka_unit_test(what_is_no_value_says_what_was_wanted),
		cmocka_unit_test(words_of_each_kind_are_taken),
		cmocka_unit_test(a_secret_stands_only_where_text_may),
		cmocka_unit_test(the_word_that_was_meant_is_found),
		cmocka_unit_test(variables_and_escapes_become_text),
		cmocka_unit_test(a_fault_in_a_text_knows_its_place),
		cmocka_unit_test(
			variables_of_variables_do_not_grow_without_end),
	};

	return cmocka_run_group_tests_name(
		"scenario values", tests, NULL, NULL);
}
