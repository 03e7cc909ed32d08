#include "probe/judge/delivery_crowd.h"
#include "probe/judge/delivery_settle.h"

static size_t place_of(enum family family)
{
	return family == FAMILY_IPV6;
}

/* ---- sums, as if it were one destination */

/* Its causes are the one, and all others. */
static struct delivery_row *open_row(struct arena *arena)
{
	struct delivery_row *row = arena_new(arena, struct delivery_row);

	row->cause_count = 2;
	for (size_t i = 0; i < row->cause_count; i++) {
		row->causes[i] = arena_new(arena, struct delivery_cause);
		row->causes[i]->next_tries = arena_new(
			arena, struct next_tries);
	}
	change_series_open(&row->changes, arena, CHANGE_BINS_MAX);
	return row;
}

static void join_period(
	struct delivery_period *seen, const struct delivery_period *other)
{
	if (!other->has_time)
		return;
	if (!seen->has_time) {
		*seen = *other;
		return;
	}
	if (other->first_ms < seen->first_ms)
		seen->first_ms = other->first_ms;
	if (other->last_ms > seen->last_ms)
		seen->last_ms = other->last_ms;
}

/* The words are those of the earliest. */
static void join_first(
	struct delivery_cause *sum, const struct delivery_cause *cause)
{
	if (sum->first.witness_count &&
		(!cause->first.has_time ||
			(sum->first.has_time &&
				sum->first.time_ms <= cause->first.time_ms)))
		return;
	sum->first = cause->first;
	sum->code = cause->code;
	memcpy(sum->status, cause->status, sizeof(sum->status));
	sum->text = cause->text;
}

static void join_cause(
	struct delivery_cause *sum, const struct delivery_cause *cause)
{
	sum->row = cause->row;
	sum->id = cause->id;
	sum->policy = cause->policy;
	sum->meaning = cause->meaning;
	sum->fault = cause->fault;
	sum->refused += cause->refused;
	sum->deferred += cause->deferred;
	sum->unknown += cause->unknown;
	sum->agreed += cause->agreed;
	for (size_t i = 0; i < WITNESS_KINDS; i++)
		sum->witnessed[i] += cause->witnessed[i];
	for (size_t i = 0; i < STAGE_COUNT; i++)
		sum->stages[i] += cause->stages[i];
	join_period(&sum->seen, &cause->seen);
	join_first(sum, cause);
	next_tries_join(sum->next_tries, cause->next_tries);
}

static void join_row(struct arena *arena, struct delivery_row *all,
	const struct delivery_row *row, const struct delivery_cause *cause)
{
	all->accepted += row->accepted;
	all->deferred += row->deferred;
	all->refused += row->refused;
	all->unknown += row->unknown;
	all->broken += row->broken;
	all->causes[1]->unknown += row->broken - (cause ? cause->unknown : 0);
	if (cause)
		join_cause(all->causes[0], cause);
	join_period(&all->seen, &row->seen);
	delivery_parties_join(arena, &all->sources, &row->sources);
}

/* What stands in the way of no family is one sum of both. */
static bool is_one_sum(const struct delivery_crowd *crowd)
{
	return crowd->parted == PARTED_IRRELEVANT;
}

static bool is_swapped(const struct delivery_crowd *crowd,
	const struct delivery_member *member)
{
	return !is_one_sum(crowd) && member->row->family != crowd->family;
}

static void join_members(struct arena *arena,
	const struct delivery_crowd *crowd, struct delivery_row *own,
	struct delivery_row *other)
{
	for (const struct delivery_member *member = crowd->first; member;
		member = member->next) {
		bool swaps = is_swapped(crowd, member);
		struct delivery_row *mine = swaps ? other : own;
		struct delivery_row *its = swaps || is_one_sum(crowd) ? own
								      : other;

		join_row(arena, mine, member->row, member->cause);
		if (member->other)
			join_row(
				arena, its, member->other, member->other_cause);
	}
}

/* A crowd has thousands of rows, in the order of what was lost. */
static void fetch_next(const struct delivery_member *member)
{
	const struct delivery_member *next = member->next;

	if (!next)
		return;
	change_series_fetch_all(&next->row->changes);
	if (next->other)
		change_series_fetch_all(&next->other->changes);
	if (next->next)
		__builtin_prefetch(&next->next->row->changes);
	if (next->next && next->next->other)
		__builtin_prefetch(&next->next->other->changes);
}

/* Only of those that are told: a series has more to join than all the rest. */
static void join_changes(const struct delivery_crowd *crowd,
	struct delivery_row *own, bool is_of_other)
{
	for (const struct delivery_member *member = crowd->first; member;
		member = member->next) {
		bool swaps = is_swapped(crowd, member);

		fetch_next(member);
		if (is_one_sum(crowd) || swaps == is_of_other)
			change_series_join(
				&own->changes, &member->row->changes);
		if (member->other &&
			(is_one_sum(crowd) || swaps != is_of_other))
			change_series_join(
				&own->changes, &member->other->changes);
	}
	own->has_change = change_series_find(&own->changes, &own->change);
}

/* Where to look now: at the one with the most. */
static void name_largest(
	const struct delivery_crowd *crowd, struct delivery_row *row)
{
	const struct delivery_member *largest[DELIVERY_CROWD_NAMED];
	struct delivery_cause *cause = row->causes[0];

	delivery_crowd_largest(crowd, largest);
	cause->domain = largest[0]->cause->domain;
	cause->sender_domain = largest[0]->cause->sender_domain;
	cause->host = largest[0]->cause->host;
	cause->has_source = largest[0]->cause->has_source;
	cause->source = largest[0]->cause->source;
	row->destination = largest[0]->row->destination;
	row->is_provider = largest[0]->row->is_provider;
	row->is_server = largest[0]->row->is_server;
	row->hosts.at = largest[0]->row->hosts.at;
	row->hosts.count = largest[0]->row->hosts.count != 0;
}

static void name_family(struct delivery_row *row, enum family family)
{
	row->has_family = true;
	row->family = family;
}

static enum family other_than(enum family family)
{
	return family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* Those that failed before the moment that was found, though of this cause. */
static void move_to_during(struct delivery_contrast *contrast)
{
	struct change_point *change = &contrast->change;
	uint64_t total = delivery_cause_total(contrast->cause), moved = 0;

	if (total > change->during.failed)
		moved = total - change->during.failed;
	if (moved > change->before.failed)
		moved = change->before.failed;
	change->before.failed -= moved;
	change->before.tried -= moved;
	change->during.failed += moved;
	change->during.tried += moved;
	contrast->share.failed += moved;
	contrast->share.tried += moved;
}

/* The bins of the rows may be hours wide, and within one nothing is known of
 * the order of two destinations: it began with the first that had this cause. */
static void begin_with_cause(struct delivery_contrast *contrast)
{
	const struct delivery_period *seen = &contrast->cause->seen;
	struct change_point *change = &contrast->change;
	int64_t width_ms = (int64_t)1000 << contrast->row->changes.doublings;
	int64_t first_ms = seen->first_ms - seen->first_ms % 1000;

	if (!contrast->has_change || !seen->has_time ||
		first_ms == change->since_ms ||
		first_ms < change->since_ms - width_ms ||
		(change->has_until && first_ms > change->until_ms))
		return;
	if (first_ms < change->since_ms)
		move_to_during(contrast);
	change->since_ms = first_ms;
}

static void add_share(struct change_share *share,
	const struct delivery_row *row, const struct delivery_cause *cause)
{
	share->tried += row ? delivery_row_told(row) : 0;
	share->failed += cause ? delivery_cause_total(cause) : 0;
}

static void add_members(struct change_share shares[static 2],
	const struct delivery_crowd *crowd)
{
	const struct delivery_member *member = crowd->first;

	for (; member; member = member->next) {
		size_t place = place_of(member->row->family);

		if (!member->row->has_family)
			continue;
		add_share(&shares[place], member->row, member->cause);
		add_share(&shares[!place], member->other, member->other_cause);
	}
}

/* A crowd over one family has no destination where both fail alike, so its other
 * family looks better than it is: all that have the cause have to bear it out. */
static bool is_of_family(const struct delivery_crowds *crowds,
	const struct delivery_crowd *crowd)
{
	const struct delivery_crowd *any = NULL;
	struct change_share shares[2] = { { 0, 0 }, { 0, 0 } };

	while ((any = delivery_crowds_next(crowds, crowd->cause, any)))
		add_members(shares, any);
	return delivery_shares_part(crowd->cause,
		shares[place_of(crowd->family)],
		shares[!place_of(crowd->family)]);
}

void delivery_crowd_contrast(const struct delivery_crowds *crowds,
	const struct delivery_crowd *crowd, struct delivery_contrast *contrast)
{
	struct delivery_row *own = open_row(crowds->arena);
	struct delivery_row *other = open_row(crowds->arena);
	struct delivery_row *less = other;

	join_members(crowds->arena, crowd, own, other);
	if (crowd->has_family || crowd->parted == PARTED_BY_NOTHING) {
		name_family(own, crowd->family);
		name_family(other, other_than(crowd->family));
	}
	if (crowd->parted == PARTED_BY_NOTHING &&
		delivery_cause_total(other->causes[0]) >
			delivery_cause_total(own->causes[0])) {
		less = own;
		own = other;
	}
	name_largest(crowd, own);
	*contrast = (struct delivery_contrast){ .row = own,
		.cause = own->causes[0],
		.has_hidden = crowds->table->has_hidden };
	if (own->has_family && delivery_row_told(less)) {
		contrast->other = less;
		if (delivery_cause_total(less->causes[0]))
			contrast->other_cause = less->causes[0];
	}
	join_changes(crowd, own, less != other);
	delivery_contrast_weigh(contrast);
	begin_with_cause(contrast);
	if (crowd->parted != PARTED_UNDECIDED)
		contrast->parted = crowd->parted;
	else if (contrast->parted == PARTED_BY_FAMILY &&
		 !is_of_family(crowds, crowd))
		contrast->parted = PARTED_UNDECIDED;
	delivery_crowds_look_elsewhere(crowds, contrast);
}
