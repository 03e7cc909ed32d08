#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/options.h"
#include "probe/policy/preflight.h"
#include "tests/own_arena.h"

enum { WORDS_MAX = 64 };

/* A command line, its words parted by one space. */
static enum options_result read_line(
	const char *line, struct options *options, struct span *text)
{
	const char *words[WORDS_MAX] = { "mxprobe" };
	struct span rest = span_of(line);
	int count = 1;

	while (rest.len && count < WORDS_MAX)
		words[count++] = arena_copy(arena, span_cut(&rest, ' ')).at;
	return options_parse(arena, count, words, options, text);
}

static const struct preflight_options *taken(
	const char *line, struct options *options)
{
	struct span text;

	if (read_line(line, options, &text) != OPTIONS_RUN)
		fail_msg("%s: %.*s", line, SPAN_ARG(text));
	assert_int_equal(options->verb, VERB_PREFLIGHT);
	return &options->preflight;
}

static void a_domain_and_a_message_are_told_apart(void **state)
{
	struct options options;
	const struct preflight_options *own = taken(
		"preflight Example.ORG mail/x", &options);

	(void)state;
	assert_true(span_is(own->domain, SPAN("example.org")));
	assert_string_equal(own->message_file, "mail/x");
	own = taken("preflight x.EML", &options);
	assert_int_equal(own->domain.len, 0);
	assert_string_equal(own->message_file, "x.EML");
	own = taken("preflight - user@example.org", &options);
	assert_string_equal(own->message_file, "-");
	assert_true(span_is(own->domain, SPAN("user@example.org")));
}

static void a_what_if_says_who_sends_and_from_where(void **state)
{
	struct options options;
	const struct preflight_options *own = taken(
		"preflight --envelope-from www@example.com --header-from "
		"example.jp --ip 192.0.2.1 --ip=2001:db8::1 --helo "
		"www.example.com --json --dns 192.0.2.53",
		&options);

	(void)state;
	assert_true(own->has_mail_from);
	assert_true(span_is(own->mail_from, SPAN("www@example.com")));
	assert_true(span_is(own->from, SPAN("example.jp")));
	assert_true(span_is(own->helo, SPAN("www.example.com")));
	assert_int_equal(own->source_count, 2);
	assert_int_equal(own->sources[1].family, FAMILY_IPV6);
	assert_int_equal(options.format, FORMAT_JSON);
	assert_false(own->only_spf);
	own = taken("preflight x.eml --envelope-from <>", &options);
	assert_true(own->has_mail_from);
	assert_int_equal(own->mail_from.len, 0);
	assert_true(
		taken("preflight a.example --spf-ip ::1", &options)->only_spf);
}

static void profiles_and_lists_are_gathered(void **state)
{
	struct options options;
	const struct preflight_options *own = taken(
		"preflight a.example --profile google,Yahoo-Bulk --profile "
		"apple-bulk --dnsbl BL.example --dnsbl b.example",
		&options);

	(void)state;
	assert_int_equal(own->profile_count, 3);
	assert_int_equal(
		taken("preflight a.example --profile google,Google", &options)
			->profile_count,
		1);
	own = taken("preflight a.example --profile google,Yahoo-Bulk --profile "
		    "apple-bulk --dnsbl BL.example --dnsbl b.example",
		&options);
	assert_true(span_is(own->profiles[1], SPAN("Yahoo-Bulk")));
	assert_int_equal(own->zone_count, 2);
	assert_true(span_is(own->zones[0], SPAN("bl.example")));
}

static void another_way_to_ask_is_taken(void **state)
{
	struct options options;
	const struct preflight_options *own = taken(
		"preflight a.example --other-dns 192.0.2.53 --other-dns "
		"[::1]:5353",
		&options);

	(void)state;
	assert_true(span_is(own->other_dns, SPAN("192.0.2.53,[::1]:5353")));
	assert_null(own->other_answers_file);
	own = taken(
		"preflight a.example --answers a --other-answers b", &options);
	assert_string_equal(own->other_answers_file, "b");
}

/* clang-format off */
static const struct mistake {
	const char *line, *error;
} mistakes[] = {
	{ "preflight", "preflight: a domain, a message or --envelope-from is "
		"wanted (mxprobe preflight --help)\n" },
	{ "preflight a.example b.example",
		"b.example: one DOMAIN and one MESSAGE.eml are taken\n" },
	{ "preflight a.eml b.eml",
		"b.eml: one DOMAIN and one MESSAGE.eml are taken\n" },
	{ "preflight a.example --ip nowhere",
		"--ip nowhere: an IPv4 or IPv6 address is wanted\n" },
	{ "preflight a.example --profile hotmail",
		"--profile hotmail: wanted are some of google, google-bulk, "
		"yahoo, yahoo-bulk, microsoft-bulk, apple-bulk\n" },
	{ "preflight a.example --profile google,yaho-bulk",
		"--profile google,yaho-bulk: wanted are some of google, "
		"google-bulk, yahoo, yahoo-bulk, microsoft-bulk, apple-bulk "
		"(did you mean yahoo-bulk?)\n" },
	{ "preflight . --ip ::1",
		".: a domain, a mailbox or a message is wanted\n"
		"preflight: a domain, a message or --envelope-from is wanted "
		"(mxprobe preflight --help)\n" },
	{ "preflight a.example --answers a --other-dns 192.0.2.53",
		"--other-dns: nobody is asked with --answers: give "
		"--other-answers\n" },
	{ "preflight a.example --other-answers a --other-dns 192.0.2.53",
		"--other-answers: nobody is asked when these are given: leave "
		"--other-dns out\n" },
	{ "preflight a.example --profil google", "--profil: there is no such "
		"option (did you mean --profile?)\ngoogle: one DOMAIN and one "
		"MESSAGE.eml are taken\n" },
	{ "preflight a.example --deliver",
		"--deliver: there is no such option\n" },
	{ "preflight a,b.example", "a,b.example: a host name is letters, "
		"digits and hyphens\n" },
	{ "preflight a.example --helo  -q",
		"--helo : a host name or an address literal is wanted\n" },
	{ "preflight a.example --helo [::1",
		"--helo [::1: a host name or an address literal is wanted\n" },
	{ "preflight a.example --answers a --save-answers b",
		"--save-answers: there is nothing to save with --answers\n" },
	{ "a.example --dnsbl x", "--dnsbl: there is no such option (did you "
		"mean --dns?)\n" },
};
/* clang-format on */

static void each_mistake_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
		struct options options;
		struct span text;

		assert_int_equal(read_line(mistakes[i].line, &options, &text),
			OPTIONS_WRONG);
		if (!span_is(text, span_of(mistakes[i].error)))
			fail_msg("%s: %.*s", mistakes[i].line, SPAN_ARG(text));
	}
}

static void the_verb_is_only_the_first_word(void **state)
{
	struct options options;
	struct span text;

	(void)state;
	assert_int_equal(
		read_line("a.example b.example", &options, &text), OPTIONS_RUN);
	assert_int_equal(options.verb, VERB_WALK);
	assert_int_equal(options.target_count, 2);
}

static void help_fits_a_terminal_and_is_the_verbs_own(void **state)
{
	struct options options;
	struct span text;

	(void)state;
	assert_int_equal(
		read_line("preflight --help", &options, &text), OPTIONS_DONE);
	assert_true(span_find_nocase(text, SPAN("--header-from")) < text.len);
	assert_true(span_find_nocase(text, SPAN("--answers FILE")) < text.len);
	assert_true(span_find_nocase(text, SPAN("--deliver")) == text.len);
	while (text.len)
		assert_true(span_cut(&text, '\n').len < 80);
}

static void one_list_more_than_the_limit_is_refused(void **state)
{
	const char *words[2 * PREFLIGHT_ZONES_MAX + 8] = { "mxprobe",
		"preflight", "a.example" };
	struct options options;
	struct span text;
	int count = 3;

	(void)state;
	for (unsigned i = 0; i < PREFLIGHT_ZONES_MAX; i++) {
		words[count++] = "--dnsbl";
		words[count++] = "bl.example";
	}
	assert_int_equal(options_parse(arena, count, words, &options, &text),
		OPTIONS_RUN);
	words[count++] = "--dnsbl";
	words[count++] = "bl.example";
	assert_int_equal(options_parse(arena, count, words, &options, &text),
		OPTIONS_WRONG);
	assert_true(span_is(
		text, SPAN("--dnsbl bl.example: these are too many lists\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_and_a_message_are_told_apart),
		cmocka_unit_test(a_what_if_says_who_sends_and_from_where),
		cmocka_unit_test(profiles_and_lists_are_gathered),
		cmocka_unit_test(another_way_to_ask_is_taken),
		cmocka_unit_test(each_mistake_is_told),
		cmocka_unit_test(the_verb_is_only_the_first_word),
		cmocka_unit_test(help_fits_a_terminal_and_is_the_verbs_own),
		cmocka_unit_test(one_list_more_than_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
