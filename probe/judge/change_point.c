#include "probe/judge/change_point.h"

#include <math.h>

void change_series_open(
	struct change_series *series, struct arena *arena, size_t most)
{
	*series = (struct change_series){ .arena = arena, .most = most };
	if (series->most < 4)
		series->most = 4;
	if (series->most > CHANGE_BINS_MAX)
		series->most = CHANGE_BINS_MAX;
}

/* ---- bins */

/* Years outside of 1 .. 9999 come from a broken clock: all in one bin. */
static int64_t seconds_of(int64_t time_ms)
{
	const int64_t lowest = -62135596800, highest = 253402300799;
	int64_t seconds = time_ms / 1000 - (time_ms % 1000 < 0);

	if (seconds < lowest)
		return lowest;
	return seconds > highest ? highest : seconds;
}

static int64_t start_of(int64_t seconds, unsigned doublings)
{
	int64_t width = (int64_t)1 << doublings;
	int64_t rest = seconds % width;

	return seconds - (rest < 0 ? rest + width : rest);
}

static uint32_t sum(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* Both are of one bin, which is twice as wide; `later` is the later. */
static void join(struct change_bin *bin, const struct change_bin *later)
{
	uint32_t apart = (uint32_t)(later->start_s - bin->start_s);

	if (!bin->failed) {
		bin->before = later->failed ? sum(bin->tried, later->before)
					    : 0;
		bin->first_s = later->failed ? apart + later->first_s : 0;
	}
	if (later->failed) {
		bin->behind = later->behind;
		bin->last_s = apart + later->last_s;
	} else if (bin->failed) {
		bin->behind = sum(bin->behind, later->tried);
	}
	bin->tried = sum(bin->tried, later->tried);
	bin->failed = sum(bin->failed, later->failed);
}

/* A bin that begins earlier for being wider. */
static void widen(struct change_bin *bin, unsigned doublings)
{
	int64_t start = start_of(bin->start_s, doublings);
	uint32_t moved = (uint32_t)(bin->start_s - start);

	bin->start_s = start;
	if (!bin->failed)
		return;
	bin->first_s += moved;
	bin->last_s += moved;
}

static void double_width(struct change_series *series)
{
	size_t kept = 0;

	series->doublings++;
	for (size_t i = 0; i < series->count; i++) {
		struct change_bin bin = series->bins[i];

		widen(&bin, series->doublings);
		if (kept && series->bins[kept - 1].start_s == bin.start_s)
			join(&series->bins[kept - 1], &bin);
		else
			series->bins[kept++] = bin;
	}
	series->count = kept;
}

/* The first bin that does not begin before `start`: mostly the last of all. */
static size_t place_of(const struct change_series *series, int64_t start)
{
	size_t low = 0, high = series->count;

	if (high && series->bins[high - 1].start_s < start)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (series->bins[middle].start_s < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* There are thousands of series, and few that have many bins. */
static void make_room(struct change_series *series)
{
	size_t room = series->room ? (series->room - 1) * 4 : 4;
	struct change_bin *bins;

	if (series->count < series->room)
		return;
	if (room > series->most)
		room = series->most;
	bins = arena_take(series->arena, (room + 1) * sizeof(*bins));
	if (series->count)
		memcpy(bins, series->bins, series->count * sizeof(*bins));
	series->bins = bins;
	series->room = room + 1;
}

static struct change_bin *bin_at(
	struct change_series *series, size_t place, int64_t start)
{
	if (place < series->count && series->bins[place].start_s == start)
		return &series->bins[place];
	make_room(series);
	memmove(series->bins + place + 1, series->bins + place,
		(series->count - place) * sizeof(*series->bins));
	series->bins[place] = (struct change_bin){ .start_s = start };
	series->count++;
	return &series->bins[place];
}

static struct change_bin *bin_for(struct change_series *series, int64_t seconds)
{
	int64_t start = start_of(seconds, series->doublings);

	return bin_at(series, place_of(series, start), start);
}

static void count_failure(struct change_bin *bin, uint32_t at)
{
	if (!bin->failed) {
		bin->before = bin->tried;
		bin->behind = 0;
		bin->first_s = bin->last_s = at;
	} else if (at < bin->first_s) {
		bin->before = 0;
		bin->first_s = at;
	} else if (at >= bin->last_s) {
		bin->behind = 0;
		bin->last_s = at;
	}
	bin->failed = sum(bin->failed, 1);
}

void change_series_add(
	struct change_series *series, int64_t time_ms, bool failed)
{
	int64_t seconds = seconds_of(time_ms);
	struct change_bin *bin = bin_for(series, seconds);
	uint32_t at = (uint32_t)(seconds - bin->start_s);

	if (failed)
		count_failure(bin, at);
	else if (bin->failed && at < bin->first_s)
		bin->before = sum(bin->before, 1);
	else if (bin->failed && at >= bin->last_s)
		bin->behind = sum(bin->behind, 1);
	bin->tried = sum(bin->tried, 1);
	while (series->count > series->most)
		double_width(series);
}

void change_series_fetch(const struct change_series *series)
{
	if (series->count)
		__builtin_prefetch(&series->bins[series->count - 1]);
}

void change_series_fetch_all(const struct change_series *series)
{
	enum { A_LINE = 64 / sizeof(struct change_bin) };

	for (size_t i = 0; i < series->count; i += A_LINE)
		__builtin_prefetch(&series->bins[i]);
}

/* Two bins of one time, whose attempts came by turns. */
static void lay_over(struct change_bin *bin, const struct change_bin *other)
{
	uint32_t before = sum(bin->before, other->before);
	uint32_t behind = sum(bin->behind, other->behind);

	if (other->failed && !bin->failed) {
		before = other->before;
		behind = other->behind;
		bin->first_s = other->first_s;
		bin->last_s = other->last_s;
	} else if (other->failed) {
		if (other->first_s < bin->first_s)
			bin->first_s = other->first_s;
		if (other->last_s > bin->last_s)
			bin->last_s = other->last_s;
	}
	bin->before = before;
	bin->behind = behind;
	bin->tried = sum(bin->tried, other->tried);
	bin->failed = sum(bin->failed, other->failed);
}

void change_series_join(
	struct change_series *series, const struct change_series *other)
{
	size_t place = 0;

	while (series->doublings < other->doublings)
		double_width(series);
	for (size_t i = 0; i < other->count; i++) {
		struct change_bin bin = other->bins[i], *own;

		widen(&bin, series->doublings);
		/* Both are in order. */
		while (place < series->count &&
			series->bins[place].start_s < bin.start_s)
			place++;
		own = bin_at(series, place, bin.start_s);
		if (own->tried)
			lay_over(own, &bin);
		else
			*own = bin;
		while (series->count > series->most) {
			double_width(series);
			place = 0;
		}
	}
}

/* ---- where it parts */

/* A run of attempts between which nothing is known of the order. */
struct run {
	struct change_share share;
	int64_t first_ms, last_ms; /* failure; of the middle of a bin */
};

enum { RUNS_MAX = 3 * (CHANGE_BINS_MAX + 1) };

struct runs {
	struct run at[RUNS_MAX];
	struct change_share until[RUNS_MAX + 1]; /* sums */
	size_t count;
};

static void add_run(struct runs *runs, uint64_t tried, uint64_t failed)
{
	struct change_share *sums = runs->until + runs->count;

	if (!tried)
		return;
	runs->at[runs->count].share = (struct change_share){ tried, failed };
	sums[1].tried = sums[0].tried + tried;
	sums[1].failed = sums[0].failed + failed;
	runs->count++;
}

static void list_runs(const struct change_series *series, struct runs *runs)
{
	runs->count = 0;
	runs->until[0] = (struct change_share){ 0, 0 };
	for (size_t i = 0; i < series->count; i++) {
		const struct change_bin *bin = &series->bins[i];
		uint64_t apart = bin->failed
					 ? (uint64_t)bin->before + bin->behind
					 : 0;
		struct run *middle;

		/* Only where a count was full can it be less. */
		if (apart > bin->tried - bin->failed)
			apart = 0;
		if (apart)
			add_run(runs, bin->before, 0);
		middle = &runs->at[runs->count];
		middle->first_ms = (bin->start_s + bin->first_s) * 1000;
		middle->last_ms = (bin->start_s + bin->last_s) * 1000;
		add_run(runs, bin->tried - apart, bin->failed);
		if (apart)
			add_run(runs, bin->behind, 0);
	}
}

static double likelihood(struct change_share share)
{
	double tried = (double)share.tried, failed = (double)share.failed;
	double well = tried - failed, sum_of = 0;

	if (failed > 0)
		sum_of += failed * log(failed / tried);
	if (well > 0)
		sum_of += well * log(well / tried);
	return sum_of;
}

double change_gain(struct change_share a, struct change_share b)
{
	struct change_share both = { a.tried + b.tried, a.failed + b.failed };

	return likelihood(a) + likelihood(b) - likelihood(both);
}

static struct change_share between(
	const struct runs *runs, size_t from, size_t to)
{
	return (struct change_share){ runs->until[to].tried -
					      runs->until[from].tried,
		runs->until[to].failed - runs->until[from].failed };
}

static bool is_more(struct change_share a, struct change_share b)
{
	return (double)a.failed * (double)b.tried >
	       (double)b.failed * (double)a.tried;
}

/*
 * The best place to part the runs [from, to), so that more fail behind it
 * (rises) or less; 0: none that counts.
 */
static size_t part(const struct runs *runs, size_t from, size_t to, bool rises)
{
	double all = likelihood(between(runs, from, to));
	double best = CHANGE_GAIN + log((double)(to - from + 1));
	size_t place = 0;

	/* No two shares explain more than everything: most series are too
	 * short for any place to count.  (The rest is for rounding.) */
	if (-all < best - 0.125)
		return 0;
	for (size_t i = from + 1; i < to; i++) {
		struct change_share left = between(runs, from, i);
		struct change_share right = between(runs, i, to);
		double gain;

		if (rises ? !is_more(right, left) : !is_more(left, right))
			continue;
		gain = likelihood(left) + likelihood(right) - all;
		if (gain < best)
			continue;
		best = gain;
		place = i;
	}
	return place;
}

/* Either end may stand out more: find it first, then the other by it. */
static void find_places(const struct runs *runs, size_t *since, size_t *until)
{
	size_t rise = part(runs, 0, runs->count, true);
	size_t fall = part(runs, 0, runs->count, false);

	*since = rise;
	*until = 0;
	if (rise)
		*until = part(runs, rise, runs->count, false);
	else if (fall) {
		*until = fall;
		*since = part(runs, 0, fall, true);
	}
	if (*since && *until) {
		size_t again = part(runs, 0, *until, true);

		*since = again && again < *until ? again : *since;
	}
}

static int64_t first_failure(const struct runs *runs, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (runs->at[i].share.failed)
			return runs->at[i].first_ms;
	return 0;
}

static int64_t last_failure(const struct runs *runs, size_t from, size_t to)
{
	for (size_t i = to; i > from; i--)
		if (runs->at[i - 1].share.failed)
			return runs->at[i - 1].last_ms;
	return 0;
}

bool change_series_find(
	const struct change_series *series, struct change_point *point)
{
	struct runs runs;
	size_t since, until, end;

	*point = (struct change_point){ .has_since = false };
	list_runs(series, &runs);
	find_places(&runs, &since, &until);
	if (!since && !until)
		return false;
	end = until ? until : runs.count;
	point->has_since = since != 0;
	point->has_until = until != 0;
	point->before = between(&runs, 0, since);
	point->during = between(&runs, since, end);
	point->after = between(&runs, end, runs.count);
	if (since)
		point->since_ms = first_failure(&runs, since, end);
	if (until)
		point->until_ms = last_failure(&runs, since, end);
	return true;
}
