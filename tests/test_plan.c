#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/walk/plan.h"

enum { VALUES_MAX = PLAN_EXCHANGERS_MAX + 16 };

/* A zone is a list of rows; what no row names does not exist. */
struct row {
	const char *name;
	enum rr_type type;
	const char *value;              /* NULL: kind instead */
	enum answer_kind kind;
};

struct try {
	struct arena *arena;
	struct target target;
	struct plan_orders orders;
	struct outcome outcome;
	unsigned rounds;
};

static bool is_named(const struct row *zone, struct span name)
{
	for (; zone->name; zone++)
		if (span_is(name, span_of(zone->name)))
			return true;
	return false;
}

static const struct answer *look_up(struct arena *arena,
	const struct row *zone, const struct question *question)
{
	struct answer *answer = arena_new(arena, struct answer);
	struct span *values = arena_take(arena, VALUES_MAX * sizeof(*values));
	bool is_there = is_named(zone, question->name);

	*answer = (struct answer){ .kind = is_there ? ANSWER_NONE :
		ANSWER_NO_NAME, .values = values, .canonical = SPAN(""),
		.why = SPAN(""), .server = SPAN("") };
	for (; zone->name; zone++) {
		if (!span_is(question->name, span_of(zone->name)))
			continue;
		if (zone->type == RR_CNAME && zone->value)
			answer->canonical = span_of(zone->value);
		if (zone->type != question->type)
			continue;
		answer->kind = zone->value ? ANSWER_DATA : zone->kind;
		if (zone->value)
			values[answer->value_count++] = span_of(zone->value);
	}
	return answer;
}

static struct try *plan_to(const struct row *zone, const struct target *target,
	enum mx_choice choice)
{
	struct arena *arena = arena_open();
	struct try *try = arena_new(arena, struct try);
	struct question *question;

	try->arena = arena;
	try->target = *target;
	try->orders = (struct plan_orders){ .target = &try->target,
		.wanted = { true, true }, .choice = choice, .first = 1 };
	try->outcome.target = &try->target;
	try->outcome.answers = answers_open(arena);
	while (plan_make(arena, &try->orders, &try->outcome) == PLAN_OPEN) {
		assert_true(++try->rounds < 10);
		question = answers_open_question(try->outcome.answers);
		for (; question; question = question_next_open(question))
			question_settle(question,
				look_up(arena, zone, question));
	}
	return try;
}

static struct try *plan(const struct row *zone, const char *domain,
	enum mx_choice choice)
{
	struct target target = { .domain = span_of(domain),
		.host = SPAN(""), .port = 25 };

	return plan_to(zone, &target, choice);
}

/* "10 mx 192.0.2.1, (10 mx 2001:db8::1)": brackets where it is left out. */
static const char *told(const struct try *try)
{
	static char text[1024];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < try->outcome.path_count; i++) {
		const struct path *path = &try->outcome.paths[i];
		const char *bracket = path->left_out.len ? "(" : "";
		char room[IP_TEXT_MAX];

		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"%s%s%u %.*s %s%s", i ? ", " : "", bracket,
			path->preference, SPAN_ARG(path->host),
			ip_print(&path->remote, room),
			path->left_out.len ? ")" : "");
	}
	return text;
}

static void expect(const struct row *zone, const char *domain,
	enum mx_choice choice, const char *paths)
{
	struct try *try = plan(zone, domain, choice);

	assert_null(try->outcome.fault);
	assert_string_equal(told(try), paths);
	arena_close(try->arena);
}

static void expect_fault(const struct row *zone, const char *domain,
	enum failure failure)
{
	struct try *try = plan(zone, domain, MX_BEST);

	assert_non_null(try->outcome.fault);
	assert_string_equal(failure_word(try->outcome.fault->failure),
		failure_word(failure));
	assert_int_equal(try->outcome.fault->stage, STAGE_RESOLVE);
	arena_close(try->arena);
}

static const struct row two_hosts[] = {
	{ "d.example", RR_MX, "20 b.example", 0 },
	{ "d.example", RR_MX, "10 a.example", 0 },
	{ "a.example", RR_A, "192.0.2.1", 0 },
	{ "a.example", RR_A, "192.0.2.2", 0 },
	{ "a.example", RR_AAAA, "2001:db8::1", 0 },
	{ "b.example", RR_A, "192.0.2.3", 0 },
	{ "b.example", RR_AAAA, "2001:db8::3", 0 },
	{ NULL, 0, NULL, 0 },
};

static void the_best_host_is_walked_over_both_families(void **state)
{
	(void)state;
	expect(two_hosts, "d.example", MX_BEST, "10 a.example 192.0.2.1, "
		"(10 a.example 192.0.2.2), 10 a.example 2001:db8::1, "
		"(20 b.example 192.0.2.3), (20 b.example 2001:db8::3)");
}

static void all_means_every_address_of_every_host(void **state)
{
	(void)state;
	expect(two_hosts, "d.example", MX_ALL, "10 a.example 192.0.2.1, "
		"10 a.example 192.0.2.2, 10 a.example 2001:db8::1, "
		"20 b.example 192.0.2.3, 20 b.example 2001:db8::3");
}

static void a_number_means_that_many_hosts(void **state)
{
	(void)state;
	expect(two_hosts, "d.example", MX_FIRST, "10 a.example 192.0.2.1, "
		"(10 a.example 192.0.2.2), 10 a.example 2001:db8::1, "
		"(20 b.example 192.0.2.3), (20 b.example 2001:db8::3)");
}

static void a_family_the_best_host_lacks_is_taken_from_the_next(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "10 a.example", 0 },
		{ "d.example", RR_MX, "20 b.example", 0 },
		{ "d.example", RR_MX, "30 c.example", 0 },
		{ "a.example", RR_A, "192.0.2.1", 0 },
		{ "b.example", RR_A, "192.0.2.2", 0 },
		{ "b.example", RR_AAAA, "2001:db8::2", 0 },
		{ "c.example", RR_AAAA, "2001:db8::3", 0 },
		{ NULL, 0, NULL, 0 },
	};

	(void)state;
	expect(zone, "d.example", MX_BEST, "10 a.example 192.0.2.1, "
		"20 b.example 192.0.2.2, 20 b.example 2001:db8::2, "
		"(30 c.example 2001:db8::3)");
}

static void without_mx_the_domain_itself_is_the_exchanger(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_A, "192.0.2.1", 0 },
		{ NULL, 0, NULL, 0 },
	};
	struct try *try = plan(zone, "d.example", MX_BEST);

	(void)state;
	assert_string_equal(told(try), "0 d.example 192.0.2.1");
	assert_true(try->outcome.exchangers[0].is_implicit);
	assert_int_equal(try->outcome.mx_answer, ANSWER_NONE);
	arena_close(try->arena);
}

static void null_mx_takes_no_mail_and_is_not_looked_up(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "0 .", 0 },
		{ "d.example", RR_A, "192.0.2.1", 0 },
		{ NULL, 0, NULL, 0 },
	};

	(void)state;
	expect_fault(zone, "d.example", FAILURE_DNS_NULL_MX);
}

static void five_ways_to_know_nothing_are_five_failures(void **state)
{
	static const struct row zone[] = {
		{ "none.example", RR_TXT, "x", 0 },
		{ "lame.example", RR_MX, NULL, ANSWER_SERVFAIL },
		{ "dead.example", RR_MX, NULL, ANSWER_TIMEOUT },
		{ "shut.example", RR_MX, NULL, ANSWER_REFUSED },
		{ NULL, 0, NULL, 0 },
	};

	(void)state;
	expect_fault(zone, "nowhere.example", FAILURE_DNS_NXDOMAIN);
	expect_fault(zone, "none.example", FAILURE_DNS_NO_DATA);
	expect_fault(zone, "lame.example", FAILURE_DNS_SERVFAIL);
	expect_fault(zone, "dead.example", FAILURE_DNS_TIMEOUT);
	expect_fault(zone, "shut.example", FAILURE_DNS_REFUSED);
}

static void an_mx_that_leads_nowhere_is_told_as_such(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "10 gone.example", 0 },
		{ "e.example", RR_MX, "10 lame.example", 0 },
		{ "lame.example", RR_A, NULL, ANSWER_SERVFAIL },
		{ "lame.example", RR_AAAA, NULL, ANSWER_SERVFAIL },
		{ NULL, 0, NULL, 0 },
	};

	(void)state;
	expect_fault(zone, "d.example", FAILURE_DNS_BAD_MX);
	expect_fault(zone, "e.example", FAILURE_DNS_SERVFAIL);
}

static void an_alias_and_an_address_for_an_mx_are_the_domains_faults(
	void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "10 alias.example", 0 },
		{ "d.example", RR_MX, "20 192.0.2.9", 0 },
		{ "alias.example", RR_CNAME, "mx.example", 0 },
		{ "alias.example", RR_A, "192.0.2.1", 0 },
		{ NULL, 0, NULL, 0 },
	};
	struct try *try = plan(zone, "d.example", MX_BEST);

	(void)state;
	assert_string_equal(told(try), "10 alias.example 192.0.2.1, "
		"(20 192.0.2.9 192.0.2.9)");
	assert_true(span_is(try->outcome.exchangers[0].canonical,
		SPAN("mx.example")));
	assert_true(try->outcome.exchangers[1].is_literal);
	arena_close(try->arena);
}

static void loopback_is_told_and_left_out_and_private_is_told(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "10 lo.example", 0 },
		{ "d.example", RR_MX, "20 in.example", 0 },
		{ "lo.example", RR_A, "127.0.0.1", 0 },
		{ "lo.example", RR_AAAA, "::1", 0 },
		{ "in.example", RR_A, "10.1.2.3", 0 },
		{ NULL, 0, NULL, 0 },
	};
	struct try *try = plan(zone, "d.example", MX_BEST);

	(void)state;
	assert_string_equal(told(try), "(10 lo.example 127.0.0.1), "
		"(10 lo.example ::1), 20 in.example 10.1.2.3");
	assert_true(try->outcome.exchangers[0].is_loopback);
	assert_true(try->outcome.exchangers[1].is_private);
	arena_close(try->arena);
}

static void what_leads_to_ourselves_or_over_ipv4_is_left_out(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "10 no.example", 0 },
		{ "d.example", RR_MX, "20 in.example", 0 },
		{ "no.example", RR_A, "0.0.0.0", 0 },
		{ "no.example", RR_A, "224.0.0.1", 0 },
		{ "no.example", RR_AAAA, "::", 0 },
		{ "no.example", RR_AAAA, "::ffff:192.0.2.1", 0 },
		{ "in.example", RR_AAAA, "64:ff9b::192.0.2.1", 0 },
		{ NULL, 0, NULL, 0 },
	};
	struct try *try = plan(zone, "d.example", MX_ALL);

	(void)state;
	for (size_t i = 0; i < try->outcome.path_count; i++) {
		const struct path *path = &try->outcome.paths[i];

		assert_int_equal(path->left_out.len == 0,
			span_is(path->host, SPAN("in.example")));
		assert_int_equal(path_is_mapped(path),
			span_find_nocase(path->left_out, SPAN("form of")) <
				path->left_out.len);
	}
	assert_int_equal(try->outcome.path_count, 5);
	arena_close(try->arena);
}

/* As a resolver says of what it blocks. */
static void a_host_at_no_address_is_not_sought_here(void **state)
{
	static const struct row zone[] = {
		{ "blocked.example", RR_A, "0.0.0.0", 0 },
		{ "blocked.example", RR_AAAA, "::", 0 },
		{ "half.example", RR_A, "0.0.0.0", 0 },
		{ "half.example", RR_AAAA, "::1", 0 },
		{ NULL, 0, NULL, 0 },
	};
	struct target blocked = { .host = SPAN("blocked.example"),
		.domain = SPAN(""), .port = 25 };
	struct target half = { .host = SPAN("half.example"),
		.domain = SPAN("d.example"), .port = 25 };
	struct try *try = plan_to(zone, &blocked, MX_BEST);

	(void)state;
	assert_non_null(try->outcome.fault);
	assert_int_equal(try->outcome.fault->failure, FAILURE_DNS_NO_DATA);
	assert_string_equal(try->outcome.fault->why.at, "no address of "
		"blocked.example is of use: it is the unspecified address, "
		"which leads to this host");
	assert_string_equal(told(try), "(0 blocked.example 0.0.0.0), "
		"(0 blocked.example ::)");
	arena_close(try->arena);
	try = plan_to(zone, &half, MX_BEST);
	assert_null(try->outcome.fault);
	assert_string_equal(told(try), "(0 half.example 0.0.0.0), "
		"0 half.example ::1");
	arena_close(try->arena);
}

static void equal_preferences_have_a_steady_order(void **state)
{
	static const struct row zone[] = {
		{ "d.example", RR_MX, "10 c.example", 0 },
		{ "d.example", RR_MX, "10 a.example", 0 },
		{ "d.example", RR_MX, "10 b.example", 0 },
		{ "a.example", RR_A, "192.0.2.1", 0 },
		{ "b.example", RR_A, "192.0.2.2", 0 },
		{ "c.example", RR_A, "192.0.2.3", 0 },
		{ NULL, 0, NULL, 0 },
	};

	(void)state;
	expect(zone, "d.example", MX_ALL, "10 a.example 192.0.2.1, "
		"10 b.example 192.0.2.2, 10 c.example 192.0.2.3");
}

static void of_more_exchangers_than_are_kept_the_best_are(void **state)
{
	static struct row zone[PLAN_EXCHANGERS_MAX + 4];
	static char values[PLAN_EXCHANGERS_MAX + 1][32];
	struct try *try;

	(void)state;
	for (size_t i = 0; i <= PLAN_EXCHANGERS_MAX; i++) {
		snprintf(values[i], sizeof(values[i]), "%zu mx%zu.example",
			100 - i, i);
		zone[i] = (struct row){ "d.example", RR_MX, values[i], 0 };
	}
	snprintf(values[0] + strlen("100 "), sizeof(values[0]) - 4,
		"worst.example");
	zone[PLAN_EXCHANGERS_MAX + 1] = (struct row){ "worst.example", RR_A,
		"192.0.2.1", 0 };
	zone[PLAN_EXCHANGERS_MAX + 2] = (struct row){ "mx64.example", RR_A,
		"192.0.2.2", 0 };
	try = plan(zone, "d.example", MX_BEST);
	assert_string_equal(told(try), "36 mx64.example 192.0.2.2");
	assert_int_equal(try->outcome.exchanger_count, PLAN_EXCHANGERS_MAX);
	arena_close(try->arena);
}

/* ---- what binds a sender: a zone in which all is signed */

static const struct row signed_zone[] = {
	{ "d.example", RR_MX, "10 a.example", 0 },
	{ "d.example", RR_MX, "20 b.example", 0 },
	{ "a.example", RR_A, "192.0.2.1", 0 },
	{ "a.example", RR_AAAA, "2001:db8::1", 0 },
	{ "_25._tcp.a.example", RR_TLSA, "3 1 1 aabb", 0 },
	{ "_25._tcp.a.example", RR_TLSA, "2 1 1 not hex", 0 },
	{ "b.example", RR_A, "192.0.2.2", 0 },
	{ "_25._tcp.b.example", RR_TLSA, "3 1 1 ccdd", 0 },
	{ "_mta-sts.d.example", RR_TXT, NULL, ANSWER_TIMEOUT },
	{ NULL, 0, NULL, 0 },
};

static const struct answer *look_up_signed(
	struct arena *arena, const struct question *question)
{
	struct answer *answer = arena_new(arena, struct answer);

	*answer = *look_up(arena, signed_zone, question);
	answer->secure = true;
	return answer;
}

static void plan_signed(struct try *try, struct plan_orders orders)
{
	struct question *question;

	try->target = (struct target){ .domain = SPAN("d.example"),
		.host = SPAN(""), .port = 25 };
	try->orders = orders;
	try->orders.target = &try->target;
	try->orders.wanted[0] = try->orders.wanted[1] = true;
	try->outcome.target = &try->target;
	try->outcome.answers = answers_open(try->arena);
	while (plan_make(try->arena, &try->orders, &try->outcome) ==
		PLAN_OPEN) {
		assert_true(++try->rounds < 10);
		question = answers_open_question(try->outcome.answers);
		for (; question; question = question_next_open(question))
			question_settle(question,
				look_up_signed(try->arena, question));
	}
	assert_int_equal(try->outcome.path_count, 3);
}

static void tlsa_is_asked_for_the_paths_that_are_walked(void **state)
{
	struct try try = { .arena = arena_open() };
	const struct path *paths;

	(void)state;
	plan_signed(&try, (struct plan_orders){ .asks_dane = true });
	paths = try.outcome.paths;
	assert_int_equal(try.rounds, 3);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(paths[i].dane->state, DANE_BINDING);
		assert_int_equal(paths[i].dane->count, 2);
		assert_int_equal(paths[i].tlsa->count, 1);
		assert_true(span_is(
			paths[i].tlsa->records[0].data, SPAN("\xaa\xbb")));
		assert_int_equal(paths[i].tlsa->name_count, 2);
	}
	assert_true(paths[2].left_out.len > 0);
	assert_null(paths[2].dane);
	assert_null(answers_known(try.outcome.answers,
		SPAN("_25._tcp.b.example"), RR_TLSA));
	arena_close(try.arena);
}

static void a_walk_that_stays_in_clear_asks_for_no_policy(void **state)
{
	struct try try = { .arena = arena_open() };

	(void)state;
	plan_signed(&try, (struct plan_orders){ .choice = MX_ALL });
	assert_int_equal(try.rounds, 2);
	for (size_t i = 0; i < try.outcome.path_count; i++) {
		assert_null(try.outcome.paths[i].dane);
		assert_null(try.outcome.paths[i].tlsa);
		assert_null(try.outcome.paths[i].sts);
	}
	arena_close(try.arena);
}

static void an_sts_policy_is_asked_for_once_for_all_paths(void **state)
{
	struct try try = { .arena = arena_open() };

	(void)state;
	plan_signed(&try, (struct plan_orders){ .asks_sts = true });
	assert_int_equal(
		try.outcome.paths[0].sts->state, MTA_STS_UNKNOWN);
	assert_ptr_equal(
		try.outcome.paths[0].sts, try.outcome.paths[1].sts);
	arena_close(try.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_host_is_walked_over_both_families),
		cmocka_unit_test(all_means_every_address_of_every_host),
		cmocka_unit_test(a_number_means_that_many_hosts),
		cmocka_unit_test(
			a_family_the_best_host_lacks_is_taken_from_the_next),
		cmocka_unit_test(
			without_mx_the_domain_itself_is_the_exchanger),
		cmocka_unit_test(null_mx_takes_no_mail_and_is_not_looked_up),
		cmocka_unit_test(five_ways_to_know_nothing_are_five_failures),
		cmocka_unit_test(an_mx_that_leads_nowhere_is_told_as_such),
		cmocka_unit_test(
		an_alias_and_an_address_for_an_mx_are_the_domains_faults),
		cmocka_unit_test(
			loopback_is_told_and_left_out_and_private_is_told),
		cmocka_unit_test(
			what_leads_to_ourselves_or_over_ipv4_is_left_out),
		cmocka_unit_test(a_host_at_no_address_is_not_sought_here),
		cmocka_unit_test(equal_preferences_have_a_steady_order),
		cmocka_unit_test(
			of_more_exchangers_than_are_kept_the_best_are),
		cmocka_unit_test(tlsa_is_asked_for_the_paths_that_are_walked),
		cmocka_unit_test(a_walk_that_stays_in_clear_asks_for_no_policy),
		cmocka_unit_test(an_sts_policy_is_asked_for_once_for_all_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
