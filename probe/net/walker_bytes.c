#include "probe/net/walker_inside.h"

#include "probe/base/clock.h"

/* What goes into the socket, or through the cipher, at a time. */
enum { PIECE = 64 * 1024 };

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

bool walker_say(struct walker *walker, struct span line)
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

int walker_listen(struct walker *walker)
{
	return uv_read_start((uv_stream_t *)&walker->tcp, on_room, on_bytes);
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
void walker_shake_hands(struct walker *walker)
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

void walker_say_goodbye(struct walker *walker)
{
	if (!walker->engine || walker->is_writing ||
		engine_state(walker->engine) != ENGINE_OPEN)
		return;
	engine_say_goodbye(walker->engine);
	flush_engine(walker);
}
