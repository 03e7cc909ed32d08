#include "probe/net/walker_inside.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "probe/base/clock.h"
#include "probe/net/refusal.h"
#include "probe/net/tcp_facts.h"

/* How often the clock rings, in the patience for a message. */
enum { LOOKS = 8 };

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

void walker_close(struct walker *walker)
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
			tcp_facts_read(walker_socket(walker), &visit->tcp);
		transcript_add(&visit->transcript, walker->arena,
			now - visit->began_ns, EVENT_CLOSED, STAGE_QUIT);
	}
	visit->ended_ns = now;
	close_connection(walker, may_reset);
	uv_close((uv_handle_t *)&walker->clock, on_closed);
}

void walker_not_applicable(struct walker *walker, struct span why)
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

void walker_fail_here(struct walker *walker, struct span why)
{
	dialogue_fail(&walker->dialogue, clock_now_ns(),
		(struct fault){ .failure = FAILURE_LOCAL, .why = why });
	walker_close(walker);
}

/* ---- waiting */

/* A silent firewall still may have left an ICMP error behind. */
static bool has_icmp_error(struct walker *walker)
{
	struct fault fault = { .why = SPAN("") };

	if (dialogue_stage(&walker->dialogue) != STAGE_CONNECT)
		return false;
	refusal_read(walker->arena, walker_socket(walker), ETIMEDOUT, &fault);
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
	struct pollfd look = { .fd = walker_socket(walker),
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
	tcp_facts_read(walker_socket(walker), &facts);
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
		tcp_facts_read(walker_socket(walker), &walker->visit->tcp);
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
	walker_say_goodbye(walker);
	walker_close(walker);
}

void walker_turn(struct walker *walker)
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
			if (walker_say(walker, line))
				break;
			fail_unsent(walker);
			hang_up(walker);
			return;
		case WANT_TLS:
			if (!walker->engine)
				walker_shake_hands(walker);
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
		walker_connect(walker);
	else if (refusal_is_not_applicable(visit->path->family, -status, &why))
		walker_not_applicable(walker, why);
	else
		walker_fail_here(
			walker, arena_print(walker->arena, "no socket: %s",
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
