#ifndef MXP_BENCH_SPF_ZONE_H
#define MXP_BENCH_SPF_ZONE_H

#include <stdio.h>

/*
 * The policy that all clients of the bench evaluate: five includes, nine
 * terms or more in each, and the address is in the fifth.  NUMBER makes
 * domains that are alike and yet not the same, so that nobody's cache helps.
 */
#define SPF_BENCH_ADDRESS "192.0.2.9"
#define SPF_BENCH_ZONE    "bench.example"

enum { SPF_BENCH_RECORDS = 6, SPF_BENCH_RECORD_MAX = 512 };

/* "spf.7.bench.example" is record 0, "_s3.7.bench.example" record 3. */
static inline int spf_bench_name(
	char *room, size_t size, int record, int number)
{
	if (!record)
		return snprintf(room, size, "spf.%d." SPF_BENCH_ZONE, number);
	return snprintf(
		room, size, "_s%d.%d." SPF_BENCH_ZONE, record, number);
}

static inline int spf_bench_top(char *room, size_t size, int number)
{
	size_t at = (size_t)snprintf(room, size, "v=spf1");

	for (int i = 1; i < SPF_BENCH_RECORDS; i++) {
		char name[64];

		spf_bench_name(name, sizeof(name), i, number);
		at += (size_t)snprintf(
			room + at, size - at, " include:%s", name);
	}
	return (int)at + snprintf(room + at, size - at, " -all");
}

static inline int spf_bench_record(
	char *room, size_t size, int record, int number)
{
	size_t at;

	if (!record)
		return spf_bench_top(room, size, number);
	at = (size_t)snprintf(room, size, "v=spf1");
	for (int i = 0; i < 8; i++)
		at += (size_t)snprintf(room + at, size - at,
			" ip4:198.51.%d.%d/30", 100 + record, 4 * i);
	if (record == SPF_BENCH_RECORDS - 1)
		at += (size_t)snprintf(room + at, size - at,
			" ip4:192.0.2.0/24 ip6:2001:db8:5::/48");
	return (int)at + snprintf(room + at, size - at, " ~all");
}

#endif
