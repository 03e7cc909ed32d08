#include "probe/judge/docket.h"

/*
 * What a sender that honours DANE (RFC 7672) makes of a server.  It does not
 * deliver where it does not fit, so the domain loses that mail, though a sender
 * that does not honour it sees nothing of it: only a walk that asked for it
 * fails.
 */

static const struct finding_kind rolled_over = {
	.id = "dane.rolled-over",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the TLSA records are of another certificate",
	.meaning = "Senders that honour DANE do not deliver here: the key was "
		   "changed and the record was not, or not in time.",
	.reference = "RFC 7671 section 8.1, RFC 7672 section 2.2",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind wrong_record = {
	.id = "dane.wrong-record",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the TLSA records say the right thing in the wrong way",
	.meaning = "Senders that honour DANE do not deliver here.",
	.reference = "RFC 6698 section 2.1, RFC 7672 section 3.1",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind invalid = {
	.id = "dane.invalid",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "a TLSA record fits, but the certificate is not valid",
	.meaning = "Senders that honour DANE do not deliver here.",
	.reference = "RFC 7672 section 3.1.2",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind unusable = {
	.id = "dane.unusable",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "no TLSA record can be used",
	.meaning = "Senders that honour DANE insist on TLS here, and "
		   "authenticate nobody.",
	.reference = "RFC 7672 sections 2.2 and 3.1.3",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind in_clear = {
	.id = "dane.no-tls",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "there are TLSA records, and no TLS",
	.meaning = "Senders that honour DANE do not deliver here.",
	.remedy = "offer STARTTLS, or withdraw the TLSA records",
	.reference = "RFC 7672 section 2.2",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind unsigned_records = {
	.id = "dane.unsigned",
	.severity = SEVERITY_WARN,
	.blame = BLAME_UNKNOWN,
	.title = "there are TLSA records, and DNSSEC does not vouch for them",
	.meaning = "They bind nobody.",
	.remedy = "sign the zones of the domain and of its exchangers; if they "
		  "are, ask a validating resolver on this host, or believe "
		  "the one that there is: --trust-ad",
	.reference = "RFC 7672 section 2.1.1",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind not_known = {
	.id = "dane.lookup-failed",
	.severity = SEVERITY_WARN,
	.blame = BLAME_UNKNOWN,
	.title = "the TLSA records could not be looked up",
	.meaning = "Senders that honour DANE put the mail off until they can.",
	.remedy = "look for what breaks the answer: a signature that has run "
		  "out, or a nameserver that does not know the type TLSA",
	.reference = "RFC 7672 section 2.1.2",
	.is_shared = true,
	.is_seen = true,
};

static bool is_fault(const struct visit *visit, enum failure failure)
{
	return visit->fault && visit->fault->failure == failure;
}

static struct draft *found(struct docket *docket,
	const struct finding_kind *kind, const struct visit *visit,
	struct span text)
{
	struct draft *draft = docket_draft(docket, kind, visit, STAGE_TLS);

	draft_for(docket, draft, visit, text);
	return draft;
}

/* ---- records that do not fit */

static bool has_hint(const struct tlsa_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->records[i].hint.len)
			return true;
	return false;
}

static struct span line_to_publish(
	struct arena *arena, const struct visit *visit)
{
	return arena_print(arena, "_%u._tcp.%.*s. IN TLSA %.*s",
		(unsigned)visit->path->port, SPAN_ARG(visit->path->dane->base),
		SPAN_ARG(visit->tls->tlsa->publish));
}

static struct span remedy(struct arena *arena, const struct finding_kind *kind,
	const struct visit *visit)
{
	struct span line = line_to_publish(arena, visit);

	if (kind == &invalid)
		return arena_print(arena,
			"renew the certificate for the name of the exchanger, "
			"or publish the server's own key: %.*s",
			SPAN_ARG(line));
	if (kind == &rolled_over)
		return arena_print(arena,
			"publish %.*s; next time beside the old record, and "
			"some days before the key changes",
			SPAN_ARG(line));
	return arena_print(arena, "publish %.*s", SPAN_ARG(line));
}

/* Where the other family shows what fits, this one was forgotten. */
static void weigh_other(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	const struct visit_judgement *other = docket_other(docket, visit);
	const struct session *tls = other ? other->visit->tls : NULL;
	const char *here = family_word(visit->path->family), *there;

	if (!tls || !tls->tlsa || tls->tlsa->result != TLSA_MATCHES)
		return;
	there = family_word(other->visit->path->family);
	draft_for(docket, draft, other->visit,
		arena_print(docket->arena,
			"over %s the same host shows a certificate that fits",
			there));
	draft->finding.remedy = arena_print(docket->arena,
		"let the server show over %s the certificate that it shows "
		"over %s",
		here, there);
}

static const struct finding_kind *kind_of(const struct tlsa_verdict *verdict)
{
	switch (verdict->result) {
	case TLSA_ALL_UNUSABLE:
		return has_hint(verdict) ? &wrong_record : &unusable;
	case TLSA_MATCHES:
		return NULL;
	case TLSA_NO_MATCH:
		return has_hint(verdict) ? &wrong_record : &rolled_over;
	case TLSA_INVALID:
		return &invalid;
	}
	return NULL;
}

static void look_at_match(struct docket *docket, const struct visit *visit)
{
	const struct tlsa_verdict *verdict = visit->tls->tlsa;
	const struct finding_kind *kind = verdict ? kind_of(verdict) : NULL;
	struct draft *draft;

	if (!kind)
		return;
	draft = found(docket, kind, visit, verdict->why);
	draft->finding.remedy = remedy(docket->arena, kind, visit);
	if (is_fault(visit, FAILURE_TLS_DANE))
		draft->finding.severity = SEVERITY_FAIL;
	weigh_other(docket, draft, visit);
}

/* ---- records, or none, and no certificate to hold them against */

static bool has_greeted_in_clear(const struct visit *visit)
{
	if (visit->tls || visit->reached[STAGE_TLS])
		return false;
	return is_fault(visit, FAILURE_TLS_NOT_OFFERED) ||
	       (visit->has_ehlo && !visit->ehlo.starttls);
}

static void look_at_clear(struct docket *docket, const struct visit *visit)
{
	const struct dane *dane = visit->path->dane;
	struct draft *draft;

	if (!has_greeted_in_clear(visit))
		return;
	draft = found(docket, &in_clear, visit,
		arena_print(docket->arena, "%.*s has %zu TLSA record%s",
			SPAN_ARG(dane->base), dane->count,
			dane->count == 1 ? "" : "s"));
	if (is_fault(visit, FAILURE_TLS_NOT_OFFERED))
		draft->finding.severity = SEVERITY_FAIL;
}

/* It is a failure of ours: nothing is decided where the walk needed it. */
static void look_at_unknown(struct docket *docket, const struct visit *visit)
{
	const struct dane *dane = visit->path->dane;
	bool was_needed = visit->fault &&
			  visit->fault->stage == STAGE_STARTTLS &&
			  failure_is_ours(visit->fault->failure);

	/* Answers that were saved without TLSA blame nobody. */
	if (!was_needed && dane->failed == ANSWER_UNSAVED)
		return;
	found(docket, &not_known, visit, dane->why)->finding.leaves_open =
		was_needed;
}

static void look_at_dane(struct docket *docket, const struct visit *visit)
{
	const struct dane *dane = visit->path->dane;

	switch (dane->state) {
	case DANE_OPEN:
	case DANE_NONE:
		return;
	case DANE_INSECURE:
		if (dane->count)
			found(docket, &unsigned_records, visit, dane->why);
		return;
	case DANE_UNKNOWN:
		look_at_unknown(docket, visit);
		return;
	case DANE_BINDING:
		if (visit->tls)
			look_at_match(docket, visit);
		else
			look_at_clear(docket, visit);
		return;
	}
}

void rules_dane(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];

		if (visit->state == VISIT_WALKED && visit->path->dane)
			look_at_dane(docket, visit);
	}
}

const struct finding_kind *const dane_kinds[] = { &rolled_over, &wrong_record,
	&invalid, &unusable, &in_clear, &unsigned_records, &not_known, NULL };
