#include "pcap/live_capture.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pcap/capture_plan.h"
#include "pcap/egress_route.h"
#include "pcap/libpcap.h"

/* LINUX_SLL2: where the interface's number and the direction stand. */
enum { SLL2_INTERFACE = 4, SLL2_DIRECTION = 10, SLL2_LEN = 20, SLL2_OUT = 4 };
enum { BATCH = 64, NS_PER_S = 1000000000 };

/*
 * How far a connection of ours has ended, found by its local port.  A port that
 * begins another connection has no older one to be waited for.
 */
struct closing {
	struct ip remote;
	uint16_t remote_port;
	bool has_fin[2], has_fin_acked[2]; /* of us, of them */
	uint32_t fin_end[2];
	bool is_reset;
	bool has_syn;
	uint32_t syn; /* its sequence number */
	bool is_awaited;
};
enum { OURS, THEIRS, PORTS = 65536 };

struct live_capture {
	struct arena *arena;
	struct libpcap libpcap;
	pcap_t *handle;
	struct packet_spool spool;
	struct capture_plan plan;
	bool is_narrow;
	struct span filter;
	struct span why;
	int64_t began_ns;
	struct closing *closings[FAMILY_COUNT];
	size_t awaited; /* that have not ended */
	uint64_t linger_ms;
	uv_poll_t poll;
	uv_timer_t tick;
	uint64_t left_ms; /* loop time, when it wanted to go */
	unsigned depth;   /* runs within runs */
};

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* ---- opening */

static struct span setcap_line(struct arena *arena)
{
	char room[4096];
	ssize_t len = readlink("/proc/self/exe", room, sizeof(room));

	if (len <= 0 || (size_t)len >= sizeof(room))
		return SPAN("setcap cap_net_raw=ep mxprobe");
	return arena_print(arena, "setcap cap_net_raw=ep %.*s", (int)len, room);
}

static struct span why_not_open(struct live_capture *capture, int status)
{
	const struct libpcap *libpcap = &capture->libpcap;
	struct span line;

	if (status != PCAP_ERROR_PERM_DENIED)
		return arena_print(capture->arena,
			"packets cannot be captured: %s",
			status == PCAP_ERROR ? libpcap->geterr(capture->handle)
					     : libpcap->statustostr(status));
	line = setcap_line(capture->arena);
	return arena_print(capture->arena,
		"packets cannot be captured: this needs the capability "
		"CAP_NET_RAW; run once, as root: %.*s",
		SPAN_ARG(line));
}

/* Until something is planned, nothing is let through. */
static int reject_all(struct live_capture *capture)
{
	struct bpf_insn reject = BPF_STMT(BPF_RET | BPF_K, 0);
	struct bpf_program program = { .bf_len = 1, .bf_insns = &reject };

	return capture->libpcap.setfilter(capture->handle, &program);
}

/*
 * Immediate mode would mean a ring of frames of fixed size, which holds a
 * handful of packets; without it blocks are filled, and come when they are full
 * or a tick has passed.
 */
static int activate(struct live_capture *capture, char *error)
{
	const struct libpcap *libpcap = &capture->libpcap;
	pcap_t *handle = capture->handle;
	int status;

	libpcap->set_snaplen(handle, LIVE_SNAP_LEN);
	libpcap->set_timeout(handle, LIVE_TICK_MS);
	libpcap->set_buffer_size(handle, LIVE_BUFFER);
	libpcap->set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
	status = libpcap->activate(handle);
	if (status < 0)
		return status;
	if (libpcap->set_datalink(handle, DLT_LINUX_SLL2) != 0 ||
		reject_all(capture) != 0 ||
		libpcap->setnonblock(handle, 1, error) != 0)
		return PCAP_ERROR;
	return 0;
}

/* False with *why; what is open by then is live_capture_close()'s. */
static bool open_handle(struct live_capture *capture, struct span *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	const char *reason = error;
	int status;

	if (libpcap_load(&capture->libpcap, &reason))
		capture->handle = capture->libpcap.create("any", error);
	if (!capture->handle) {
		*why = arena_print(capture->arena,
			"packets cannot be captured: %s", reason);
		return false;
	}
	status = activate(capture, error);
	if (status == 0)
		return true;
	*why = why_not_open(capture, status);
	return false;
}

struct live_capture *live_capture_open(
	struct arena *arena, const char *folder, struct span *why)
{
	struct live_capture *capture = arena_new(arena, struct live_capture);
	int number;

	capture->arena = capture->plan.arena = arena;
	capture->filter = capture->why = SPAN("");
	capture->linger_ms = LIVE_LINGER_MS;
	if (!packet_spool_open(&capture->spool, folder, &number)) {
		*why = arena_print(arena, "packets cannot be kept in %s: %s",
			folder, strerror(number));
		return NULL;
	}
	if (open_handle(capture, why)) {
		capture->began_ns = wall_ns();
		return capture;
	}
	live_capture_close(capture);
	return NULL;
}

void live_capture_close(struct live_capture *capture)
{
	if (capture->handle)
		capture->libpcap.close(capture->handle);
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		free(capture->closings[i]);
	packet_spool_close(&capture->spool);
}

/* ---- what is captured */

static void give_up(struct live_capture *capture)
{
	capture->why = arena_print(
		capture->arena, "%s", capture->libpcap.geterr(capture->handle));
}

void live_capture_narrow(struct live_capture *capture)
{
	capture->is_narrow = true;
}

static void refilter(struct live_capture *capture)
{
	struct span filter = capture_plan_filter(
		capture->arena, &capture->plan, capture->is_narrow);
	struct bpf_program program;

	if (span_is(filter, capture->filter))
		return;
	capture->filter = filter;
	if (capture->libpcap.compile(capture->handle, &program, filter.at, 1,
		    PCAP_NETMASK_UNKNOWN) != 0) {
		give_up(capture);
		return;
	}
	if (capture->libpcap.setfilter(capture->handle, &program) != 0)
		give_up(capture);
	capture->libpcap.freecode(&program);
}

void live_capture_plan(struct live_capture *capture, const struct path *path,
	const struct ip *from, const char *interface)
{
	unsigned number = interface ? if_nametoindex(interface)
				    : egress_route(&path->remote, from);

	if (capture_plan_add(
		    &capture->plan, &path->remote, path->port, number) ||
		!capture->filter.len)
		refilter(capture);
}

/* ---- how connections end */

static struct closing *closing_of(
	struct live_capture *capture, enum family family, uint16_t port)
{
	struct closing **all = &capture->closings[family];

	if (!*all)
		*all = calloc(PORTS, sizeof(**all));
	if (!*all)
		abort();
	return &(*all)[port];
}

static bool has_ended(const struct closing *closing)
{
	return closing->is_reset ||
	       (closing->has_fin_acked[OURS] && closing->has_fin_acked[THEIRS]);
}

static void closing_begin(struct live_capture *capture, struct closing *closing,
	const struct ip *remote, uint16_t port)
{
	if (closing->is_awaited)
		capture->awaited--;
	*closing = (struct closing){ .remote = *remote, .remote_port = port };
}

static void take_flags(
	struct closing *closing, const struct packet *packet, unsigned from)
{
	if (from == OURS && (packet->flags & TCP_SYN)) {
		closing->has_syn = true;
		closing->syn = packet->seq;
	}
	if (packet->flags & TCP_RST)
		closing->is_reset = true;
	if (packet->flags & TCP_FIN) {
		closing->has_fin[from] = true;
		closing->fin_end[from] = packet->seq +
					 (uint32_t)packet->payload_len + 1;
	}
	if (packet->flags & TCP_ACK && closing->has_fin[!from] &&
		(int32_t)(packet->ack - closing->fin_end[!from]) >= 0)
		closing->has_fin_acked[!from] = true;
}

/*
 * Does another connection begin?  A walk may be over before its own SYN comes
 * out of the kernel's buffer, and a SYN may be sent again.
 */
static bool is_first_syn(const struct closing *closing,
	const struct packet *packet, bool is_same)
{
	if ((packet->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return false;
	return !is_same || (closing->has_syn && closing->syn != packet->seq);
}

static void follow(struct live_capture *capture, const struct packet *packet,
	bool is_outbound)
{
	const struct ends *ends = &packet->ends;
	struct ip remote = ends_ip(ends, !is_outbound);
	uint16_t port = is_outbound ? ends->to_port : ends->from_port;
	struct closing *closing = closing_of(capture, ends->family,
		is_outbound ? ends->from_port : ends->to_port);
	bool is_same = closing->remote_port == port &&
		       ip_is(&closing->remote, &remote);

	if (!closing->remote_port ||
		(is_outbound && is_first_syn(closing, packet, is_same)))
		closing_begin(capture, closing, &remote, port);
	else if (!is_same)
		return;
	take_flags(closing, packet, is_outbound ? OURS : THEIRS);
	if (!closing->is_awaited || !has_ended(closing))
		return;
	closing->is_awaited = false;
	capture->awaited--;
}

void live_capture_await(struct live_capture *capture, const struct visit *visit)
{
	const struct path *path = visit->path;
	uint64_t two_trips = visit->tcp.rtt_us / 500;
	struct closing *closing;

	if (!visit->source.is_known)
		return;
	if (two_trips > capture->linger_ms)
		capture->linger_ms = two_trips < LIVE_LINGER_MAX_MS
					     ? two_trips
					     : LIVE_LINGER_MAX_MS;
	closing = closing_of(capture, path->family, visit->source.port);
	if (closing->remote_port != path->port ||
		!ip_is(&closing->remote, &path->remote))
		closing_begin(capture, closing, &path->remote, path->port);
	if (has_ended(closing) || closing->is_awaited)
		return;
	closing->is_awaited = true;
	capture->awaited++;
}

/* ---- packets */

/* A connection within this host is seen once, on its way in: then the side
 * that is planned is the other one. */
static bool is_outbound_at(const struct live_capture *capture,
	const struct packet *packet, unsigned interface)
{
	struct packet as_if = { .kind = PACKET_ICMP, .ends = packet->ends };

	return capture_plan_has(&capture->plan, &as_if, interface);
}

static void on_packet(unsigned char *user, const struct pcap_pkthdr *head,
	const unsigned char *bytes)
{
	struct live_capture *capture = (struct live_capture *)(void *)user;
	struct captured_packet captured = { .link_type = LIVE_LINK_TYPE,
		.bytes = { (const char *)bytes, head->caplen },
		.original_len = head->len };
	struct spooled_packet spooled = { .bytes = captured.bytes,
		.original_len = head->len,
		.time_ns = (int64_t)head->ts.tv_sec * NS_PER_S +
			   head->ts.tv_usec };
	struct packet packet;

	if (head->caplen < SLL2_LEN)
		return;
	for (unsigned i = 0; i < 4; i++)
		spooled.interface = spooled.interface << 8 |
				    bytes[SLL2_INTERFACE + i];
	packet_parse(&packet, &captured, NULL);
	if (!capture_plan_has(&capture->plan, &packet, spooled.interface))
		return;
	spooled.is_outbound = bytes[SLL2_DIRECTION] == SLL2_OUT;
	if (packet.kind == PACKET_TCP) {
		spooled.is_outbound = is_outbound_at(
			capture, &packet, spooled.interface);
		follow(capture, &packet, spooled.is_outbound);
	}
	packet_spool_add(&capture->spool, &spooled);
}

static void read_packets(struct live_capture *capture)
{
	int got;

	if (capture->why.len)
		return;
	do
		got = capture->libpcap.dispatch(capture->handle, BATCH,
			on_packet, (unsigned char *)capture);
	while (got > 0);
	if (got < 0)
		give_up(capture);
}

/* ---- on the loop */

static void off_the_loop(struct live_capture *capture)
{
	uv_poll_stop(&capture->poll);
	uv_close((uv_handle_t *)&capture->poll, NULL);
	uv_close((uv_handle_t *)&capture->tick, NULL);
}

/* What was sent before we left is in the buffer after a tick, and two are
 * enough for what was sent while it was filled. */
static bool may_go(const struct live_capture *capture)
{
	uint64_t since = uv_now(capture->tick.loop) - capture->left_ms;

	return (!capture->awaited && since >= 2 * LIVE_TICK_MS) ||
	       since >= capture->linger_ms || capture->why.len;
}

static void on_tick(uv_timer_t *tick)
{
	struct live_capture *capture = OWNER_OF(
		tick, struct live_capture, tick);

	read_packets(capture);
	if (may_go(capture))
		off_the_loop(capture);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct live_capture *capture = OWNER_OF(
		poll, struct live_capture, poll);

	(void)status;
	(void)events;
	read_packets(capture);
	if (capture->why.len)
		uv_poll_stop(poll);
}

void live_capture_run(struct live_capture *capture, uv_loop_t *loop)
{
	if (capture->depth++)
		return;
	uv_timer_init(loop, &capture->tick);
	uv_poll_init(loop, &capture->poll,
		capture->libpcap.get_selectable_fd(capture->handle));
	uv_poll_start(&capture->poll, UV_READABLE, on_readable);
}

void live_capture_leave(struct live_capture *capture)
{
	if (--capture->depth)
		return;
	uv_update_time(capture->tick.loop);
	capture->left_ms = uv_now(capture->tick.loop);
	uv_timer_start(&capture->tick, on_tick, LIVE_TICK_MS, LIVE_TICK_MS);
}

void live_capture_rest(struct live_capture *capture)
{
	if (reject_all(capture) != 0)
		give_up(capture);
	read_packets(capture);
	packet_spool_empty(&capture->spool);
	capture->filter = SPAN("");
	capture->began_ns = wall_ns();
}

/* ---- what came of it */

struct packet_spool *live_capture_spool(struct live_capture *capture)
{
	return &capture->spool;
}

void live_capture_facts(struct live_capture *capture, struct live_facts *facts)
{
	struct pcap_stat counts = { 0 };

	if (capture->libpcap.stats(capture->handle, &counts) != 0)
		counts = (struct pcap_stat){ 0 };
	*facts = (struct live_facts){ .filter = capture->filter,
		.began_ns = capture->began_ns,
		.ended_ns = wall_ns(),
		.dropped = counts.ps_drop,
		.dropped_by_interface = counts.ps_ifdrop,
		.why = capture->why };
}
