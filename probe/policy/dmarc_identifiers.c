#include "probe/policy/dmarc_identifiers.h"

static enum dmarc_outcome outcome_of_spf(enum spf_result result)
{
	if (result == SPF_PASS)
		return DMARC_METHOD_PASSED;
	return result == SPF_TEMPERROR ? DMARC_METHOD_UNSURE
				       : DMARC_METHOD_FAILED;
}

static enum dmarc_outcome outcome_of_dkim(enum dkim_result result)
{
	if (result == DKIM_PASS)
		return DMARC_METHOD_PASSED;
	return result == DKIM_TEMPERROR ? DMARC_METHOD_UNSURE
					: DMARC_METHOD_FAILED;
}

static size_t add_signatures(const struct dkim_checks *checks, bool is_passed,
	struct dmarc_identifier *identifiers, size_t count)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if ((check->result == DKIM_PASS) != is_passed ||
			count == DMARC_IDENTIFIERS_MAX)
			continue;
		identifiers[count++] = (struct dmarc_identifier){
			.method = DMARC_BY_DKIM,
			.outcome = outcome_of_dkim(check->result),
			.domain = check->signature->domain,
		};
	}
	return count;
}

void dmarc_identify(struct arena *arena, struct dmarc_query *query,
	const struct spf_check *spf, const struct dkim_checks *dkim)
{
	struct dmarc_identifier *identifiers = arena_take(
		arena, DMARC_IDENTIFIERS_MAX * sizeof(*identifiers));
	size_t count = 0;

	if (spf)
		identifiers[count++] =
			(struct dmarc_identifier){ .method = DMARC_BY_SPF,
				.outcome = outcome_of_spf(spf->result),
				.domain = spf->domain };
	count = add_signatures(dkim, true, identifiers, count);
	count = add_signatures(dkim, false, identifiers, count);
	query->identifiers = identifiers;
	query->identifier_count = count;
}
