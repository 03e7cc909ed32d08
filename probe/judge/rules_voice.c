#include "probe/judge/host_voices.h"

/*
 * Who answers: a server that over one family speaks for somebody else, and
 * over the other one for the host.
 */
static enum voice_proof name_proof(const struct session *tls)
{
	if (tls->name_matches)
		return VOICE_FITS;
	return tls->chain_count ? VOICE_CONTRADICTS : VOICE_UNPROVEN;
}

static enum voice_proof tlsa_proof(const struct tlsa_verdict *verdict)
{
	if (verdict && verdict->result == TLSA_MATCHES)
		return VOICE_FITS;
	return verdict && verdict->result == TLSA_NO_MATCH ? VOICE_CONTRADICTS
							   : VOICE_UNPROVEN;
}

/* Inside TLS nobody offers STARTTLS again. */
static struct host_voice voice_of(const struct visit *visit)
{
	struct host_voice voice = {
		.host = visit->path->host,
		.family = visit->path->family,
		.name = visit->ehlo.domain,
		.has_ehlo = visit->has_ehlo,
		.offers_tls = visit->tls || visit->ehlo.starttls,
	};

	if (visit->tls) {
		voice.certificate = name_proof(visit->tls);
		voice.tlsa = tlsa_proof(visit->tls->tlsa);
	}
	return voice;
}

static void weigh(struct docket *docket, const struct visit *visit,
	const struct visit *other, struct voice_signs *signs)
{
	const struct outcome *outcome = docket->outcome;
	struct host_voice odd = voice_of(visit), own = voice_of(other);
	struct host_voices *voices = arena_new(
		docket->arena, struct host_voices);

	host_voices_open(voices, docket->arena);
	for (size_t i = 0; i < outcome->visit_count; i++) {
		struct host_voice voice = voice_of(outcome->visits[i]);

		if (voice.has_ehlo)
			host_voices_add(voices, &voice);
	}
	host_voices_weigh(docket->arena, voices, &odd, &own, signs);
}

static void look(struct docket *docket, const struct visit *visit,
	const struct visit *other)
{
	struct voice_signs signs = { .count = 0 };
	struct draft *draft;

	if (!visit->has_ehlo || !other->has_ehlo ||
		!voice_is_foreign(docket->arena, visit->path->host,
			visit->ehlo.domain, other->ehlo.domain))
		return;
	weigh(docket, visit, other, &signs);
	draft = docket_draft(docket, &voice_intercepted, visit, STAGE_EHLO);
	if (signs.is_likely)
		draft->finding.confidence = LIKELY;
	draft_for(docket, draft, visit,
		arena_print(docket->arena,
			"it calls itself %.*s, and over %s %.*s",
			SPAN_ARG(visit->ehlo.domain),
			family_word(other->path->family),
			SPAN_ARG(other->ehlo.domain)));
	for (size_t i = 0; i < signs.count; i++)
		draft_for(docket, draft, visit, signs.at[i]);
	draft_against(docket, draft, visit, voice_doubt());
}

void rules_voice(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];
		const struct visit_judgement *other = NULL;

		if (visit->state == VISIT_WALKED)
			other = docket_other(docket, visit);
		if (other)
			look(docket, visit, other->visit);
	}
}

const struct finding_kind *const voice_kinds[] = { &voice_intercepted, NULL };
