#include "probe/net/walker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "probe/base/clock.h"
#include "probe/net/refusal.h"
#include "probe/net/tcp_facts.h"

/* IP_BIND_ADDRESS_NO_PORT of linux/in.h, which netinet/in.h conflicts with. */
enum { BIND_ADDRESS_NO_PORT = 24 };

/* What goes into the socket, or through the cipher, at a time. */
enum { PIECE = 64 * 1024 };

/* How often the clock rings, in the patience for a message. */
enum { LOOKS = 8 };

static void walker_turn(struct walker *walker);

static int socket_of(const struct walker *walker)
{
	uv_os_fd_t socket;

	if (uv_fileno((const uv_handle_t *)&walker->tcp, &socket) != 0)
		return -1;
	return socket;
}

/* ---- the end */

static void on_closed(uv_handle_t *handle)
{
	struct walker *walker = handle->data;

	if (--walker->handles_open == 0)
		walker->done(walker);
}

/* Nothing is under way: the last reply was heard, and in plain text. */
static bool is_all_said(const struct walker *walker)
{
	const struct transcript *transcript = &walker->visit->transcript;

	return !walker->visit->fault && !walker->engine &&
	       !walker->is_writing && transcript->count &&
	       transcript->events[transcript->count - 1].kind == EVENT_HEARD;
}

/* Thousands of dialogues a second, of which all is said: both ends are free at
 * once when there is a reset, and no TIME_WAIT is kept. */
static void close_connection(struct walker *walker, bool may_reset)
{
	if (!walker->orders->round || !may_reset ||
		uv_tcp_close_reset(&walker->tcp, on_closed) != 0)
		uv_close((uv_handle_t *)&walker->tcp, on_closed);
}

static void walker_close(struct walker *walker)
{
	struct visit *visit = walker->visit;
	uint64_t now = clock_now_ns();
	bool may_reset = is_all_said(walker);

	if (walker->is_closing)
		return;
	walker->is_closing = true;
	if (walker->orders->round)
		walker_round_leave(walker->orders->round, walker);
	if (walker->engine) {
		engine_session(walker->engine);
		engine_close(walker->engine);
		walker->engine = NULL;
	}
	if (visit->source.is_known) {
		if (!visit->tcp.is_known)
			tcp_facts_read(socket_of(walker), &visit->tcp);
		transcript_add(&visit->transcript, walker->arena,
			now - visit->began_ns, EVENT_CLOSED, STAGE_QUIT);
	}
	visit->ended_ns = now;
	close_connection(walker, may_reset);
	uv_close((uv_handle_t *)&walker->clock, on_closed);
}

/* ---- sending */

static void pump(struct walker *walker);
static void flush_engine(struct walker *walker);

/*
 * What the server said before it stopped reading is still to come: a write
 * error alone is never the end.  But the kernel tells of a reset only once,
 * and the end of what is read then looks like an orderly one.
 */
static void stop_writing(struct walker *walker, int status)
{
	walker->is_deaf_to_writes = true;
	walker->was_reset |= status == UV_ECONNRESET;
}

static void on_written(uv_write_t *write, int status)
{
	struct walker *walker = OWNER_OF(write, struct walker, write);

	walker->is_writing = false;
	if (walker->is_closing)
		return;
	if (status < 0)
		stop_writing(walker, status);
	if (walker->engine)
		flush_engine(walker);
	pump(walker);
}

/* libuv's buffers are not const; it only reads what it sends. */
static uv_buf_t buf_of(struct span bytes)
{
	union {
		const char *given;
		char *wanted;
	} at = { .given = bytes.at };

	return uv_buf_init(at.wanted, (unsigned)bytes.len);
}

static void send_piece(struct walker *walker, struct span bytes)
{
	uv_buf_t buf = buf_of(bytes);
	int taken;

	if (!bytes.len || walker->is_deaf_to_writes)
		return;
	taken = uv_try_write((uv_stream_t *)&walker->tcp, &buf, 1);
	if (taken == UV_EAGAIN)
		taken = 0;
	if (taken < 0) {
		stop_writing(walker, taken);
		return;
	}
	bytes = span_part(bytes, (size_t)taken, bytes.len);
	if (!bytes.len)
		return;
	/* Cipher text is only lent to us until the engine's next turn. */
	if (walker->engine)
		bytes = arena_copy(walker->arena, bytes);
	buf = buf_of(bytes);
	walker->is_writing = uv_write(&walker->write,
				     (uv_stream_t *)&walker->tcp, &buf, 1,
				     on_written) == 0;
	walker->is_deaf_to_writes = !walker->is_writing;
}

/* While a write is under way, what the engine has to say waits in it. */
static void flush_engine(struct walker *walker)
{
	if (walker->is_writing)
		return;
	send_piece(walker, engine_output(walker->engine));
	engine_sent(walker->engine);
}

/* Sends what is pending, as far as the socket takes it. */
static void pump(struct walker *walker)
{
	while (walker->pending.len && !walker->is_writing &&
		!walker->is_deaf_to_writes) {
		struct span piece = span_part(walker->pending, 0, PIECE);

		walker->pending = span_part(
			walker->pending, piece.len, walker->pending.len);
		if (!walker->engine) {
			send_piece(walker, piece);
			continue;
		}
		engine_write(walker->engine, piece);
		flush_engine(walker);
	}
}

/* False when the last line is still on its way: nothing may follow it. */
static bool say(struct walker *walker, struct span line)
{
	if (walker->pending.len || walker->is_writing)
		return false;
	walker->pending = line;
	pump(walker);
	return true;
}

/* ---- hearing */

static void hear_plain(struct walker *walker, struct span bytes)
{
	dialogue_hear(&walker->dialogue, clock_now_ns(), bytes);
}

static void fail_handshake(struct walker *walker)
{
	struct engine *engine = walker->engine;
	struct fault fault = { .failure = FAILURE_TLS_HANDSHAKE,
		.why = engine_why(engine) };
	struct span first;

	if (engine_saw_plaintext(engine, &first)) {
		fault.failure = FAILURE_TLS_INJECTION;
		fault.why = SPAN("plain text came after the 220 to STARTTLS: "
				 "somebody may be injecting commands");
		fault.garbled = arena_copy(walker->arena, first);
	}
	dialogue_tls_failed(&walker->dialogue, clock_now_ns(),
		engine_session(engine), &fault);
}

static bool is_shaking_hands(const struct walker *walker)
{
	return walker->dialogue.turn == TURN_TLS;
}

static void hear_engine(struct walker *walker, enum engine_state state)
{
	static char plain[16 * 1024 + 1024];
	size_t len;

	if (state == ENGINE_FAILED && is_shaking_hands(walker)) {
		fail_handshake(walker);
		return;
	}
	if (state != ENGINE_HANDSHAKE && is_shaking_hands(walker))
		dialogue_tls_up(&walker->dialogue, clock_now_ns(),
			engine_session(walker->engine));
	while ((len = engine_read(walker->engine, plain, sizeof(plain))) != 0)
		hear_plain(walker, (struct span){ plain, len });
	if (state == ENGINE_CLOSED)
		dialogue_hear_end(&walker->dialogue, clock_now_ns(), false);
	if (state == ENGINE_FAILED)
		dialogue_fail(&walker->dialogue, clock_now_ns(),
			(struct fault){ .failure = FAILURE_TLS_HANDSHAKE,
				.why = engine_why(walker->engine) });
}

static void hear(struct walker *walker, struct span bytes)
{
	enum engine_state state;

	if (!walker->engine) {
		hear_plain(walker, bytes);
		return;
	}
	state = engine_feed(walker->engine, bytes);
	flush_engine(walker);
	hear_engine(walker, state);
}

static void hear_end(struct walker *walker, int status)
{
	if (walker->engine && is_shaking_hands(walker)) {
		engine_feed_end(walker->engine);
		fail_handshake(walker);
		return;
	}
	dialogue_hear_end(&walker->dialogue, clock_now_ns(),
		status != UV_EOF || walker->was_reset);
}

/* One slab for all: libuv hands it back before it asks for it again. */
static void on_room(uv_handle_t *handle, size_t hint, uv_buf_t *room)
{
	static char slab[64 * 1024];

	(void)handle;
	(void)hint;
	*room = uv_buf_init(slab, sizeof(slab));
}

static void on_bytes(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct walker *walker = OWNER_OF(stream, struct walker, tcp);

	if (len == 0 || walker->is_closing)
		return;
	if (len < 0)
		hear_end(walker, (int)len);
	else
		hear(walker, (struct span){ buf->base, (size_t)len });
	if (walker->orders->round)
		walker_round_add(walker->orders->round, walker);
	else
		walker_turn(walker);
}

/* ---- waiting */

static void fail_to_connect(struct walker *walker, int error)
{
	struct fault fault = { .why = SPAN("") };

	refusal_read(walker->arena, socket_of(walker), error, &fault);
	dialogue_fail(&walker->dialogue, clock_now_ns(), fault);
}

/* A silent firewall still may have left an ICMP error behind. */
static bool has_icmp_error(struct walker *walker)
{
	struct fault fault = { .why = SPAN("") };

	if (dialogue_stage(&walker->dialogue) != STAGE_CONNECT)
		return false;
	refusal_read(walker->arena, socket_of(walker), ETIMEDOUT, &fault);
	if (!fault.icmp.is_known)
		return false;
	dialogue_fail(&walker->dialogue, clock_now_ns(), fault);
	return true;
}

/* The loop looks at its clocks first: after it was held up, what came in time
 * is still unheard, and is heard before the time-out counts. */
static bool has_unheard(struct walker *walker)
{
	bool is_connecting = dialogue_stage(&walker->dialogue) == STAGE_CONNECT;
	struct pollfd look = { .fd = socket_of(walker),
		.events = is_connecting ? POLLOUT : POLLIN };

	if (walker->has_looked || poll(&look, 1, 0) != 1)
		return false;
	walker->has_looked = true;
	return true;
}

static bool is_message_said(const struct walker *walker)
{
	return dialogue_stage(&walker->dialogue) == STAGE_DOT;
}

/* While a message is being taken, its time begins anew: RFC 5321 section
 * 4.5.3.2.5 wants patience for each block, and a slow line is no silence. */
static bool is_taking(struct walker *walker)
{
	struct tcp_facts facts = { 0 };
	uint32_t before = walker->taken;

	if (!is_message_said(walker))
		return false;
	tcp_facts_read(socket_of(walker), &facts);
	walker->taken = (uint32_t)facts.acked;
	return walker->taken != before;
}

static void on_clock(uv_timer_t *clock);

/* Most clocks never ring: one that rings too soon is set again, which costs
 * less than to set it for every reply. */
static void set_clock(struct walker *walker, uint64_t now, uint64_t due)
{
	uv_handle_t *handle = (uv_handle_t *)&walker->clock;
	uint64_t ring = due, look;

	walker->due_ms = due;
	look = now + dialogue_patience(&walker->dialogue) / LOOKS + 1;
	if (is_message_said(walker) && look < due)
		ring = look;
	if (uv_is_active(handle) &&
		now + uv_timer_get_due_in(&walker->clock) <= ring)
		return;
	uv_timer_start(
		&walker->clock, on_clock, ring > now ? ring - now : 0, 0);
}

static void begin_patience(struct walker *walker)
{
	uint64_t now, due;

	uv_update_time(walker->clock.loop);
	now = uv_now(walker->clock.loop);
	due = now + dialogue_patience(&walker->dialogue);
	walker->has_looked = false;
	set_clock(walker, now,
		due < walker->deadline_ms ? due : walker->deadline_ms);
}

static void on_clock(uv_timer_t *clock)
{
	struct walker *walker = OWNER_OF(clock, struct walker, clock);
	uint64_t now = uv_now(clock->loop);

	if (now < walker->deadline_ms && is_taking(walker)) {
		begin_patience(walker);
		return;
	}
	if (now < walker->due_ms || has_unheard(walker)) {
		set_clock(walker, now,
			now < walker->due_ms ? walker->due_ms : now + 1);
		return;
	}
	/* As it is now: a QUIT that is on its way would count as unheard. */
	if (walker->visit->source.is_known && !walker->visit->tcp.is_known)
		tcp_facts_read(socket_of(walker), &walker->visit->tcp);
	if (!has_icmp_error(walker))
		dialogue_silence(&walker->dialogue, clock_now_ns(),
			now >= walker->deadline_ms);
	walker_turn(walker);
}

/* The patience is for a whole reply: a byte now and then buys no time. */
static void wait(struct walker *walker)
{
	unsigned waits = (unsigned)walker->dialogue.at << 8 |
			 walker->dialogue.turn;

	if (walker->waits == waits)
		return;
	walker->waits = waits;
	begin_patience(walker);
}

/* ---- connecting */

static void not_applicable(struct walker *walker, struct span why)
{
	const char *interface = walker->orders->interface;

	walker->visit->state = VISIT_NOT_APPLICABLE;
	walker->visit->is_confined = interface != NULL;
	walker->visit->why_not = interface ? arena_print(walker->arena,
						     "%.*s by %s",
						     SPAN_ARG(why), interface)
					   : why;
	walker_close(walker);
}

static void fail_here(struct walker *walker, struct span why)
{
	dialogue_fail(&walker->dialogue, clock_now_ns(),
		(struct fault){ .failure = FAILURE_LOCAL, .why = why });
	walker_close(walker);
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
		status = uv_read_start(
			(uv_stream_t *)&walker->tcp, on_room, on_bytes);
	if (status < 0) {
		fail_to_connect(walker, -status);
	} else {
		if (is_watched(walker))
			refusal_unwatch(
				socket_of(walker), walker->visit->path->family);
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
	int fd = socket_of(walker), on = 1, status;
	struct sockaddr_storage name;
	char room[IP_TEXT_MAX];

	if (orders->interface &&
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, orders->interface,
			(socklen_t)strlen(orders->interface)) != 0) {
		fail_here(walker, arena_print(walker->arena,
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
	fail_here(walker,
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
		fail_here(walker, SPAN("an IPv4 address in the form of an IPv6 "
				       "one is no way over IPv6"));
		return;
	}
	ip_to_sockaddr(&path->remote, path->port, &to);
	if (servers &&
		!scripted_servers_find(servers, &path->remote, &to, &why)) {
		not_applicable(walker, why);
		return;
	}
	status = uv_tcp_connect(&walker->connect, &walker->tcp,
		(struct sockaddr *)&to, on_connected);
	if (status == 0)
		return;
	if (refusal_is_of_ports(-status, &to, walker->orders->interface))
		fail_here(walker,
			SPAN("no local port is left for another connection to "
			     "this server (net.ipv4.ip_local_port_range)"));
	else if (ip_kind(&path->remote) != IP_LOOPBACK &&
		 refusal_is_not_applicable(path->family, -status, &why))
		not_applicable(walker, why);
	else
		fail_here(walker, span_of(uv_strerror(status)));
}

/* It has to be before the SYN, which tells the peer, too. */
static bool clamp_segments(struct walker *walker)
{
	int octets = (int)walker->orders->segment_max;

	if (!octets || setsockopt(socket_of(walker), IPPROTO_TCP, TCP_MAXSEG,
			       &octets, sizeof(octets)) == 0)
		return true;
	fail_here(walker, arena_print(walker->arena,
				  "cannot limit segments to %d octets: %s",
				  octets, strerror(errno)));
	return false;
}

static void connect_begin(struct walker *walker)
{
	const struct path *path = walker->visit->path;

	uv_tcp_nodelay(&walker->tcp, 1);
	if (walker->orders->servers) {
		connect_now(walker);
		return;
	}
	if (is_watched(walker))
		refusal_watch(socket_of(walker), path->family);
	if (clamp_segments(walker) && bind_source(walker))
		connect_now(walker);
}

/* ---- TLS */

static void fail_to_shake(struct walker *walker)
{
	struct fault fault = { .failure = FAILURE_LOCAL };

	fault.why = arena_print(walker->arena, "TLS cannot begin here: %.*s",
		SPAN_ARG(engine_why(walker->engine)));
	dialogue_tls_failed(&walker->dialogue, clock_now_ns(),
		engine_session(walker->engine), &fault);
}

/* Where TLSA binds us, SNI is its base domain (RFC 7672 section 3.1). */
static void shake_hands(struct walker *walker)
{
	const struct path *path = walker->visit->path;
	struct span asked = walker->orders->sni;
	struct span name = asked.len ? asked : path->host;

	if (path->tlsa && !asked.len)
		asked = path->tlsa->names[0];
	walker->engine = engine_open(
		walker->orders->tls, walker->arena, name, asked);
	engine_hold_against(walker->engine, path->tlsa);
	if (walker->orders->tls_padding)
		engine_pad(walker->engine, walker->orders->tls_padding);
	engine_start(walker->engine);
	flush_engine(walker);
	/* It has heard nothing yet, and no server is to blame. */
	if (engine_state(walker->engine) == ENGINE_FAILED)
		fail_to_shake(walker);
}

/* ---- one turn after the other */

/* A line is to follow one that is still on its way: only a message is so long,
 * and a server that refuses it early is well within its rights. */
static void fail_unsent(struct walker *walker)
{
	if (walker->visit->fault)
		return;
	dialogue_fail(&walker->dialogue, clock_now_ns(),
		(struct fault){ .failure = FAILURE_SMTP_UNEXPECTED,
			.stage = STAGE_DOT,
			.why = SPAN("the server took the message before it had "
				    "all of it") });
}

static void hang_up(struct walker *walker)
{
	if (walker->engine && !walker->is_writing &&
		engine_state(walker->engine) == ENGINE_OPEN) {
		engine_say_goodbye(walker->engine);
		flush_engine(walker);
	}
	walker_close(walker);
}

/* Ask the dialogue what it wants, and do it, until it is to wait. */
static void walker_turn(struct walker *walker)
{
	struct span line;

	while (!walker->is_closing) {
		switch (dialogue_want(
			&walker->dialogue, clock_now_ns(), &line)) {
		case WANT_CONNECT:
		case WANT_HEAR:
			wait(walker);
			return;
		case WANT_SAY:
			if (say(walker, line))
				break;
			fail_unsent(walker);
			hang_up(walker);
			return;
		case WANT_TLS:
			if (!walker->engine)
				shake_hands(walker);
			if (walker->dialogue.turn != TURN_TLS)
				break;
			wait(walker);
			return;
		case WANT_HANGUP:
			hang_up(walker);
			return;
		}
	}
}

void walker_go_on(struct walker *walker)
{
	walker_turn(walker);
}

void walker_start(struct walker *walker, uv_loop_t *loop,
	const struct walk_orders *orders, const struct message *message)
{
	struct visit *visit = walker->visit;
	int domain = visit->path->family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	struct span why;
	int status;

	walker->orders = orders;
	visit->state = VISIT_WALKED;
	visit->began_ns = clock_now_ns();
	visit->wall_ms = clock_wall_ms();
	if (message)
		visit->token = message->token;
	dialogue_init(&walker->dialogue, walker->arena, visit, message,
		orders->patience);
	uv_timer_init(loop, &walker->clock);
	status = uv_tcp_init_ex(loop, &walker->tcp, (unsigned)domain);
	if (status < 0)
		uv_tcp_init(loop, &walker->tcp);
	walker->tcp.data = walker->clock.data = walker;
	walker->handles_open = 2;
	uv_update_time(loop);
	walker->deadline_ms = uv_now(loop) + orders->patience->total;
	walker_turn(walker);
	if (status == 0)
		connect_begin(walker);
	else if (refusal_is_not_applicable(visit->path->family, -status, &why))
		not_applicable(walker, why);
	else
		fail_here(walker, arena_print(walker->arena, "no socket: %s",
					  uv_strerror(status)));
}

void walker_interrupt(struct walker *walker)
{
	if (walker->is_closing)
		return;
	dialogue_interrupt(&walker->dialogue, clock_now_ns());
	walker_turn(walker);
}

struct span walker_waits_for(struct arena *arena, const struct walker *walker)
{
	const struct path *path = walker->visit->path;
	enum stage stage = dialogue_stage(&walker->dialogue);
	const char *what = stage == STAGE_BANNER ? "greet pause"
						 : stage_word(stage);

	if (walker->is_closing)
		return SPAN("");
	return arena_print(arena, "%s over %s: %s %llu s",
		arena_copy(arena, path->host).at, family_word(path->family),
		what,
		(unsigned long long)(uv_now(walker->clock.loop) -
				     (walker->deadline_ms -
					     walker->orders->patience->total)) /
			1000);
}
