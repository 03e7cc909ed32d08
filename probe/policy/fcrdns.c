#include "probe/policy/fcrdns.h"

const char *fcrdns_word(enum fcrdns fcrdns)
{
	switch (fcrdns) {
	case FCRDNS_OPEN:
		return "open";
	case FCRDNS_CONFIRMED:
		return "confirmed";
	case FCRDNS_NO_NAME:
		return "no-name";
	case FCRDNS_NOT_CONFIRMED:
		return "not-confirmed";
	case FCRDNS_UNKNOWN:
		return "unknown";
	}
	return "";
}

static bool has_address(const struct answer *answer, const struct ip *ip)
{
	for (size_t i = 0; i < answer->value_count; i++) {
		struct ip one;

		if (ip_parse(answer->values[i], &one) && ip_is(&one, ip))
			return true;
	}
	return false;
}

enum fcrdns fcrdns_check(struct arena *arena, struct answers *answers,
	const struct ip *ip, struct span *name)
{
	enum rr_type type = ip->family == FAMILY_IPV4 ? RR_A : RR_AAAA;
	const struct answer *names = answers_get(
		answers, ip_reverse_name(arena, ip), RR_PTR);
	bool open = false, failed = false;

	*name = SPAN("");
	if (!names)
		return FCRDNS_OPEN;
	if (answer_failed(names))
		return FCRDNS_UNKNOWN;
	if (names->kind != ANSWER_DATA)
		return FCRDNS_NO_NAME;
	*name = names->values[0];
	for (size_t i = 0; i < names->value_count && i < FCRDNS_NAMES_MAX;
		i++) {
		const struct answer *back = answers_get(
			answers, names->values[i], type);

		if (!back) {
			open = true; /* keep going: ask all in one round */
		} else if (answer_failed(back)) {
			failed = true;
		} else if (has_address(back, ip)) {
			*name = names->values[i];
			return FCRDNS_CONFIRMED;
		}
	}
	if (open)
		return FCRDNS_OPEN;
	return failed ? FCRDNS_UNKNOWN : FCRDNS_NOT_CONFIRMED;
}
