#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/judge/trace_judge.h"

enum { TRACES_MAX = 12, CONTROL_PORT = 587 };

static struct arena *arena;
static const struct trace *traces[TRACES_MAX];
static size_t count;

static int set_up(void **state)
{
	(void)state;
	arena = arena_open();
	count = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static struct ip address(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(span_of(text), &ip));
	return ip;
}

/* Routers up to the last hop, 2001:db8:f::N, and there the answer. */
static struct trace *add(
	const char *host, const char *at, uint16_t port, enum trace_end end)
{
	struct path *path = arena_new(arena, struct path);
	struct trace *trace = arena_new(arena, struct trace);

	assert_true(count < TRACES_MAX);
	*path = (struct path){ .host = span_of(host),
		.family = strchr(at, ':') ? FAMILY_IPV6 : FAMILY_IPV4,
		.remote = address(at),
		.port = 25,
		.left_out = SPAN("") };
	*trace = (struct trace){ .path = path,
		.port = port,
		.is_control = port != 25,
		.end = end,
		.why_not = SPAN(""),
		.banner = SPAN("") };
	traces[count++] = trace;
	return trace;
}

static void add_routers(struct trace *trace, unsigned routers, unsigned room)
{
	trace->hops = arena_take(arena, room * sizeof(*trace->hops));
	trace->hop_count = room;
	for (unsigned i = 0; i < room; i++) {
		struct hop *hop = &trace->hops[i];

		*hop = (struct hop){ .limit = i + 1, .syns = 1 };
		if (i >= routers)
			continue;
		hop->answer = HOP_ROUTER;
		hop->has_router = true;
		hop->router = address(
			arena_print(arena, "2001:db8:f::%u", i + 1).at);
	}
}

static struct trace *answered(const char *host, const char *at, uint16_t port,
	enum trace_end end, unsigned distance)
{
	struct trace *trace = add(host, at, port, end);

	add_routers(trace, distance - 1, distance);
	trace->hops[distance - 1].answer = end == TRACE_OPEN ? HOP_OPEN
							     : HOP_RESET;
	return trace;
}

static struct trace *lost(const char *host, const char *at, uint16_t port)
{
	struct trace *trace = add(host, at, port, TRACE_LOST);

	add_routers(trace, 2, 5);
	trace->asked_direct = true;
	trace->direct = (struct hop){ .limit = TRACE_DIRECT_LIMIT, .syns = 1 };
	return trace;
}

static struct trace *told(const char *host, const char *at,
	enum failure failure, const char *router)
{
	struct trace *trace = add(host, at, 25, TRACE_ICMP);

	add_routers(trace, 1, 2);
	trace->hops[1].answer = HOP_ICMP;
	trace->hops[1].has_router = true;
	trace->hops[1].router = address(router);
	trace->hops[1].fault = (struct fault){ .failure = failure,
		.stage = STAGE_CONNECT,
		.why = SPAN("a router says no") };
	return trace;
}

static const struct trace_judgement *judged(void)
{
	return trace_judge(
		arena, &(struct trace_set){ .traces = traces, .count = count });
}

static const struct finding *find(
	const struct trace_judgement *judgement, const char *id)
{
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (span_is(judgement->findings[i].id, span_of(id)))
			return &judgement->findings[i];
	return NULL;
}

static bool says_for(const struct finding *finding, const char *text)
{
	for (size_t i = 0; i < finding->for_count; i++)
		if (span_find_nocase(finding->for_it[i].text, span_of(text)) <
			finding->for_it[i].text.len)
			return true;
	return false;
}

static void assert_only(const struct trace_judgement *judgement, const char *id)
{
	assert_int_equal(judgement->finding_count, 1);
	assert_non_null(find(judgement, id));
}

static void open_ports_need_no_finding(void **state)
{
	const struct trace_judgement *judgement;

	(void)state;
	answered("a.example", "192.0.2.1", 25, TRACE_OPEN, 4);
	answered("a.example", "2001:db8::1", 25, TRACE_OPEN, 3);
	judgement = judged();
	assert_int_equal(judgement->finding_count, 0);
	assert_int_equal(judgement->verdict, VERDICT_PASS);
}

static void each_end_names_its_cause_and_the_other_family_is_sound(void **state)
{
	const struct trace_judgement *judgement;
	const struct finding *finding;

	(void)state;
	answered("a.example", "192.0.2.1", 25, TRACE_OPEN, 4);
	lost("a.example", "2001:db8::1", 25);
	judgement = judged();
	assert_only(judgement, "path.lost");
	finding = &judgement->findings[0];
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_int_equal(judgement->families[FAMILY_IPV4], VERDICT_PASS);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_FAIL);
	assert_int_equal(judgement->verdict, VERDICT_FAIL);
}

static void a_router_that_forbids_is_not_one_without_a_route(void **state)
{
	(void)state;
	told("a.example", "2001:db8::1", FAILURE_ADMIN_PROHIBITED,
		"2001:db8:f::2");
	assert_only(judged(), "path.prohibited");
	count = 0;
	told("a.example", "2001:db8::1", FAILURE_NETWORK_UNREACHABLE,
		"2001:db8:f::2");
	assert_only(judged(), "path.unreachable");
}

static void a_reset_from_nearer_than_the_host_is_false(void **state)
{
	(void)state;
	answered("a.example", "2001:db8::1", 25, TRACE_RESET, 3);
	assert_only(judged(), "path.port-closed");
	answered("a.example", "2001:db8::1", CONTROL_PORT, TRACE_RESET, 3);
	assert_only(judged(), "path.port-closed");
	count = 1;
	answered("a.example", "2001:db8::1", CONTROL_PORT, TRACE_OPEN, 5);
	assert_only(judged(), "path.false-reset");
}

static void one_silent_host_does_not_block_the_port(void **state)
{
	(void)state;
	lost("a.example", "192.0.2.1", 25);
	answered("a.example", "192.0.2.1", CONTROL_PORT, TRACE_OPEN, 4);
	assert_only(judged(), "path.lost");
}

/* Two destinations are; one whose other port answers is enough. */
static void two_silent_hosts_and_a_control_block_it(void **state)
{
	const struct trace_judgement *judgement;

	(void)state;
	lost("a.example", "192.0.2.1", 25);
	lost("b.example", "198.51.100.1", 25);
	assert_null(find(judged(), "path.port-blocked"));
	answered("b.example", "198.51.100.1", CONTROL_PORT, TRACE_RESET, 4);
	judgement = judged();
	assert_true(
		span_is(judgement->findings[0].id, SPAN("path.port-blocked")));
	assert_int_equal(judgement->findings[0].confidence, LIKELY);
	assert_int_equal(judgement->findings[0].for_count, 3);
}

static void one_address_traced_twice_is_one_destination(void **state)
{
	(void)state;
	lost("a.example", "192.0.2.1", 25);
	lost("b.example", "192.0.2.1", 25);
	answered("a.example", "192.0.2.1", CONTROL_PORT, TRACE_OPEN, 4);
	assert_null(find(judged(), "path.port-blocked"));
}

static void one_open_port_is_enough_against_a_block(void **state)
{
	(void)state;
	lost("a.example", "192.0.2.1", 25);
	lost("b.example", "198.51.100.1", 25);
	answered("a.example", "192.0.2.1", CONTROL_PORT, TRACE_OPEN, 4);
	answered("c.example", "203.0.113.1", 25, TRACE_OPEN, 4);
	assert_null(find(judged(), "path.port-blocked"));
}

static void one_router_that_forbids_all_confirms_it(void **state)
{
	const struct finding *finding;

	(void)state;
	told("a.example", "2001:db8::1", FAILURE_ADMIN_PROHIBITED,
		"2001:db8:f::2");
	told("b.example", "2001:db8::2", FAILURE_ADMIN_PROHIBITED,
		"2001:db8:f::2");
	answered("b.example", "2001:db8::2", CONTROL_PORT, TRACE_OPEN, 4);
	finding = find(judged(), "path.port-blocked");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, CONFIRMED);
	((struct hop *)&traces[1]->hops[1])->router = address("2001:db8:f::9");
	finding = find(judged(), "path.port-blocked");
	assert_int_equal(finding->confidence, LIKELY);
}

static void silent_controls_lose_the_family(void **state)
{
	(void)state;
	lost("a.example", "2001:db8::1", 25);
	lost("b.example", "2001:db8::2", 25);
	lost("a.example", "2001:db8::1", CONTROL_PORT);
	assert_null(find(judged(), "path.port-blocked"));
	assert_non_null(find(judged(), "path.family-lost"));
}

static void an_open_port_nearer_than_its_host_is_intercepted(void **state)
{
	(void)state;
	answered("a.example", "2001:db8::1", 25, TRACE_OPEN, 2);
	answered("a.example", "2001:db8::1", CONTROL_PORT, TRACE_RESET, 5);
	assert_only(judged(), "path.intercepted");
}

static void a_router_that_rewrites_for_one_port_intercepts(void **state)
{
	struct trace *mail, *control;
	const struct finding *finding;

	(void)state;
	mail = answered("mx.a.example", "2001:db8::1", 25, TRACE_OPEN, 4);
	mail->hops[1].router = mail->path->remote;
	assert_int_equal(judged()->finding_count, 0);
	control = answered(
		"mx.a.example", "2001:db8::1", CONTROL_PORT, TRACE_RESET, 4);
	finding = find(judged(), "path.intercepted");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, LIKELY);
	assert_int_equal(judged()->verdict, VERDICT_FAIL);
	assert_int_equal(judged()->families[FAMILY_IPV6], VERDICT_FAIL);
	assert_true(says_for(finding, "hop 2 answers for port 587 as "
				      "2001:db8:f::2, and for port 25"));
	/* It forwards both ports: it stands in front of the host. */
	control->hops[1].router = mail->path->remote;
	assert_int_equal(judged()->finding_count, 0);
}

static void a_foreign_name_over_one_family_is_suspected(void **state)
{
	struct trace *six, *four;
	const struct finding *finding;

	(void)state;
	six = answered("mx.a.example", "2001:db8::1", 25, TRACE_OPEN, 4);
	four = answered("mx.a.example", "192.0.2.1", 25, TRACE_OPEN, 4);
	six->banner = SPAN("220 proxy.example.org ESMTP");
	assert_int_equal(judged()->finding_count, 0);
	four->banner = SPAN("220 mx.a.example ESMTP");
	finding = find(judged(), "path.intercepted");
	assert_non_null(finding);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_int_equal(judged()->verdict, VERDICT_PASS);
	answered("mx.a.example", "2001:db8::1", CONTROL_PORT, TRACE_RESET, 6);
	finding = find(judged(), "path.intercepted");
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_int_equal(finding->against_count, 0);
}

static void a_doubtful_answer_wants_a_control(void **state)
{
	struct trace *six, *four;
	struct trace_set set;

	(void)state;
	six = answered("mx.a.example", "2001:db8::1", 25, TRACE_OPEN, 4);
	four = answered("mx.a.example", "192.0.2.1", 25, TRACE_OPEN, 4);
	set = (struct trace_set){ .traces = traces, .count = count };
	assert_false(trace_is_doubtful(arena, &set, six));
	six->banner = SPAN("220 proxy.example.org ESMTP");
	four->banner = SPAN("220 mx.a.example ESMTP");
	assert_true(trace_is_doubtful(arena, &set, six));
	assert_false(trace_is_doubtful(arena, &set, four));
	four->hops[2].router = four->path->remote;
	assert_true(trace_is_doubtful(arena, &set, four));
	four->end = TRACE_LOST;
	assert_false(trace_is_doubtful(arena, &set, four));
}

static void one_voice_for_two_operators_is_intercepted(void **state)
{
	struct trace *one, *other;

	(void)state;
	one = answered("mx.a.example", "2001:db8::1", 25, TRACE_OPEN, 3);
	other = answered("mx.b.example", "2001:db8::2", 25, TRACE_OPEN, 3);
	assert_int_equal(judged()->finding_count, 0);
	one->banner = other->banner = SPAN("220 proxy.example ESMTP");
	assert_only(judged(), "path.intercepted");
	other->banner = SPAN("220 mx.b.example ESMTP");
	assert_int_equal(judged()->finding_count, 0);
}

static void a_router_in_the_name_of_the_host_hides_no_voice(void **state)
{
	struct trace *one, *other;

	(void)state;
	one = answered("mx.a.example", "2001:db8::1", 25, TRACE_OPEN, 3);
	other = answered("mx.b.example", "2001:db8::2", 25, TRACE_OPEN, 3);
	one->banner = other->banner = SPAN("220 proxy.example ESMTP");
	one->hops[1].router = address("2001:db8:f::9");
	assert_int_equal(judged()->finding_count, 0);
	one->hops[1].router = address("2001:db8::1");
	assert_only(judged(), "path.intercepted");
}

/* As are mx1 and mx2 of one operator, which may well be one machine. */
static void one_voice_for_one_operator_is_not(void **state)
{
	struct trace *one, *other;

	(void)state;
	one = answered("mx1.a.example", "2001:db8::1", 25, TRACE_OPEN, 3);
	other = answered("mx2.a.example", "2001:db8::2", 25, TRACE_OPEN, 3);
	one->banner = other->banner = SPAN("220 a.example ESMTP");
	assert_int_equal(judged()->finding_count, 0);
}

static void what_could_not_be_traced_decides_nothing(void **state)
{
	const struct trace_judgement *judgement;

	(void)state;
	assert_int_equal(judged()->verdict, VERDICT_NA);
	add("a.example", "2001:db8::1", 25, TRACE_NOT_APPLICABLE);
	assert_int_equal(judged()->verdict, VERDICT_NA);
	add("a.example", "192.0.2.1", 25, TRACE_INTERRUPTED);
	judgement = judged();
	assert_int_equal(judgement->families[FAMILY_IPV4], VERDICT_UNKNOWN);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_NA);
	assert_int_equal(judgement->finding_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(open_ports_need_no_finding),
		TEST(each_end_names_its_cause_and_the_other_family_is_sound),
		TEST(a_router_that_forbids_is_not_one_without_a_route),
		TEST(a_reset_from_nearer_than_the_host_is_false),
		TEST(one_silent_host_does_not_block_the_port),
		TEST(two_silent_hosts_and_a_control_block_it),
		TEST(one_address_traced_twice_is_one_destination),
		TEST(one_open_port_is_enough_against_a_block),
		TEST(one_router_that_forbids_all_confirms_it),
		TEST(silent_controls_lose_the_family),
		TEST(an_open_port_nearer_than_its_host_is_intercepted),
		TEST(a_router_that_rewrites_for_one_port_intercepts),
		TEST(a_foreign_name_over_one_family_is_suspected),
		TEST(a_doubtful_answer_wants_a_control),
		TEST(one_voice_for_two_operators_is_intercepted),
		TEST(a_router_in_the_name_of_the_host_hides_no_voice),
		TEST(one_voice_for_one_operator_is_not),
		TEST(what_could_not_be_traced_decides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
