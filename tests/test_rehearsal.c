#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/check_run.h"
#include "probe/rehearsal.h"

/* The world of a performance: who stands where, and what the DNS says. */
struct world {
	struct arena *arena;
	struct throwaway *throwaway;
	struct check_result result;
	const struct play *play;
	const struct matrix *matrix;
	struct performance performance;
	struct answers *answers;
	struct span why;
};

static bool open_world(struct world *world, const char *lines, struct span twin)
{
	struct arena *arena = arena_open();
	struct span text = arena_print(arena, "mxprobe 1\n%s", lines);

	*world = (struct world){ .arena = arena,
		.throwaway = throwaway_open() };
	check_text_for_rehearsal(arena, codebook_embedded(arena), SPAN("t"),
		text, &world->result);
	if (!world->result.matrix)
		fail_msg("line %u: %s",
			world->result.complaints.list[0].place.line,
			arena_copy(arena, world->result.complaints.list[0].what)
				.at);
	world->play = play_make(arena, world->result.sheet);
	world->matrix = rehearsal_matrix(arena, world->result.matrix);
	world->answers = answers_open(arena);
	return performance_make(arena, world->throwaway, world->play,
		world->matrix, twin, &world->performance, &world->why);
}

static void close_world(struct world *world)
{
	performance_close(&world->performance);
	throwaway_close(world->throwaway);
	arena_close(world->arena);
}

/* "10 mx1.a.example, 20 mx2.a.example"; "nxdomain" */
static struct span said(
	struct world *world, const char *name, enum rr_type type)
{
	const struct answer *answer;
	struct span text = SPAN("");

	answer = answers_get(world->answers, span_of(name), type);
	if (!answer)
		saved_answers_settle(
			world->performance.answers, world->answers);
	answer = answers_known(world->answers, span_of(name), type);
	if (answer->kind != ANSWER_DATA)
		return span_of(answer_word(answer->kind));
	for (size_t i = 0; i < answer->value_count; i++)
		text = arena_print(world->arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? ", " : "", SPAN_ARG(answer->values[i]));
	return text;
}

static void expect(struct world *world, const char *name, enum rr_type type,
	const char *wanted)
{
	struct span found = said(world, name, type);

	if (!span_is(found, span_of(wanted)))
		fail_msg("%s %s is %.*s, not %s", name, rr_type_word(type),
			SPAN_ARG(found), wanted);
}

/* The script at an address of the world. */
static const char *stands_at(struct world *world, const char *address)
{
	const struct scripted_cast *cast = &world->performance.cast;
	struct ip ip;

	assert_true(ip_parse(span_of(address), &ip));
	for (size_t i = 0; i < cast->address_count; i++) {
		const struct scripted_address *at = &cast->addresses[i];
		const struct scripted_member *member =
			&cast->members[at->member];

		if (!ip_is(&at->ip, &ip))
			continue;
		assert_int_equal(member->family, ip.family);
		return arena_copy(world->arena, member->script->name).at;
	}
	return "nobody";
}

#define PROBE "probe p\n  target mx a.example\n  step banner\n"

static void the_dns_leads_to_the_servers(void **state)
{
	struct world world;

	(void)state;
	assert_true(
		open_world(&world, PROBE "server s on loopback\n", SPAN("")));
	expect(&world, "a.example", RR_MX, "10 mx.a.example");
	expect(&world, "mx.a.example", RR_A, "198.51.100.1");
	expect(&world, "mx.a.example", RR_AAAA, "2001:db8:5::2");
	expect(&world, "mx.a.example", RR_TLSA, "no-data");
	expect(&world, "b.example", RR_MX, "nxdomain");
	assert_string_equal(stands_at(&world, "198.51.100.1"), "s");
	assert_string_equal(stands_at(&world, "2001:db8:5::2"), "s");
	assert_string_equal(stands_at(&world, "198.51.100.3"), "nobody");
	close_world(&world);
}

static void servers_of_several_names_are_several_exchangers(void **state)
{
	struct world world;

	(void)state;
	assert_true(open_world(&world,
		PROBE "server one on loopback4\n  called mx1.a.example\n"
		      "server two on loopback\n  called mx2.a.example\n"
		      "server three on loopback6\n  called mx1.a.example\n",
		SPAN("")));
	expect(&world, "a.example", RR_MX,
		"10 mx1.a.example, 20 mx2.a.example");
	expect(&world, "mx1.a.example", RR_A, "198.51.100.1");
	expect(&world, "mx1.a.example", RR_AAAA, "2001:db8:5::4");
	assert_string_equal(stands_at(&world, "2001:db8:5::4"), "three");
	close_world(&world);
}

static void a_family_without_a_server_has_no_address(void **state)
{
	struct world world;

	(void)state;
	assert_true(
		open_world(&world, PROBE "server s on loopback4\n", SPAN("")));
	expect(&world, "mx.a.example", RR_A, "198.51.100.1");
	expect(&world, "mx.a.example", RR_AAAA, "no-data");
	close_world(&world);
}

static const char two[] =
	"probe p\n  target mx a.example, host h.example\n  step banner\n"
	"server s on loopback\n  for mx a.example\n"
	"server h on loopback\n  for host h.example\n"
	"server refuses on loopback6 in refused\n  for mx a.example\n"
	"dns in refused a.example TXT \"v=spf1 -all\"\n"
	"dns a.example TXT \"v=spf1 +all\"\n"
	"twin refused\n  expect fail of p over 6\n";

static void in_a_twin_its_servers_stand_for_the_others(void **state)
{
	struct world world;

	(void)state;
	assert_true(open_world(&world, two, SPAN("refused")));
	expect(&world, "mx.a.example", RR_A, "198.51.100.1");
	expect(&world, "mx.a.example", RR_AAAA, "2001:db8:5::2");
	assert_string_equal(stands_at(&world, "198.51.100.1"), "s");
	assert_string_equal(stands_at(&world, "2001:db8:5::2"), "refuses");
	expect(&world, "h.example", RR_A, "198.51.100.3");
	assert_string_equal(stands_at(&world, "198.51.100.3"), "h");
	expect(&world, "a.example", RR_TXT, "v=spf1 -all");
	close_world(&world);
}

static void without_the_twin_they_do_not(void **state)
{
	struct world world;

	(void)state;
	assert_true(open_world(&world, two, SPAN("")));
	assert_string_equal(stands_at(&world, "2001:db8:5::2"), "s");
	expect(&world, "a.example", RR_TXT, "v=spf1 +all");
	close_world(&world);
}

static void our_sources_have_names_that_lead_back(void **state)
{
	struct world world;

	(void)state;
	assert_true(open_world(&world,
		"path office\n  source4 192.0.2.9\n  ehlo m.example\n"
		"path here\n"
		"probe p\n  target address 192.0.2.80 port 26\n"
		"  path office, here\n  step banner\n"
		"server s on loopback\n",
		SPAN("")));
	expect(&world, "9.2.0.192.in-addr.arpa", RR_PTR, "m.example");
	expect(&world, "m.example", RR_A, "192.0.2.9");
	expect(&world, "m.example", RR_AAAA, "no-data");
	expect(&world, "25.2.0.192.in-addr.arpa", RR_PTR, "mail.example.org");
	expect(&world, "mail.example.org", RR_AAAA, "2001:db8:25::25");
	assert_string_equal(stands_at(&world, "192.0.2.80"), "s");
	close_world(&world);
}

static void one_address_that_is_asked_for_is_played(void **state)
{
	struct world world;

	(void)state;
	assert_true(open_world(&world,
		"probe p\n  target mx a.example only 2001:db8::7\n"
		"  step banner\nserver s on loopback\n",
		SPAN("")));
	expect(&world, "mx.a.example", RR_AAAA, "2001:db8::7");
	assert_string_equal(stands_at(&world, "2001:db8::7"), "s");
	close_world(&world);
}

static void a_target_that_nobody_stands_for_is_told(void **state)
{
	struct world world;

	(void)state;
	assert_false(open_world(&world,
		"probe p\n  target mx a.example, mx b.example\n  step banner\n"
		"server s on loopback\n  for mx A.example\n",
		SPAN("")));
	assert_true(span_starts_nocase(
		world.why, SPAN("no server stands for mx b.example")));
	close_world(&world);
}

/* Servers of our own, found by the addresses of the world alone. */
static void a_walk_goes_to_loopback_or_nowhere(void **state)
{
	struct scripted_servers *servers;
	struct sockaddr_storage to;
	struct world world;
	struct ip ip, found;
	struct span why;
	uint16_t port;
	uv_loop_t loop;

	(void)state;
	assert_true(
		open_world(&world, PROBE "server s on loopback4\n", SPAN("")));
	uv_loop_init(&loop);
	servers = scripted_servers_open(
		world.arena, &loop, &world.performance.cast);
	assert_true(ip_parse(SPAN("198.51.100.1"), &ip));
	assert_true(scripted_servers_find(servers, &ip, &to, &why));
	assert_true(ip_from_sockaddr((struct sockaddr *)&to, &found, &port));
	assert_int_equal(ip_kind(&found), IP_LOOPBACK);
	assert_int_not_equal(port, 0);
	assert_true(ip_parse(SPAN("127.0.0.1"), &ip));
	assert_false(scripted_servers_find(servers, &ip, &to, &why));
	scripted_servers_close(servers);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	close_world(&world);
}

static void a_secret_that_is_not_there_is_made_up(void **state)
{
	struct world world;

	(void)state;
	assert_true(open_world(&world,
		"var me = secret env MXP_TEST_NOT_THERE\n"
		"var to = env MXP_TEST_NOT_THERE or you@b.example\n"
		"owns ${me}, ${to}\n"
		"probe p\n  target mx a.example\n  step mail <>\n"
		"  step rcpt ${me}\n  step data size 1k\n"
		"server s on loopback\n",
		SPAN("")));
	assert_int_equal(world.matrix->cells[0].message_size, 1000);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dns_leads_to_the_servers),
		cmocka_unit_test(
			servers_of_several_names_are_several_exchangers),
		cmocka_unit_test(a_family_without_a_server_has_no_address),
		cmocka_unit_test(in_a_twin_its_servers_stand_for_the_others),
		cmocka_unit_test(without_the_twin_they_do_not),
		cmocka_unit_test(our_sources_have_names_that_lead_back),
		cmocka_unit_test(one_address_that_is_asked_for_is_played),
		cmocka_unit_test(a_target_that_nobody_stands_for_is_told),
		cmocka_unit_test(a_walk_goes_to_loopback_or_nowhere),
		cmocka_unit_test(a_secret_that_is_not_there_is_made_up),
	};

	return cmocka_run_group_tests_name("rehearsal", tests, NULL, NULL);
}
