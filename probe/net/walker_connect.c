#include "probe/net/walker_inside.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "probe/base/clock.h"
#include "probe/net/refusal.h"

/* IP_BIND_ADDRESS_NO_PORT of linux/in.h, which netinet/in.h conflicts with. */
enum { BIND_ADDRESS_NO_PORT = 24 };

static void fail_to_connect(struct walker *walker, int error)
{
	struct fault fault = { .why = SPAN("") };

	refusal_read(walker->arena, walker_socket(walker), error, &fault);
	dialogue_fail(&walker->dialogue, clock_now_ns(), fault);
}

static void learn_source(struct walker *walker)
{
	struct source *source = &walker->visit->source;
	struct sockaddr_storage name;
	int len = sizeof(name);

	if (uv_tcp_getsockname(&walker->tcp, (struct sockaddr *)&name, &len) !=
		0)
		return;
	source->is_known = ip_from_sockaddr(
		(struct sockaddr *)&name, &source->ip, &source->port);
	/* A rehearsal plays that the path's source is ours. */
	if (walker->orders->servers && walker->orders->binds[source->ip.family])
		source->ip = walker->orders->bind_to[source->ip.family];
	source_describe(walker->orders->own, source);
}

/* Between us and ourselves nobody sends ICMP errors. */
static bool is_watched(const struct walker *walker)
{
	return !walker->orders->servers &&
	       ip_kind(&walker->visit->path->remote) != IP_LOOPBACK;
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct walker *walker = OWNER_OF(connect, struct walker, connect);

	if (walker->is_closing)
		return;
	/* A SYN that is refused is ECONNREFUSED: this reset came behind the
	 * handshake, before we looked. */
	if (status == UV_ECONNRESET) {
		learn_source(walker);
		dialogue_connected(&walker->dialogue, clock_now_ns());
		dialogue_hear_end(&walker->dialogue, clock_now_ns(), true);
		walker_turn(walker);
		return;
	}
	if (status == 0)
		status = walker_listen(walker);
	if (status < 0) {
		fail_to_connect(walker, -status);
	} else {
		if (is_watched(walker))
			refusal_unwatch(walker_socket(walker),
				walker->visit->path->family);
		learn_source(walker);
		dialogue_connected(&walker->dialogue, clock_now_ns());
	}
	walker_turn(walker);
}

/* False when the socket cannot be what the user asked for. */
static bool bind_source(struct walker *walker)
{
	enum family family = walker->visit->path->family;
	const struct walk_orders *orders = walker->orders;
	int fd = walker_socket(walker), on = 1, status;
	struct sockaddr_storage name;
	char room[IP_TEXT_MAX];

	if (orders->interface &&
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, orders->interface,
			(socklen_t)strlen(orders->interface)) != 0) {
		walker_fail_here(
			walker, arena_print(walker->arena,
					"cannot use interface %s: %s",
					orders->interface, strerror(errno)));
		return false;
	}
	if (!orders->binds[family])
		return true;
	setsockopt(fd, IPPROTO_IP, BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	ip_to_sockaddr(&orders->bind_to[family], 0, &name);
	status = uv_tcp_bind(&walker->tcp, (struct sockaddr *)&name, 0);
	if (status == 0)
		return true;
	/* Going on would walk from another address, and not say so. */
	walker_fail_here(walker,
		arena_print(walker->arena, "cannot use source address %s: %s",
			ip_print(&orders->bind_to[family], room),
			uv_strerror(status)));
	return false;
}

static void connect_now(struct walker *walker)
{
	const struct path *path = walker->visit->path;
	const struct scripted_servers *servers = walker->orders->servers;
	struct sockaddr_storage to;
	struct span why;
	int status;

	if (path_is_mapped(path)) {
		walker_fail_here(
			walker, SPAN("an IPv4 address in the form of an IPv6 "
				     "one is no way over IPv6"));
		return;
	}
	ip_to_sockaddr(&path->remote, path->port, &to);
	if (servers &&
		!scripted_servers_find(servers, &path->remote, &to, &why)) {
		walker_not_applicable(walker, why);
		return;
	}
	status = uv_tcp_connect(&walker->connect, &walker->tcp,
		(struct sockaddr *)&to, on_connected);
	if (status == 0)
		return;
	if (refusal_is_of_ports(-status, &to, walker->orders->interface, &why))
		walker_fail_here(walker, why);
	else if (ip_kind(&path->remote) != IP_LOOPBACK &&
		 refusal_is_not_applicable(path->family, -status, &why))
		walker_not_applicable(walker, why);
	else
		walker_fail_here(walker, span_of(uv_strerror(status)));
}

/* It has to be before the SYN, which tells the peer, too. */
static bool clamp_segments(struct walker *walker)
{
	int octets = (int)walker->orders->segment_max;

	if (!octets || setsockopt(walker_socket(walker), IPPROTO_TCP,
			       TCP_MAXSEG, &octets, sizeof(octets)) == 0)
		return true;
	walker_fail_here(
		walker, arena_print(walker->arena,
				"cannot limit segments to %d octets: %s",
				octets, strerror(errno)));
	return false;
}

void walker_connect(struct walker *walker)
{
	const struct path *path = walker->visit->path;

	uv_tcp_nodelay(&walker->tcp, 1);
	if (walker->orders->servers) {
		connect_now(walker);
		return;
	}
	if (is_watched(walker))
		refusal_watch(walker_socket(walker), path->family);
	if (clamp_segments(walker) && bind_source(walker))
		connect_now(walker);
}
