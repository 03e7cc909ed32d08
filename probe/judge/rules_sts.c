#include "probe/judge/docket.h"

/*
 * What the domain asks of senders that honour MTA-STS (RFC 8461), and where it
 * wants to hear of failures (TLSRPT, RFC 8460).  A policy that does not list
 * an exchanger keeps their mail away from it; one that cannot be used protects
 * nobody.  A sender that honours neither sees nothing of it, so only a walk
 * that asked for it fails.
 */

static const struct finding_kind not_listed = {
	.id = "mta-sts.not-listed",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the MTA-STS policy does not list the exchanger",
	.meaning = "Senders that honour MTA-STS do not deliver here.",
	.reference = "RFC 8461 section 4.1",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind broken = {
	.id = "mta-sts.broken",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the MTA-STS policy cannot be used",
	.meaning = "A sender that has no older copy acts as if the domain had "
		   "none.",
	.remedy = "mend it, and check it with `mxprobe --tls secure`; or take "
		  "the _mta-sts record away, after a policy of mode none",
	.reference = "RFC 8461 section 3.3",
	.is_seen = true,
};

static const struct finding_kind short_lived = {
	.id = "mta-sts.short-lived",
	.severity = SEVERITY_INFO,
	.blame = BLAME_THEIRS,
	.title = "the MTA-STS policy is kept for a short time only",
	.meaning = "Who cuts senders off from the policy for so long gets "
		   "their mail unprotected.",
	.remedy = "raise max_age to some weeks",
	.reference = "RFC 8461 section 3.2",
	.is_seen = true,
};

static const struct finding_kind report_record = {
	.id = "tls-rpt.broken",
	.severity = SEVERITY_INFO,
	.blame = BLAME_THEIRS,
	.title = "the TLSRPT record cannot be used",
	.meaning = "The domain does not hear of senders that TLS keeps away.",
	.remedy = "publish one TXT record like \"v=TLSRPTv1; "
		  "rua=mailto:reports@example.org\"",
	.reference = "RFC 8460 section 3",
	.is_seen = true,
};

static struct draft *found(struct docket *docket,
	const struct finding_kind *kind, const struct visit *visit,
	struct span text)
{
	struct draft *draft = docket_draft(docket, kind, visit, STAGE_TLS);

	draft_for(docket, draft, visit, text);
	return draft;
}

/* ---- the exchanger */

static void look_at_visit(struct docket *docket, const struct visit *visit)
{
	const struct mta_sts *sts = visit->path->sts;
	const struct path *path = visit->path;
	struct draft *draft;

	if (!sts || sts->state != MTA_STS_FOUND ||
		sts->policy.mode == MTA_STS_MODE_NONE ||
		mta_sts_lists(&sts->policy, path->host))
		return;
	draft = found(docket, &not_listed, visit,
		arena_print(docket->arena,
			"%.*s is not among its mx lines (mode %s)",
			SPAN_ARG(path->host),
			mta_sts_mode_word(sts->policy.mode)));
	draft->finding.remedy = arena_print(docket->arena,
		"add \"mx: %.*s\" to the policy and give its record a new id",
		SPAN_ARG(path->host));
	if (sts->policy.mode == MTA_STS_TESTING)
		draft->finding.severity = SEVERITY_INFO;
	if (visit->fault && visit->fault->failure == FAILURE_TLS_MTA_STS)
		draft->finding.severity = SEVERITY_FAIL;
}

/* ---- the domain */

static void look_at_age(struct docket *docket, const struct mta_sts *sts)
{
	if (sts->policy.mode != MTA_STS_ENFORCE ||
		sts->policy.max_age >= MTA_STS_AGE_SHORT)
		return;
	found(docket, &short_lived, NULL,
		arena_print(docket->arena, "max_age is %u seconds",
			(unsigned)sts->policy.max_age));
}

/* Who has no way to the web server learns nothing about it: one that is not
 * reached may be behind a filter of our own. */
static bool is_our_network(const struct mta_sts *sts)
{
	const struct answer *file = sts->file;

	if (!file)
		return false;
	return file->kind == ANSWER_UNREACHABLE ||
	       file->kind == ANSWER_UNSAVED ||
	       (file->kind == ANSWER_TIMEOUT && !file->server.len);
}

static void look_at_policy(struct docket *docket, const struct mta_sts *sts)
{
	switch (sts->state) {
	case MTA_STS_RECORD_BAD:
	case MTA_STS_FETCH_FAILED:
	case MTA_STS_POLICY_BAD:
		found(docket, &broken, NULL,
			sts->state == MTA_STS_RECORD_BAD
				? sts->why
				: arena_print(docket->arena, "%.*s: %.*s",
					  SPAN_ARG(sts->host),
					  SPAN_ARG(sts->why)));
		return;
	case MTA_STS_FOUND:
		look_at_age(docket, sts);
		return;
	case MTA_STS_OPEN:
	case MTA_STS_UNKNOWN:
	case MTA_STS_NONE:
		return;
	}
}

static void look_at_reports(
	struct docket *docket, const struct tls_rpt_check *check)
{
	if (check->state == TLS_RPT_BROKEN || check->state == TLS_RPT_SEVERAL)
		found(docket, &report_record, NULL, check->why);
}

void rules_sts(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++)
		if (outcome->visits[i]->state == VISIT_WALKED)
			look_at_visit(docket, outcome->visits[i]);
	if (outcome->mta_sts && !is_our_network(outcome->mta_sts))
		look_at_policy(docket, outcome->mta_sts);
	if (outcome->tls_rpt)
		look_at_reports(docket, outcome->tls_rpt);
}

const struct finding_kind *const sts_kinds[] = { &not_listed, &broken,
	&short_lived, &report_record, NULL };
