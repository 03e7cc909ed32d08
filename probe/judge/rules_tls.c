#include "probe/judge/docket.h"

/*
 * What the TLS of a server is worth, and whether both families have it.  Mail
 * goes on without (RFC 7435): only a walk that asked for more fails by it.
 */

static const struct finding_kind untrusted = {
	.id = "tls.untrusted",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the certificate leads to no trusted authority",
	.remedy = "let the server send a chain to a public authority, its "
		  "intermediate certificates included",
	.reference = "RFC 5280 section 6",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind expired = {
	.id = "tls.expired",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "a certificate of the chain is out of date",
	.remedy = "renew the certificate and reload the mail server",
	.reference = "RFC 5280 section 4.1.2.5",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind name_mismatch = {
	.id = "tls.name-mismatch",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the certificate is for another name",
	.remedy = "put the name of the exchanger into the certificate's "
		  "subjectAltName",
	.reference = "RFC 6125, RFC 8461 section 4.2",
	.is_shared = true,
	.is_seen = true,
};

/* Its title names the family that has TLS. */
static const struct finding_kind one_family = {
	.id = "tls.one-family",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.meaning = "What is sent over the other family can be read on the way.",
	.reference = "RFC 3207 section 6",
	.is_seen = true,
};

static void found(struct docket *docket, const struct finding_kind *kind,
	const struct visit *visit, struct span text)
{
	const struct fault *fault = visit->fault;
	struct draft *draft = docket_draft(docket, kind, visit, STAGE_TLS);

	draft_for(docket, draft, visit, text);
	if (visit->tls->tlsa && visit->tls->tlsa->result == TLSA_MATCHES)
		draft_against(docket, draft, visit,
			SPAN("a TLSA record fits it: to a sender that honours "
			     "DANE it is good"));
	if (fault && fault->failure == FAILURE_TLS_VERIFY)
		draft->finding.severity = SEVERITY_FAIL;
}

static void look_at_chain(struct docket *docket, const struct visit *visit)
{
	const struct session *tls = visit->tls;
	struct span why = tls->verify_why;

	if (tls->is_expired)
		found(docket, &expired, visit,
			why.len ? why : SPAN("its last day has passed"));
	else if (!tls->is_trusted)
		found(docket, &untrusted, visit,
			why.len ? why
			: tls->is_self_signed
				? SPAN("the server signed it itself")
				: SPAN("no known authority signed it"));
}

static void look_at_name(struct docket *docket, const struct visit *visit)
{
	const struct session *tls = visit->tls;
	struct span leaf = tls->chain_count ? tls->chain[0].subject : SPAN("");
	struct ip address;

	/* A target that is an address leaves no name to look for. */
	if (tls->name_matches || ip_parse(tls->checked_name, &address))
		return;
	found(docket, &name_mismatch, visit,
		arena_print(docket->arena, "%.*s was expected, it is for %.*s",
			SPAN_ARG(tls->checked_name),
			SPAN_ARG(tls->chain_count && tls->chain[0].name_count
					 ? tls->chain[0].names[0]
					 : leaf)));
}

/* ---- one family in clear */

static bool has_tls(const struct visit *visit)
{
	return visit->tls && visit->reached[STAGE_TLS];
}

/* It was greeted, and went on without TLS. */
static bool is_in_clear(const struct visit *visit)
{
	return visit->state == VISIT_WALKED && visit->has_ehlo &&
	       !visit->tls && !visit->reached[STAGE_TLS] &&
	       (!visit->fault || visit->fault->stage > STAGE_TLS);
}

static const struct reply *starttls_reply(const struct visit *visit)
{
	return transcript_reply(&visit->transcript, STAGE_STARTTLS);
}

static struct span why_in_clear(
	struct arena *arena, const struct visit *visit)
{
	const char *family = family_word(visit->path->family);
	const struct reply *reply = starttls_reply(visit);

	if (!reply)
		return arena_print(
			arena, "STARTTLS is not offered over %s", family);
	return arena_print(arena, "STARTTLS was answered %u over %s",
		reply->code, family);
}

static struct span remedy_for_clear(
	struct arena *arena, const struct visit *visit)
{
	const char *family = family_word(visit->path->family);

	if (starttls_reply(visit))
		return arena_print(arena,
			"look in the server's log why it could not begin TLS "
			"on its %s address: certificate, key, or a limit",
			family);
	return arena_print(arena,
		"offer STARTTLS on the server's %s address too; if it does, "
		"look for a filter that strips it",
		family);
}

static void look_at_clear(struct docket *docket, const struct visit *visit)
{
	const struct visit_judgement *other = docket_other(docket, visit);
	struct finding_kind kind = one_family;
	struct draft *draft;
	const char *good;

	if (!is_in_clear(visit) || !other || !has_tls(other->visit))
		return;
	good = family_word(other->visit->path->family);
	kind.title = arena_print(docket->arena, "TLS over %s only", good).at;
	kind.remedy = remedy_for_clear(docket->arena, visit).at;
	draft = docket_draft(docket, &kind, NULL, STAGE_STARTTLS);
	draft_for(docket, draft, visit, why_in_clear(docket->arena, visit));
	draft_for(docket, draft, other->visit,
		arena_print(docket->arena, "%s got %.*s at the same host",
			good, SPAN_ARG(other->visit->tls->version)));
}

void rules_tls(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++)
		look_at_clear(docket, outcome->visits[i]);
	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];

		if (visit->state != VISIT_WALKED || !visit->tls ||
			!visit->tls->chain_count)
			continue;
		look_at_chain(docket, visit);
		look_at_name(docket, visit);
	}
}

const struct finding_kind *const tls_kinds[] = { &untrusted, &expired,
	&name_mismatch, &one_family, NULL };
