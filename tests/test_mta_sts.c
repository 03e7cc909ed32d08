#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "probe/dns/answers_file.h"
#include "probe/policy/mta_sts.h"
#include "tests/own_arena.h"

#define LONG32 "01234567890123456789012345678901"

static void assert_text(const char *of, struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted)))
		fail_msg("%s: \"%.*s\" is not \"%s\"", of, SPAN_ARG(got),
			wanted);
}

/* ---- the record */

/* clang-format off */
static const struct {
	const char *record;
	const char *id;
	const char *why;
} records[] = {
	{ "v=STSv1; id=20160831085700Z;", "20160831085700Z", "" },
	{ "v=STSv1;id=a", "a", "" },
	{ "v=STSv1 \t; \tid=a \t; ", "a", "" },
	{ "v=STSv1; id=" LONG32, LONG32, "" },
	{ "v=STSv1; ext=1:2; id=a; x.y-z_=~", "a", "" },
	{ "v=STSv1; id=a; id=b", "a", "" },
	{ "v=STSv1; id=a; id=not-one", "a", "" },
	{ "", NULL, "the record does not begin with \"v=STSv1;\"" },
	{ " v=STSv1; id=a", NULL,
	  "the record does not begin with \"v=STSv1;\"" },
	{ "V=STSv1; id=a", NULL,
	  "the record does not begin with \"v=STSv1;\"" },
	{ "v=STSV1; id=a", NULL,
	  "the record does not begin with \"v=STSv1;\"" },
	{ "v=STSv11; id=a", NULL,
	  "the record does not begin with \"v=STSv1;\"" },
	{ "v=STSv1", NULL, "the record has no id" },
	{ "v=STSv1;", NULL, "the record has no id" },
	{ "v=STSv1; ext=1", NULL, "the record has no id" },
	{ "v=STSv1; ID=a", NULL, "the record has no id" },
	{ "v=STSv1; id=", NULL, "the id is not 1 to 32 letters and digits" },
	{ "v=STSv1; id=" LONG32 "2", NULL,
	  "the id is not 1 to 32 letters and digits" },
	{ "v=STSv1; id=a-b", NULL,
	  "the id is not 1 to 32 letters and digits" },
	{ "v=STSv1; id=a ", NULL,
	  "the id is not 1 to 32 letters and digits" },
	{ "v=STSv1; id =a", NULL, "a field of the record is not NAME=VALUE" },
	{ "v=STSv1; id", NULL, "a field of the record is not NAME=VALUE" },
	{ "v=STSv1; id=a;;", NULL, "a field of the record is not NAME=VALUE" },
	{ "v=STSv1;; id=a", NULL, "a field of the record is not NAME=VALUE" },
	{ "v=STSv1; id=a; " LONG32 "2=1", NULL,
	  "a field of the record is not NAME=VALUE" },
	{ "v=STSv1; id=a; -x=1", NULL,
	  "a field of the record is not NAME=VALUE" },
	{ "v=STSv1; id=a; x=", NULL, "x= is empty, or holds a space or \"=\"" },
	{ "v=STSv1; id=a; x==", NULL,
	  "x= is empty, or holds a space or \"=\"" },
	{ "v=STSv1; id=a; x=1 2", NULL,
	  "x= is empty, or holds a space or \"=\"" },
	{ "v=STSv1; id=a; x=\xc3\xb8", NULL,
	  "x= is empty, or holds a space or \"=\"" },
};
/* clang-format on */

static void a_record_is_as_strict_as_its_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		const char *record = records[i].record;
		struct span id, why;
		bool is_good = mta_sts_record_parse(
			arena, span_of(record), &id, &why);

		if (is_good != (records[i].id != NULL))
			fail_msg("%s: %.*s", record, SPAN_ARG(why));
		assert_text(record, why, records[i].why);
		if (is_good)
			assert_text(record, id, records[i].id);
	}
}

/* ---- the policy */

#define V   "version: STSv1\n"
#define ALL V "mode: enforce\nmx: mx.example\n"

/* clang-format off */
static const struct {
	const char *policy;
	enum mta_sts_mode mode;
	uint32_t max_age;
	const char *patterns;   /* one behind the other; NULL: not valid */
	const char *why;        /* or the oddity */
} policies[] = {
	{ ALL "max_age: 86400\n", MTA_STS_ENFORCE, 86400, "mx.example,", "" },
	{ "version: STSv1\r\nmode: testing\r\nmx: a.example\r\n"
	  "mx: *.b.example\r\nmax_age: 31557600\r\n",
	  MTA_STS_TESTING, 31557600, "a.example,*.b.example,", "" },
	{ "max_age:0000000001\nmx:MX.example \t\nmode:\tenforce\n"
	  "version:STSv1", MTA_STS_ENFORCE, 1, "MX.example,", "" },
	{ V "mode: none\nmax_age: 0", MTA_STS_MODE_NONE, 0, "", "" },
	{ V "mode: none\nmx: mx.example\nmax_age: 0", MTA_STS_MODE_NONE, 0,
	  "mx.example,", "" },
	{ ALL "max_age: 1\nmore: \xc3\xb8 is  fine", MTA_STS_ENFORCE, 1,
	  "mx.example,", "" },
	{ ALL "max_age: 1\nmax_age: never\nmode: strict\nversion: 2",
	  MTA_STS_ENFORCE, 1, "mx.example,", "" },
	{ ALL "max_age: 1\n\n", MTA_STS_ENFORCE, 1, "mx.example,",
	  "line 5 is empty" },
	{ ALL " \t\r\nmax_age: 1", MTA_STS_ENFORCE, 1, "mx.example,",
	  "line 4 is empty" },
	{ "", 0, 0, NULL, "the policy has no version" },
	{ "mode: none\nmax_age: 0", 0, 0, NULL, "the policy has no version" },
	{ V "max_age: 0\nmx: a.example", 0, 0, NULL, "the policy has no mode" },
	{ ALL, 0, 0, NULL, "the policy has no max_age" },
	{ V "mode: enforce\nmax_age: 1", 0, 0, NULL, "the policy has no mx" },
	{ V "mode: testing\nmax_age: 1", 0, 0, NULL, "the policy has no mx" },
	{ "version: STSv2\n", 0, 0, NULL, "line 1: version is not STSv1" },
	{ "version: stsv1\n", 0, 0, NULL, "line 1: version is not STSv1" },
	{ V "mode: Enforce", 0, 0, NULL,
	  "line 2: mode is not enforce, testing or none" },
	{ V "Mode: enforce\nmax_age: 1", 0, 0, NULL, "the policy has no mode" },
	{ ALL "max_age: 31557601", 0, 0, NULL,
	  "line 4: max_age is no number of seconds up to 31557600" },
	{ ALL "max_age: 00000000001", 0, 0, NULL,
	  "line 4: max_age is no number of seconds up to 31557600" },
	{ ALL "max_age: -1", 0, 0, NULL,
	  "line 4: max_age is no number of seconds up to 31557600" },
	{ ALL "max_age: 1 day", 0, 0, NULL,
	  "line 4: max_age is no number of seconds up to 31557600" },
	{ V "mx: mx.example.", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: *", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: *.", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: m*.example", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: a.*.example", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: a..example", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: \\109x.example", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: a.example b.example", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx: -a.example", 0, 0, NULL,
	  "line 2: mx is no host name, nor *. and a name" },
	{ V "mx:", 0, 0, NULL, "line 2: there is no value behind the key" },
	{ V "<html>", 0, 0, NULL, "line 2: it is not KEY: VALUE" },
	{ V " mode: none", 0, 0, NULL, "line 2: the key is not letters, "
	  "digits and _ - . without spaces around it" },
	{ V "mode : none", 0, 0, NULL, "line 2: the key is not letters, "
	  "digits and _ - . without spaces around it" },
	{ "\xef\xbb\xbf" V, 0, 0, NULL, "line 1: the key is not letters, "
	  "digits and _ - . without spaces around it" },
	{ V "x: a\tb", 0, 0, NULL, "line 2: the value has a control "
	  "character in it, or is not UTF-8" },
	{ V "x: \xff", 0, 0, NULL, "line 2: the value has a control "
	  "character in it, or is not UTF-8" },
	{ "version: STSv1\rmode: none\rmax_age: 0\r", 0, 0, NULL,
	  "line 1: the value has a control character in it, or is not UTF-8" },
};
/* clang-format on */

static struct span all_patterns(const struct mta_sts_policy *policy)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < policy->pattern_count; i++)
		all = arena_print(arena, "%.*s%.*s,", SPAN_ARG(all),
			SPAN_ARG(policy->patterns[i]));
	return all;
}

static void a_policy_is_as_strict_as_its_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(policies); i++) {
		const char *text = policies[i].policy;
		struct mta_sts_policy policy;
		struct span why;
		bool is_good = mta_sts_policy_parse(
			arena, span_of(text), &policy, &why);

		if (is_good != (policies[i].patterns != NULL))
			fail_msg("%s: %.*s", text, SPAN_ARG(why));
		assert_text(
			text, is_good ? policy.oddity : why, policies[i].why);
		if (!is_good)
			continue;
		assert_int_equal(policy.mode, policies[i].mode);
		assert_int_equal(policy.max_age, policies[i].max_age);
		assert_text(text, all_patterns(&policy), policies[i].patterns);
	}
}

static void a_policy_cut_anywhere_lists_no_more_than_the_whole(void **state)
{
	static const char text[] =
		"version: STSv1\r\nmode: none\r\nmax_age: 7\r\n"
		"mx: *.a.example\r\nmx: b.example\r\n";
	size_t good = 0;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct mta_sts_policy policy;
		struct span why;

		if (!mta_sts_policy_parse(
			    arena, (struct span){ text, len }, &policy, &why)) {
			assert_true(why.len > 0);
			continue;
		}
		good++;
		assert_true(policy.pattern_count <= 2);
		if (policy.pattern_count == 2)
			assert_text(text, policy.patterns[0], "*.a.example");
	}
	assert_true(good > 20);
}

static void a_policy_over_64_kb_is_none(void **state)
{
	static const char start[] = V "mode: none\nmax_age: 0\nx: ";
	char *text = arena_take(arena, MTA_STS_POLICY_MAX + 1);
	struct mta_sts_policy policy;
	struct span why;

	(void)state;
	memset(text, 'x', MTA_STS_POLICY_MAX + 1);
	memcpy(text, start, sizeof(start) - 1);
	assert_true(mta_sts_policy_parse(arena,
		(struct span){ text, MTA_STS_POLICY_MAX }, &policy, &why));
	assert_false(mta_sts_policy_parse(arena,
		(struct span){ text, MTA_STS_POLICY_MAX + 1 }, &policy, &why));
	assert_text("64 KB", why, "the policy is larger than 64 KB");
}

/* ---- who matches */

/* clang-format off */
static const struct {
	const char *pattern;
	const char *mx;
	bool matches;
} matches[] = {
	{ "mx.example", "mx.example", true },
	{ "MX.example", "mx.EXAMPLE", true },
	{ "mx.example", "mx.example.", true },
	{ "mx.example", "a.mx.example", false },
	{ "mx.example", "x.example", false },
	{ "mx.example", "", false },
	{ "*.example", "mx.example", true },
	{ "*.EXAMPLE", "mx.example.", true },
	{ "*.example", "example", false },
	{ "*.example", ".example", false },
	{ "*.example", "a.b.example", false },
	{ "*.example", "mx.examples", false },
	{ "*.example", "*.example", true },
	{ "*.example", "", false },
	{ "*.xn--bcher-kva.example", "mx.xn--bcher-kva.example", true },
};
/* clang-format on */

static void a_star_is_for_one_whole_label(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(matches); i++)
		if (mta_sts_match(span_of(matches[i].pattern),
			    span_of(matches[i].mx)) != matches[i].matches)
			fail_msg("%s, %s", matches[i].pattern, matches[i].mx);
}

static void a_policy_lists_what_one_of_its_patterns_holds(void **state)
{
	const struct span patterns[] = { SPAN("a.example"),
		SPAN("*.b.example") };
	const struct mta_sts_policy policy = { .patterns = patterns,
		.pattern_count = 2 };
	const struct mta_sts_policy none = { .pattern_count = 0 };

	(void)state;
	assert_true(mta_sts_lists(&policy, SPAN("a.example")));
	assert_true(mta_sts_lists(&policy, SPAN("mx.b.example")));
	assert_false(mta_sts_lists(&policy, SPAN("b.example")));
	assert_false(mta_sts_lists(&none, SPAN("a.example")));
}

/* ---- a domain, over what was answered */

#define POLICY_OF(domain)                                                      \
	"mta-sts." domain " POLICY found rtt=9 server=192.0.2.80 "             \
	"\"version: STSv1\\x0d\\x0amode: enforce\\x0d\\x0a"                    \
	"mx: mx." domain "\\x0d\\x0amax_age: 604800\\x0d\\x0a\"\n"
#define RECORD_OF(domain) "_mta-sts." domain " TXT found \"v=STSv1; id=1a;\"\n"
#define HOST_OF(domain)                                                        \
	"mta-sts." domain " A found \"192.0.2.80\"\n"                          \
	"mta-sts." domain " AAAA no-data\n"

/* clang-format off */
static const char zone[] = "mxprobe-answers 1\n"
	RECORD_OF("good.example") HOST_OF("good.example")
	POLICY_OF("good.example")
	"_mta-sts.none.example TXT nxdomain\n"
	"_mta-sts.nodata.example TXT no-data\n"
	"_mta-sts.else.example TXT found \"v=spf1 -all\" \"hello\"\n"
	"_mta-sts.lost.example TXT servfail\n"
	"_mta-sts.two.example TXT found \"v=STSv1; id=1\" \"v=STSv1; id=2\"\n"
	"_mta-sts.near.example TXT found \"v=stsv1; id=1\"\n"
	"_mta-sts.noid.example TXT found \"x\" \"v=STSv1;\"\n"
	RECORD_OF("nohost.example")
	"mta-sts.nohost.example A nxdomain\n"
	"mta-sts.nohost.example AAAA nxdomain\n"
	RECORD_OF("losthost.example")
	"mta-sts.losthost.example A timeout why=\"no answer\"\n"
	"mta-sts.losthost.example AAAA no-data\n"
	RECORD_OF("four.example")
	"mta-sts.four.example A found \"192.0.2.80\"\n"
	"mta-sts.four.example AAAA timeout\n"
	POLICY_OF("four.example")
	RECORD_OF("gone.example") HOST_OF("gone.example")
	"mta-sts.gone.example POLICY no-data why=\"HTTP 404\"\n"
	RECORD_OF("cert.example") HOST_OF("cert.example")
	"mta-sts.cert.example POLICY untrusted "
		"why=\"certificate has expired\"\n"
	RECORD_OF("mute.example") HOST_OF("mute.example")
	"mta-sts.mute.example POLICY timeout\n"
	RECORD_OF("bad.example") HOST_OF("bad.example")
	"mta-sts.bad.example POLICY found \"<html>\"\n"
	RECORD_OF("empty.example") HOST_OF("empty.example")
	"mta-sts.empty.example POLICY found \"\"\n"
	RECORD_OF("unsaved.example") HOST_OF("unsaved.example");

static const struct {
	const char *domain;
	enum mta_sts_state state;
	int rounds;
	const char *why;
} domains[] = {
	{ "good.example", MTA_STS_FOUND, 3, "" },
	{ "GOOD.example.", MTA_STS_FOUND, 3, "" },
	{ "four.example", MTA_STS_FOUND, 3, "" },
	{ "none.example", MTA_STS_NONE, 1, "" },
	{ "nodata.example", MTA_STS_NONE, 1, "" },
	{ "else.example", MTA_STS_NONE, 1, "" },
	{ "lost.example", MTA_STS_UNKNOWN, 1,
	  "_mta-sts.lost.example: servfail" },
	{ "two.example", MTA_STS_RECORD_BAD, 1,
	  "2 records begin with v=STSv1; only one may" },
	{ "near.example", MTA_STS_RECORD_BAD, 1,
	  "the record does not begin with \"v=STSv1;\"" },
	{ "noid.example", MTA_STS_RECORD_BAD, 1, "the record has no id" },
	{ "nohost.example", MTA_STS_FETCH_FAILED, 2,
	  "mta-sts.nohost.example has no address" },
	{ "losthost.example", MTA_STS_UNKNOWN, 2, "no answer" },
	{ "gone.example", MTA_STS_FETCH_FAILED, 3, "HTTP 404" },
	{ "cert.example", MTA_STS_FETCH_FAILED, 3, "certificate has expired" },
	{ "mute.example", MTA_STS_FETCH_FAILED, 3,
	  "mta-sts.mute.example: timeout" },
	{ "bad.example", MTA_STS_POLICY_BAD, 3,
	  "line 1: it is not KEY: VALUE" },
	{ "empty.example", MTA_STS_POLICY_BAD, 3,
	  "the policy has no version" },
	{ "unsaved.example", MTA_STS_UNKNOWN, 3,
	  "the policy is not in the saved answers" },
};
/* clang-format on */

static struct mta_sts check(
	const struct saved_answers *saved, const char *domain, int *rounds)
{
	struct answers *answers = answers_open(arena);
	struct mta_sts sts;

	*rounds = 0;
	while (mta_sts_check(arena, answers, span_of(domain), &sts) ==
			MTA_STS_OPEN &&
		(*rounds)++ < 9)
		saved_answers_settle(saved, answers);
	return sts;
}

static const struct saved_answers *load(struct span text)
{
	struct answers_file_errors errors;
	struct saved_answers *saved = answers_file_load(
		arena, SPAN("zone"), text, &errors);

	assert_int_equal(errors.total, 0);
	assert_non_null(saved);
	return saved;
}

static void each_domain_is_what_its_answers_make_it(void **state)
{
	const struct saved_answers *saved = load(SPAN(zone));

	(void)state;
	for (size_t i = 0; i < COUNT_OF(domains); i++) {
		const char *domain = domains[i].domain;
		int rounds;
		struct mta_sts sts = check(saved, domain, &rounds);

		if (sts.state != domains[i].state)
			fail_msg("%s: %s", domain, mta_sts_word(sts.state));
		assert_text(domain, sts.why, domains[i].why);
		assert_int_equal(rounds, domains[i].rounds);
		assert_non_null(sts.record);
	}
}

static void a_policy_that_was_found_is_told_whole(void **state)
{
	const struct saved_answers *saved = load(SPAN(zone));
	int rounds;
	struct mta_sts sts = check(saved, "good.example", &rounds);

	(void)state;
	assert_text("id", sts.id, "1a");
	assert_text("host", sts.host, "mta-sts.good.example");
	assert_text("server", sts.file->server, "192.0.2.80");
	assert_int_equal(sts.policy.mode, MTA_STS_ENFORCE);
	assert_int_equal(sts.policy.max_age, MTA_STS_AGE_SHORT);
	assert_true(mta_sts_lists(&sts.policy, SPAN("mx.good.example")));
	assert_false(mta_sts_lists(&sts.policy, SPAN("mx.else.example")));
}

/* The next run reads what this one saved. */
static void a_policy_comes_back_from_a_saved_file(void **state)
{
	const struct saved_answers *saved = load(SPAN(zone));
	struct answers *answers = answers_open(arena);
	struct mta_sts sts;
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	int rounds;

	(void)state;
	while (mta_sts_check(arena, answers, SPAN("good.example"), &sts) ==
		MTA_STS_OPEN)
		saved_answers_settle(saved, answers);
	answers_file_begin(file);
	answers_file_save(file, answers);
	fclose(file);
	sts = check(load(arena_copy(arena, (struct span){ text, len })),
		"good.example", &rounds);
	assert_int_equal(sts.state, MTA_STS_FOUND);
	assert_text("mx", sts.policy.patterns[0], "mx.good.example");
	free(text);
}

static void the_host_is_asked_for_once_there_is_a_record(void **state)
{
	struct answers *answers = answers_open(arena);
	const struct saved_answers *saved = load(SPAN(zone));
	struct question *question;
	struct mta_sts sts;

	(void)state;
	assert_int_equal(
		mta_sts_check(arena, answers, SPAN("good.example"), &sts),
		MTA_STS_OPEN);
	question = answers_open_question(answers);
	assert_text("first", question->name, "_mta-sts.good.example");
	assert_null(question_next_open(question));
	saved_answers_settle(saved, answers);
	assert_int_equal(
		mta_sts_check(arena, answers, SPAN("good.example"), &sts),
		MTA_STS_OPEN);
	question = answers_open_question(answers);
	assert_int_equal(question->type, RR_AAAA);
	question = question_next_open(question);
	assert_int_equal(question->type, RR_A);
	assert_null(question_next_open(question));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_as_strict_as_its_grammar),
		cmocka_unit_test(a_policy_is_as_strict_as_its_grammar),
		cmocka_unit_test(
			a_policy_cut_anywhere_lists_no_more_than_the_whole),
		cmocka_unit_test(a_policy_over_64_kb_is_none),
		cmocka_unit_test(a_star_is_for_one_whole_label),
		cmocka_unit_test(a_policy_lists_what_one_of_its_patterns_holds),
		cmocka_unit_test(each_domain_is_what_its_answers_make_it),
		cmocka_unit_test(a_policy_that_was_found_is_told_whole),
		cmocka_unit_test(a_policy_comes_back_from_a_saved_file),
		cmocka_unit_test(the_host_is_asked_for_once_there_is_a_record),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
