#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/base/escape.h"
#include "reports/trace_text.h"

#include "tests/golden.h"

/* The screen of a trace. */
enum { TRACES_MAX = 8, HOPS = 5 };

static struct arena *arena;
static struct target target;
static struct outcome outcome;
static struct path paths[TRACES_MAX];
static const struct trace *traces[TRACES_MAX];
static size_t count;

static int set_up(void **state)
{
	(void)state;
	arena = arena_open();
	count = 0;
	target = (struct target){ .text = SPAN("example.net") };
	outcome = (struct outcome){ .target = &target };
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

static void put_routers(struct trace *trace, const char *prefix)
{
	trace->hops = arena_take(arena, HOPS * sizeof(*trace->hops));
	trace->hop_count = HOPS;
	for (unsigned i = 0; i < HOPS; i++) {
		struct hop *hop = &trace->hops[i];

		*hop = (struct hop){ .limit = i + 1,
			.answer = HOP_ROUTER,
			.syns = 1,
			.rtt_ns = (i + 1) * 1250000ULL,
			.has_router = true,
			.router_name = SPAN("") };
		hop->router = address(
			arena_print(arena, "%s%u", prefix, i + 1).at);
	}
	trace->hops[1].router_name = SPAN("core1.transit.example");
}

static struct trace *add(enum family family, uint16_t port, enum trace_end end)
{
	struct path *path = &paths[count];
	struct trace *trace = arena_new(arena, struct trace);
	bool is_four = family == FAMILY_IPV4;

	assert_true(count < TRACES_MAX);
	*path = (struct path){ .host = SPAN("mx1.example.net"),
		.family = family,
		.remote = address(
			is_four ? "198.51.100.25" : "2001:db8:51:100::25"),
		.port = 25,
		.left_out = SPAN("") };
	*trace = (struct trace){ .path = path,
		.port = port,
		.is_control = port != 25,
		.end = end,
		.why_not = SPAN(""),
		.banner = SPAN("") };
	trace->source.is_known = true;
	trace->source.ip = address(is_four ? "203.0.113.7" : "2001:db8:7::7");
	put_routers(trace, is_four ? "192.0.2." : "2001:db8:f::");
	traces[count++] = trace;
	return trace;
}

static void answer(struct trace *trace, enum hop_answer answer)
{
	struct hop *hop = &trace->hops[HOPS - 1];

	hop->answer = answer;
	hop->has_router = false;
}

static void lose(struct trace *trace)
{
	for (size_t i = 2; i < HOPS; i++)
		trace->hops[i] = (struct hop){ .limit = (unsigned)i + 1,
			.syns = 2 };
	trace->asked_direct = true;
	trace->direct = (struct hop){ .limit = TRACE_DIRECT_LIMIT, .syns = 1 };
}

static struct span screen(unsigned columns)
{
	const struct text_style style = { .columns = columns };
	const struct trace_set set = { .traces = traces, .count = count };
	const struct trace_judgement *judgement = trace_judge(arena, &set);
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);
	struct span text;

	trace_text_target(out, &style, &outcome, &set);
	trace_text_end(out, &style, judgement,
		outcome.fault ? 4 : verdict_exit_status(judgement->verdict));
	fclose(out);
	text = arena_copy(arena, (struct span){ at, len });
	free(at);
	return text;
}

static void hold(const char *name, unsigned columns)
{
	struct span text = screen(columns), rest = text;

	while (rest.len)
		assert_true(escape_columns(span_cut(&rest, '\n')) <= columns);
	golden_hold(arena, arena_print(arena, "%s-%u", name, columns).at, text);
}

static void hold_at_all(const char *name)
{
	static const unsigned widths[] = { 40, 80, 110 };

	for (size_t i = 0; i < COUNT_OF(widths); i++)
		hold(name, widths[i]);
}

static bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

/* ---- */

static void a_lost_family_stands_beside_a_sound_one(void **state)
{
	struct trace *four = add(FAMILY_IPV4, 25, TRACE_OPEN);

	(void)state;
	answer(four, HOP_OPEN);
	four->banner = SPAN("220 mx1.example.net ESMTP");
	lose(add(FAMILY_IPV6, 25, TRACE_LOST));
	answer(add(FAMILY_IPV6, 587, TRACE_RESET), HOP_RESET);
	hold_at_all("trace-lost");
}

static void who_forbids_is_named(void **state)
{
	struct trace *six;

	(void)state;
	answer(add(FAMILY_IPV4, 25, TRACE_OPEN), HOP_OPEN);
	six = add(FAMILY_IPV6, 25, TRACE_ICMP);
	six->hop_count = 3;
	six->hops[2].answer = HOP_ICMP;
	six->hops[2].fault = (struct fault){
		.failure = FAILURE_ADMIN_PROHIBITED,
		.stage = STAGE_CONNECT,
		.why = SPAN("ICMPv6 from 2001:db8:f::3: administratively "
			    "prohibited (type 1 code 1)")
	};
	hold_at_all("trace-prohibited");
}

static void who_answers_for_the_host_is_told(void **state)
{
	struct trace *four = add(FAMILY_IPV4, 25, TRACE_OPEN);
	struct trace *six = add(FAMILY_IPV6, 25, TRACE_OPEN);

	(void)state;
	answer(four, HOP_OPEN);
	four->banner = SPAN("220 mx1.example.net ESMTP");
	answer(six, HOP_OPEN);
	six->hops[1] = six->hops[HOPS - 1];
	six->hop_count = 2;
	six->hops[1].limit = 2;
	six->banner = SPAN("220 proxy.provider.example ESMTP");
	answer(add(FAMILY_IPV6, 587, TRACE_RESET), HOP_RESET);
	hold_at_all("trace-intercepted");
}

static void a_host_without_ipv6_says_so(void **state)
{
	struct trace *six;

	(void)state;
	answer(add(FAMILY_IPV4, 25, TRACE_OPEN), HOP_OPEN);
	six = add(FAMILY_IPV6, 25, TRACE_NOT_APPLICABLE);
	six->source.is_known = false;
	six->why_not = SPAN("this host has no route to IPv6");
	six->hop_count = 1;
	six->hops[0] = (struct hop){ .limit = 1,
		.answer = HOP_LOCAL,
		.fault = { .failure = FAILURE_LOCAL, .why = six->why_not } };
	hold_at_all("trace-no-ipv6");
}

static void a_target_without_a_host_says_why(void **state)
{
	const struct fault fault = { .failure = FAILURE_DNS_NXDOMAIN,
		.stage = STAGE_RESOLVE,
		.why = SPAN("the name example.net does not exist") };
	struct span text;

	(void)state;
	outcome.fault = &fault;
	text = screen(80);
	assert_true(has(text, "example.net: the name example.net does not"));
	assert_true(has(text, "exit 4"));
}

static void what_a_peer_sent_is_escaped(void **state)
{
	struct trace *four = add(FAMILY_IPV4, 25, TRACE_OPEN);
	struct span text;

	(void)state;
	answer(four, HOP_OPEN);
	four->banner = SPAN("220 \033[31m\a red");
	four->hops[1].router_name = SPAN("a\033]0;b\a.example");
	text = screen(80);
	assert_true(span_find(text, '\033') == text.len);
	assert_true(span_find(text, '\a') == text.len);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_family_stands_beside_a_sound_one),
		TEST(who_forbids_is_named),
		TEST(who_answers_for_the_host_is_told),
		TEST(a_host_without_ipv6_says_so),
		TEST(a_target_without_a_host_says_why),
		TEST(what_a_peer_sent_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
