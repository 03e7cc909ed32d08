#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/dns/answers_file.h"
#include "probe/policy/dane.h"
#include "tests/own_arena.h"

/* clang-format off */
static const char zone[] = "mxprobe-answers 1\n"
	"good.example MX found secure \"10 mx.good.example\"\n"
	"mx.good.example A found secure \"192.0.2.1\"\n"
	"mx.good.example AAAA found \"2001:db8::1\"\n"
	"_25._tcp.mx.good.example TLSA found secure \"3 1 1 aa\" \"2 1 1 bb\"\n"
	"_2525._tcp.mx.good.example TLSA no-data secure\n"
	/* the MX leads astray */
	"stray.example MX found \"10 mx.good.example\"\n"
	/* no MX: its own address */
	"implicit.example MX no-data secure\n"
	"implicit.example A found secure \"192.0.2.2\"\n"
	"_25._tcp.implicit.example TLSA found secure \"3 1 1 cc\"\n"
	/* aliases */
	"alias.example MX found secure canonical=real.example "
		"\"10 mx.alias.example\"\n"
	"mx.alias.example A found secure canonical=mx.real.example "
		"\"192.0.2.3\"\n"
	"_25._tcp.mx.real.example TLSA found secure \"3 1 1 dd\"\n"
	"_25._tcp.mx.alias.example TLSA found secure \"3 1 1 ee\"\n"
	"mx2.alias.example A found secure canonical=mx.bare.example "
		"\"192.0.2.3\"\n"
	"_25._tcp.mx.bare.example TLSA nxdomain\n"
	"_25._tcp.mx2.alias.example TLSA found secure \"3 1 1 ff\"\n"
	"mx3.alias.example A found canonical=mx.unsigned.example "
		"\"192.0.2.3\"\n"
	"mx3.alias.example CNAME found secure \"mx.unsigned.example\"\n"
	"_25._tcp.mx3.alias.example TLSA found secure \"3 1 1 ab\"\n"
	"mx4.alias.example A found canonical=mx.unsigned.example "
		"\"192.0.2.3\"\n"
	"mx4.alias.example CNAME found \"mx.unsigned.example\"\n"
	"mx5.alias.example A found canonical=mx.unsigned.example "
		"\"192.0.2.3\"\n"
	"mx5.alias.example CNAME servfail\n"
	/* what may come of the question */
	"none.example A found secure \"192.0.2.4\"\n"
	"_25._tcp.none.example TLSA nxdomain secure\n"
	"bogus.example A found secure \"192.0.2.5\"\n"
	"_25._tcp.bogus.example TLSA servfail why=\"DNSSEC Bogus (6)\"\n"
	"slow.example A found secure \"192.0.2.6\"\n"
	"_25._tcp.slow.example TLSA timeout\n"
	"half.example A found secure \"192.0.2.7\"\n"
	"_25._tcp.half.example TLSA found \"3 1 1 aa\"\n"
	"plain.example A found \"192.0.2.8\"\n"
	"_25._tcp.plain.example TLSA found \"3 1 1 aa\"\n"
	"bare.example A found \"192.0.2.9\"\n"
	"_25._tcp.bare.example TLSA no-data\n"
	"mute.example A found \"192.0.2.9\"\n"
	"_25._tcp.mute.example TLSA timeout\n";
/* clang-format on */

struct asked {
	struct dane dane;
	int rounds;
	bool asked_tlsa;
};

static struct asked ask(struct dane_ask question)
{
	struct answers *answers = answers_open(arena);
	struct answers_file_errors errors;
	struct saved_answers *saved = answers_file_load(
		arena, SPAN("zone"), span_of(zone), &errors);
	struct asked asked = { .rounds = 0 };
	struct question *one;

	assert_int_equal(errors.total, 0);
	while (dane_check(arena, answers, &question, &asked.dane) ==
			DANE_OPEN &&
		asked.rounds++ < 9)
		saved_answers_settle(saved, answers);
	for (one = answers_first(answers); one; one = one->next)
		asked.asked_tlsa |= one->type == RR_TLSA;
	return asked;
}

static struct asked ask_mx(const char *domain, const char *host)
{
	return ask((struct dane_ask){
		.domain = span_of(domain), .host = span_of(host), .port = 25 });
}

static void expect(struct asked asked, enum dane_state state, const char *base)
{
	assert_string_equal(dane_word(asked.dane.state), dane_word(state));
	if (!span_is(asked.dane.base, span_of(base)))
		fail_msg("%.*s", SPAN_ARG(asked.dane.base));
	assert_int_equal(asked.dane.why.len == 0, state == DANE_BINDING);
}

static bool says(struct asked asked, const char *part)
{
	return span_find_nocase(asked.dane.why, span_of(part)) <
	       asked.dane.why.len;
}

static void records_bind_where_all_the_way_is_signed(void **state)
{
	struct asked asked = ask_mx("good.example", "mx.good.example");

	(void)state;
	expect(asked, DANE_BINDING, "mx.good.example");
	assert_int_equal(asked.dane.count, 2);
	assert_true(span_is(asked.dane.records[1], SPAN("2 1 1 bb")));
	assert_int_equal(asked.rounds, 2);
	expect(ask_mx("implicit.example", "implicit.example"), DANE_BINDING,
		"implicit.example");
	expect(ask_mx("", "mx.good.example"), DANE_BINDING, "mx.good.example");
}

static void an_unsigned_way_binds_nobody_and_is_not_asked(void **state)
{
	struct asked asked = ask_mx("stray.example", "mx.good.example");

	(void)state;
	expect(asked, DANE_INSECURE, "mx.good.example");
	assert_true(says(asked, "the MX of stray.example"));
	assert_false(asked.asked_tlsa);
	asked = ask_mx("", "plain.example");
	expect(asked, DANE_INSECURE, "plain.example");
	assert_true(says(asked, "the addresses of plain.example"));
	assert_false(asked.asked_tlsa);
}

/* The same host, and only its IPv4 address is signed. */
static void each_family_has_an_answer_of_its_own(void **state)
{
	struct dane_ask question = { .domain = SPAN("good.example"),
		.host = SPAN("mx.good.example"),
		.port = 25,
		.family = FAMILY_IPV6 };

	(void)state;
	expect(ask(question), DANE_INSECURE, "mx.good.example");
	question.family = FAMILY_IPV4;
	expect(ask(question), DANE_BINDING, "mx.good.example");
}

static void who_insists_learns_of_records_that_bind_nobody(void **state)
{
	struct dane_ask question = { .host = SPAN("plain.example"),
		.domain = SPAN(""),
		.port = 25,
		.insists = true };
	struct asked asked = ask(question);

	(void)state;
	expect(asked, DANE_INSECURE, "plain.example");
	assert_int_equal(asked.dane.count, 1);
	question.host = SPAN("mute.example");
	asked = ask(question);
	expect(asked, DANE_INSECURE, "mute.example");
	assert_int_equal(asked.dane.count, 0);
	question.host = SPAN("nothing.example");
	assert_int_equal(ask(question).dane.state, DANE_INSECURE);
	question.host = SPAN("bare.example");
	expect(ask(question), DANE_NONE, "bare.example");
}

static void unsigned_records_of_a_signed_host_bind_nobody(void **state)
{
	struct asked asked = ask_mx("", "half.example");

	(void)state;
	expect(asked, DANE_INSECURE, "half.example");
	assert_int_equal(asked.dane.count, 1);
	assert_true(says(asked, "the TLSA records of half.example"));
}

static void no_record_is_not_the_same_as_no_answer(void **state)
{
	struct asked asked = ask_mx("", "none.example");

	(void)state;
	expect(asked, DANE_NONE, "none.example");
	asked = ask_mx("", "bogus.example");
	expect(asked, DANE_UNKNOWN, "bogus.example");
	assert_int_equal(asked.dane.failed, ANSWER_SERVFAIL);
	assert_true(says(asked, "servfail, DNSSEC Bogus (6)"));
	asked = ask_mx("", "slow.example");
	expect(asked, DANE_UNKNOWN, "slow.example");
	assert_int_equal(asked.dane.failed, ANSWER_TIMEOUT);
	asked = ask_mx("", "not-in-the-zone.example");
	expect(asked, DANE_INSECURE, "not-in-the-zone.example");
}

static void the_port_is_part_of_the_question(void **state)
{
	struct dane_ask question = { .domain = SPAN("good.example"),
		.host = SPAN("mx.good.example"),
		.port = 2525 };

	(void)state;
	expect(ask(question), DANE_NONE, "mx.good.example");
}

/* RFC 7672 section 2.2.2: behind the alias first, then at its own name. */
static void an_alias_has_two_places_for_records(void **state)
{
	(void)state;
	expect(ask_mx("alias.example", "mx.alias.example"), DANE_BINDING,
		"mx.real.example");
	expect(ask_mx("alias.example", "mx2.alias.example"), DANE_BINDING,
		"mx2.alias.example");
	expect(ask_mx("alias.example", "mx3.alias.example"), DANE_BINDING,
		"mx3.alias.example");
	expect(ask_mx("alias.example", "mx4.alias.example"), DANE_INSECURE,
		"mx4.alias.example");
}

/* Section 3.2.2. */
/* Else whoever drops one packet turns DANE off. */
static void an_alias_that_cannot_be_had_leaves_all_unknown(void **state)
{
	struct dane dane = ask_mx("alias.example", "mx5.alias.example").dane;

	(void)state;
	assert_int_equal(dane.state, DANE_UNKNOWN);
	assert_int_equal(dane.failed, ANSWER_SERVFAIL);
	assert_true(span_is(dane.why,
		SPAN("the alias of mx5.alias.example could not be looked up: "
		     "servfail")));
	/* Where the MX binds nobody, it does not matter. */
	assert_int_equal(
		ask_mx("stray.example", "mx5.alias.example").dane.state,
		DANE_INSECURE);
}

static void the_base_the_domain_and_its_alias_are_the_names(void **state)
{
	struct dane dane = ask_mx("alias.example", "mx.alias.example").dane;

	(void)state;
	assert_int_equal(dane.name_count, 3);
	assert_true(span_is(dane.names[0], SPAN("mx.real.example")));
	assert_true(span_is(dane.names[1], SPAN("alias.example")));
	assert_true(span_is(dane.names[2], SPAN("real.example")));
	dane = ask_mx("implicit.example", "implicit.example").dane;
	assert_int_equal(dane.name_count, 1);
	dane = ask_mx("", "mx.good.example").dane;
	assert_int_equal(dane.name_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_bind_where_all_the_way_is_signed),
		cmocka_unit_test(an_unsigned_way_binds_nobody_and_is_not_asked),
		cmocka_unit_test(each_family_has_an_answer_of_its_own),
		cmocka_unit_test(
			who_insists_learns_of_records_that_bind_nobody),
		cmocka_unit_test(unsigned_records_of_a_signed_host_bind_nobody),
		cmocka_unit_test(no_record_is_not_the_same_as_no_answer),
		cmocka_unit_test(the_port_is_part_of_the_question),
		cmocka_unit_test(an_alias_has_two_places_for_records),
		cmocka_unit_test(
			an_alias_that_cannot_be_had_leaves_all_unknown),
		cmocka_unit_test(
			the_base_the_domain_and_its_alias_are_the_names),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
