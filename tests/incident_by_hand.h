#ifndef MXP_INCIDENT_BY_HAND_H
#define MXP_INCIDENT_BY_HAND_H

#include "probe/judge/incident.h"

#include "tests/own_arena.h"
#include "tests/spans.h"

/*
 * An incident built by hand, one delivery after the other, and what its
 * findings say: for the tests of those.
 */

/* 2024-09-07 00:00 UTC; the step of the case that all began with: 10:51. */
enum { MIDNIGHT_S = 1725667200, STEP_S = MIDNIGHT_S + (10 * 60 + 51) * 60 };

#define NOT_AUTHORIZED                                                         \
	"550-5.7.1 [2001:db8::25] The IP you're using to send mail is not\n"   \
	"550-5.7.1 authorized to send email directly to our servers.\n"        \
	"550 5.7.1 https://support.google.com/mail/?p=NotAuthorizedError x - " \
	"gsmtp"

struct case_of {
	struct incident incident;
	uint64_t line;
};

static inline void begin(struct case_of *one)
{
	incident_open(&one->incident, codebook_embedded(arena));
	one->line = 0;
}

static inline void end(struct case_of *one)
{
	incident_close(&one->incident);
}

static inline void add(struct case_of *one, struct delivery delivery)
{
	struct joined_delivery joined = { .delivery = delivery,
		.witnesses = { { .kind = delivery.witness,
			.file = delivery.file,
			.position = ++one->line } },
		.witness_count = 1 };

	incident_add(&one->incident, &joined);
}

static inline const struct incident_judgement *judged(struct case_of *one)
{
	return incident_judge(arena, &one->incident);
}

static inline bool says(
	const struct evidence *evidence, size_t count, const char *words)
{
	for (size_t i = 0; i < count; i++)
		if (span_find_nocase(evidence[i].text, span_of(words)) <
			evidence[i].text.len)
			return true;
	return false;
}

#define assert_for(told, words)                                                \
	assert_true(says(                                                      \
		(told)->finding.for_it, (told)->finding.for_count, words))
#define assert_against(told, words)                                            \
	assert_true(says((told)->finding.against,                              \
		(told)->finding.against_count, words))

#endif
