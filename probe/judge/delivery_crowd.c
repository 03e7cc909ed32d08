#include "probe/judge/delivery_crowd.h"

/* How many fail for a cause at all destinations. */
struct delivery_cause_sum {
	const struct delivery_cause *cause;
	uint64_t failed[2];
	struct delivery_cause_sum *next;
};

static size_t place_of(enum family family)
{
	return family == FAMILY_IPV6;
}

/* ---- sums */

/* FNV-1a over what delivery_cause_is_same() compares. */
static uint32_t hash_of(const struct delivery_cause *cause)
{
	uintptr_t row = (uintptr_t)cause->row / sizeof(*cause->row);
	uint32_t hash = 2166136261u ^ (uint32_t)row;

	hash = (hash ^ (uint32_t)cause->fault) * 16777619u;
	for (size_t i = 0; i < cause->policy.len; i++)
		hash = (hash ^ (unsigned char)cause->policy.at[i]) * 16777619u;
	return hash ^ hash >> 16;
}

static struct delivery_cause_sum *sum_of(
	struct delivery_crowds *crowds, const struct delivery_cause *cause)
{
	struct delivery_cause_sum **bucket =
		&crowds->sums[hash_of(cause) % DELIVERY_CROWD_BUCKETS];
	struct delivery_cause_sum *sum;

	for (sum = *bucket; sum; sum = sum->next)
		if (delivery_cause_is_same(sum->cause, cause))
			return sum;
	sum = arena_new(crowds->arena, struct delivery_cause_sum);
	sum->cause = cause;
	sum->next = *bucket;
	return *bucket = sum;
}

static void sum_row(
	struct delivery_crowds *crowds, const struct delivery_row *row)
{
	if (!row->has_family)
		return;
	crowds->told[place_of(row->family)] += delivery_row_told(row);
	for (size_t i = 0; i < row->cause_count; i++)
		sum_of(crowds, row->causes[i])->failed[place_of(row->family)] +=
			delivery_cause_total(row->causes[i]);
}

void delivery_crowds_look_elsewhere(const struct delivery_crowds *crowds,
	struct delivery_contrast *contrast)
{
	const struct delivery_cause *cause = contrast->cause;
	const struct delivery_cause_sum *sum;
	size_t other = !place_of(contrast->row->family);

	if (contrast->parted != PARTED_UNDECIDED ||
		contrast->other_share.tried || !contrast->row->has_family)
		return;
	contrast->elsewhere.tried = crowds->told[other];
	sum = crowds->sums[hash_of(cause) % DELIVERY_CROWD_BUCKETS];
	for (; sum; sum = sum->next)
		if (delivery_cause_is_same(sum->cause, cause))
			contrast->elsewhere.failed = sum->failed[other];
}

/* ---- members */

static bool is_alike(enum delivery_parted parted)
{
	return parted == PARTED_BY_NOTHING || parted == PARTED_IRRELEVANT;
}

/* What both families have alike is told once, with the one that has more: it
 * stands first in the table, and was added before. */
static bool is_told_before(const struct delivery_crowds *crowds,
	const struct delivery_contrast *contrast)
{
	size_t place = crowds->count;

	while (contrast->other_cause && place--) {
		const struct delivery_member *member = &crowds->members[place];

		if (!span_is(member->row->destination,
			    contrast->row->destination))
			return false;
		if (member->row == contrast->other &&
			member->cause == contrast->other_cause)
			return is_alike(member->parted);
	}
	return false;
}

static bool may_be_of_crowd(const struct delivery_member *member)
{
	const struct delivery_cause *cause = member->cause;

	if (member->parted == PARTED_BY_HOST)
		return false;
	return cause->row || cause->fault != PATH_NO_FAULT ||
	       !span_is(cause->policy, SPAN("unknown"));
}

static bool is_of(const struct delivery_crowd *crowd,
	const struct delivery_member *member)
{
	enum delivery_parted parted = is_alike(member->parted)
					      ? member->parted
					      : PARTED_UNDECIDED;

	if (crowd->parted != parted ||
		!delivery_cause_is_same(crowd->cause, member->cause))
		return false;
	if (parted != PARTED_UNDECIDED)
		return true;
	return crowd->has_family == member->row->has_family &&
	       (!crowd->has_family || crowd->family == member->row->family);
}

static struct delivery_crowd *crowd_for(
	struct delivery_crowds *crowds, const struct delivery_member *member)
{
	struct delivery_crowd **bucket =
		&crowds->buckets[hash_of(member->cause) %
				 DELIVERY_CROWD_BUCKETS];
	struct delivery_crowd *crowd;

	for (crowd = *bucket; crowd; crowd = crowd->next)
		if (is_of(crowd, member))
			return crowd;
	crowd = arena_new(crowds->arena, struct delivery_crowd);
	crowd->cause = member->cause;
	crowd->codebook = crowds->table->codebook;
	crowd->parted = is_alike(member->parted) ? member->parted
						 : PARTED_UNDECIDED;
	crowd->has_family = crowd->parted == PARTED_UNDECIDED &&
			    member->row->has_family;
	crowd->family = member->row->family;
	crowd->next = *bucket;
	return *bucket = crowd;
}

/* The rows of a destination stand together. */
static void join_crowd(
	struct delivery_crowds *crowds, struct delivery_member *member)
{
	struct delivery_crowd *crowd = crowd_for(crowds, member);
	struct delivery_member *last = NULL;

	if (crowd->last)
		last = &crowds->members[crowd->last - crowds->members];
	if (member->row->is_overflow)
		crowd->has_others = true;
	else if (!last ||
		 !span_is(last->row->destination, member->row->destination))
		crowd->destinations++;
	if (last)
		last->next = member;
	else
		crowd->first = member;
	crowd->last = member;
	member->crowd = crowd;
}

static void add_member(struct delivery_crowds *crowds,
	const struct delivery_row *row, const struct delivery_cause *cause)
{
	struct delivery_member *member = &crowds->members[crowds->count];
	struct delivery_contrast contrast;

	delivery_contrast_find(crowds->table, row, cause, &contrast);
	if (is_told_before(crowds, &contrast))
		return;
	crowds->count++;
	*member = (struct delivery_member){ .row = row,
		.cause = cause,
		.other = contrast.other,
		.other_cause = contrast.other_cause,
		.parted = contrast.parted };
	if (may_be_of_crowd(member))
		join_crowd(crowds, member);
}

void delivery_crowds_find(struct arena *arena,
	const struct delivery_table *table, struct delivery_crowds *crowds)
{
	size_t most = 0;

	memset(crowds, 0, sizeof(*crowds));
	crowds->arena = arena;
	crowds->table = table;
	for (size_t i = 0; i < table->row_count; i++) {
		delivery_table_fetch_after(table, i);
		most += table->rows[i]->cause_count;
		sum_row(crowds, table->rows[i]);
	}
	if (!most)
		return;
	crowds->members = arena_take(arena, most * sizeof(*crowds->members));
	for (size_t i = 0; i < table->row_count; i++) {
		delivery_table_fetch_after(table, i);
		for (size_t j = 0; j < table->rows[i]->cause_count; j++)
			add_member(crowds, table->rows[i],
				table->rows[i]->causes[j]);
	}
}

const struct delivery_crowd *delivery_crowds_next(
	const struct delivery_crowds *crowds,
	const struct delivery_cause *cause, const struct delivery_crowd *before)
{
	const struct delivery_crowd *crowd =
		before ? before->next
		       : crowds->buckets[hash_of(cause) %
					 DELIVERY_CROWD_BUCKETS];

	while (crowd && !delivery_cause_is_same(crowd->cause, cause))
		crowd = crowd->next;
	return crowd;
}

struct delivery_crowd *delivery_crowd_of(const struct delivery_member *member)
{
	if (!member->crowd || member->crowd->destinations < DELIVERY_CROWD_MIN)
		return NULL;
	return member->crowd;
}

void delivery_member_contrast(const struct delivery_crowds *crowds,
	const struct delivery_member *member,
	struct delivery_contrast *contrast)
{
	delivery_contrast_find(
		crowds->table, member->row, member->cause, contrast);
	delivery_crowds_look_elsewhere(crowds, contrast);
}

/* ---- who they are */

size_t delivery_crowd_largest(const struct delivery_crowd *crowd,
	const struct delivery_member *largest[static DELIVERY_CROWD_NAMED])
{
	size_t count = 0;

	for (const struct delivery_member *member = crowd->first; member;
		member = member->next) {
		uint64_t total = delivery_cause_total(member->cause);
		size_t place = count;

		if (member->row->is_overflow)
			continue;
		while (place &&
			delivery_cause_total(largest[place - 1]->cause) < total)
			place--;
		if (place == DELIVERY_CROWD_NAMED)
			continue;
		if (count < DELIVERY_CROWD_NAMED)
			count++;
		memmove(&largest[place + 1], &largest[place],
			(count - place - 1) * sizeof(*largest));
		largest[place] = member;
	}
	return count;
}

const struct delivery_party *delivery_crowd_host(
	const struct delivery_crowd *crowd)
{
	const struct delivery_party *host = NULL;

	for (const struct delivery_member *member = crowd->first; member;
		member = member->next) {
		const struct delivery_parties *hosts = &member->row->hosts;

		if (hosts->count != 1 || hosts->others ||
			(host && !ip_is(&host->ip, &hosts->at[0].ip)))
			return NULL;
		host = &hosts->at[0];
	}
	return host;
}
