#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>

#include "pcap/capture_plan.h"
#include "tests/own_arena.h"

enum { NAMED = 3, OTHER = 4, SLL2 = 276 };

static struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(span_of(text), &ip));
	return ip;
}

static struct packet packet_of(enum packet_kind kind, const char *from,
	uint16_t from_port, const char *to, uint16_t to_port)
{
	struct ip a = ip_of(from), b = ip_of(to);
	struct packet packet = { .kind = kind,
		.ends = { .from_port = from_port,
			.to_port = to_port,
			.family = a.family } };

	memcpy(packet.ends.from, a.bytes, sizeof(a.bytes));
	memcpy(packet.ends.to, b.bytes, sizeof(b.bytes));
	return packet;
}

static struct capture_plan planned(void)
{
	struct capture_plan plan = { .arena = arena };
	struct ip four = ip_of("192.0.2.25"), six = ip_of("2001:db8::25");

	assert_true(capture_plan_add(&plan, &four, 25, NAMED));
	assert_true(capture_plan_add(&plan, &six, 2525, NAMED));
	assert_false(capture_plan_add(&plan, &four, 25, NAMED));
	return plan;
}

static void what_is_planned_is_taken_and_nothing_else(void **state)
{
	static const struct {
		enum packet_kind kind;
		const char *from;
		uint16_t from_port;
		const char *to;
		uint16_t to_port;
		unsigned interface;
		bool is_taken;
	} rows[] = {
		{ PACKET_TCP, "192.0.2.1", 999, "192.0.2.25", 25, NAMED, true },
		{ PACKET_TCP, "192.0.2.25", 25, "192.0.2.1", 999, NAMED, true },
		{ PACKET_TCP, "192.0.2.1", 999, "192.0.2.25", 26, NAMED,
			false },
		{ PACKET_TCP, "192.0.2.1", 999, "192.0.2.26", 25, NAMED,
			false },
		{ PACKET_TCP, "192.0.2.1", 999, "192.0.2.25", 25, OTHER,
			false },
		{ PACKET_TCP, "2001:db8::1", 9, "2001:db8::25", 2525, NAMED,
			true },
		{ PACKET_TCP, "2001:db8::1", 9, "2001:db8::25", 25, NAMED,
			false },
		{ PACKET_ICMP, "192.0.2.1", 999, "192.0.2.25", 25, NAMED,
			true },
		{ PACKET_ICMP, "192.0.2.25", 25, "192.0.2.1", 999, NAMED,
			false },
		{ PACKET_FRAGMENT, "192.0.2.25", 0, "192.0.2.1", 0, NAMED,
			true },
		{ PACKET_FRAGMENT, "192.0.2.26", 0, "192.0.2.1", 0, NAMED,
			false },
		{ PACKET_OTHER, "192.0.2.25", 25, "192.0.2.1", 9, NAMED,
			false },
	};
	struct capture_plan plan = planned();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct packet packet = packet_of(rows[i].kind, rows[i].from,
			rows[i].from_port, rows[i].to, rows[i].to_port);

		assert_true(capture_plan_has(&plan, &packet,
				    rows[i].interface) == rows[i].is_taken);
	}
}

/* The kernel understands it; and what it says names each address. */
static void check_filter(const struct capture_plan *plan, bool is_narrow,
	const char *wanted, bool has_it)
{
	struct span filter = capture_plan_filter(arena, plan, is_narrow);
	pcap_t *handle = pcap_open_dead(SLL2, 65535);
	struct bpf_program program;

	assert_int_equal(pcap_compile(handle, &program, filter.at, 1,
				 PCAP_NETMASK_UNKNOWN),
		0);
	pcap_freecode(&program);
	pcap_close(handle);
	assert_true((memmem(filter.at, filter.len, wanted, strlen(wanted)) !=
			    NULL) == has_it);
}

static void the_filter_is_narrow_as_long_as_it_can_be(void **state)
{
	struct capture_plan plan = planned();
	struct ip ip = ip_of("198.51.100.0");

	(void)state;
	check_filter(&plan, true, "ifindex 3 and ip host 192.0.2.25", true);
	check_filter(&plan, true, "ip6 host 2001:db8::25", true);
	check_filter(&plan, false, "host", false);
	check_filter(&plan, false, "tcp port 25 or tcp port 2525", true);
	while (plan.count < PLAN_NARROW_MAX) {
		ip.bytes[3]++;
		assert_true(capture_plan_add(&plan, &ip, 25, 0));
	}
	check_filter(&plan, true, "host", true);
	ip.bytes[3]++;
	assert_true(capture_plan_add(&plan, &ip, 25, 0));
	check_filter(&plan, true, "host", false);
	for (uint16_t port = 1000; plan.port_count < PLAN_PORTS_MAX; port++)
		capture_plan_add(&plan, &ip, port, 0);
	check_filter(&plan, true, "port", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_planned_is_taken_and_nothing_else),
		cmocka_unit_test(the_filter_is_narrow_as_long_as_it_can_be),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
