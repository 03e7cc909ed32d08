#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/smtp/ehlo.h"
#include "probe/smtp/reply_parser.h"

static struct ehlo read_ehlo(struct arena *arena, const char *text)
{
	struct span in = span_of(text);
	const struct reply *reply;
	struct reply_parser parser;
	struct ehlo ehlo;
	const char *why;

	reply_parser_init(&parser, arena);
	assert_int_equal(reply_parse(&parser, &in, &reply, &why), PARSE_DONE);
	ehlo_parse(arena, reply, &ehlo);
	return ehlo;
}

static void the_keywords_of_a_large_provider_are_read(void **state)
{
	struct arena *arena = arena_open();
	struct ehlo ehlo = read_ehlo(arena,
		"250-mx.google.com at your service, [203.0.113.5]\r\n"
		"250-SIZE 157286400\r\n250-8BITMIME\r\n250-STARTTLS\r\n"
		"250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n"
		"250-CHUNKING\r\n250 SMTPUTF8\r\n");

	(void)state;
	assert_true(span_is(ehlo.domain, SPAN("mx.google.com")));
	assert_true(
		span_is(ehlo.greeting, SPAN("at your service, [203.0.113.5]")));
	assert_int_equal(ehlo.keyword_count, 7);
	assert_true(ehlo.starttls && ehlo.pipelining && ehlo.smtputf8 &&
		    ehlo.eightbitmime && ehlo.enhanced_codes && ehlo.chunking);
	assert_true(ehlo.size);
	assert_int_equal(ehlo.size_max, 157286400);
	arena_close(arena);
}

static void a_bare_answer_announces_nothing(void **state)
{
	struct arena *arena = arena_open();
	struct ehlo ehlo = read_ehlo(arena, "250\r\n");

	(void)state;
	assert_int_equal(ehlo.domain.len, 0);
	assert_int_equal(ehlo.greeting.len, 0);
	assert_int_equal(ehlo.keyword_count, 0);
	assert_false(ehlo.starttls || ehlo.pipelining || ehlo.smtputf8 ||
		     ehlo.eightbitmime || ehlo.enhanced_codes ||
		     ehlo.chunking || ehlo.size || ehlo.has_echo);
	arena_close(arena);
}

static void keywords_are_known_in_any_case_and_kept_as_written(void **state)
{
	struct arena *arena = arena_open();
	struct ehlo ehlo = read_ehlo(arena,
		"250-a\r\n250-StartTls\r\n"
		"250-Auth  LOGIN\tPLAIN \r\n250-\r\n250-XNEW=1 a b\r\n"
		"250 8bitmime\r\n");
	const struct ehlo_keyword *row = ehlo_find(&ehlo, SPAN("AUTH"));

	(void)state;
	assert_true(ehlo.starttls && ehlo.eightbitmime);
	assert_non_null(row);
	assert_true(span_is(row->word, SPAN("Auth")));
	assert_true(span_is(row->parameters, SPAN("LOGIN\tPLAIN")));
	assert_int_equal(ehlo.keyword_count, 4);
	assert_true(span_is(ehlo.keywords[2].word, SPAN("XNEW=1")));
	assert_true(span_is(ehlo.keywords[2].parameters, SPAN("a b")));
	assert_null(ehlo_find(&ehlo, SPAN("XNEW")));
	assert_null(ehlo_find(&ehlo, SPAN("SIZE")));
	arena_close(arena);
}

static void the_first_line_holds_no_keyword(void **state)
{
	struct arena *arena = arena_open();
	struct ehlo ehlo = read_ehlo(arena, "250 STARTTLS\r\n");

	(void)state;
	assert_false(ehlo.starttls);
	assert_true(span_is(ehlo.domain, SPAN("STARTTLS")));
	arena_close(arena);
}

static void a_size_may_have_no_number(void **state)
{
	static const struct {
		const char *text;
		unsigned long long max;
	} sizes[] = {
		{ "250-a\r\n250 SIZE\r\n", 0 },
		{ "250-a\r\n250 SIZE 0\r\n", 0 },
		{ "250-a\r\n250 size 52428800\r\n", 52428800 },
		{ "250-a\r\n250 SIZE many\r\n", 0 },
		{ "250-a\r\n250 SIZE -1\r\n", 0 },
		{ "250-a\r\n250 SIZE 99999999999999999999999\r\n", 0 },
		{ "250-a\r\n250 SIZE 18446744073709551615\r\n",
			18446744073709551615ull },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct arena *arena = arena_open();
		struct ehlo ehlo = read_ehlo(arena, sizes[i].text);

		print_message("# %s", sizes[i].text);
		assert_true(ehlo.size);
		assert_true(ehlo.size_max == sizes[i].max);
		arena_close(arena);
	}
}

static void the_server_tells_what_it_takes_us_for(void **state)
{
	static const struct {
		const char *line;
		const char *echo; /* NULL: none */
	} lines[] = {
		{ "mx.example at your service, [203.0.113.5]", "203.0.113.5" },
		{ "mx.example Hello eg [192.0.2.25]", "192.0.2.25" },
		{ "mx.example Hello eg [192.0.2.25], pleased to meet you",
			"192.0.2.25" },
		{ "mx.example Hello eg ([IPv6:2001:db8::1])", "2001:db8::1" },
		{ "mx.example at your service, [2001:db8:25::25]",
			"2001:db8:25::25" },
		{ "mx.example Hello eg [IPv6:2001:db8::]", "2001:db8::" },
		{ "mx.example your address is 192.0.2.25.", "192.0.2.25" },
		{ "mx.example 2001:db8::25: hello", "2001:db8::25" },
		{ "mx.example Hello [::ffff:192.0.2.1]", "::ffff:192.0.2.1" },
		{ "mx.example Hi (eg.example 198.51.100.7)", "198.51.100.7" },
		{ "mx.example [192.0.2.1] and [192.0.2.2]", "192.0.2.1" },
		{ "mx.example [999.0.2.1] [192.0.2.2]", "192.0.2.2" },
		{ "[192.0.2.1] Hello eg", NULL },
		{ "[192.0.2.1] Hello [192.0.2.2]", "192.0.2.2" },
		{ "mx.example Hello eg.192.0.2.1.example", NULL },
		{ "mx.example Hello eg-192.0.2.1", NULL },
		{ "mx.example Hello :: it is 12:30:45", NULL },
		{ "mx.example 0.0.0.0", NULL },
		{ "mx.example version 8.15.2", NULL },
		{ "mx.example Hello cafe::", "cafe::" },
		{ "mx.example", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct arena *arena = arena_open();
		char room[IP_TEXT_MAX];
		struct ehlo ehlo = read_ehlo(arena,
			arena_print(arena, "250 %s\r\n", lines[i].line).at);

		print_message("# %s\n", lines[i].line);
		assert_int_equal(ehlo.has_echo, lines[i].echo != NULL);
		if (lines[i].echo)
			assert_string_equal(
				ip_print(&ehlo.echo, room), lines[i].echo);
		arena_close(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keywords_of_a_large_provider_are_read),
		cmocka_unit_test(a_bare_answer_announces_nothing),
		cmocka_unit_test(
			keywords_are_known_in_any_case_and_kept_as_written),
		cmocka_unit_test(the_first_line_holds_no_keyword),
		cmocka_unit_test(a_size_may_have_no_number),
		cmocka_unit_test(the_server_tells_what_it_takes_us_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
