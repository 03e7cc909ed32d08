#include "probe/policy/dmarc.h"

const char *dmarc_consent_word(enum dmarc_consent consent)
{
	switch (consent) {
	case DMARC_CONSENT_OPEN:
		return "open";
	case DMARC_CONSENT_OWN:
		return "own";
	case DMARC_CONSENT_GIVEN:
		return "given";
	case DMARC_CONSENT_MISSING:
		return "missing";
	case DMARC_CONSENT_UNKNOWN:
		return "unknown";
	case DMARC_CONSENT_UNUSABLE:
		return "unusable";
	}
	return "";
}

static enum dmarc_consent end_with(struct dmarc_consent_check *check,
	enum dmarc_consent consent, struct span why)
{
	check->consent = consent;
	check->why = why;
	return consent;
}

/* An override may name another mailbox, not another host: RFC 7489, 7.1. */
static void take_override(struct arena *arena,
	const struct dmarc_record *record, struct dmarc_consent_check *check)
{
	for (size_t i = 0; i < record->rua_count; i++) {
		const struct dmarc_destination *one = &record->rua[i];

		if (one->is_usable &&
			span_is(org_domain_plain(arena, one->uri.host),
				check->host))
			check->instead = one->uri.text;
	}
}

/* RFC 9990 section 4: any record that is one will do, the first is taken. */
static enum dmarc_consent read_answer(struct arena *arena,
	const struct answer *answer, struct dmarc_consent_check *check)
{
	if (answer_failed(answer))
		return end_with(check, DMARC_CONSENT_UNKNOWN,
			arena_print(arena, "%.*s could not be looked up",
				SPAN_ARG(check->name)));
	for (size_t i = 0; i < answer->value_count; i++) {
		if (!dmarc_record_is_one(answer->values[i]))
			continue;
		take_override(arena,
			dmarc_record_parse(arena, answer->values[i]), check);
		return end_with(check, DMARC_CONSENT_GIVEN,
			arena_print(arena, "%.*s takes these reports",
				SPAN_ARG(check->host)));
	}
	return end_with(check, DMARC_CONSENT_MISSING,
		arena_print(arena,
			"%.*s does not say that it takes them: %.*s TXT "
			"\"v=DMARC1\" is missing",
			SPAN_ARG(check->host), SPAN_ARG(check->name)));
}

enum dmarc_consent dmarc_consent_check(struct arena *arena,
	struct answers *answers, struct span record_domain,
	const struct dmarc_destination *destination,
	struct dmarc_consent_check *check)
{
	const struct suffix_list *suffixes = suffix_list_own();
	const struct answer *answer;

	*check = (struct dmarc_consent_check){ .host = org_domain_plain(arena,
						       destination->uri.host) };
	if (!destination->is_usable)
		return end_with(check, DMARC_CONSENT_UNUSABLE,
			SPAN("reports are sent to a mailto: with an address, "
			     "and by few receivers to https:"));
	if (dmarc_align(arena, suffixes, record_domain, check->host) !=
		DMARC_NOT_ALIGNED)
		return end_with(check, DMARC_CONSENT_OWN,
			SPAN("it is in the same organizational domain"));
	check->name = arena_print(arena, "%.*s._report._dmarc.%.*s",
		SPAN_ARG(org_domain_plain(arena, record_domain)),
		SPAN_ARG(check->host));
	answer = answers_get(answers, check->name, RR_TXT);
	if (!answer)
		return end_with(check, DMARC_CONSENT_OPEN, SPAN(""));
	return read_answer(arena, answer, check);
}
