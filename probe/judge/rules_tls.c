#include "probe/judge/docket.h"

/*
 * What the certificate of a server is worth.  Mail goes on without (RFC 7435):
 * only a walk that asked for more fails by it.
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
};

static const struct finding_kind expired = {
	.id = "tls.expired",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "a certificate of the chain is out of date",
	.remedy = "renew the certificate and reload the mail server",
	.reference = "RFC 5280 section 4.1.2.5",
	.is_shared = true,
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
};

static void found(struct docket *docket, const struct finding_kind *kind,
	const struct visit *visit, struct span text)
{
	const struct fault *fault = visit->fault;
	struct draft *draft = docket_draft(docket, kind, visit, STAGE_TLS);

	draft_for(docket, draft, visit, text);
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

void rules_tls(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];

		if (visit->state != VISIT_WALKED || !visit->tls ||
			!visit->tls->chain_count)
			continue;
		look_at_chain(docket, visit);
		look_at_name(docket, visit);
	}
}
