#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "pcap/egress_route.h"
#include "pcap/libpcap.h"
#include "pcap/live_capture.h"
#include "pcap/packet.h"
#include "tests/own_arena.h"

/* On loopback, and only for one who may capture; the lab has the rest. */

static struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(span_of(text), &ip));
	return ip;
}

static void the_route_to_ourselves_is_by_loopback(void **state)
{
	struct ip four = ip_of("127.0.0.1"), six = ip_of("::1");
	unsigned loopback = if_nametoindex("lo");

	(void)state;
	assert_int_equal(egress_route(&four, NULL), loopback);
	assert_int_equal(egress_route(&four, &four), loopback);
	assert_int_equal(egress_route(&four, &six), loopback);
	assert_int_equal(egress_route(&six, NULL), loopback);
}

static void libpcap_is_loaded_when_it_is_asked_for(void **state)
{
	struct libpcap libpcap = { 0 };
	const char *why = "";

	(void)state;
	if (!libpcap_load(&libpcap, &why))
		fail_msg("%s", why);
	assert_true(strlen(libpcap.statustostr(PCAP_ERROR_BREAK)) > 0);
}

static void a_spool_gives_back_what_it_was_given(void **state)
{
	struct packet_spool spool;
	struct spooled_packet packet;
	char room[100];
	int error;

	(void)state;
	/* A folder that is not there: then where temporary files are. */
	assert_true(packet_spool_open(&spool, "/nonexistent", &error));
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < 100; i++) {
			memset(room, (int)i, i);
			packet_spool_add(
				&spool, &(struct spooled_packet){ .time_ns = i,
						.bytes = { room, i },
						.original_len = i + 1,
						.interface = turn,
						.is_outbound = i % 2 });
		}
		packet_spool_rewind(&spool);
		for (unsigned i = 0; i < 100; i++) {
			memset(room, (int)i, i);
			assert_true(packet_spool_next(&spool, &packet));
			assert_int_equal(packet.time_ns, i);
			assert_int_equal(packet.bytes.len, i);
			if (i)
				assert_memory_equal(packet.bytes.at, room, i);
			assert_int_equal(packet.original_len, i + 1);
			assert_int_equal(packet.interface, turn);
			assert_int_equal(packet.is_outbound, i % 2);
		}
		assert_false(packet_spool_next(&spool, &packet));
		assert_int_equal(spool.count, 100);
		packet_spool_empty(&spool);
		assert_int_equal(spool.count, 0);
	}
	packet_spool_close(&spool);
}

/* A server and its only client, which hangs up as soon as it is let in. */
struct visited {
	uv_loop_t loop;
	uv_tcp_t server, client, taken;
	uv_timer_t slowness; /* of the server's goodbye */
	uv_connect_t connect;
	struct live_capture *capture;
	struct path path;
	struct visit visit;
};

/* Later than two ticks: only who waits for the FIN itself has it. */
enum { SLOWNESS_MS = 10 * LIVE_TICK_MS };

static void on_slow_goodbye(uv_timer_t *slowness)
{
	struct visited *visited = OWNER_OF(slowness, struct visited, slowness);

	uv_close((uv_handle_t *)&visited->taken, NULL);
	uv_close((uv_handle_t *)slowness, NULL);
}

static void on_bytes(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct visited *visited = OWNER_OF(stream, struct visited, taken);

	(void)buf;
	if (len < 0)
		uv_timer_start(
			&visited->slowness, on_slow_goodbye, SLOWNESS_MS, 0);
}

static void on_room(uv_handle_t *handle, size_t hint, uv_buf_t *room)
{
	static char slab[256];

	(void)handle;
	(void)hint;
	*room = uv_buf_init(slab, sizeof(slab));
}

static void on_visitor(uv_stream_t *server, int status)
{
	struct visited *visited = server->data;

	assert_int_equal(status, 0);
	uv_tcp_init(&visited->loop, &visited->taken);
	assert_int_equal(uv_accept(server, (uv_stream_t *)&visited->taken), 0);
	uv_read_start((uv_stream_t *)&visited->taken, on_room, on_bytes);
	uv_close((uv_handle_t *)server, NULL);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct visited *visited = connect->data;
	struct sockaddr_storage name;
	int len = sizeof(name);

	assert_int_equal(status, 0);
	uv_tcp_getsockname(&visited->client, (struct sockaddr *)&name, &len);
	visited->visit.source.is_known = ip_from_sockaddr(
		(struct sockaddr *)&name, &visited->visit.source.ip,
		&visited->visit.source.port);
	uv_close((uv_handle_t *)&visited->client, NULL);
	live_capture_await(visited->capture, &visited->visit);
	live_capture_leave(visited->capture);
}

static void visit(struct visited *visited, const char *address)
{
	struct sockaddr_storage name;
	int len = sizeof(name);

	visited->visit.path = &visited->path;
	visited->path.remote = ip_of(address);
	visited->path.family = visited->path.remote.family;
	ip_to_sockaddr(&visited->path.remote, 0, &name);
	uv_loop_init(&visited->loop);
	uv_tcp_init(&visited->loop, &visited->server);
	uv_tcp_init(&visited->loop, &visited->client);
	uv_timer_init(&visited->loop, &visited->slowness);
	visited->server.data = visited->connect.data = visited;
	assert_int_equal(
		uv_tcp_bind(&visited->server, (struct sockaddr *)&name, 0), 0);
	assert_int_equal(
		uv_listen((uv_stream_t *)&visited->server, 1, on_visitor), 0);
	uv_tcp_getsockname(&visited->server, (struct sockaddr *)&name, &len);
	ip_from_sockaddr((struct sockaddr *)&name, &visited->path.remote,
		&visited->path.port);
	live_capture_run(visited->capture, &visited->loop);
	live_capture_plan(visited->capture, &visited->path, NULL, NULL);
	uv_tcp_connect(&visited->connect, &visited->client,
		(struct sockaddr *)&name, on_connected);
	uv_run(&visited->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&visited->loop), 0);
}

/* The flags of all TCP segments in the spool, together; and how many. */
static unsigned flags_in(struct packet_spool *spool, unsigned *fins)
{
	struct spooled_packet spooled;
	unsigned flags = 0;

	*fins = 0;
	packet_spool_rewind(spool);
	while (packet_spool_next(spool, &spooled)) {
		struct captured_packet captured = { .link_type = LIVE_LINK_TYPE,
			.bytes = spooled.bytes,
			.original_len = spooled.original_len };
		struct packet packet;

		packet_parse(&packet, &captured, NULL);
		assert_int_equal(packet.kind, PACKET_TCP);
		flags |= packet.flags;
		*fins += (packet.flags & TCP_FIN) != 0;
	}
	return flags;
}

/* SYN, answer, and the FINs of both: the client was gone before any of them
 * was captured. */
static void the_last_packets_are_waited_for(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };
	struct span why;
	struct live_capture *capture = live_capture_open(arena, "/tmp", &why);

	(void)state;
	if (!capture) {
		assert_true(why.len);
		skip();
	}
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		struct visited visited = { .capture = capture };
		unsigned fins;

		visit(&visited, addresses[i]);
		assert_int_equal(
			flags_in(live_capture_spool(capture), &fins) & TCP_SYN,
			TCP_SYN);
		assert_int_equal(fins, 2);
		live_capture_rest(capture);
	}
	live_capture_close(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_route_to_ourselves_is_by_loopback),
		cmocka_unit_test(libpcap_is_loaded_when_it_is_asked_for),
		cmocka_unit_test(a_spool_gives_back_what_it_was_given),
		cmocka_unit_test(the_last_packets_are_waited_for),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
