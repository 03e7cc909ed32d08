#include "probe/policy/spf_mechanism.h"

#include "probe/dns/name.h"
#include "probe/policy/spf_lookup.h"
#include "probe/policy/spf_names.h"
#include "probe/policy/spf_trace.h"

static enum spf_outcome try_addresses(
	const struct spf_spot *spot, struct span name, enum rr_type type)
{
	const struct spf_term *term = spot->term;
	const struct answer *answer;
	enum spf_outcome outcome;

	if (!name.len)
		return SPF_TERM_NO_MATCH;
	outcome = spf_lookup_make(spot, name, type, &answer);
	if (outcome != SPF_TERM_MATCH || term->kind == SPF_EXISTS)
		return outcome;
	return spf_address_found(spot->evaluation, answer,
		       term->prefix[spot->evaluation->ip.family])
		       ? SPF_TERM_MATCH
		       : SPF_TERM_NO_MATCH;
}

struct exchanger {
	unsigned preference;
	struct span host;
};

/* In the order of preference (RFC 7208, 5.4).  False: there are too many. */
static bool sort_exchangers(const struct answer *answer,
	struct exchanger list[static SPF_NAMES_MAX], size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < answer->value_count; i++) {
		struct exchanger one;
		size_t at = *count;

		if (!answer_mx(answer->values[i], &one.preference, &one.host) ||
			span_is(one.host, SPAN(".")))
			continue;
		if (*count == SPF_NAMES_MAX)
			return false;
		for (; at && list[at - 1].preference > one.preference; at--)
			list[at] = list[at - 1];
		list[at] = one;
		++*count;
	}
	return true;
}

static enum spf_outcome try_exchangers(
	const struct spf_spot *spot, const struct answer *answer)
{
	struct spf_evaluation *evaluation = spot->evaluation;
	struct exchanger list[SPF_NAMES_MAX];
	bool open = false;
	size_t count;

	if (!sort_exchangers(answer, list, &count)) {
		spf_trace_why(evaluation, spot->frame, spot->term,
			arena_print(evaluation->arena,
				"%.*s has more than %d mail exchangers",
				SPAN_ARG(spot->target.name), SPF_NAMES_MAX));
		return SPF_TERM_PERMERROR;
	}
	for (size_t i = 0; i < count; i++) {
		enum spf_outcome outcome = try_addresses(
			spot, list[i].host, spf_address_type(evaluation));

		if (outcome == SPF_TERM_OPEN)
			open = true;
		else if (outcome != SPF_TERM_NO_MATCH)
			return open ? SPF_TERM_OPEN : outcome;
	}
	return open ? SPF_TERM_OPEN : SPF_TERM_NO_MATCH;
}

static enum spf_outcome try_mx(const struct spf_spot *spot)
{
	const struct answer *answer;
	enum spf_outcome outcome;

	if (!spot->target.name.len)
		return SPF_TERM_NO_MATCH;
	outcome = spf_lookup_make(spot, spot->target.name, RR_MX, &answer);
	return outcome == SPF_TERM_MATCH ? try_exchangers(spot, answer)
					 : outcome;
}

/* RFC 7208, 5.5: an error of the DNS is no match here. */
static enum spf_outcome try_ptr(const struct spf_spot *spot)
{
	struct spf_evaluation *evaluation = spot->evaluation;
	struct span reverse = ip_reverse_name(
		evaluation->arena, &evaluation->ip);
	const struct answer *answer = spf_lookup_ask(
		evaluation, reverse, RR_PTR);
	struct spf_names names;

	if (!answer)
		return SPF_TERM_OPEN;
	if (answer_failed(answer))
		return SPF_TERM_NO_MATCH;
	if (answer->kind != ANSWER_DATA)
		return spf_void_count(spot, reverse, RR_PTR);
	if (spf_names_validate(evaluation, answer, &names) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	for (size_t i = 0; i < names.count; i++)
		if (spot->target.name.len &&
			name_is_under(names.at[i], spot->target.name))
			return SPF_TERM_MATCH;
	return SPF_TERM_NO_MATCH;
}

enum spf_outcome spf_mechanism_try(const struct spf_spot *spot)
{
	switch (spot->term->kind) {
	case SPF_A:
		return try_addresses(spot, spot->target.name,
			spf_address_type(spot->evaluation));
	case SPF_EXISTS:
		return try_addresses(spot, spot->target.name, RR_A);
	case SPF_MX:
		return try_mx(spot);
	case SPF_PTR:
		return try_ptr(spot);
	case SPF_ALL:
	case SPF_INCLUDE:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER:
	case SPF_BAD:
		break;
	}
	return SPF_TERM_NO_MATCH;
}
