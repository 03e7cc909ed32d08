/*
 * spf_ours cached COUNT
 * spf_ours live COUNT PARALLEL SERVER
 *
 * Evaluates the policy of spf_zone.h: with all answers known and the records
 * compiled before, or asking a server on loopback, PARALLEL at a time.  Exit
 * status 0: each one passed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "probe/net/resolver.h"
#include "probe/policy/spf.h"
#include "tests/bench/spf_zone.h"

static void make_query(struct spf_query *query)
{
	*query = (struct spf_query){ .helo = SPAN("probe.example"),
		.receiver = SPAN("receiver.example") };
	if (!ip_parse(SPAN(SPF_BENCH_ADDRESS), &query->ip))
		abort();
}

static struct span sender(struct arena *arena, int number)
{
	char name[64];

	spf_bench_name(name, sizeof(name), 0, number);
	return arena_print(arena, "user@%s", name);
}

/* ---- all answers known */

static void put_record(struct arena *arena, struct answers *answers, int record)
{
	struct answer *answer = arena_new(arena, struct answer);
	struct span *value = arena_new(arena, struct span);
	char name[64], text[SPF_BENCH_RECORD_MAX];

	spf_bench_name(name, sizeof(name), record, 1);
	spf_bench_record(text, sizeof(text), record, 1);
	*value = arena_copy(arena, span_of(text));
	answer->values = value;
	answer->value_count = 1;
	answers_put(answers, span_of(name), RR_TXT, answer);
}

static int run_cached(long count)
{
	struct arena *known = arena_open(), *arena = arena_open_with(4096);
	struct answers *answers = answers_open(known);
	struct spf_cache *cache = spf_cache_open();
	struct spf_query query;
	struct spf_check check;
	long passed = 0;

	for (int i = 0; i < SPF_BENCH_RECORDS; i++)
		put_record(known, answers, i);
	make_query(&query);
	query.mail_from = sender(known, 1);
	query.cache = cache;
	for (long i = 0; i < count; i++) {
		passed += spf_check(arena, answers, &query, &check) == SPF_PASS;
		arena_empty(arena);
	}
	spf_cache_close(cache);
	arena_close(arena);
	arena_close(known);
	return passed == count ? 0 : 1;
}

/* ---- over the network */

struct crowd {
	struct resolver *resolver;
	struct spf_cache *cache;
	long count; /* to be begun */
	long passed;
};

/* One evaluation after another, each with a table of its own. */
struct seat {
	struct crowd *crowd;
	struct arena *arena;
	struct answers *answers;
	struct spf_query query;
	struct resolver_round round;
};

static void seat_turn(struct seat *seat);

static void seat_begin(struct seat *seat)
{
	if (!seat->crowd->count)
		return;
	arena_empty(seat->arena);
	seat->answers = answers_open(seat->arena);
	make_query(&seat->query);
	seat->query.cache = seat->crowd->cache;
	seat->query.mail_from = sender(seat->arena, (int)seat->crowd->count--);
	seat_turn(seat);
}

static void on_settled(struct resolver_round *round)
{
	seat_turn(OWNER_OF(round, struct seat, round));
}

static void seat_turn(struct seat *seat)
{
	struct spf_check check;
	enum spf_result result = spf_check(
		seat->arena, seat->answers, &seat->query, &check);

	if (result == SPF_OPEN) {
		resolver_settle(seat->crowd->resolver, &seat->round,
			seat->answers, on_settled);
		return;
	}
	seat->crowd->passed += result == SPF_PASS;
	seat_begin(seat);
}

static int run_live(long count, long parallel, const char *server)
{
	struct arena *arena = arena_open();
	struct resolver_setup setup = { .servers = server };
	struct crowd crowd = { .count = count };
	struct seat *seats = arena_take(
		arena, (size_t)parallel * sizeof(*seats));
	struct span why;

	crowd.cache = spf_cache_open();
	crowd.resolver = resolver_open(arena, uv_default_loop(), &setup, &why);
	if (!crowd.resolver)
		return 2;
	for (long i = 0; i < parallel; i++) {
		seats[i].crowd = &crowd;
		seats[i].arena = arena_open_with(16384);
		seat_begin(&seats[i]);
	}
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	for (long i = 0; i < parallel; i++)
		arena_close(seats[i].arena);
	resolver_close(crowd.resolver);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	spf_cache_close(crowd.cache);
	arena_close(arena);
	return crowd.passed == count ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "cached") == 0)
		return run_cached(atol(argv[2]));
	if (argc == 5 && strcmp(argv[1], "live") == 0)
		return run_live(atol(argv[2]), atol(argv[3]), argv[4]);
	fputs("usage: spf_ours cached COUNT | live COUNT PARALLEL SERVER\n",
		stderr);
	return 2;
}
