#ifndef MXP_TEST_ARC_BY_HAND_H
#define MXP_TEST_ARC_BY_HAND_H

#include <stdio.h>
#include <stdlib.h>

#include "probe/policy/arc_seal.h"

/*
 * Chains for tests: sets put on a message by our own sealer, with one Ed25519
 * key that stands in the table of answers.  A test then spoils the text.
 */
#define ARC_SEED   "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define ARC_DOMAIN "lists.example"
#define ARC_KEY    "s1._domainkey.lists.example"

struct arc_bench {
	struct arena *arena;
	struct answers *answers;
	struct dkim_keys *keys;
	struct dkim_secret *secret;
};

static inline void arc_bench_answer(struct arc_bench *bench,
	const char *name, enum answer_kind kind, struct span text)
{
	struct answer *answer = arena_new(bench->arena, struct answer);
	struct span *value = arena_new(bench->arena, struct span);

	*value = text;
	*answer = (struct answer){ .kind = kind, .values = value,
		.value_count = kind == ANSWER_DATA };
	answers_put(bench->answers, span_of(name), RR_TXT, answer);
}

static inline void arc_bench_open(struct arc_bench *bench)
{
	const char *why;

	bench->arena = arena_open();
	bench->answers = answers_open(bench->arena);
	bench->keys = dkim_keys_open();
	bench->secret = dkim_secret_open(SPAN(ARC_SEED), &why);
	if (!bench->secret)
		abort();
	arc_bench_answer(bench, ARC_KEY, ANSWER_DATA,
		dkim_secret_record(bench->arena, bench->secret));
}

static inline void arc_bench_close(struct arc_bench *bench)
{
	dkim_secret_close(bench->secret);
	dkim_keys_close(bench->keys);
	arena_close(bench->arena);
}

static inline enum arc_result arc_bench_check(struct arc_bench *bench,
	struct span message, struct arc_chain *chain)
{
	const struct dkim_query query = { bench->arena, bench->answers,
		bench->keys, 1700000000 };

	return arc_check(
		&query, dkim_message_of(bench->arena, message), chain);
}

static inline struct arc_sealing arc_bench_sealing(
	const struct arc_bench *bench)
{
	return (struct arc_sealing){ .secret = bench->secret,
		.domain = SPAN(ARC_DOMAIN), .selector = SPAN("s1"),
		.authserv_id = SPAN("mx.lists.example"),
		.results = SPAN("spf=pass smtp.mailfrom=a.example; dkim=none"),
		.header_canon = CANON_RELAXED, .body_canon = CANON_RELAXED,
		.time = 1600000000 };
}

static inline enum arc_result arc_bench_result(
	struct arc_bench *bench, struct span message)
{
	struct arc_chain chain;

	return arc_bench_check(bench, message, &chain);
}

/* The message with one more set on it, or as it was. */
static inline struct span arc_bench_seal_as(struct arc_bench *bench,
	const struct arc_sealing *sealing, struct span message)
{
	struct arc_chain chain;
	struct span fields;
	const char *why;

	arc_bench_check(bench, message, &chain);
	if (arc_seal(bench->arena, sealing, message, &chain, &fields,
		    &why) == ARC_NOT_SEALED)
		abort();
	return arena_print(bench->arena, "%.*s%.*s", SPAN_ARG(fields),
		SPAN_ARG(message));
}

static inline struct span arc_bench_seal(
	struct arc_bench *bench, struct span message)
{
	const struct arc_sealing sealing = arc_bench_sealing(bench);

	return arc_bench_seal_as(bench, &sealing, message);
}

/* The first `old` behind the first `after` becomes `new`. */
static inline struct span arc_bench_spoil(struct arc_bench *bench,
	struct span text, const char *after, const char *old, const char *new)
{
	size_t from = span_find_nocase(text, span_of(after));
	size_t at = from + span_find_nocase(span_part(text, from, text.len),
				   span_of(old));

	if (at >= text.len) {
		fprintf(stderr, "not there: %s\n", old);
		abort();
	}
	return arena_print(bench->arena, "%.*s%s%.*s",
		SPAN_ARG(span_part(text, 0, at)), new,
		SPAN_ARG(span_part(text, at + strlen(old), text.len)));
}

#endif
