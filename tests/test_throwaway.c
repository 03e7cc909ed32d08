#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "probe/tls/throwaway.h"

/* Client and server shake hands in memory, with a certificate as wished. */
struct pair {
	struct arena *arena;
	struct throwaway *throwaway, *stranger;
	struct tls_context *server_context, *client_context;
	struct engine *server, *client;
};

static void pair_open(struct pair *pair, const struct throwaway_wish *wish,
	const char *name, bool trusts)
{
	struct tls_setup setup = { .authority = NULL };
	struct span why = SPAN("");

	pair->arena = arena_open();
	pair->throwaway = throwaway_open();
	pair->stranger = throwaway_open();
	setup.authority = trusts ? pair->throwaway : pair->stranger;
	pair->server_context = throwaway_context(
		pair->throwaway, pair->arena, wish);
	pair->client_context = tls_context_open(pair->arena, &setup, &why);
	assert_non_null(pair->server_context);
	assert_non_null(pair->client_context);
	pair->server = engine_open_server(pair->server_context, pair->arena);
	pair->client = engine_open(
		pair->client_context, pair->arena, span_of(name), SPAN(""));
}

static void pair_close(struct pair *pair)
{
	engine_close(pair->server);
	engine_close(pair->client);
	tls_context_close(pair->server_context);
	tls_context_close(pair->client_context);
	throwaway_close(pair->throwaway);
	throwaway_close(pair->stranger);
	arena_close(pair->arena);
}

static void carry(struct engine *from, struct engine *to, struct arena *arena)
{
	struct span bytes = arena_copy(arena, engine_output(from));

	engine_sent(from);
	if (bytes.len)
		engine_feed(to, bytes);
}

static void shake(struct pair *pair)
{
	engine_start(pair->server);
	engine_start(pair->client);
	for (unsigned i = 0; i < 10; i++) {
		carry(pair->client, pair->server, pair->arena);
		carry(pair->server, pair->client, pair->arena);
	}
	assert_int_equal(engine_state(pair->server), ENGINE_OPEN);
	assert_int_equal(engine_state(pair->client), ENGINE_OPEN);
}

static const struct span names[] = { { "mx.example", 10 }, { "192.0.2.1", 9 },
	{ "2001:db8::1", 11 } };

static const struct wish_row {
	enum throwaway_flaw flaw;
	unsigned days;
	const char *name;
	bool trusts;
	bool is_trusted, name_matches, is_expired, is_self_signed;
	int days_left;
} rows[] = {
	/* clang-format off */
	{ THROWAWAY_GOOD, 0, "mx.example", true, true, true, false, false, 90 },
	{ THROWAWAY_GOOD, 0, "192.0.2.1", true, true, true, false, false, 90 },
	{ THROWAWAY_GOOD, 0, "2001:db8::1", true, true, true, false, false, 90 },
	{ THROWAWAY_GOOD, 3, "mx.example", true, true, true, false, false, 3 },
	{ THROWAWAY_GOOD, 0, "mx.example", false, false, true, false, false, 90 },
	{ THROWAWAY_GOOD, 0, "mx2.example", true, true, false, false, false, 90 },
	{ THROWAWAY_EXPIRED, 0, "mx.example", true, false, true, true, false, -1 },
	{ THROWAWAY_OTHER_NAME, 0, "mx.example", true, true, false, false, false, 90 },
	{ THROWAWAY_SELF_SIGNED, 0, "mx.example", true, false, true, false, true, 90 },
	/* clang-format on */
};

static void a_certificate_is_as_wished(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct wish_row *row = &rows[i];
		struct throwaway_wish wish = { .names = names,
			.name_count = COUNT_OF(names),
			.flaw = row->flaw,
			.days = row->days,
			.now = (int64_t)time(NULL) };
		const struct session *session;
		struct pair pair;
		int64_t days;

		pair_open(&pair, &wish, row->name, row->trusts);
		shake(&pair);
		session = engine_session(pair.client);
		days = (session->chain[0].not_after - wish.now) / 86400;
		if (session->is_trusted != row->is_trusted ||
			session->name_matches != row->name_matches ||
			session->is_expired != row->is_expired ||
			session->is_self_signed != row->is_self_signed ||
			days != row->days_left)
			fail_msg("row %zu: %d %d %d %d %d", i,
				session->is_trusted, session->name_matches,
				session->is_expired, session->is_self_signed,
				(int)days);
		pair_close(&pair);
	}
}

static void text_goes_both_ways(void **state)
{
	struct throwaway_wish wish = {
		.names = names, .name_count = 1, .now = (int64_t)time(NULL)
	};
	char room[32];
	struct pair pair;

	(void)state;
	pair_open(&pair, &wish, "mx.example", true);
	shake(&pair);
	engine_write(pair.client, SPAN("EHLO a\r\n"));
	carry(pair.client, pair.server, pair.arena);
	assert_int_equal(engine_read(pair.server, room, sizeof(room)), 8);
	assert_memory_equal(room, "EHLO a\r\n", 8);
	engine_write(pair.server, SPAN("250 b\r\n"));
	carry(pair.server, pair.client, pair.arena);
	assert_int_equal(engine_read(pair.client, room, sizeof(room)), 7);
	engine_say_goodbye(pair.server);
	carry(pair.server, pair.client, pair.arena);
	assert_int_equal(engine_state(pair.client), ENGINE_CLOSED);
	pair_close(&pair);
}

static void a_client_that_speaks_no_tls_ends_the_handshake(void **state)
{
	struct throwaway_wish wish = {
		.names = names, .name_count = 1, .now = (int64_t)time(NULL)
	};
	struct pair pair;

	(void)state;
	pair_open(&pair, &wish, "mx.example", true);
	engine_start(pair.server);
	assert_int_equal(
		engine_feed(pair.server, SPAN("EHLO a\r\n")), ENGINE_FAILED);
	pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_as_wished),
		cmocka_unit_test(text_goes_both_ways),
		cmocka_unit_test(
			a_client_that_speaks_no_tls_ends_the_handshake),
	};

	return cmocka_run_group_tests_name("throwaway", tests, NULL, NULL);
}
