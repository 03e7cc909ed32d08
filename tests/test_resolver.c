#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/net/resolver_inside.h"
#include "tests/dns_script.c"

/* clang-format off */
static const struct dns_row rows[] = {
	{ .name = "a.example", .type = RR_A,
	  .values = { "192.0.2.1", "192.0.2.2" } },
	{ .name = "a.example", .type = RR_AAAA, .values = { "2001:db8::1" },
	  .is_secure = true },
	{ .name = "a.example" },
	{ .name = "mail.example", .type = RR_MX,
	  .values = { "10 mx1.example", "20 mx2.example" } },
	{ .name = "alias.example", .type = RR_A, .cname = "a.example",
	  .values = { "192.0.2.1" } },
	{ .name = "alias.example", .cname = "a.example" },
	{ .name = "bogus.example", .rcode = 2, .ede = 6,
	  .ede_text = "no signature matches" },
	{ .name = "servfail.example", .rcode = 2 },
	{ .name = "refused.example", .rcode = 5 },
	{ .name = "notimp.example", .rcode = 4 },
	{ .name = "silent.example", .is_silent = true },
	{ .name = "wrongid.example", .has_wrong_id = true,
	  .values = { "192.0.2.66" } },
	{ .name = "garbage.example", .is_garbage = true },
	{ .name = "cut.example", .type = RR_TXT, .is_truncated = true,
	  .values = { "over TCP" } },
	{ .name = "huge.example", .type = RR_TXT, .is_truncated = true,
	  .copies = 60, .values = { "0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789" } },
	{ .name = "mute.example", .type = RR_TXT, .is_truncated = true,
	  .is_silent_over_tcp = true, .values = { "over TCP" } },
	{ .name = "large.example", .type = RR_TXT, .copies = 9,
	  .values = { "0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789" } },
	{ .name = "old.example", .type = RR_A, .hates_edns = true,
	  .values = { "192.0.2.9" } },
	{ .name = "*.old.example", .type = RR_A, .hates_edns = true,
	  .values = { "192.0.2.9" } },
	{ .name = "*.after.example", .has_empty_first = true,
	  .values = { "192.0.2.8" } },
	{ .name = "*.many.example", .values = { "192.0.2.7" } },
	{ .name = "*.silent.example", .is_silent = true },
	{ .name = "brief.example", .type = RR_A, .ttl = 1,
	  .values = { "192.0.2.1" } },
};

static const struct dns_row deaf[] = {
	{ .name = "*.example", .is_silent = true },
};
static const struct dns_row failing[] = {
	{ .name = "both.example", .rcode = 2 },
	{ .name = "*.example", .rcode = 5 },
};
/* clang-format on */

struct room {
	uv_loop_t loop;
	struct arena *arena;
	struct dns_script script, second;
	struct resolver *resolver;
	struct answers *answers;
	struct resolver_round round;
	unsigned done;
	bool is_inside;
};

static struct room room;

static void on_done(struct resolver_round *round)
{
	assert_false(room.is_inside);
	assert_null(answers_open_question(round->answers));
	room.done++;
	uv_stop(&room.loop);
}

/* A port that was free a moment ago. */
static uint16_t closed_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	close(fd);
	return ntohs(address.sin_port);
}

/* 1 and 2 stand for the two scripted servers, x for a closed port. */
static struct span server_list(const char *servers)
{
	struct span list = SPAN("");

	if (!strchr("12x", servers[0]) || strlen(servers) > 2)
		return span_of(servers);
	for (; *servers; servers++) {
		if (*servers == 'x')
			list = arena_print(room.arena, "%.*s 127.0.0.1:%u",
				SPAN_ARG(list), closed_port());
		else
			list = arena_print(room.arena, "%.*s, %s",
				SPAN_ARG(list),
				*servers == '1' ? room.script.text
						: room.second.text);
	}
	return list;
}

static void begin_with(
	const char *servers, const struct dns_row *second, size_t second_count)
{
	struct resolver_setup setup = { .timeout_ms = 100 };
	struct span why = SPAN("");

	memset(&room, 0, sizeof(room));
	room.arena = arena_open();
	uv_loop_init(&room.loop);
	assert_true(dns_script_open(
		&room.script, &room.loop, "127.0.0.1", rows, COUNT_OF(rows)));
	assert_true(dns_script_open(
		&room.second, &room.loop, "127.0.0.1", second, second_count));
	setup.servers = server_list(servers).at;
	room.resolver = resolver_open(room.arena, &room.loop, &setup, &why);
	if (!room.resolver)
		fail_msg("%.*s", SPAN_ARG(why));
	room.answers = answers_open(room.arena);
}

static void begin(const char *servers)
{
	begin_with(servers, deaf, COUNT_OF(deaf));
}

static void end(void)
{
	resolver_close(room.resolver);
	dns_script_close(&room.script);
	dns_script_close(&room.second);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&room.loop), 0);
	arena_close(room.arena);
}

static void settle(void)
{
	unsigned before = room.done;

	room.is_inside = true;
	resolver_settle(room.resolver, &room.round, room.answers, on_done);
	room.is_inside = false;
	while (room.done == before && uv_run(&room.loop, UV_RUN_DEFAULT))
		;
	assert_int_equal(room.done, before + 1);
}

static const struct answer *ask(const char *name, enum rr_type type)
{
	const struct answer *answer = answers_get(
		room.answers, span_of(name), type);

	assert_null(answer);
	settle();
	answer = answers_get(room.answers, span_of(name), type);
	assert_non_null(answer);
	return answer;
}

static void assert_text(struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", SPAN_ARG(got), wanted);
}

/* clang-format off */
static const struct {
	const char *name;
	enum rr_type type;
	enum answer_kind kind;
	const char *value;      /* the first */
	size_t count;
	const char *canonical;
	const char *why;
} told[] = {
	{ "a.example", RR_A, ANSWER_DATA, "192.0.2.1", 2, "", "" },
	{ "a.example", RR_AAAA, ANSWER_DATA, "2001:db8::1", 1, "", "" },
	{ "a.example", RR_TXT, ANSWER_NONE, NULL, 0, "", "" },
	{ "no.example", RR_A, ANSWER_NO_NAME, NULL, 0, "", "" },
	{ "mail.example", RR_MX, ANSWER_DATA, "10 mx1.example", 2, "", "" },
	{ "alias.example", RR_A, ANSWER_DATA, "192.0.2.1", 1, "a.example", "" },
	{ "alias.example", RR_MX, ANSWER_NONE, NULL, 0, "a.example", "" },
	{ "bogus.example", RR_A, ANSWER_SERVFAIL, NULL, 0, "",
	  "DNSSEC Bogus (6): no signature matches" },
	{ "servfail.example", RR_A, ANSWER_SERVFAIL, NULL, 0, "", "" },
	{ "refused.example", RR_A, ANSWER_REFUSED, NULL, 0, "", "" },
	{ "notimp.example", RR_A, ANSWER_MALFORMED, NULL, 0, "",
	  "the server answered NOTIMP" },
	{ "garbage.example", RR_A, ANSWER_MALFORMED, NULL, 0, "",
	  "the response ends inside a record" },
	{ "wrongid.example", RR_A, ANSWER_TIMEOUT, NULL, 0, "",
	  "no answer within 100 ms" },
	{ "silent.example", RR_A, ANSWER_TIMEOUT, NULL, 0, "",
	  "no answer within 100 ms" },
	{ "cut.example", RR_TXT, ANSWER_DATA, "over TCP", 1, "", "" },
	{ "old.example", RR_A, ANSWER_DATA, "192.0.2.9", 1, "", "" },
	{ "where.onion", RR_A, ANSWER_NO_NAME, NULL, 0, "",
	  "onion names are not in the DNS (RFC 7686)" },
};
/* clang-format on */

static void each_answer_is_told_as_it_was(void **state)
{
	(void)state;
	begin("1");
	for (size_t i = 0; i < COUNT_OF(told); i++) {
		const struct answer *got = ask(told[i].name, told[i].type);

		assert_string_equal(
			answer_word(got->kind), answer_word(told[i].kind));
		assert_int_equal(got->value_count, told[i].count);
		if (told[i].count)
			assert_text(got->values[0], told[i].value);
		assert_text(got->canonical, told[i].canonical);
		assert_text(got->why, told[i].why);
	}
	end();
}

static void a_silent_server_gets_every_try(void **state)
{
	(void)state;
	begin("1");
	ask("silent.example", RR_A);
	assert_int_equal(room.script.heard, 2);
	end();
}

static void a_server_that_spoke_is_not_asked_twice(void **state)
{
	(void)state;
	begin("1");
	ask("servfail.example", RR_A);
	assert_int_equal(room.script.heard, 1);
	end();
}

static void who_answered_and_how_fast_is_told(void **state)
{
	const struct answer *got;

	(void)state;
	begin("1");
	got = ask("a.example", RR_A);
	assert_text(got->server, room.script.text);
	assert_true(got->rtt_us > 0);
	assert_int_equal(got->ttl, 300);
	assert_int_equal(resolver_server_count(room.resolver), 1);
	assert_text(resolver_server(room.resolver, 0), room.script.text);
	end();
}

static void a_truncated_answer_is_fetched_over_tcp(void **state)
{
	(void)state;
	begin("1");
	assert_int_equal(ask("huge.example", RR_TXT)->value_count, 60);
	assert_int_equal(room.script.heard_tcp, 1);
	end();
}

/* A firewall that lets DNS pass over UDP alone. */
static void where_tcp_fails_it_is_told_that_udp_did_not(void **state)
{
	const struct answer *got;

	(void)state;
	begin("1");
	got = ask("mute.example", RR_TXT);
	assert_int_equal(got->kind, ANSWER_TIMEOUT);
	assert_text(got->why, "the answer over UDP was truncated, and over "
		"TCP: no answer within 100 ms");
	dns_script_close_tcp(&room.script);
	got = ask("cut.example", RR_TXT);
	assert_int_equal(got->kind, ANSWER_UNREACHABLE);
	assert_text(got->why, "the answer over UDP was truncated, and over "
		"TCP: Connection refused");
	assert_int_equal(ask("a.example", RR_A)->kind, ANSWER_DATA);
	end();
}

static void an_answer_above_512_bytes_comes_over_udp(void **state)
{
	(void)state;
	begin("1");
	assert_int_equal(ask("large.example", RR_TXT)->value_count, 9);
	assert_int_equal(room.script.heard_tcp, 0);
	end();
}

static void servers_from_before_edns_are_understood_all_at_once(void **state)
{
	struct question *question;

	(void)state;
	begin("1");
	for (int i = 0; i < 9; i++)
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.old.example", i), RR_A));
	settle();
	question = answers_first(room.answers);
	for (; question; question = question->next)
		assert_int_equal(question->answer->kind, ANSWER_DATA);
	end();
}

static void ad_counts_from_loopback(void **state)
{
	(void)state;
	begin("1");
	assert_true(ask("a.example", RR_AAAA)->secure);
	assert_false(ask("a.example", RR_A)->secure);
	end();
}

static void a_closed_port_is_unreachable(void **state)
{
	char text[32];
	const struct answer *got;

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", closed_port());
	begin(text);
	got = ask("a.example", RR_A);
	assert_int_equal(got->kind, ANSWER_UNREACHABLE);
	assert_text(got->why, "Connection refused");
	assert_text(got->server, text);
	end();
}

/* The second question is refused since nobody took the first. */
static void a_thousand_questions_to_a_closed_port_fail_at_once(void **state)
{
	struct question *question;
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", closed_port());
	begin(text);
	for (int i = 0; i < 1000; i++)
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.many.example", i), RR_A));
	settle();
	question = answers_first(room.answers);
	for (; question; question = question->next) {
		assert_int_equal(question->answer->kind, ANSWER_UNREACHABLE);
		assert_text(question->answer->why, "Connection refused");
	}
	end();
}

static void a_server_without_a_road_is_unreachable(void **state)
{
	const struct answer *got;

	(void)state;
	begin("[fe80::53]:5353"); /* without a zone: no packet leaves */
	got = ask("a.example", RR_A);
	assert_int_equal(got->kind, ANSWER_UNREACHABLE);
	assert_text(got->why, "Invalid argument");
	assert_text(got->server, "[fe80::53]:5353");
	end();
}

static void a_server_may_be_reached_over_ipv6(void **state)
{
	struct resolver_setup setup = { .timeout_ms = 100 };
	struct span why;
	struct question *question;

	(void)state;
	memset(&room, 0, sizeof(room));
	uv_loop_init(&room.loop);
	if (!dns_script_open(
		    &room.script, &room.loop, "::1", rows, COUNT_OF(rows))) {
		uv_loop_close(&room.loop);
		skip();
	}
	room.arena = arena_open();
	room.answers = answers_open(room.arena);
	setup.servers = room.script.text;
	room.resolver = resolver_open(room.arena, &room.loop, &setup, &why);
	assert_non_null(room.resolver);
	assert_null(answers_get(room.answers, SPAN("huge.example"), RR_TXT));
	settle();
	question = answers_first(room.answers);
	assert_int_equal(question->answer->value_count, 60);
	assert_text(question->answer->server, room.script.text);
	resolver_close(room.resolver);
	dns_script_close(&room.script);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&room.loop), 0);
	arena_close(room.arena);
}

static void the_next_server_steps_in(void **state)
{
	const struct answer *got;

	(void)state;
	begin("21");
	got = ask("a.example", RR_A);
	assert_int_equal(got->kind, ANSWER_DATA);
	assert_text(got->server, room.script.text);
	assert_int_equal(room.second.heard, 1);
	/* The one that answered is asked first from now on. */
	assert_int_equal(ask("a.example", RR_AAAA)->kind, ANSWER_DATA);
	assert_int_equal(room.second.heard, 1);
	end();
}

static void a_refusal_sends_to_the_next_server_too(void **state)
{
	(void)state;
	begin_with("21", failing, COUNT_OF(failing));
	assert_int_equal(ask("a.example", RR_A)->kind, ANSWER_DATA);
	end();
}

static void the_most_telling_failure_is_kept(void **state)
{
	const struct answer *got;

	(void)state;
	begin_with("12", failing, COUNT_OF(failing));
	got = ask("silent.example", RR_A);
	assert_int_equal(got->kind, ANSWER_REFUSED);
	assert_text(got->server, room.second.text);
	got = ask("bogus.example", RR_A);
	assert_int_equal(got->kind, ANSWER_SERVFAIL);
	assert_text(got->server, room.script.text);
	end();
}

static void silence_tells_more_than_a_closed_port(void **state)
{
	(void)state;
	begin("1x");
	assert_int_equal(ask("silent.example", RR_A)->kind, ANSWER_TIMEOUT);
	end();
}

static void a_thousand_questions_go_at_once(void **state)
{
	struct question *question;
	size_t found = 0;

	(void)state;
	begin("1");
	for (int i = 0; i < 1000; i++)
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.many.example", i), RR_A));
	settle();
	question = answers_first(room.answers);
	for (; question; question = question->next)
		found += question->answer->kind == ANSWER_DATA;
	assert_int_equal(found, 1000);
	assert_int_equal(room.script.heard, 1000);
	end();
}

/* One without a byte is not the end, as it is of a stream. */
static void what_arrives_behind_an_empty_datagram_is_heard(void **state)
{
	struct question *question;

	(void)state;
	begin("1");
	for (int i = 0; i < 100; i++)
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.after.example", i), RR_A));
	settle();
	question = answers_first(room.answers);
	for (; question; question = question->next)
		assert_int_equal(question->answer->kind, ANSWER_DATA);
	assert_int_equal(room.script.heard, 100);
	end();
}

static void what_two_targets_ask_is_asked_once(void **state)
{
	struct answers *other;
	struct resolver_round round;

	(void)state;
	begin("1");
	other = answers_open(room.arena);
	assert_null(answers_get(other, SPAN("a.example"), RR_A));
	assert_null(answers_get(room.answers, SPAN("A.Example."), RR_A));
	resolver_settle(room.resolver, &round, other, on_done);
	resolver_settle(room.resolver, &room.round, room.answers, on_done);
	while (room.done < 2)
		uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(room.script.heard, 1);
	assert_non_null(answers_get(other, SPAN("a.example"), RR_A));
	end();
}

static void an_answer_is_remembered(void **state)
{
	const struct answer *got;

	(void)state;
	begin("1");
	ask("a.example", RR_A);
	room.answers = answers_open(room.arena);
	got = ask("a.example", RR_A);
	assert_int_equal(got->kind, ANSWER_DATA);
	assert_int_equal(got->value_count, 2);
	assert_int_equal(got->rtt_us, 0);
	assert_true(got->ttl <= 300);
	assert_int_equal(room.script.heard, 1);
	end();
}

static void a_table_with_nothing_open_is_settled_from_the_loop(void **state)
{
	(void)state;
	begin("1");
	settle();
	end();
}

static struct resolver_round second_round;

static void on_first_done(struct resolver_round *round)
{
	assert_null(answers_get(round->answers, SPAN("a.example"), RR_MX));
	resolver_settle(
		round->resolver, &second_round, round->answers, on_done);
}

static void a_round_may_begin_where_another_ends(void **state)
{
	(void)state;
	begin("1");
	assert_null(answers_get(room.answers, SPAN("a.example"), RR_A));
	resolver_settle(
		room.resolver, &room.round, room.answers, on_first_done);
	while (!room.done)
		uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(
		answers_known(room.answers, SPAN("a.example"), RR_MX)->kind,
		ANSWER_NONE);
	end();
}

static void on_done_close(struct resolver_round *round)
{
	resolver_close(round->resolver);
	dns_script_close(&room.script);
	dns_script_close(&room.second);
}

static void the_resolver_may_be_closed_where_a_round_ends(void **state)
{
	(void)state;
	begin("1");
	assert_null(answers_get(room.answers, SPAN("a.example"), RR_A));
	resolver_settle(
		room.resolver, &room.round, room.answers, on_done_close);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&room.loop), 0);
	arena_close(room.arena);
}

/* When the first answer is there. */
static void on_alarm(uv_timer_t *timer)
{
	if (!answers_known(room.answers, SPAN("n0.many.example"), RR_A))
		return;
	room.is_inside = true;
	resolver_cancel(&room.round);
	resolver_cancel(&room.round);
	room.is_inside = false;
	uv_close((uv_handle_t *)timer, NULL);
}

static void an_interrupted_round_ends_at_once(void **state)
{
	uv_timer_t alarm;
	size_t interrupted = 0, found = 0;
	struct question *question;

	(void)state;
	begin("1");
	for (int i = 0; i < 300; i++) {
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.silent.example", i),
			RR_A));
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.many.example", i), RR_A));
	}
	uv_timer_init(&room.loop, &alarm);
	uv_timer_start(&alarm, on_alarm, 1, 1);
	settle();
	question = answers_first(room.answers);
	for (; question; question = question->next) {
		found += question->answer->kind == ANSWER_DATA;
		interrupted += span_is(
			question->answer->why, SPAN("interrupted"));
	}
	assert_true(found > 0);
	assert_true(interrupted >= 300);
	assert_int_equal(found + interrupted, 600);
	end();
}

static void a_resolver_may_be_closed_under_way(void **state)
{
	(void)state;
	begin("12");
	for (int i = 0; i < 150; i++)
		assert_null(answers_get(room.answers,
			arena_print(room.arena, "n%d.silent.example", i),
			RR_A));
	resolver_settle(room.resolver, &room.round, room.answers, on_done);
	for (int i = 0; i < 20; i++)
		uv_run(&room.loop, UV_RUN_NOWAIT);
	assert_int_equal(room.script.heard, RESOLVER_WINDOW);
	end();
	assert_int_equal(room.done, 0);
}

static void an_idle_resolver_keeps_no_loop_alive(void **state)
{
	(void)state;
	begin("1");
	ask("huge.example", RR_TXT);
	dns_script_close(&room.script);
	dns_script_close(&room.second);
	for (int i = 0; i < 50; i++)
		uv_run(&room.loop, UV_RUN_NOWAIT);
	assert_false(uv_loop_alive(&room.loop));
	resolver_close(room.resolver);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&room.loop), 0);
	arena_close(room.arena);
}

/* clang-format off */
static const struct {
	const char *text;
	const char *ip;         /* NULL: is none */
	unsigned port;
	unsigned zone;          /* of loopback it is 1 */
} addresses[] = {
	{ "192.0.2.53", "192.0.2.53", 53, 0 },
	{ "192.0.2.53:5353", "192.0.2.53", 5353, 0 },
	{ "2001:db8::53", "2001:db8::53", 53, 0 },
	{ "[2001:db8::53]", "2001:db8::53", 53, 0 },
	{ "[2001:db8::53]:5353", "2001:db8::53", 5353, 0 },
	{ "::1", "::1", 53, 0 },
	{ "fe80::1%lo", "fe80::1", 53, 1 },
	{ "fe80::1%1", "fe80::1", 53, 1 },
	{ "[fe80::1%lo]:5353", "fe80::1", 5353, 1 },
	{ "fe80::1%", NULL, 0, 0 },
	{ "fe80::1%no-such-zone", NULL, 0, 0 },
	{ "fe80::1%name-that-is-much-too-long", NULL, 0, 0 },
	{ "fe80::1%4294967296", NULL, 0, 0 },
	{ "fe80::1%0", NULL, 0, 0 },
	{ "192.0.2.53%lo", NULL, 0, 0 },
	{ "[192.0.2.53]:53", NULL, 0, 0 },
	{ "192.0.2.53:", NULL, 0, 0 },
	{ "192.0.2.53:0", NULL, 0, 0 },
	{ "192.0.2.53:65536", NULL, 0, 0 },
	{ "192.0.2.53:dns", NULL, 0, 0 },
	{ "192.0.2.530", NULL, 0, 0 },
	{ "[2001:db8::53", NULL, 0, 0 },
	{ "[2001:db8::53]5353", NULL, 0, 0 },
	{ "dns.example", NULL, 0, 0 },
	{ "[]", NULL, 0, 0 },
	{ "", NULL, 0, 0 },
};
/* clang-format on */

static void a_server_is_an_address_with_or_without_a_port(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		char text[IP_TEXT_MAX];
		struct nameserver server = { 0 };
		bool is_good = nameserver_parse(
			span_of(addresses[i].text), &server);

		print_message("  %s\n", addresses[i].text);
		assert_int_equal(is_good, addresses[i].ip != NULL);
		if (!is_good)
			continue;
		assert_string_equal(
			ip_print(&server.ip, text), addresses[i].ip);
		assert_int_equal(server.port, addresses[i].port);
		assert_int_equal(server.zone, addresses[i].zone);
	}
}

static void a_server_is_told_with_its_zone(void **state)
{
	(void)state;
	begin("fe80::1%lo, [fe80::2%1]:5353, 192.0.2.53");
	assert_text(resolver_server(room.resolver, 0), "fe80::1%lo");
	assert_text(resolver_server(room.resolver, 1), "[fe80::2%lo]:5353");
	assert_text(resolver_server(room.resolver, 2), "192.0.2.53");
	end();
}

static void resolv_conf_names_servers_with_and_without_a_zone(void **state)
{
	static struct resolver resolver;

	(void)state;
	resolver_servers_from_conf(&resolver,
		SPAN("# nameserver 192.0.2.1\n"
		     "search nameserver.example\n"
		     "nameserver\tfe80::1%lo \n"
		     "nameserver fe80::1%no-such-zone\n"
		     "nameserver\n"
		     "nameserver dns.example\n"
		     "nameserver 192.0.2.2"));
	assert_int_equal(resolver.server_count, 2);
	assert_int_equal(resolver.servers[0].ip.bytes[0], 0xfe);
	assert_int_equal(resolver.servers[0].zone, 1);
	assert_int_equal(resolver.servers[1].ip.bytes[3], 2);
	assert_int_equal(resolver.servers[1].zone, 0);
	assert_int_equal(resolver.servers[1].port, 53);
}

static void a_list_of_servers_that_are_none_says_why(void **state)
{
	static const struct {
		const char *servers, *why;
	} bad[] = {
		{ "", "no DNS server is named" },
		{ " , ", "no DNS server is named" },
		{ "127.0.0.1, dns.example",
			"\"dns.example\" is not a DNS server: expected an "
			"address, ADDR:PORT or [IPV6]:PORT" },
		{ "::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1",
			"more than 8 DNS servers" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct resolver_setup setup = { .servers = bad[i].servers };
		struct arena *arena = arena_open();
		struct span why = SPAN("");
		uv_loop_t loop;

		uv_loop_init(&loop);
		assert_null(resolver_open(arena, &loop, &setup, &why));
		assert_text(why, bad[i].why);
		uv_run(&loop, UV_RUN_DEFAULT);
		assert_int_equal(uv_loop_close(&loop), 0);
		arena_close(arena);
	}
}

static void trust_ad_is_an_option_of_resolv_conf(void **state)
{
	(void)state;
	assert_true(resolver_conf_trusts_ad(SPAN("options trust-ad")));
	assert_true(resolver_conf_trusts_ad(
		SPAN("nameserver 192.0.2.53\n"
		     "options\tedns0  trust-ad ndots:1\n")));
	assert_false(resolver_conf_trusts_ad(SPAN("# options trust-ad\n")));
	assert_false(resolver_conf_trusts_ad(SPAN("search trust-ad\n")));
	assert_false(resolver_conf_trusts_ad(SPAN("options trust-add\n")));
	assert_false(resolver_conf_trusts_ad(SPAN("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_is_told_as_it_was),
		cmocka_unit_test(a_silent_server_gets_every_try),
		cmocka_unit_test(a_server_that_spoke_is_not_asked_twice),
		cmocka_unit_test(who_answered_and_how_fast_is_told),
		cmocka_unit_test(a_truncated_answer_is_fetched_over_tcp),
		cmocka_unit_test(where_tcp_fails_it_is_told_that_udp_did_not),
		cmocka_unit_test(an_answer_above_512_bytes_comes_over_udp),
		cmocka_unit_test(
			servers_from_before_edns_are_understood_all_at_once),
		cmocka_unit_test(ad_counts_from_loopback),
		cmocka_unit_test(a_closed_port_is_unreachable),
		cmocka_unit_test(
			a_thousand_questions_to_a_closed_port_fail_at_once),
		cmocka_unit_test(a_server_without_a_road_is_unreachable),
		cmocka_unit_test(a_server_may_be_reached_over_ipv6),
		cmocka_unit_test(the_next_server_steps_in),
		cmocka_unit_test(a_refusal_sends_to_the_next_server_too),
		cmocka_unit_test(the_most_telling_failure_is_kept),
		cmocka_unit_test(silence_tells_more_than_a_closed_port),
		cmocka_unit_test(a_thousand_questions_go_at_once),
		cmocka_unit_test(
			what_arrives_behind_an_empty_datagram_is_heard),
		cmocka_unit_test(what_two_targets_ask_is_asked_once),
		cmocka_unit_test(an_answer_is_remembered),
		cmocka_unit_test(
			a_table_with_nothing_open_is_settled_from_the_loop),
		cmocka_unit_test(a_round_may_begin_where_another_ends),
		cmocka_unit_test(the_resolver_may_be_closed_where_a_round_ends),
		cmocka_unit_test(an_interrupted_round_ends_at_once),
		cmocka_unit_test(a_resolver_may_be_closed_under_way),
		cmocka_unit_test(an_idle_resolver_keeps_no_loop_alive),
		cmocka_unit_test(a_server_is_an_address_with_or_without_a_port),
		cmocka_unit_test(a_server_is_told_with_its_zone),
		cmocka_unit_test(
			resolv_conf_names_servers_with_and_without_a_zone),
		cmocka_unit_test(a_list_of_servers_that_are_none_says_why),
		cmocka_unit_test(trust_ad_is_an_option_of_resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
