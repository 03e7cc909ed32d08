#include "probe/judge/own_view.h"

/*
 * What is wrong with SPF, DKIM and DMARC by our own evaluation, whether or not
 * this server minded: the next one may.  It is an inference of ours, so it is
 * suspected, and no verdict is built on it; rules_reply.c joins it with what a
 * server said.
 */

static const struct finding_kind spf = {
	.id = "sender.spf",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "SPF does not pass for our address",
	.meaning = "Receivers that check SPF refuse such mail, or trust it "
		   "less.",
	.remedy = "add the address to the SPF record of the domain",
	.reference = "RFC 7208 section 8",
	.is_shared = true,
};

static const struct finding_kind dkim = {
	.id = "sender.dkim",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "our DKIM signature does not verify",
	.meaning = "A receiver treats the message as if it were not signed.",
	.reference = "RFC 6376 section 6",
	.is_shared = true,
};

static const struct finding_kind dmarc = {
	.id = "sender.dmarc",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "the message does not pass DMARC",
	.meaning = "Neither SPF nor DKIM passes for the domain of From, and "
		   "its owner says what to do then.",
	.reference = "RFC 7489 section 6.6",
	.is_shared = true,
};

static void found(struct docket *docket, const struct finding_kind *kind,
	const struct visit *visit, struct span text, struct span remedy)
{
	struct draft *draft = docket_draft(docket, kind, visit,
		kind == &spf ? STAGE_MAIL : STAGE_DOT);

	draft_for(docket, draft, visit, text);
	if (remedy.len)
		draft->finding.remedy = remedy;
}

/* A message without any signature is told where somebody asks for one. */
static bool has_bad_signature(const struct visit *visit)
{
	return own_view_of_dkim(visit) == OWN_AGREES &&
	       visit->identity->dkim.count > 0;
}

/* That there is no record is no fault of this message. */
static bool fails_dmarc(const struct visit *visit)
{
	return own_view_of_dmarc(visit) == OWN_AGREES &&
	       visit->identity->dmarc.result != DMARC_NONE;
}

/* The refusal is about it, and has told of it as its evidence. */
static bool is_told(const struct docket *docket, const struct visit *visit,
	const char *policy)
{
	const struct judgement *judgement = docket->judgement;

	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *one = &judgement->visits[i];

		if (one->verdict == VERDICT_FAIL && one->row &&
			one->visit->path->family == visit->path->family &&
			span_is(one->row->policy, span_of(policy)))
			return true;
	}
	return false;
}

/* What only follows from an SPF that was told is no news either. */
static bool is_told_of_dmarc(
	const struct docket *docket, const struct visit *visit)
{
	return is_told(docket, visit, "dmarc") ||
	       (is_told(docket, visit, "spf") &&
		       own_fails_for_author(visit->identity, DMARC_BY_SPF));
}

static void look_at(struct docket *docket, const struct visit *visit)
{
	struct arena *arena = docket->arena;

	if (own_view_of_spf(visit) == OWN_AGREES &&
		!is_told(docket, visit, "spf"))
		found(docket, &spf, visit, own_spf_text(arena, visit),
			own_remedy(docket, visit, SPAN("spf")));
	if (has_bad_signature(visit) && !is_told(docket, visit, "dkim"))
		found(docket, &dkim, visit, own_dkim_text(arena, visit),
			own_remedy(docket, visit, SPAN("dkim")));
	if (fails_dmarc(visit) && !is_told_of_dmarc(docket, visit))
		found(docket, &dmarc, visit, own_dmarc_text(arena, visit),
			own_remedy(docket, visit, SPAN("dmarc")));
}

void rules_identity(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++)
		look_at(docket, outcome->visits[i]);
}

const struct finding_kind *const identity_kinds[] = { &spf, &dkim, &dmarc,
	NULL };
