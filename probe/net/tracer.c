#include "probe/net/tracer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "probe/base/clock.h"
#include "probe/net/refusal.h"

static void send_syn(struct tracer *tracer);

static int socket_of(const struct tracer *tracer)
{
	uv_os_fd_t fd = -1;

	uv_fileno((const uv_handle_t *)&tracer->tcp, &fd);
	return fd;
}

/* ---- one SYN, from its socket's birth to its end */

static void over(struct tracer *tracer)
{
	unsigned limit;

	tracing_heard(&tracer->tracing, &tracer->heard);
	if (tracing_next(&tracer->tracing, &limit) == TRACING_SYN)
		send_syn(tracer);
	else
		tracer->done(tracer);
}

static void on_closed(uv_handle_t *handle)
{
	struct tracer *tracer = handle->data;

	if (--tracer->handles_open == 0)
		over(tracer);
}

static void hang_up(struct tracer *tracer)
{
	if (tracer->is_closing)
		return;
	tracer->is_closing = true;
	uv_close((uv_handle_t *)&tracer->tcp, on_closed);
	uv_close((uv_handle_t *)&tracer->timer, on_closed);
}

static void on_time_out(uv_timer_t *timer)
{
	hang_up(timer->data);
}

/* Time exceeded in transit, RFC 792; hop limit exceeded, RFC 4443 3.3. */
static bool is_router(const struct icmp_error *icmp)
{
	return icmp->is_known && icmp->code == 0 &&
	       icmp->type == (icmp->family == FAMILY_IPV4 ? 11 : 3);
}

static void hear_error(struct tracer *tracer, int error)
{
	struct hop *heard = &tracer->heard;
	const struct icmp_error *icmp = &heard->fault.icmp;

	heard->fault.stage = STAGE_CONNECT;
	refusal_read(tracer->arena, socket_of(tracer), error, &heard->fault);
	heard->has_router = icmp->has_offender;
	heard->router = icmp->offender;
	if (is_router(icmp))
		heard->answer = HOP_ROUTER;
	else if (icmp->is_known)
		heard->answer = HOP_ICMP;
	else if (error == ECONNREFUSED || error == ECONNRESET)
		heard->answer = HOP_RESET;
	else if (error == ETIMEDOUT)
		heard->answer = HOP_SILENT;
	else
		heard->answer = HOP_LOCAL;
}

/* ---- an open port: what it says first, and QUIT */

static void on_said(uv_write_t *write, int status)
{
	(void)status;
	hang_up(write->data);
}

static void say_quit(struct tracer *tracer)
{
	static char quit[] = "QUIT\r\n";
	uv_buf_t bytes = uv_buf_init(quit, sizeof(quit) - 1);

	uv_read_stop((uv_stream_t *)&tracer->tcp);
	tracer->goodbye.data = tracer;
	if (uv_write(&tracer->goodbye, (uv_stream_t *)&tracer->tcp, &bytes, 1,
		    on_said) < 0)
		hang_up(tracer);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
	struct tracer *tracer = handle->data;

	(void)suggested;
	*room = uv_buf_init(tracer->banner + tracer->banner_len,
		TRACE_BANNER_MAX - tracer->banner_len);
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *room)
{
	struct tracer *tracer = stream->data;
	struct span rest;
	const char *end;

	(void)room;
	if (tracer->is_closing || count == 0)
		return;
	if (count < 0) {
		hang_up(tracer);
		return;
	}
	tracer->banner_len += (unsigned)count;
	rest = (struct span){ tracer->banner, tracer->banner_len };
	end = memchr(rest.at, '\n', rest.len);
	if (!end && rest.len < TRACE_BANNER_MAX)
		return;
	if (end)
		rest.len = (size_t)(end - rest.at);
	if (rest.len && rest.at[rest.len - 1] == '\r')
		rest.len--;
	tracer->trace->banner = arena_copy(tracer->arena, span_trim(rest));
	say_quit(tracer);
}

static void listen_for_banner(struct tracer *tracer)
{
	unsigned patience = tracer->orders->banner_ms;

	if (!patience || tracer->trace->is_control ||
		tracer->trace->banner.len ||
		uv_read_start((uv_stream_t *)&tracer->tcp, on_room, on_bytes) <
			0) {
		hang_up(tracer);
		return;
	}
	tracer->banner_len = 0;
	uv_timer_start(&tracer->timer, on_time_out, patience, 0);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct tracer *tracer = connect->data;

	if (tracer->is_closing)
		return;
	uv_timer_stop(&tracer->timer);
	tracer->heard.rtt_ns = clock_now_ns() - tracer->sent_ns;
	if (status < 0) {
		hear_error(tracer, -status);
		hang_up(tracer);
		return;
	}
	tracer->heard.answer = HOP_OPEN;
	refusal_unwatch(socket_of(tracer), tracer->trace->path->family);
	listen_for_banner(tracer);
}

/* ---- sending */

static bool set_limit(int socket, enum family family, unsigned limit)
{
	int value = (int)limit;

	return family == FAMILY_IPV4
		       ? setsockopt(socket, IPPROTO_IP, IP_TTL, &value,
				 sizeof(value)) == 0
		       : setsockopt(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS,
				 &value, sizeof(value)) == 0;
}

/* A positive errno, or 0. */
static int bind_source(struct tracer *tracer, enum family family)
{
	const struct tracer_orders *orders = tracer->orders;
	struct sockaddr_storage name;
	int fd = socket_of(tracer), on = 1;

	if (orders->interface &&
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, orders->interface,
			(socklen_t)strlen(orders->interface)) != 0)
		return errno;
	if (!orders->binds[family])
		return 0;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	ip_to_sockaddr(&orders->bind_to[family], 0, &name);
	return -uv_tcp_bind(&tracer->tcp, (struct sockaddr *)&name, 0);
}

static void learn_source(struct tracer *tracer)
{
	struct source *source = &tracer->trace->source;
	struct sockaddr_storage name;
	int len = sizeof(name);

	if (uv_tcp_getsockname(&tracer->tcp, (struct sockaddr *)&name, &len) !=
		0)
		return;
	source->is_known = ip_from_sockaddr(
		(struct sockaddr *)&name, &source->ip, &source->port);
	source_describe(tracer->orders->sources, source);
}

/* A positive errno, or 0: the SYN is on its way. */
static int connect_now(struct tracer *tracer, unsigned limit)
{
	const struct trace *trace = tracer->trace;
	enum family family = trace->path->family;
	struct sockaddr_storage to;
	int fd = socket_of(tracer), once = 1, error;

	/* The kernel's own second SYN would come too late for our clock. */
	setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once));
	refusal_watch(fd, family);
	if (!set_limit(fd, family, limit))
		return errno;
	error = bind_source(tracer, family);
	if (error)
		return error;
	ip_to_sockaddr(&trace->path->remote, trace->port, &to);
	tracer->sent_ns = clock_now_ns();
	tracer->connect.data = tracer;
	return -uv_tcp_connect(&tracer->connect, &tracer->tcp,
		(struct sockaddr *)&to, on_connected);
}

static void could_not_send(struct tracer *tracer, int error)
{
	struct fault *fault = &tracer->heard.fault;

	tracer->heard.answer = HOP_LOCAL;
	fault->stage = STAGE_CONNECT;
	fault->failure = FAILURE_LOCAL;
	fault->why = arena_copy(tracer->arena, span_of(strerror(error)));
}

/* The source that was asked for: the family may well have another. */
static bool is_none_of_ours(
	const struct tracer *tracer, enum family family, int error)
{
	return tracer->orders->binds[family] && error == EADDRNOTAVAIL;
}

static struct span why_none_of_ours(
	const struct tracer *tracer, enum family family)
{
	char room[IP_TEXT_MAX];

	return arena_print(tracer->arena,
		"cannot use source address %s: it is none of this host's",
		ip_print(&tracer->orders->bind_to[family], room));
}

/* The family is there all the same. */
static bool is_out_of_ports(struct tracer *tracer, int error)
{
	const struct trace *trace = tracer->trace;
	struct sockaddr_storage to;

	ip_to_sockaddr(&trace->path->remote, trace->port, &to);
	return refusal_is_of_ports(error, &to, tracer->orders->interface,
		&tracer->heard.fault.why);
}

static void send_syn(struct tracer *tracer)
{
	enum family family = tracer->trace->path->family;
	int domain = family == FAMILY_IPV4 ? AF_INET : AF_INET6, error;
	unsigned limit = 1;

	tracing_next(&tracer->tracing, &limit);
	tracer->heard = (struct hop){ .answer = HOP_SILENT };
	tracer->is_closing = false;
	tracer->handles_open = 2;
	uv_timer_init(tracer->loop, &tracer->timer);
	error = -uv_tcp_init_ex(tracer->loop, &tracer->tcp, (unsigned)domain);
	if (error)
		uv_tcp_init(tracer->loop, &tracer->tcp);
	tracer->tcp.data = tracer->timer.data = tracer;
	if (!error)
		error = connect_now(tracer, limit);
	if (error) {
		could_not_send(tracer, error);
		if (is_none_of_ours(tracer, family, error))
			tracer->heard.fault.why = why_none_of_ours(
				tracer, family);
		else if (!is_out_of_ports(tracer, error) &&
			 refusal_is_not_applicable(
				 family, error, &tracer->trace->why_not))
			tracer->heard.fault.why = tracer->trace->why_not;
		hang_up(tracer);
		return;
	}
	learn_source(tracer);
	uv_timer_start(&tracer->timer, on_time_out, tracer->orders->wait_ms, 0);
}

void tracer_begin(struct tracer *tracer, uv_loop_t *loop, struct arena *arena,
	const struct tracer_orders *orders, struct trace *trace)
{
	tracer->orders = orders;
	tracer->arena = arena;
	tracer->loop = loop;
	tracer->trace = trace;
	tracing_init(&tracer->tracing, arena, trace);
	uv_update_time(loop);
	send_syn(tracer);
}

void tracer_interrupt(struct tracer *tracer)
{
	tracing_interrupt(&tracer->tracing);
	hang_up(tracer);
}
