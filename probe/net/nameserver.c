#include "probe/net/nameserver.h"

#include <ares.h>
#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/net/datagrams.h"

enum {
	DNS_PORT = 53,
	HEADER_SIZE = 12, /* RFC 1035, 4.1.1 */
	FLAG_TC = 0x0200,
	UDP_SIZE = 1232,         /* as in probe/dns/query.h */
	SOCKET_BUFFER = 1 << 20, /* bytes: a whole window of answers */
	TICK_MS_MAX = 50,
	TICK_MS_MIN = 5,
};

/* 0: this host has none of that name or number. */
static unsigned zone_of(struct span text)
{
	char name[IF_NAMESIZE] = { 0 };
	unsigned long number;

	if (span_number(text, UINT_MAX, &number))
		return if_indextoname((unsigned)number, name) ? (unsigned)number
							      : 0;
	if (!text.len || text.len >= sizeof(name))
		return 0;
	memcpy(name, text.at, text.len);
	return if_nametoindex(name);
}

static bool take_address(struct span text, struct nameserver *server)
{
	size_t sign = span_find(text, '%');

	server->zone = 0;
	if (!ip_parse(span_part(text, 0, sign), &server->ip))
		return false;
	if (sign == text.len)
		return true;
	server->zone = zone_of(span_part(text, sign + 1, text.len));
	return server->zone && server->ip.family == FAMILY_IPV6;
}

bool nameserver_parse(struct span text, struct nameserver *server)
{
	struct span rest = text, address = text;
	unsigned long number = DNS_PORT;
	bool is_bracketed = text.len && text.at[0] == '[';

	if (is_bracketed) {
		rest = span_part(text, 1, text.len);
		address = span_cut(&rest, ']');
		if (address.len + 2 > text.len)
			return false;
	} else if (take_address(text, server)) {
		rest = SPAN("");
	} else {
		address = span_part(text, 0, span_find(text, ':'));
		rest = span_part(text, address.len, text.len);
	}
	if (!take_address(address, server) ||
		(is_bracketed && server->ip.family == FAMILY_IPV4))
		return false;
	if (rest.len && (rest.at[0] != ':' ||
				!span_number(span_part(rest, 1, rest.len),
					65535, &number) ||
				!number))
		return false;
	server->port = (uint16_t)number;
	return true;
}

/*
 * c-ares watches file descriptors, libuv handles.  c-ares closes a descriptor
 * as soon as it has told us, and the number may come back before our handle's
 * close callback: each descriptor gets a handle of its own.
 */
struct watch {
	struct watch *next;
	struct nameserver *server;
	ares_socket_t fd;
	uv_poll_t poll;
};

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = OWNER_OF(handle, struct watch, poll);

	watch->next = watch->server->spare;
	watch->server->spare = watch;
}

void nameserver_flush(struct nameserver *server)
{
	if (server->datagrams && !datagrams_flush(server->datagrams))
		ares_process_fd(server->channel, server->udp, ARES_SOCKET_BAD);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = OWNER_OF(poll, struct watch, poll);
	struct nameserver *server = watch->server;
	bool reads = status < 0 || events & UV_READABLE;
	bool writes = status < 0 || events & UV_WRITABLE;

	ares_process_fd(server->channel, reads ? watch->fd : ARES_SOCKET_BAD,
		writes ? watch->fd : ARES_SOCKET_BAD);
	nameserver_flush(server);
}

static struct watch *watch_new(struct nameserver *server, ares_socket_t fd)
{
	struct watch *watch = server->spare;

	if (watch)
		server->spare = watch->next;
	else
		watch = arena_new(server->arena, struct watch);
	watch->server = server;
	watch->fd = fd;
	if (uv_poll_init(server->loop, &watch->poll, fd) != 0) {
		watch->next = server->spare;
		server->spare = watch;
		return NULL;
	}
	watch->next = server->watches;
	server->watches = watch;
	return watch;
}

static void on_socket(void *user, ares_socket_t fd, int reads, int writes)
{
	struct nameserver *server = user;
	struct watch **at = &server->watches, *watch;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	watch = *at;
	if (!reads && !writes) {
		if (!watch)
			return;
		*at = watch->next;
		uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		return;
	}
	if (!watch)
		watch = watch_new(server, fd);
	if (watch)
		uv_poll_start(&watch->poll,
			(reads ? UV_READABLE : 0) | (writes ? UV_WRITABLE : 0),
			on_poll);
}

/*
 * The sockets are ours, since c-ares drops errno on the way, and the user is
 * told "Network is unreachable" and not "Could not contact DNS servers".
 */
static ares_socket_t open_socket(int family, int type, int protocol, void *user)
{
	struct nameserver *server = user;
	int size = SOCKET_BUFFER;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0) {
		server->error = errno;
		return ARES_SOCKET_BAD;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (type == SOCK_DGRAM) {
		if (!server->datagrams)
			server->datagrams = datagrams_new(server->arena);
		datagrams_begin(server->datagrams, fd);
		server->udp = fd;
	}
	return fd;
}

static bool is_udp(const struct nameserver *server, ares_socket_t fd)
{
	return server->datagrams && server->udp == fd;
}

static int close_socket(ares_socket_t fd, void *user)
{
	struct nameserver *server = user;

	if (is_udp(server, fd)) {
		server->udp = ARES_SOCKET_BAD;
		datagrams_begin(server->datagrams, ARES_SOCKET_BAD);
	}
	return close(fd);
}

/* Keeps errno as it is: c-ares reads it too. */
static void remember(struct nameserver *server)
{
	if (errno != EAGAIN && errno != EINPROGRESS && errno != EINTR)
		server->error = errno;
}

/* c-ares knows of no zones. */
static int connect_socket(ares_socket_t fd, const struct sockaddr *to,
	ares_socklen_t len, void *user)
{
	struct nameserver *server = user;
	struct sockaddr_in6 in_zone;
	int status;

	if (server->zone && len == sizeof(in_zone)) {
		memcpy(&in_zone, to, sizeof(in_zone));
		in_zone.sin6_scope_id = server->zone;
		status = connect(fd, (struct sockaddr *)&in_zone, len);
	} else {
		status = connect(fd, to, len);
	}
	if (status < 0)
		remember(user);
	return status;
}

static uint16_t number_at(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* c-ares asks again over TCP, and does not tell. */
static void look_for_truncated(
	struct nameserver *server, const uint8_t *bytes, size_t len)
{
	struct asking *asking;

	if (len < HEADER_SIZE || !(number_at(bytes + 2) & FLAG_TC))
		return;
	LIST_FOREACH(asking, &server->askings, entry)
	if (asking->id == number_at(bytes))
		asking->was_truncated = true;
}

static ares_ssize_t receive(ares_socket_t fd, void *room, size_t size,
	int flags, struct sockaddr *from, ares_socklen_t *from_len, void *user)
{
	struct nameserver *server = user;
	struct iovec all = { room, size };
	ssize_t len = is_udp(server, fd)
			      ? datagrams_take(
					server->datagrams, all, from, from_len)
			      : recvfrom(fd, room, size, flags, from, from_len);

	if (len < 0)
		remember(server);
	else if (is_udp(server, fd))
		look_for_truncated(server, room, (size_t)len);
	return len;
}

static ares_ssize_t transmit(
	ares_socket_t fd, const struct iovec *parts, int count, void *user)
{
	struct nameserver *server = user;
	struct msghdr message = { .msg_iovlen = (size_t)count };
	ssize_t len;

	message.msg_iov = (struct iovec *)(uintptr_t)parts;
	len = is_udp(server, fd)
		      ? datagrams_put(server->datagrams, parts, count)
		      : sendmsg(fd, &message, MSG_NOSIGNAL);
	if (len < 0)
		remember(server);
	return len;
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = transmit,
};

/* Without a descriptor c-ares looks for what has waited too long. */
static void on_tick(uv_timer_t *tick)
{
	struct nameserver *server = OWNER_OF(tick, struct nameserver, tick);

	ares_process_fd(server->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	nameserver_flush(server);
}

/*
 * NOCHECKRESP: errors come as they are, instead of "could not contact".
 * EDNS: answers above 512 bytes are taken over UDP.  One try: the next is the
 * resolver's to decide.
 */
static int open_channel(struct nameserver *server)
{
	char lookups[] = "b", no_file[] = "/dev/null";
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS |
			 ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout = (int)server->timeout_ms,
		.tries = 1,
		.lookups = lookups,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = server,
		.ednspsz = UDP_SIZE,
		.resolvconf_path = no_file,
	};

	return ares_init_options(&server->channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
			ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS |
			ARES_OPT_SOCK_STATE_CB | ARES_OPT_EDNSPSZ |
			ARES_OPT_RESOLVCONF | ARES_OPT_NOROTATE);
}

static int set_address(struct nameserver *server)
{
	struct ares_addr_port_node node = { .udp_port = server->port,
		.tcp_port = server->port };

	node.family = server->ip.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	if (server->ip.family == FAMILY_IPV4)
		memcpy(&node.addr.addr4, server->ip.bytes, 4);
	else
		memcpy(&node.addr.addr6, server->ip.bytes, 16);
	return ares_set_servers_ports(server->channel, &node);
}

static struct span server_text(struct nameserver *server)
{
	char room[IP_TEXT_MAX], zone[IF_NAMESIZE] = { 0 };
	const char *ip = ip_print(&server->ip, room);
	const char *sign = "";

	if (server->zone && if_indextoname(server->zone, zone))
		sign = "%";
	if (server->port == DNS_PORT)
		return arena_print(server->arena, "%s%s%s", ip, sign, zone);
	return arena_print(server->arena,
		server->ip.family == FAMILY_IPV6 ? "[%s%s%s]:%u" : "%s%s%s:%u",
		ip, sign, zone, server->port);
}

bool nameserver_open(struct nameserver *server, struct arena *arena,
	uv_loop_t *loop, const char **why)
{
	int status;

	server->arena = arena;
	server->loop = loop;
	server->udp = ARES_SOCKET_BAD;
	LIST_INIT(&server->askings);
	server->text = server_text(server);
	status = open_channel(server);
	if (status == ARES_SUCCESS) {
		status = set_address(server);
		if (status != ARES_SUCCESS)
			ares_destroy(server->channel);
	}
	if (status != ARES_SUCCESS) {
		*why = ares_strerror(status);
		return false;
	}
	ares_set_socket_functions(server->channel, &socket_functions, server);
	uv_timer_init(loop, &server->tick);
	return true;
}

void nameserver_close(struct nameserver *server)
{
	ares_destroy(server->channel);
	uv_close((uv_handle_t *)&server->tick, NULL);
}

static enum heard heard_by_status(struct asking *asking, int status)
{
	int error = asking->server->error;

	switch (status) {
	case ARES_SUCCESS:
		return HEARD_MESSAGE;
	case ARES_ETIMEOUT:
		return HEARD_NOTHING;
	case ARES_EDESTRUCTION:
	case ARES_ECANCELLED:
		return HEARD_CLOSED;
	case ARES_ECONNREFUSED:
		asking->why = error ? strerror(error)
				    : "the server closed the connection";
		return HEARD_UNREACHABLE;
	}
	asking->why = ares_strerror(status);
	return HEARD_UNREACHABLE;
}

static void on_answer(
	void *user, int status, int timeouts, unsigned char *bytes, int len)
{
	struct asking *asking = user;
	struct nameserver *server = asking->server;
	struct span message = { (const char *)bytes, (size_t)len };

	(void)timeouts;
	LIST_REMOVE(asking, entry);
	if (--server->asked == 0)
		uv_timer_stop(&server->tick);
	if (!bytes)
		message = SPAN("");
	asking->on_heard(asking, heard_by_status(asking, status), message);
}

static void start_tick(struct nameserver *server)
{
	unsigned every = server->timeout_ms / 8;

	if (every > TICK_MS_MAX)
		every = TICK_MS_MAX;
	if (every < TICK_MS_MIN)
		every = TICK_MS_MIN;
	uv_timer_start(&server->tick, on_tick, every, every);
}

void nameserver_ask(
	struct nameserver *server, struct asking *asking, struct span query)
{
	asking->server = server;
	asking->began_ns = clock_now_ns();
	asking->why = "";
	asking->id = number_at((const uint8_t *)query.at);
	asking->was_truncated = false;
	LIST_INSERT_HEAD(&server->askings, asking, entry);
	if (server->asked++ == 0) {
		server->error = 0;
		start_tick(server);
	}
	ares_send(server->channel, (const unsigned char *)query.at,
		(int)query.len, on_answer, asking);
}
