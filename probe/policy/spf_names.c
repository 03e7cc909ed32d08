#include "probe/policy/spf_names.h"

#include "probe/dns/name.h"
#include "probe/policy/spf_lookup.h"

/*
 * Those of the names that lead back to the address.  Whoever owns it chose
 * them, so what they lead to is nothing that the domain's policy could be
 * blamed for: no error, no void lookup (RFC 7208, 5.5 and 4.6.4).
 */
enum spf_outcome spf_names_validate(struct spf_evaluation *evaluation,
	const struct answer *answer, struct spf_names *names)
{
	unsigned prefix = evaluation->ip.family == FAMILY_IPV4 ? 32 : 128;
	bool open = false;

	names->count = 0;
	for (size_t i = 0; i < answer->value_count && i < SPF_NAMES_MAX; i++) {
		const struct answer *back = spf_lookup_ask(evaluation,
			answer->values[i], spf_address_type(evaluation));

		if (!back)
			open = true;
		else if (spf_address_found(evaluation, back, prefix))
			names->at[names->count++] = answer->values[i];
	}
	return open ? SPF_TERM_OPEN : SPF_TERM_MATCH;
}

/* The domain itself above a name below it, and that above any other. */
struct span spf_names_best(const struct spf_names *names, struct span domain)
{
	for (size_t i = 0; i < names->count; i++)
		if (span_is(names->at[i], domain))
			return names->at[i];
	for (size_t i = 0; i < names->count; i++)
		if (name_is_under(names->at[i], domain))
			return names->at[i];
	return names->count ? names->at[0] : SPAN("unknown");
}
