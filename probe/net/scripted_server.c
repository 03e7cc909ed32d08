#include "probe/net/scripted_server.h"

#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 64, READ_ROOM = 64 * 1024 };

struct scripted_connection {
	TAILQ_ENTRY(scripted_connection) entry;
	struct scripted_server *server;
	struct arena *arena;
	struct serving serving;
	struct engine *engine; /* NULL in clear */
	uv_tcp_t tcp;
	uv_timer_t pause, life;
	struct backlog heard; /* in clear text, not looked at yet */
	size_t writes;        /* under way */
	bool has_ended;       /* the client says no more */
	bool is_leaving;      /* closes when all is sent */
	bool is_pausing, is_hanging, is_closing;
	unsigned handles_open;
};

struct scripted_server {
	const struct scripted_member *member;
	struct scripted_servers *all;
	uv_tcp_t listener;
	bool is_listening;
	struct span why; /* it is not */
	struct ip ip;
	uint16_t port;
	TAILQ_HEAD(, scripted_connection) connections;
	size_t connection_count;
};

struct scripted_servers {
	struct arena *arena;
	uv_loop_t *loop;
	const struct scripted_cast *cast;
	struct scripted_server *list;
};

struct writing {
	uv_write_t write;
	struct scripted_connection *connection;
	char bytes[];
};

static void turn(struct scripted_connection *connection);

/* ---- the end of a connection */

static void on_closed(uv_handle_t *handle)
{
	struct scripted_connection *connection = handle->data;
	struct scripted_server *server = connection->server;

	if (--connection->handles_open > 0)
		return;
	TAILQ_REMOVE(&server->connections, connection, entry);
	server->connection_count--;
	backlog_clear(&connection->heard);
	arena_close(connection->arena);
}

static void end(struct scripted_connection *connection, bool resets)
{
	if (connection->is_closing)
		return;
	connection->is_closing = true;
	if (connection->engine)
		engine_close(connection->engine);
	uv_close((uv_handle_t *)&connection->pause, on_closed);
	uv_close((uv_handle_t *)&connection->life, on_closed);
	if (!resets || uv_tcp_close_reset(&connection->tcp, on_closed) != 0)
		uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

static void on_life(uv_timer_t *life)
{
	end(life->data, false);
}

/* ---- sending */

static void on_written(uv_write_t *write, int status)
{
	struct writing *writing = OWNER_OF(write, struct writing, write);
	struct scripted_connection *connection = writing->connection;

	connection->writes--;
	if (status < 0)
		end(connection, false);
	else if (connection->is_leaving && !connection->writes)
		end(connection, false);
}

static void send_bytes(
	struct scripted_connection *connection, struct span bytes)
{
	struct writing *writing;
	uv_buf_t buf;

	if (!bytes.len || connection->is_closing)
		return;
	writing = arena_take(connection->arena, sizeof(*writing) + bytes.len);
	memcpy(writing->bytes, bytes.at, bytes.len);
	writing->connection = connection;
	buf = uv_buf_init(writing->bytes, (unsigned)bytes.len);
	if (uv_write(&writing->write, (uv_stream_t *)&connection->tcp, &buf, 1,
		    on_written) == 0)
		connection->writes++;
	else
		end(connection, false);
}

static void flush(struct scripted_connection *connection)
{
	send_bytes(connection, engine_output(connection->engine));
	engine_sent(connection->engine);
}

static void say(struct scripted_connection *connection, struct span bytes)
{
	if (!connection->engine) {
		send_bytes(connection, bytes);
		return;
	}
	engine_write(connection->engine, bytes);
	flush(connection);
}

static void leave(struct scripted_connection *connection)
{
	if (connection->engine) {
		engine_say_goodbye(connection->engine);
		flush(connection);
	}
	connection->is_leaving = true;
	if (!connection->writes)
		end(connection, false);
}

/* ---- hearing */

static void on_pause(uv_timer_t *pause)
{
	struct scripted_connection *connection = pause->data;

	connection->is_pausing = false;
	turn(connection);
}

static void begin_pause(struct scripted_connection *connection, uint64_t ms)
{
	connection->is_pausing = true;
	uv_timer_start(&connection->pause, on_pause, ms, 0);
}

/* What came in clear behind STARTTLS is not looked at (RFC 3207 section 6). */
static void shake_hands(struct scripted_connection *connection)
{
	backlog_clear(&connection->heard);
	connection->engine = engine_open_server(
		connection->server->member->tls, connection->arena);
	engine_start(connection->engine);
}

/* False: nothing waits, or it waits for more. */
static bool look(struct scripted_connection *connection)
{
	struct span bytes = backlog_bytes(&connection->heard);
	size_t taken;

	if (!bytes.len) {
		if (connection->has_ended)
			leave(connection);
		return false;
	}
	taken = serving_hear(&connection->serving, bytes);
	backlog_drop(&connection->heard, taken);
	return true;
}

static bool is_shaking(const struct scripted_connection *connection)
{
	return connection->engine &&
	       engine_state(connection->engine) == ENGINE_HANDSHAKE;
}

/* False: it waits. */
static bool do_next(struct scripted_connection *connection)
{
	struct span bytes;
	uint64_t pause_ms;

	switch (serving_want(&connection->serving, &bytes, &pause_ms)) {
	case SERVING_SAY:
		say(connection, bytes);
		return true;
	case SERVING_HEAR:
		return look(connection);
	case SERVING_PAUSE:
		begin_pause(connection, pause_ms);
		return false;
	case SERVING_TLS:
		if (!connection->engine)
			shake_hands(connection);
		return false;
	case SERVING_HANG:
		connection->is_hanging = true;
		uv_read_stop((uv_stream_t *)&connection->tcp);
		return false;
	case SERVING_CLOSE:
		leave(connection);
		return false;
	case SERVING_RESET:
		end(connection, true);
		return false;
	}
	return false;
}

static void turn(struct scripted_connection *connection)
{
	while (!connection->is_closing && !connection->is_leaving &&
		!connection->is_pausing && !connection->is_hanging)
		if (!do_next(connection))
			return;
}

static void keep(struct scripted_connection *connection, struct span bytes)
{
	if (connection->is_pausing)
		serving_overhear(&connection->serving);
	if (backlog_bytes(&connection->heard).len + bytes.len >
		SCRIPTED_BACKLOG_MAX + READ_ROOM)
		end(connection, false);
	else
		backlog_add(&connection->heard, bytes.at, bytes.len);
}

static void hear_encrypted(
	struct scripted_connection *connection, struct span bytes)
{
	bool was_shaking = is_shaking(connection);
	enum engine_state state = engine_feed(connection->engine, bytes);
	char plain[4096];
	size_t len;

	flush(connection);
	if (was_shaking && state != ENGINE_HANDSHAKE && state != ENGINE_FAILED)
		serving_tls_up(&connection->serving);
	while ((len = engine_read(connection->engine, plain, sizeof(plain))))
		keep(connection, (struct span){ plain, len });
	if (state == ENGINE_CLOSED)
		connection->has_ended = true;
	if (state == ENGINE_FAILED)
		end(connection, false);
}

static void on_room(uv_handle_t *handle, size_t hint, uv_buf_t *room)
{
	static char slab[READ_ROOM];

	(void)handle;
	(void)hint;
	*room = uv_buf_init(slab, sizeof(slab));
}

static void on_bytes(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct scripted_connection *connection = stream->data;
	struct span bytes = { buf->base, len > 0 ? (size_t)len : 0 };

	if (connection->is_closing || len == 0)
		return;
	if (len < 0 && len != UV_EOF) {
		end(connection, false);
		return;
	}
	if (len < 0)
		connection->has_ended = true;
	else if (connection->engine)
		hear_encrypted(connection, bytes);
	else
		keep(connection, bytes);
	if (connection->has_ended && is_shaking(connection))
		end(connection, false);
	turn(connection);
}

/* ---- somebody comes */

static struct scripted_connection *connection_new(
	struct scripted_server *server)
{
	struct arena *arena = arena_open();
	struct scripted_connection *connection = arena_new(
		arena, struct scripted_connection);
	uv_loop_t *loop = server->all->loop;

	connection->arena = arena;
	connection->server = server;
	uv_tcp_init(loop, &connection->tcp);
	uv_timer_init(loop, &connection->pause);
	uv_timer_init(loop, &connection->life);
	connection->tcp.data = connection;
	connection->pause.data = connection->life.data = connection;
	connection->handles_open = 3;
	serving_init(&connection->serving, arena, server->member->script,
		server->member->name, server->member->tls != NULL);
	TAILQ_INSERT_TAIL(&server->connections, connection, entry);
	server->connection_count++;
	return connection;
}

static void on_client(uv_stream_t *listener, int status)
{
	struct scripted_server *server = listener->data;
	struct scripted_connection *connection;

	if (status < 0)
		return;
	connection = connection_new(server);
	if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0 ||
		server->connection_count > SCRIPTED_CONNECTIONS_MAX ||
		uv_read_start((uv_stream_t *)&connection->tcp, on_room,
			on_bytes) != 0) {
		end(connection, false);
		return;
	}
	uv_timer_start(&connection->life, on_life, SCRIPTED_LIFE_MS, 0);
	turn(connection);
}

/* ---- listening */

static struct ip loopback_of(enum family family)
{
	struct ip ip = { .family = family };

	if (family == FAMILY_IPV4)
		memcpy(ip.bytes, "\x7f\0\0\1", 4);
	else
		ip.bytes[15] = 1;
	return ip;
}

static int listen_at(struct scripted_server *server)
{
	struct sockaddr_storage address;
	int len = sizeof(address), status;
	struct ip ip;

	ip_to_sockaddr(&server->ip, 0, &address);
	status = uv_tcp_bind(&server->listener, (struct sockaddr *)&address,
		server->ip.family == FAMILY_IPV6 ? UV_TCP_IPV6ONLY : 0);
	if (status == 0)
		status = uv_listen((uv_stream_t *)&server->listener,
			LISTEN_BACKLOG, on_client);
	if (status == 0)
		status = uv_tcp_getsockname(
			&server->listener, (struct sockaddr *)&address, &len);
	if (status == 0 && !ip_from_sockaddr((struct sockaddr *)&address, &ip,
				   &server->port))
		status = UV_EINVAL;
	return status;
}

static void open_server(struct scripted_servers *servers,
	struct scripted_server *server, const struct scripted_member *member)
{
	int status;

	server->member = member;
	server->all = servers;
	server->ip = loopback_of(member->family);
	TAILQ_INIT(&server->connections);
	uv_tcp_init(servers->loop, &server->listener);
	server->listener.data = server;
	status = listen_at(server);
	server->is_listening = status == 0;
	if (status != 0)
		server->why = arena_print(servers->arena,
			"this host has no %s loopback to rehearse on: %s",
			family_word(member->family), uv_strerror(status));
}

struct scripted_servers *scripted_servers_open(
	struct arena *arena, uv_loop_t *loop, const struct scripted_cast *cast)
{
	struct scripted_servers *servers = arena_new(
		arena, struct scripted_servers);

	servers->arena = arena;
	servers->loop = loop;
	servers->cast = cast;
	servers->list = arena_take(
		arena, (cast->member_count + 1) * sizeof(*servers->list));
	for (size_t i = 0; i < cast->member_count; i++)
		open_server(servers, &servers->list[i], &cast->members[i]);
	return servers;
}

void scripted_servers_close(struct scripted_servers *servers)
{
	for (size_t i = 0; i < servers->cast->member_count; i++) {
		struct scripted_server *server = &servers->list[i];
		struct scripted_connection *connection;

		uv_close((uv_handle_t *)&server->listener, NULL);
		TAILQ_FOREACH(connection, &server->connections, entry)
		end(connection, false);
	}
}

bool scripted_servers_find(const struct scripted_servers *servers,
	const struct ip *ip, struct sockaddr_storage *to, struct span *why)
{
	const struct scripted_cast *cast = servers->cast;

	for (size_t i = 0; i < cast->address_count; i++) {
		const struct scripted_server *server =
			&servers->list[cast->addresses[i].member];

		if (!ip_is(&cast->addresses[i].ip, ip))
			continue;
		*why = server->why;
		ip_to_sockaddr(&server->ip, server->port, to);
		return server->is_listening;
	}
	*why = SPAN("no server of the scenario stands at this address");
	return false;
}
