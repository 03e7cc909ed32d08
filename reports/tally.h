#ifndef MXP_TALLY_H
#define MXP_TALLY_H

#include <stdio.h>

#include "probe/judge/judge.h"

/*
 * What --repeat tells at its end: how many walks ended how, and how long they
 * took.  Durations fall into buckets that grow by an eighth, so that a hundred
 * million walks take no more room than ten.
 */
enum { TALLY_BUCKETS = 512 };

struct tally {
	unsigned long long of[FAMILY_COUNT][VERDICT_NA + 1];
	unsigned long long failures[FAMILY_COUNT][FAILURE_COUNT];
	unsigned long long buckets[FAMILY_COUNT][TALLY_BUCKETS];
	uint64_t began_ns, ended_ns;
};

void tally_add(struct tally *tally, const struct visit_judgement *judged);

/* A few lines of text. */
void tally_print(FILE *out, const struct tally *tally);

/* The bucket of a duration, and the least duration that falls into it. */
unsigned tally_bucket(uint64_t us);
uint64_t tally_bucket_least(unsigned bucket);

#endif
