#include "probe/judge/delivery_wait.h"

bool kept_is_shared(const struct delivery_kept *kept)
{
	return kept->delivery.witness == WITNESS_CAPTURE &&
	       !kept->delivery.recipient.len;
}

/* ---- the best one */

/* For the many recipients of one message one session is as good as another,
 * and better than to leave each of them one of somebody else's. */
static int rank_of(
	const struct delivery_search *search, const struct delivery_kept *kept)
{
	if (!kept_is_shared(kept) || !kept->is_told)
		return 1;
	return kept->told_of && kept->told_of ==
					kept_hash(search->told->queue_id)
		       ? 2
		       : 0;
}

static bool is_better(const struct delivery_search *search,
	const struct delivery_kept *kept, const struct likeness *likeness)
{
	const struct likeness *best = &search->likeness;
	int64_t bin, best_bin;
	int rank, best_rank;

	if (!search->found || likeness->strength != best->strength)
		return !search->found || likeness->strength > best->strength;
	bin = likeness->apart_ms / (2 * JOIN_NEAR_MS);
	best_bin = best->apart_ms / (2 * JOIN_NEAR_MS);
	if (bin != best_bin)
		return bin < best_bin;
	rank = rank_of(search, kept);
	best_rank = rank_of(search, search->found);
	if (rank != best_rank)
		return rank > best_rank;
	if (likeness->apart_ms != best->apart_ms)
		return likeness->apart_ms < best->apart_ms;
	return kept_order(kept, search->found) < 0;
}

/* Of two in a log the one that fits it better has it, and else the later. */
static bool may_have(const struct delivery_search *search,
	const struct delivery_kept *kept, const struct likeness *likeness)
{
	const struct delivery_wait *taker = kept->taker;
	const struct likeness *has;

	if (kept_is_shared(kept) || !taker)
		return true;
	if (search->is_last)
		return !taker->bounce &&
		       taker->delivery.witness == WITNESS_LOG &&
		       !delivery_contradicts(search->told, &taker->delivery);
	has = search->wanted == WITNESS_BOUNCE ? &taker->to_bounce
					       : &taker->to_capture;
	if (likeness->strength != has->strength)
		return likeness->strength > has->strength;
	if (likeness->apart_ms != has->apart_ms)
		return likeness->apart_ms < has->apart_ms;
	return search->number > taker->number;
}

static void consider(void *of, struct delivery_kept *kept)
{
	struct delivery_search *search = of;
	struct likeness likeness;

	if (kept->delivery.witness != search->wanted || kept->is_dropped ||
		(kept->is_told && !kept_is_shared(kept)))
		return;
	likeness = delivery_likeness(
		search->told, &kept->delivery, search->zone);
	if (!likeness.strength || !may_have(search, kept, &likeness) ||
		(search->other &&
			delivery_contradicts(search->other, &kept->delivery)))
		return;
	if (is_better(search, kept, &likeness)) {
		search->found = kept;
		search->likeness = likeness;
	}
}

void delivery_search_run(
	struct delivery_search *search, struct kept_deliveries *kept)
{
	bool has_any = search->wanted == WITNESS_BOUNCE ? kept->has_bounces
							: kept->has_captures;

	search->found = NULL;
	if (has_any)
		kept_visit(kept, search->told, search->zone, consider, search);
}

/* ---- waiting */

struct delivery_wait *delivery_wait_new(
	struct delivery_join *join, const struct delivery *delivery)
{
	size_t octets = delivery_octets(delivery) + 1;
	struct arena *arena = arena_open_with(
		octets + sizeof(struct delivery_wait) + 2 * sizeof(uint64_t));
	struct delivery_wait *wait = arena_new(arena, struct delivery_wait);

	wait->arena = arena;
	wait->number = join->account.given;
	wait->before = join->last;
	delivery_copy(&wait->delivery, delivery, arena_take(arena, octets));
	if (join->last)
		join->last->next = wait;
	else
		join->first = wait;
	join->last = wait;
	return wait;
}

void delivery_wait_free(struct delivery_join *join, struct delivery_wait *wait)
{
	if (wait->before)
		wait->before->next = wait->next;
	else
		join->first = wait->next;
	if (wait->next)
		wait->next->before = wait->before;
	else
		join->last = wait->before;
	arena_close(wait->arena);
}

struct delivery_kept **wait_place(
	struct delivery_wait *wait, enum witness_kind kind)
{
	return kind == WITNESS_BOUNCE ? &wait->bounce : &wait->capture;
}

struct likeness *wait_likeness(
	struct delivery_wait *wait, enum witness_kind kind)
{
	return kind == WITNESS_BOUNCE ? &wait->to_bounce : &wait->to_capture;
}
