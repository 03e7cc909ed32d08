#include "probe/policy/soa.h"

const char *soa_word(enum soa state)
{
	switch (state) {
	case SOA_OPEN:
		return "open";
	case SOA_OWN:
		return "own";
	case SOA_ABOVE:
		return "above";
	case SOA_NO_NAME:
		return "no-name";
	case SOA_UNKNOWN:
		return "unknown";
	}
	return "";
}

static enum soa end_with(
	struct soa_check *check, enum soa state, struct span why)
{
	check->state = state;
	check->why = why;
	return state;
}

static enum soa end_unknown(
	struct arena *arena, struct soa_check *check, struct span name)
{
	return end_with(check, SOA_UNKNOWN,
		arena_print(arena, "the SOA of %.*s could not be looked up",
			SPAN_ARG(name)));
}

/* A CNAME has no zone of its own, whatever stands where it leads to. */
static bool has_soa(const struct answer *answer)
{
	return answer->kind == ANSWER_DATA && !answer->canonical.len;
}

/* The name exists without an SOA: the zone that it is in. */
static enum soa find_above(struct arena *arena, struct answers *answers,
	struct span domain, struct soa_check *check)
{
	struct span name = domain;

	for (int step = 1; step < SOA_STEPS_MAX && name.len; step++) {
		const struct answer *answer;

		span_cut(&name, '.');
		if (!name.len)
			break;
		answer = answers_get(answers, name, RR_SOA);
		if (!answer)
			return check->state = SOA_OPEN;
		if (answer_failed(answer))
			return end_unknown(arena, check, name);
		if (has_soa(answer)) {
			check->zone = name;
			break;
		}
	}
	return end_with(check, SOA_ABOVE,
		arena_print(arena, "%.*s exists, but has no SOA record",
			SPAN_ARG(domain)));
}

enum soa soa_check(struct arena *arena, struct answers *answers,
	struct span domain, struct soa_check *check)
{
	const struct answer *answer = answers_get(answers, domain, RR_SOA);

	*check = (struct soa_check){ .state = SOA_OPEN };
	if (!answer)
		return SOA_OPEN;
	if (answer_failed(answer))
		return end_unknown(arena, check, domain);
	if (answer->kind == ANSWER_NO_NAME)
		return end_with(check, SOA_NO_NAME,
			arena_print(arena, "%.*s does not exist",
				SPAN_ARG(domain)));
	if (!has_soa(answer))
		return find_above(arena, answers, domain, check);
	check->zone = domain;
	return end_with(check, SOA_OWN, SPAN(""));
}
