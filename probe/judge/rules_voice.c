#include "probe/judge/docket.h"
#include "probe/judge/voice.h"

/*
 * Who answers: a server that over one family speaks for somebody else, and
 * over the other one for the host.  From a walk, what is on the way and an
 * address that leads to another server look the same; how far away the answer
 * comes from, a trace tells.
 */
static const struct finding_kind intercepted = {
	.id = "path.intercepted",
	.severity = SEVERITY_WARN,
	.blame = BLAME_UNKNOWN,
	.title = "another server answers in the host's place",
	.meaning = "A transparent proxy on the way, or an address that is "
		   "another server's: mail does not go where it was meant to.",
	.remedy = "see with mxprobe trace how far away the answer comes from; "
		  "if it is near, ask your provider for port 25 without a "
		  "proxy, else tell the domain's postmaster",
	.reference = "RFC 5068 section 3.1",
};

static bool is_of_another_name(
	const struct visit *visit, const struct visit *other)
{
	return visit->tls && visit->tls->chain_count &&
	       !visit->tls->name_matches && other->tls &&
	       other->tls->name_matches;
}

static bool lacks_tls(const struct visit *visit, const struct visit *other)
{
	return !visit->tls && !visit->ehlo.starttls && other->tls;
}

static bool defies_dane(const struct visit *visit, const struct visit *other)
{
	return visit->tls && visit->tls->tlsa && other->tls &&
	       other->tls->tlsa && visit->tls->tlsa->result == TLSA_NO_MATCH &&
	       other->tls->tlsa->result == TLSA_MATCHES;
}

static void weigh(struct docket *docket, struct draft *draft,
	const struct visit *visit, const struct visit *other)
{
	const char *family = family_word(other->path->family);
	struct arena *arena = docket->arena;

	draft_for(docket, draft, visit,
		arena_print(arena, "it calls itself %.*s, and over %s %.*s",
			SPAN_ARG(visit->ehlo.domain), family,
			SPAN_ARG(other->ehlo.domain)));
	if (is_of_another_name(visit, other))
		draft_for(docket, draft, visit,
			arena_print(arena,
				"its certificate is for another name, and over "
				"%s for this host",
				family));
	if (lacks_tls(visit, other))
		draft_for(docket, draft, visit,
			arena_print(arena,
				"it offers no STARTTLS, and over %s it does",
				family));
	if (defies_dane(visit, other))
		draft_for(docket, draft, visit,
			arena_print(arena,
				"the TLSA records fit the key over %s, and not "
				"this one",
				family));
	draft_against(docket, draft, visit,
		SPAN("the address may belong to another server, which speaks "
		     "for itself"));
}

static void look(struct docket *docket, const struct visit *visit,
	const struct visit *other)
{
	struct draft *draft;

	if (!visit->has_ehlo || !other->has_ehlo ||
		!voice_is_foreign(docket->arena, visit->path->host,
			visit->ehlo.domain, other->ehlo.domain))
		return;
	draft = docket_draft(docket, &intercepted, visit, STAGE_EHLO);
	if (is_of_another_name(visit, other) || lacks_tls(visit, other) ||
		defies_dane(visit, other))
		draft->finding.confidence = LIKELY;
	weigh(docket, draft, visit, other);
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
