#include "probe/judge/difference.h"

#include <stdlib.h>

const char *difference_word(enum difference_kind kind)
{
	switch (kind) {
	case DIFFERENCE_GONE:
		return "gone";
	case DIFFERENCE_NEW:
		return "new";
	case DIFFERENCE_VERDICT:
		return "verdict";
	case DIFFERENCE_TRAIT:
		return "trait";
	case DIFFERENCE_SLOWER:
		return "slower";
	case DIFFERENCE_FASTER:
		break;
	}
	return "faster";
}

/* One row of each run, of the same key. */
struct pair {
	struct arena *arena;
	const struct recorded *before, *after;
	const struct difference_limits *limits;
	struct differences *differences;
};

static struct difference *add(
	const struct pair *pair, enum difference_kind kind)
{
	struct differences *all = pair->differences;
	struct difference *one;

	all->list = arena_grow(
		pair->arena, all->list, all->count, &all->room, sizeof(*one));
	one = &all->list[all->count++];
	*one = (struct difference){ .kind = kind,
		.before = pair->before,
		.after = pair->after,
		.from = SPAN(""),
		.to = SPAN("") };
	return one;
}

static bool is_fail(const struct recorded *row)
{
	return row && span_is(row->verdict, SPAN("fail"));
}

static bool is_worse(
	const struct recorded *before, const struct recorded *after)
{
	if (is_fail(after))
		return !is_fail(before);
	return before && after && span_is(before->verdict, SPAN("pass")) &&
	       span_is(after->verdict, SPAN("warn"));
}

static void mark_worse(const struct pair *pair, struct difference *one)
{
	one->is_worse = is_worse(pair->before, pair->after);
	pair->differences->worse += one->is_worse;
}

static void find_verdict(const struct pair *pair)
{
	struct difference *one;

	if (span_is(pair->before->verdict, pair->after->verdict))
		return;
	one = add(pair, DIFFERENCE_VERDICT);
	one->from = pair->before->verdict;
	one->to = pair->after->verdict;
	mark_worse(pair, one);
}

static void find_traits(const struct pair *pair)
{
	for (int i = 0; i < TRAIT_COUNT; i++) {
		struct span from = pair->before->traits.of[i];
		struct span to = pair->after->traits.of[i];
		struct difference *one;

		/* The fault is the one thing that may well not be there. */
		if (i == TRAIT_VERDICT || span_is(from, to) ||
			(i != TRAIT_FAULT && (!from.len || !to.len)))
			continue;
		one = add(pair, DIFFERENCE_TRAIT);
		one->trait = (enum trait)i;
		one->stage = trait_stage(one->trait);
		one->from = from;
		one->to = to;
	}
}

static bool is_beyond(
	const struct difference_limits *limits, uint64_t less, uint64_t more)
{
	return more > less && more - less >= limits->floor_us &&
	       more / limits->ratio >= less / 1000;
}

static void find_times(const struct pair *pair)
{
	for (int i = STAGE_CONNECT; i < STAGE_COUNT; i++) {
		enum stage stage = (enum stage)i;
		struct difference *one;
		uint64_t from, to;

		if (!recorded_stage(pair->before, stage, &from) ||
			!recorded_stage(pair->after, stage, &to))
			continue;
		if (is_beyond(pair->limits, from, to))
			one = add(pair, DIFFERENCE_SLOWER);
		else if (is_beyond(pair->limits, to, from))
			one = add(pair, DIFFERENCE_FASTER);
		else
			continue;
		one->stage = stage;
		one->from_us = from;
		one->to_us = to;
	}
}

static void find_in_pair(const struct pair *pair)
{
	size_t before = pair->differences->count;

	pair->differences->rows++;
	if (!pair->after) {
		add(pair, DIFFERENCE_GONE)->from = pair->before->verdict;
	} else if (!pair->before) {
		struct difference *one = add(pair, DIFFERENCE_NEW);

		one->to = pair->after->verdict;
		mark_worse(pair, one);
	} else {
		find_verdict(pair);
		find_traits(pair);
		find_times(pair);
	}
	pair->differences->rows_that_differ += pair->differences->count !=
					       before;
}

/* ---- which belong together */

static int order_of(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.at, b.at, len) : 0;

	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

/* Of one key, they stay in the order in which they ended. */
static int by_key(const void *a, const void *b)
{
	const struct recorded *one = *(const struct recorded *const *)a;
	const struct recorded *other = *(const struct recorded *const *)b;
	int order = order_of(one->key, other->key);

	return order ? order : (one > other) - (one < other);
}

static const struct recorded **in_order(
	struct arena *arena, const struct recorded_run *run)
{
	const struct recorded **rows = arena_take(
		arena, (run->row_count + 1) * sizeof(*rows));

	for (size_t i = 0; i < run->row_count; i++)
		rows[i] = &run->rows[i];
	qsort(rows, run->row_count, sizeof(*rows), by_key);
	return rows;
}

void differences_find(struct arena *arena, const struct recorded_run *before,
	const struct recorded_run *after,
	const struct difference_limits *limits, struct differences *differences)
{
	const struct recorded **ones = in_order(arena, before);
	const struct recorded **others = in_order(arena, after);

	*differences = (struct differences){ 0 };
	while (*ones || *others) {
		struct pair pair = { .arena = arena,
			.limits = limits,
			.differences = differences };
		int order = !*ones     ? 1
			    : !*others ? -1
				       : order_of((*ones)->key, (*others)->key);

		if (order <= 0)
			pair.before = *ones++;
		if (order >= 0)
			pair.after = *others++;
		find_in_pair(&pair);
	}
}
