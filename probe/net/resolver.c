#include "probe/net/resolver_inside.h"

#include <ares.h>
#include <assert.h>

#include "probe/dns/name.h"

/* ---- the turn */

static void begin_queued(struct resolver *resolver)
{
	struct lookup *lookup;

	while (resolver->asked_count < RESOLVER_WINDOW &&
		(lookup = TAILQ_FIRST(&resolver->queued))) {
		if (LIST_EMPTY(&lookup->waiters)) /* all cancelled */
			lookup_forget(lookup);
		else if (lookup->type == RR_POLICY)
			lookup_fetch(lookup);
		else
			lookup_ask(lookup);
	}
}

static void tell_over(struct resolver *resolver)
{
	struct resolver_round *round;

	while (!resolver->is_closing &&
		(round = TAILQ_FIRST(&resolver->over))) {
		TAILQ_REMOVE(&resolver->over, round, entry);
		round->done(round);
	}
}

static void flush_servers(struct resolver *resolver)
{
	for (size_t i = 0; i < resolver->server_count; i++)
		nameserver_flush(&resolver->servers[i]);
}

static void on_hop(uv_timer_t *timer)
{
	struct resolver *resolver = OWNER_OF(timer, struct resolver, hop);
	struct lookup *lookup;

	while ((lookup = TAILQ_FIRST(&resolver->answered)))
		lookup_decide(lookup);
	begin_queued(resolver);
	flush_servers(resolver);
	tell_over(resolver);
}

void resolver_hop(struct resolver *resolver)
{
	if (!resolver->is_closing &&
		!uv_is_active((uv_handle_t *)&resolver->hop))
		uv_timer_start(&resolver->hop, on_hop, 0, 0);
}

/* ---- rounds */

static void settle_now(struct resolver_round *round, struct question *question,
	const struct answer *answer)
{
	question_settle(question,
		lookup_copy_answer(answers_arena(round->answers), answer));
}

/* From what is remembered; it has aged, and did not take any time. */
static bool settle_from_kept(struct resolver_round *round,
	struct question *question, struct lookup *lookup)
{
	uint64_t now = uv_now(round->resolver->loop);
	struct answer answer = lookup->best;

	if (lookup->expires_ms <= now) {
		lookup_forget(lookup);
		return false;
	}
	answer.rtt_us = 0;
	if (!answer_failed(&answer) && answer.ttl)
		answer.ttl = (uint32_t)((lookup->expires_ms - now) / 1000);
	settle_now(round, question, &answer);
	return true;
}

static void wait_for(struct resolver_round *round, struct question *question,
	struct lookup *lookup)
{
	struct waiter *waiter = arena_new(
		answers_arena(round->answers), struct waiter);

	waiter->question = question;
	waiter->round = round;
	waiter->next = round->waiters;
	round->waiters = waiter;
	round->open++;
	LIST_INSERT_HEAD(&lookup->waiters, waiter, lookup_entry);
}

static void prepare_fetch(struct lookup *lookup, const struct answers *answers)
{
	lookup->fetching = arena_new(lookup->arena, struct fetching);
	lookup->fetching->lookup = lookup;
	fetch_init(
		&lookup->fetching->fetch, lookup->arena, lookup->name, answers);
}

static void settle_question(
	struct resolver_round *round, struct question *question)
{
	static const char why[] = "onion names are not in the DNS (RFC 7686)";
	static const struct answer onion = { .kind = ANSWER_NO_NAME,
		.why = { why, sizeof(why) - 1 } };
	struct resolver *resolver = round->resolver;
	struct lookup *lookup = lookup_find(resolver, question);

	if (name_is_under(question->name, SPAN("onion"))) {
		settle_now(round, question, &onion);
		return;
	}
	if (lookup && lookup->state == LOOKUP_KEPT) {
		if (settle_from_kept(round, question, lookup))
			return;
		lookup = NULL;
	}
	if (!lookup) {
		lookup = lookup_new(resolver, lookup_arena(resolver),
			LOOKUP_QUEUED, question);
		if (question->type == RR_POLICY)
			prepare_fetch(lookup, round->answers);
	}
	wait_for(round, question, lookup);
}

void resolver_settle(struct resolver *resolver, struct resolver_round *round,
	struct answers *answers, void (*done)(struct resolver_round *round))
{
	struct question *question = answers_open_question(answers);

	assert(!resolver->is_closing);
	*round = (struct resolver_round){
		.resolver = resolver, .answers = answers, .done = done
	};
	TAILQ_INSERT_TAIL(&resolver->rounds, round, entry);
	for (; question; question = question_next_open(question))
		settle_question(round, question);
	if (!round->open)
		resolver_round_over(round);
	resolver_hop(resolver);
}

void resolver_cancel(struct resolver_round *round)
{
	static const struct answer interrupted = { .kind = ANSWER_TIMEOUT,
		.why = { "interrupted", 11 } };
	struct waiter *waiter = round->waiters;

	for (; waiter; waiter = waiter->next) {
		if (waiter->is_settled)
			continue;
		LIST_REMOVE(waiter, lookup_entry);
		waiter_settle(waiter, &interrupted);
	}
}

/* ---- open and close */

size_t resolver_server_count(const struct resolver *resolver)
{
	return resolver->server_count;
}

struct span resolver_server(const struct resolver *resolver, size_t at)
{
	return resolver->servers[at].text;
}

struct resolver *resolver_open(struct arena *arena, uv_loop_t *loop,
	const struct resolver_setup *setup, struct span *why)
{
	struct resolver *resolver = arena_new(arena, struct resolver);
	bool is_good;

	resolver->arena = arena;
	resolver->loop = loop;
	resolver->tries = setup->tries ? setup->tries : RESOLVER_TRIES;
	TAILQ_INIT(&resolver->queued);
	TAILQ_INIT(&resolver->asked);
	TAILQ_INIT(&resolver->answered);
	TAILQ_INIT(&resolver->kept);
	TAILQ_INIT(&resolver->rounds);
	TAILQ_INIT(&resolver->over);
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		*why = SPAN("c-ares does not start");
		return NULL;
	}
	is_good = setup->servers ? resolver_servers_from_text(resolver,
					   span_of(setup->servers), why)
				 : resolver_servers_of_system(resolver, why);
	if (!is_good || !resolver_open_servers(resolver, setup, why)) {
		ares_library_cleanup();
		return NULL;
	}
	uv_timer_init(loop, &resolver->hop);
	if (setup->fetch)
		resolver->fetcher = fetcher_open(arena, loop, setup->fetch);
	return resolver;
}

static void forget_all(struct lookup_list *list)
{
	struct lookup *lookup;

	while ((lookup = TAILQ_FIRST(list)))
		lookup_forget(lookup);
}

void resolver_close(struct resolver *resolver)
{
	struct resolver_round *round;

	resolver->is_closing = true;
	while ((round = TAILQ_FIRST(&resolver->rounds)))
		resolver_cancel(round);
	resolver_close_servers(resolver);
	if (resolver->fetcher)
		fetcher_close(resolver->fetcher);
	uv_close((uv_handle_t *)&resolver->hop, NULL);
	forget_all(&resolver->queued);
	forget_all(&resolver->asked);
	forget_all(&resolver->answered);
	forget_all(&resolver->kept);
	while (resolver->spare_count)
		arena_close(resolver->spare[--resolver->spare_count]);
	ares_library_cleanup();
}
