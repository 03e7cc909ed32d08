#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios/meaning.h"
#include "scenarios/parser.h"
#include "scenarios/server_script.h"

/* What server, twin and dns say, as plain values. */
static const struct play *read_play(struct arena *arena, const char *lines)
{
	struct complaints complaints = { .arena = arena };
	struct variables variables = { .arena = arena };
	struct reading_orders orders = { .arena = arena,
		.complaints = &complaints,
		.variables = &variables };
	struct meaning_orders meaning = { .arena = arena,
		.complaints = &complaints };
	const struct sheet *sheet = sheet_parse(&orders, SPAN("t"),
		arena_print(arena,
			"mxprobe 1\nprobe p\n  target mx a.example\n"
			"  step connect\n%s",
			lines));

	meaning_check(&meaning, sheet);
	if (complaints.total)
		fail_msg("line %u: %s", complaints.list[0].place.line,
			arena_copy(arena, complaints.list[0].what).at);
	return play_make(arena, sheet);
}

static void a_server_is_read_whole(void **state)
{
	struct arena *arena = arena_open();
	const struct play *play = read_play(arena,
		"server s on loopback6\n"
		"  for mx a.example, host b.example, address 192.0.2.1\n"
		"  called mx.example\n"
		"  banner \"220-a\" \"220 b\"\n"
		"  ehlo SIZE 100, X-Y \"a b\" c, STARTTLS\n"
		"  certificate days 5\n"
		"  after rcpt delay 2s\n"
		"  after rcpt reply \"450 no\"\n"
		"  after mail of <> reset\n");
	const struct server_script *script = &play->servers[0];
	const struct script_turn *turn = &script->turns[SCRIPT_RCPT];

	(void)state;
	assert_int_equal(play->server_count, 1);
	assert_false(script->on[FAMILY_IPV4]);
	assert_true(script->on[FAMILY_IPV6]);
	assert_int_equal(script->role_count, 3);
	assert_int_equal(script->roles[1].kind, AIM_HOST);
	assert_int_equal(script->roles[2].kind, AIM_ADDRESS);
	assert_int_equal(script->roles[2].ip.bytes[0], 192);
	assert_true(span_is(script->called, SPAN("mx.example")));
	assert_int_equal(script->banner_count, 2);
	assert_int_equal(script->offer_count, 3);
	assert_true(span_is(script->offers[1].parameters, SPAN("a b c")));
	assert_int_equal(script->certificate_days, 5);
	assert_int_equal(turn->delay_ms, 2000);
	assert_int_equal(turn->act, SCRIPT_REPLIES);
	assert_true(span_is(turn->lines[0], SPAN("450 no")));
	turn = script_turn_at(script, SCRIPT_MAIL, SPAN("mail from:<>"));
	assert_int_equal(turn->act, SCRIPT_RESETS);
	turn = script_turn_at(script, SCRIPT_MAIL, SPAN("MAIL FROM:<a@b>"));
	assert_int_equal(turn->act, SCRIPT_AGREES);
	arena_close(arena);
}

static void what_a_server_does_not_say_is_as_its_model_has_it(void **state)
{
	struct arena *arena = arena_open();
	const struct play *play = read_play(arena,
		"server a on loopback\n"
		"  called mx.example\n"
		"  certificate expired\n"
		"  after mail reply \"450 a\"\n"
		"  after rcpt of x reply \"450 b\"\n"
		"  after rcpt delay 1s\n"
		"server b on loopback4\n"
		"  like a\n"
		"  after rcpt close\n"
		"server c on loopback6 in t\n"
		"  like b\n"
		"  certificate good\n"
		"twin t\n"
		"  expect fail of p\n");
	const struct server_script *c = &play->servers[2];

	(void)state;
	assert_true(span_is(c->twin, SPAN("t")));
	assert_false(c->on[FAMILY_IPV4]);
	assert_true(span_is(c->called, SPAN("mx.example")));
	assert_int_equal(c->certificate, SCRIPT_CERT_GOOD);
	assert_int_equal(c->turns[SCRIPT_MAIL].act, SCRIPT_REPLIES);
	/* All that a model does at a stage goes, when the stage is said. */
	assert_int_equal(c->particular_count, 0);
	assert_int_equal(c->turns[SCRIPT_RCPT].act, SCRIPT_CLOSES);
	assert_int_equal(c->turns[SCRIPT_RCPT].delay_ms, 0);
	assert_int_equal(play->servers[0].particular_count, 1);
	assert_int_equal(play->servers[1].certificate, SCRIPT_CERT_EXPIRED);
	arena_close(arena);
}

static void the_dns_is_read(void **state)
{
	struct arena *arena = arena_open();
	const struct play *play = read_play(arena,
		"dns a.example MX \"10 mx.example\" \"20 mx2.example\"\n"
		"dns in t a.example AAAA none\n"
		"dns a.example TXT failed\n"
		"dns a.example TXT \"none\"\n"
		"twin t\n"
		"  expect n/a of p over 6 to a.example\n"
		"  expect pass of p\n");

	(void)state;
	assert_int_equal(play->dns_count, 4);
	assert_int_equal(play->dns[0].value_count, 2);
	assert_true(span_is(play->dns[0].type, SPAN("MX")));
	assert_true(span_is(play->dns[1].twin, SPAN("t")));
	assert_int_equal(play->dns[1].kind, SCRIPT_DNS_NONE);
	assert_int_equal(play->dns[2].kind, SCRIPT_DNS_FAILED);
	assert_int_equal(play->dns[3].kind, SCRIPT_DNS_FOUND);
	assert_true(span_is(play->dns[3].values[0], SPAN("none")));
	assert_int_equal(play->twin_count, 1);
	assert_int_equal(play->twins[0].expected_count, 2);
	assert_true(span_is(play->twins[0].expected[0].verdict, SPAN("n/a")));
	assert_true(play->twins[0].expected[0].has_family);
	assert_int_equal(play->twins[0].expected[0].family, FAMILY_IPV6);
	assert_true(span_is(play->twins[0].expected[0].to, SPAN("a.example")));
	assert_false(play->twins[0].expected[1].has_family);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_read_whole),
		cmocka_unit_test(
			what_a_server_does_not_say_is_as_its_model_has_it),
		cmocka_unit_test(the_dns_is_read),
	};

	return cmocka_run_group_tests_name("play", tests, NULL, NULL);
}
