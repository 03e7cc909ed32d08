#include "probe/judge/delivery_join.h"

#include <stdlib.h>

#include "probe/judge/delivery_merge.h"
#include "probe/judge/delivery_wait.h"

/* How often one that lost its match is let look for another. */
enum { JOIN_MOVES_MAX = 64 };

struct delivery_join *delivery_join_open(
	const struct delivery_join_orders *orders)
{
	struct arena *arena = arena_open();
	struct delivery_join *join = arena_new(arena, struct delivery_join);

	join->arena = arena;
	join->orders = *orders;
	if (!join->orders.kept_max)
		join->orders.kept_max = JOIN_KEPT_MAX;
	if (!join->orders.octets_max)
		join->orders.octets_max = JOIN_OCTETS_MAX;
	kept_open(&join->kept);
	return join;
}

void delivery_join_close(struct delivery_join *join)
{
	while (join->first)
		delivery_wait_free(join, join->first);
	kept_close(&join->kept);
	arena_close(join->arena);
}

const struct delivery_join_account *delivery_join_account(
	const struct delivery_join *join)
{
	return &join->account;
}

/* ---- going on */

static void give(struct delivery_join *join, const struct delivery *log,
	const struct delivery *bounce, const struct delivery *capture)
{
	struct joined_delivery joined;

	delivery_merge(log, bounce, capture, &joined);
	join->account.taken++;
	join->orders.take(join->orders.taker, &joined);
}

static void give_alone(
	struct delivery_join *join, const struct delivery *delivery)
{
	switch (delivery->witness) {
	case WITNESS_LOG:
		give(join, delivery, NULL, NULL);
		break;
	case WITNESS_BOUNCE:
		give(join, NULL, delivery, NULL);
		break;
	case WITNESS_CAPTURE:
		give(join, NULL, NULL, delivery);
		break;
	}
}

static const struct delivery *told_by(struct delivery_kept *kept)
{
	if (!kept)
		return NULL;
	kept->is_told = true;
	kept->taker = NULL;
	return &kept->delivery;
}

static void give_wait(struct delivery_join *join, struct delivery_wait *wait)
{
	const struct delivery *bounce = told_by(wait->bounce);
	const struct delivery *capture = told_by(wait->capture);

	if (wait->delivery.witness == WITNESS_BOUNCE)
		give(join, NULL, &wait->delivery, capture);
	else
		give(join, &wait->delivery, bounce, capture);
	delivery_wait_free(join, wait);
}

/* ---- a delivery of a log */

static bool is_waiting_for_better(const struct delivery_wait *wait)
{
	return wait->bounce ||
	       (wait->capture && !kept_is_shared(wait->capture));
}

static const struct delivery *other_of(
	struct delivery_wait *wait, enum witness_kind kind)
{
	const struct delivery_kept *other = kind == WITNESS_BOUNCE
						    ? wait->capture
						    : wait->bounce;

	return other ? &other->delivery : NULL;
}

static bool search_for(struct delivery_join *join, struct delivery_wait *wait,
	enum witness_kind kind, struct delivery_search *search)
{
	*search = (struct delivery_search){ .told = &wait->delivery,
		.other = other_of(wait, kind),
		.number = wait->number,
		.wanted = kind,
		.zone = join->zone };
	delivery_search_run(search, &join->kept);
	return search->found != NULL;
}

/* Whoever had it before, and has to look for another now; or NULL. */
static struct delivery_wait *have(struct delivery_join *join,
	struct delivery_wait *wait, const struct delivery_search *search)
{
	struct delivery_kept *kept = search->found;
	struct delivery_wait *loser = kept->taker;

	*wait_place(wait, search->wanted) = kept;
	*wait_likeness(wait, search->wanted) = search->likeness;
	if (search->likeness.knows_zone)
		join->zone = search->likeness.zone;
	if (kept_is_shared(kept)) {
		kept->is_told = true;
		kept->told_of = kept_hash(wait->delivery.queue_id);
		return NULL;
	}
	kept->taker = wait;
	if (loser)
		*wait_place(loser, search->wanted) = NULL;
	return loser;
}

/* Whoever loses what this one has found looks for another, and so on. */
static void let_have(struct delivery_join *join, struct delivery_wait *wait,
	struct delivery_search found)
{
	struct delivery_wait *loser = have(join, wait, &found);

	for (size_t i = 0; loser && i < JOIN_MOVES_MAX; i++) {
		if (!search_for(join, loser, found.wanted, &found))
			break;
		loser = have(join, loser, &found);
	}
	if (loser && !is_waiting_for_better(loser))
		give_wait(join, loser);
}

static void add_of_log(
	struct delivery_join *join, const struct delivery *delivery)
{
	struct delivery_search capture = { .told = delivery,
		.number = join->account.given,
		.wanted = WITNESS_CAPTURE,
		.zone = join->zone };
	struct delivery_search bounce = capture;
	struct delivery_wait *wait;

	delivery_search_run(&capture, &join->kept);
	bounce.wanted = WITNESS_BOUNCE;
	bounce.other = capture.found ? &capture.found->delivery : NULL;
	delivery_search_run(&bounce, &join->kept);
	if (!capture.found && !bounce.found) {
		give_alone(join, delivery);
		return;
	}
	wait = delivery_wait_new(join, delivery);
	if (capture.found)
		let_have(join, wait, capture);
	if (bounce.found)
		let_have(join, wait, bounce);
	if (!is_waiting_for_better(wait))
		give_wait(join, wait);
}

/* ---- a bounce, when no log is to come */

/* Beside a bounce that is part of one already, `log` is the rest of that. */
static struct delivery_kept *capture_for(struct delivery_join *join,
	const struct delivery *bounce, const struct delivery *log)
{
	struct delivery_search search = { .told = bounce,
		.other = log,
		.wanted = WITNESS_CAPTURE,
		.zone = join->zone,
		.is_last = true };

	delivery_search_run(&search, &join->kept);
	return search.found;
}

static void give_to_bounce(
	struct delivery_join *join, struct delivery_kept *bounce)
{
	struct delivery_kept *capture = capture_for(
		join, &bounce->delivery, NULL);
	struct delivery_wait *wait;

	if (!capture)
		return;
	if (capture->taker) {
		bounce->taker = capture->taker;
		bounce->taker->bounce = bounce;
		return;
	}
	wait = delivery_wait_new(join, &bounce->delivery);
	bounce->is_told = true;
	wait->capture = capture;
	if (kept_is_shared(capture))
		capture->is_told = true;
	else
		capture->taker = wait;
}

static void give_to_pair(
	struct delivery_join *join, struct delivery_kept *bounce)
{
	struct delivery_wait *wait = bounce->taker;
	struct delivery_kept *capture = capture_for(
		join, &bounce->delivery, &wait->delivery);

	if (!capture || capture->taker)
		return;
	wait->capture = capture;
	if (kept_is_shared(capture))
		capture->is_told = true;
	else
		capture->taker = wait;
}

static int by_place(const void *a, const void *b)
{
	return kept_order(*(struct delivery_kept *const *)a,
		*(struct delivery_kept *const *)b);
}

/* In an order that is not that of adding. */
static void give_to_bounces(struct delivery_join *join)
{
	struct kept_deliveries *kept = &join->kept;
	struct delivery_kept **sorted = arena_take(
		kept->arena, (kept->count + 1) * sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; i < kept->count; i++)
		if (kept->deliveries[i]->delivery.witness == WITNESS_BOUNCE &&
			!kept->deliveries[i]->is_dropped)
			sorted[count++] = kept->deliveries[i];
	if (count)
		qsort(sorted, count, sizeof(*sorted), by_place);
	for (size_t i = 0; i < count; i++) {
		if (!sorted[i]->taker)
			give_to_bounce(join, sorted[i]);
		else if (!sorted[i]->taker->capture)
			give_to_pair(join, sorted[i]);
	}
}

/* ---- */

void delivery_join_end(struct delivery_join *join)
{
	kept_settle(&join->kept);
	give_to_bounces(join);
	while (join->first)
		give_wait(join, join->first);
	for (size_t i = 0; i < join->kept.count; i++) {
		struct delivery_kept *kept = join->kept.deliveries[i];

		if (!kept->is_told && !kept->is_dropped)
			give_alone(join, &kept->delivery);
	}
	join->account.repeated += join->kept.dropped;
	kept_empty(&join->kept);
}

void delivery_join_pass(
	struct delivery_join *join, const struct delivery *delivery)
{
	join->account.given++;
	give_alone(join, delivery);
}

void delivery_join_add(
	struct delivery_join *join, const struct delivery *delivery)
{
	join->account.given++;
	if (delivery->witness == WITNESS_LOG) {
		if (join->kept.count)
			add_of_log(join, delivery);
		else
			give_alone(join, delivery);
		return;
	}
	if (join->kept.count >= join->orders.kept_max ||
		join->kept.octets >= join->orders.octets_max) {
		join->account.not_kept++;
		give_alone(join, delivery);
		return;
	}
	kept_add(&join->kept, delivery);
}
