#include "probe/net/resolver_inside.h"

/* Octets: a lookup and an answer of usual size. */
enum { LOOKUP_ROOM = 2048 };

/* ---- answers to those who wait */

const struct answer *lookup_copy_answer(
	struct arena *arena, const struct answer *answer)
{
	struct answer *copy = arena_new(arena, struct answer);
	struct span *values = arena_take(
		arena, answer->value_count * sizeof(*values));

	*copy = *answer;
	for (size_t i = 0; i < answer->value_count; i++)
		values[i] = arena_copy(arena, answer->values[i]);
	copy->values = values;
	copy->canonical = arena_copy(arena, answer->canonical);
	copy->server = arena_copy(arena, answer->server);
	copy->why = arena_copy(arena, answer->why);
	return copy;
}

void resolver_round_over(struct resolver_round *round)
{
	struct resolver *resolver = round->resolver;

	round->is_over = true;
	TAILQ_REMOVE(&resolver->rounds, round, entry);
	TAILQ_INSERT_TAIL(&resolver->over, round, entry);
	resolver_hop(resolver);
}

void waiter_settle(struct waiter *waiter, const struct answer *answer)
{
	struct resolver_round *round = waiter->round;

	waiter->is_settled = true;
	question_settle(waiter->question,
		lookup_copy_answer(answers_arena(round->answers), answer));
	if (--round->open == 0)
		resolver_round_over(round);
}

/* ---- lookups: found, made, kept, forgotten */

struct lookup *lookup_find(
	struct resolver *resolver, const struct question *question)
{
	struct lookup *lookup = LIST_FIRST(
		&resolver->buckets[question->hash % RESOLVER_BUCKETS]);

	for (; lookup; lookup = LIST_NEXT(lookup, bucket_entry))
		if (lookup->hash == question->hash &&
			lookup->type == question->type &&
			span_is(lookup->name, question->name))
			return lookup;
	return NULL;
}

static struct lookup_list *list_of(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	switch (lookup->state) {
	case LOOKUP_QUEUED:
		return &resolver->queued;
	case LOOKUP_ASKED:
		return &resolver->asked;
	case LOOKUP_ANSWERED:
		return &resolver->answered;
	case LOOKUP_KEPT:
		return &resolver->kept;
	}
	return NULL;
}

void lookup_move(struct lookup *lookup, enum lookup_state state)
{
	TAILQ_REMOVE(list_of(lookup), lookup, entry);
	lookup->state = state;
	TAILQ_INSERT_TAIL(list_of(lookup), lookup, entry);
}

/*
 * Each question takes about as much memory as the one before it: the arenas go
 * round.  What is kept has one of its own size, and leaves none behind.
 */
struct arena *lookup_arena(struct resolver *resolver)
{
	return resolver->spare_count ? resolver->spare[--resolver->spare_count]
				     : arena_open_with(LOOKUP_ROOM);
}

static void spare_arena(struct resolver *resolver, struct arena *arena)
{
	if (resolver->spare_count == COUNT_OF(resolver->spare)) {
		arena_close(arena);
		return;
	}
	arena_empty(arena);
	resolver->spare[resolver->spare_count++] = arena;
}

struct lookup *lookup_new(struct resolver *resolver, struct arena *arena,
	enum lookup_state state, const struct question *question)
{
	struct lookup *lookup = arena_new(arena, struct lookup);

	lookup->arena = arena;
	lookup->resolver = resolver;
	lookup->name = arena_copy(arena, question->name);
	lookup->type = question->type;
	lookup->hash = question->hash;
	lookup->state = state;
	lookup->first = resolver->preferred;
	LIST_INIT(&lookup->waiters);
	LIST_INSERT_HEAD(&resolver->buckets[lookup->hash % RESOLVER_BUCKETS],
		lookup, bucket_entry);
	TAILQ_INSERT_TAIL(list_of(lookup), lookup, entry);
	return lookup;
}

void lookup_forget(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	TAILQ_REMOVE(list_of(lookup), lookup, entry);
	LIST_REMOVE(lookup, bucket_entry);
	if (lookup->state == LOOKUP_KEPT) {
		resolver->kept_count--;
		arena_close(lookup->arena);
		return;
	}
	spare_arena(resolver, lookup->arena);
}

static uint32_t keep_seconds(const struct lookup *lookup)
{
	const struct answer *answer = &lookup->best;
	size_t bytes = answer->why.len;

	for (size_t i = 0; i < answer->value_count; i++)
		bytes += answer->values[i].len;
	if (bytes > RESOLVER_CACHE_ANSWER_MAX)
		return 0;
	if (answer_failed(answer))
		return RESOLVER_FAILURE_TTL;
	if (lookup->type == RR_POLICY)
		return RESOLVER_POLICY_TTL;
	return answer->ttl < RESOLVER_CACHE_TTL_MAX ? answer->ttl
						    : RESOLVER_CACHE_TTL_MAX;
}

/* The lookup makes way for a fresh one that holds no more than the answer. */
static void keep(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	uint32_t seconds = keep_seconds(lookup);
	struct question question = {
		.name = lookup->name, .type = lookup->type, .hash = lookup->hash
	};
	struct lookup *kept;

	if (seconds) {
		kept = lookup_new(
			resolver, arena_open(), LOOKUP_KEPT, &question);
		kept->best = *lookup_copy_answer(kept->arena, &lookup->best);
		kept->expires_ms = uv_now(resolver->loop) + seconds * 1000u;
		resolver->kept_count++;
	}
	lookup_forget(lookup);
	if (resolver->kept_count > RESOLVER_CACHE_MAX)
		lookup_forget(TAILQ_FIRST(&resolver->kept));
}

void lookup_settle(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	struct waiter *waiter;

	if (!answer_failed(&lookup->best) && lookup->was_lost)
		resolver->preferred = (size_t)(lookup->asking.server -
					       resolver->servers);
	while ((waiter = LIST_FIRST(&lookup->waiters))) {
		LIST_REMOVE(waiter, lookup_entry);
		waiter_settle(waiter, &lookup->best);
	}
	keep(lookup);
}
