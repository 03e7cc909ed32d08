#include "reports/tally.h"

/*
 * Buckets 0 to 7 are one microsecond wide; from there on each doubling is cut
 * into eight: bucket = 8 * doublings + the three bits below the highest.
 */
unsigned tally_bucket(uint64_t us)
{
	unsigned high = 0, bucket;

	if (us < 8)
		return (unsigned)us;
	while (us >> (high + 1))
		high++;
	bucket = (high - 2) * 8 + (unsigned)(us >> (high - 3) & 7);
	return bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1;
}

uint64_t tally_bucket_least(unsigned bucket)
{
	if (bucket < 8)
		return bucket;
	return (uint64_t)(8 + bucket % 8) << (bucket / 8 - 1);
}

void tally_add(struct tally *tally, const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;
	enum family family = visit->path->family;

	if (!tally->began_ns || visit->began_ns < tally->began_ns)
		tally->began_ns = visit->began_ns;
	if (visit->ended_ns > tally->ended_ns)
		tally->ended_ns = visit->ended_ns;
	tally->of[family][judged->verdict]++;
	if (visit->fault)
		tally->failures[family][visit->fault->failure]++;
	tally->buckets[family][tally_bucket(
		(visit->ended_ns - visit->began_ns) / 1000)]++;
}

static unsigned long long total_of(const unsigned long long *of)
{
	unsigned long long total = 0;

	for (unsigned i = 0; i <= VERDICT_NA; i++)
		total += of[i];
	return total;
}

/* The least duration such that `percent` of the walks took no longer. */
static uint64_t percentile(const unsigned long long *buckets,
	unsigned long long total, unsigned percent)
{
	unsigned long long seen = 0;

	for (unsigned i = 0; i < TALLY_BUCKETS; i++) {
		seen += buckets[i];
		if (seen * 100 >= total * percent)
			return tally_bucket_least(i);
	}
	return 0;
}

static void print_family(
	FILE *out, const struct tally *tally, enum family family)
{
	const unsigned long long *of = tally->of[family];
	const unsigned long long *buckets = tally->buckets[family];
	unsigned long long total = total_of(of);

	if (!total)
		return;
	fprintf(out, "%s  %llu walks:", family_word(family), total);
	for (unsigned i = 0; i <= VERDICT_NA; i++)
		if (of[i])
			fprintf(out, " %llu %s", of[i],
				verdict_word((enum verdict)i));
	fprintf(out, "; %.1f ms half of them, %.1f ms 95 %%, %.1f ms 99 %%\n",
		(double)percentile(buckets, total, 50) / 1000,
		(double)percentile(buckets, total, 95) / 1000,
		(double)percentile(buckets, total, 99) / 1000);
	for (unsigned i = 0; i < FAILURE_COUNT; i++)
		if (tally->failures[family][i])
			fprintf(out, "      %llu %s\n",
				tally->failures[family][i],
				failure_word((enum failure)i));
}

void tally_print(FILE *out, const struct tally *tally)
{
	unsigned long long total = total_of(tally->of[FAMILY_IPV4]) +
				   total_of(tally->of[FAMILY_IPV6]);
	double seconds = (double)(tally->ended_ns - tally->began_ns) / 1e9;

	print_family(out, tally, FAMILY_IPV4);
	print_family(out, tally, FAMILY_IPV6);
	if (seconds > 0)
		fprintf(out, "%.0f walks a second\n", (double)total / seconds);
}
