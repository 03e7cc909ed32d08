#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "probe/ledger.h"
#include "probe/ledger_claim.h"
#include "tests/own_folder.h"

static struct ledger *shared(unsigned pause_ms)
{
	struct ledger *ledger = ledger_open(pause_ms);

	ledger_share(ledger, in_folder("ledger.db"));
	return ledger;
}

static struct path path_to(const char *host, const char *address)
{
	struct path path = { .host = span_of(host), .domain = SPAN("") };

	assert_true(ip_parse(span_of(address), &path.remote));
	return path;
}

static const struct ledger_terms usual;
static struct ledger_reply reply;

static bool take(
	struct ledger *ledger, const struct path *path, uint64_t now_ms)
{
	return ledger_take(ledger, path, &usual, now_ms, &reply) ==
	       LEDGER_TAKEN;
}

static void release(
	struct ledger *ledger, const struct path *path, uint64_t now_ms)
{
	const struct visit visit = { .path = path };

	ledger_release(ledger, &visit, now_ms);
}

/* ---- in this process */

static void one_host_is_never_taken_twice(void **state)
{
	struct ledger *ledger = ledger_open(1000);
	struct path four = path_to("mx.example", "192.0.2.1");
	struct path six = path_to("mx.example", "2001:db8::1");
	struct path other = path_to("mx2.example", "192.0.2.2");

	(void)state;
	assert_true(take(ledger, &four, 0));
	assert_false(take(ledger, &six, 0));
	assert_int_equal(reply.wait_ms, 0);
	assert_true(take(ledger, &other, 0));
	ledger_close(ledger);
}

static void two_names_of_one_address_are_one_host(void **state)
{
	struct ledger *ledger = ledger_open(1000);
	struct path a = path_to("a.example", "192.0.2.1");
	struct path b = path_to("b.example", "192.0.2.1");

	(void)state;
	assert_true(take(ledger, &a, 0));
	assert_false(take(ledger, &b, 0));
	ledger_close(ledger);
}

static void a_host_rests_after_a_visit(void **state)
{
	struct ledger *ledger = ledger_open(1000);
	struct path path = path_to("mx.example", "192.0.2.1");

	(void)state;
	assert_true(take(ledger, &path, 100));
	release(ledger, &path, 500);
	assert_false(take(ledger, &path, 700));
	assert_int_equal(reply.wait_ms, 800);
	assert_true(take(ledger, &path, 1500));
	ledger_close(ledger);
}

static void without_a_pause_the_host_is_free_at_once(void **state)
{
	struct ledger *ledger = ledger_open(0);
	struct path path = path_to("mx.example", "192.0.2.1");

	(void)state;
	assert_true(take(ledger, &path, 5));
	release(ledger, &path, 5);
	assert_true(take(ledger, &path, 5));
	ledger_close(ledger);
}

/* ---- over all processes */

static void another_ledger_of_the_file_holds_the_host(void **state)
{
	struct ledger *mine = shared(0), *other = shared(0);
	struct path path = path_to("mx.example.com", "192.0.2.1");

	(void)state;
	assert_true(take(mine, &path, 0));
	assert_false(take(other, &path, 0));
	assert_true(reply.word.waits_for_others);
	assert_int_equal(reply.wait_ms, LEDGER_LOOK_AGAIN_MS);
	release(mine, &path, 1);
	assert_true(take(other, &path, LEDGER_LOOK_AGAIN_MS));
	ledger_close(mine);
	ledger_close(other);
}

static void an_organisation_takes_four_at_once(void **state)
{
	struct ledger *mine = shared(0), *other = shared(0);
	struct path paths[LEDGER_CONNECTIONS_USUAL + 1];

	(void)state;
	for (unsigned i = 0; i <= LEDGER_CONNECTIONS_USUAL; i++)
		paths[i] = path_to(arena_print(arena, "mx%u.example.com", i).at,
			arena_print(arena, "192.0.2.%u", i + 1).at);
	for (unsigned i = 0; i < LEDGER_CONNECTIONS_USUAL; i++)
		assert_true(take(i % 2 ? mine : other, &paths[i], 0));
	assert_false(take(mine, &paths[LEDGER_CONNECTIONS_USUAL], 0));
	assert_int_equal(reply.word.state, LEDGER_BUSY);
	/* Asked again only when one of ours has ended, or a while after. */
	assert_false(take(mine, &paths[LEDGER_CONNECTIONS_USUAL], 1));
	release(mine, &paths[1], 2);
	assert_true(take(mine, &paths[LEDGER_CONNECTIONS_USUAL], 2));
	ledger_close(mine);
	ledger_close(other);
}

static void loopback_and_our_own_are_not_shared(void **state)
{
	static const struct ledger_terms ours = { .is_ours = true };
	struct ledger *mine = shared(0), *other = shared(0);
	struct path loopback = path_to("localhost", "127.0.0.1");
	struct path own = path_to("mx.example.com", "192.0.2.1");

	(void)state;
	assert_true(take(mine, &loopback, 0));
	assert_true(take(other, &loopback, 0));
	assert_int_equal(
		ledger_take(mine, &own, &ours, 0, &reply), LEDGER_TAKEN);
	assert_int_equal(
		ledger_take(other, &own, &ours, 0, &reply), LEDGER_TAKEN);
	/* Nobody asked the file, so nobody made it. */
	assert_int_not_equal(access(in_folder("ledger.db"), F_OK), 0);
	ledger_close(mine);
	ledger_close(other);
}

static void what_a_scenario_limits_is_limited_on_loopback(void **state)
{
	static const struct limit limit = { .domain = { "Example.COM", 11 },
		.per_day = 1 };
	static const struct ledger_terms terms = { &limit, 1, false };
	struct ledger *ledger = shared(0);
	struct path path = path_to("mx.example.com", "127.0.0.1");

	(void)state;
	assert_int_equal(
		ledger_take(ledger, &path, &terms, 0, &reply), LEDGER_TAKEN);
	assert_false(ledger_only_refused(ledger));
	release(ledger, &path, 1);
	assert_int_equal(
		ledger_take(ledger, &path, &terms, 1, &reply), LEDGER_REFUSES);
	assert_non_null(strstr(reply.word.why, "1 connection in 24 hours"));
	ledger_close(ledger);
}

static void a_mail_flood_is_given_a_rest(void **state)
{
	struct reply said = { .code = 421,
		.status = { .class = 4, .subject = 7, .detail = 28 } };
	struct event event = { .kind = EVENT_HEARD, .heard = &said };
	struct path path = path_to("mx.example.com", "192.0.2.1");
	struct path other = path_to("alt.example.com", "192.0.2.2");
	const struct visit visit = { .path = &path,
		.transcript = { .events = &event, .count = 1 } };
	struct ledger *first = shared(0), *second;

	(void)state;
	assert_true(take(first, &path, 0));
	ledger_release(first, &visit, 1);
	ledger_close(first);
	second = shared(0);
	assert_int_equal(
		ledger_take(second, &other, &usual, 0, &reply), LEDGER_REFUSES);
	assert_int_equal(reply.word.state, LEDGER_RESTS);
	assert_true(reply.word.until_ms > ledger_wall_ms() + 9 * 60 * 1000);
	assert_true(reply.word.until_ms <= ledger_wall_ms() + 10 * 60 * 1000);
	assert_true(ledger_only_refused(second));
	ledger_close(second);
}

static void another_temporary_refusal_is_none(void **state)
{
	struct reply said = { .code = 421,
		.status = { .class = 4, .subject = 7, .detail = 0 } };
	struct event event = { .kind = EVENT_HEARD, .heard = &said };
	struct path path = path_to("mx.example.com", "192.0.2.1");
	const struct visit visit = { .path = &path,
		.transcript = { .events = &event, .count = 1 } };
	struct ledger *ledger = shared(0);

	(void)state;
	assert_true(take(ledger, &path, 0));
	ledger_release(ledger, &visit, 1);
	assert_true(take(ledger, &path, 1));
	ledger_close(ledger);
}

static void without_a_file_it_goes_on_alone(void **state)
{
	struct ledger *ledger = ledger_open(0);
	struct path path = path_to("mx.example.com", "192.0.2.1");

	(void)state;
	ledger_share(ledger, in_folder("."));
	assert_true(take(ledger, &path, 0));
	assert_null(ledger_shared(ledger));
	assert_false(take(ledger, &path, 0));
	release(ledger, &path, 1);
	assert_true(take(ledger, &path, 1));
	ledger_close(ledger);
}

static void a_look_takes_nothing(void **state)
{
	struct ledger *ledger = shared(0);
	struct path path = path_to("mx.example.com", "192.0.2.1");
	struct ledger_word word;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		ledger_look(ledger, &path, &usual, &word);
		assert_int_equal(word.state, LEDGER_FREE);
	}
	assert_true(take(ledger, &path, 0));
	ledger_look(ledger, &path, &usual, &word);
	assert_int_equal(word.state, LEDGER_BUSY);
	ledger_close(ledger);
}

/* ---- which limits hold */

static const struct ledger_limit *limit_by(
	const struct ledger_claim *claim, enum limited_by by)
{
	for (size_t i = 0; i < claim->limit_count; i++)
		if (claim->limits[i].by == by)
			return &claim->limits[i];
	return NULL;
}

static void a_limit_of_the_organisation_takes_its_place(void **state)
{
	static const struct limit limit = { .domain = { "google.com", 10 },
		.connections = 1,
		.has_pause = true,
		.pause_ms = 30000,
		.per_day = 1000000 };
	static const struct ledger_terms terms = { &limit, 1, false };
	struct path path = path_to("ASPMX.L.Google.com", "192.0.2.1");
	const struct ledger_limit *organisation;
	struct ledger_claim claim;

	(void)state;
	ledger_claim_of(arena, &path, &terms, 1000, &claim);
	organisation = limit_by(&claim, LIMITED_BY_ORGANISATION);
	assert_true(span_is(organisation->name, SPAN("google.com")));
	assert_int_equal(organisation->connections, 1);
	assert_int_equal(organisation->pause_ms, 30000);
	/* Nobody loosens it without end. */
	assert_int_equal(organisation->per_day, LEDGER_PER_DAY_MOST);
	assert_null(limit_by(&claim, LIMITED_BY_DOMAIN));
}

static void a_limit_of_recipients_holds_beside_it(void **state)
{
	static const struct limit limits[] = {
		{ .domain = { "example.org", 11 }, .per_day = 7 },
		{ .domain = { "ample.org", 9 }, .per_day = 8 },
	};
	static const struct ledger_terms terms = { limits, 2, false };
	struct path path = path_to("aspmx.l.google.com", "192.0.2.1");
	struct ledger_claim claim;

	(void)state;
	path.domain = SPAN("lists.example.org");
	ledger_claim_of(arena, &path, &terms, 1000, &claim);
	assert_int_equal(claim.limit_count, 4);
	assert_int_equal(limit_by(&claim, LIMITED_BY_DOMAIN)->per_day, 7);
	assert_int_equal(limit_by(&claim, LIMITED_BY_ORGANISATION)->per_day,
		LEDGER_PER_DAY_USUAL);
}

#define SHARED(test)                                                           \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_is_never_taken_twice),
		cmocka_unit_test(two_names_of_one_address_are_one_host),
		cmocka_unit_test(a_host_rests_after_a_visit),
		cmocka_unit_test(without_a_pause_the_host_is_free_at_once),
		SHARED(another_ledger_of_the_file_holds_the_host),
		SHARED(an_organisation_takes_four_at_once),
		SHARED(loopback_and_our_own_are_not_shared),
		SHARED(what_a_scenario_limits_is_limited_on_loopback),
		SHARED(a_mail_flood_is_given_a_rest),
		SHARED(another_temporary_refusal_is_none),
		SHARED(without_a_file_it_goes_on_alone),
		SHARED(a_look_takes_nothing),
		cmocka_unit_test(a_limit_of_the_organisation_takes_its_place),
		cmocka_unit_test(a_limit_of_recipients_holds_beside_it),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
