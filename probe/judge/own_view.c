#include "probe/judge/own_view.h"

/* ---- views */

enum own_view own_view_of_spf(const struct visit *visit)
{
	if (!visit->identity || !visit->identity->has_spf)
		return OWN_SILENT;
	switch (visit->identity->spf.result) {
	case SPF_PASS:
		return OWN_DISAGREES;
	case SPF_NONE:
		/* Few EHLO names have a record, and literals cannot. */
		return visit->identity->is_helo ? OWN_SILENT : OWN_AGREES;
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR:
		return OWN_AGREES;
	case SPF_OPEN:
	case SPF_TEMPERROR:
		return OWN_SILENT;
	}
	return OWN_SILENT;
}

enum own_view own_view_of_dkim(const struct visit *visit)
{
	if (!visit->identity || !visit->identity->message)
		return OWN_SILENT;
	switch (visit->identity->dkim.result) {
	case DKIM_PASS:
		return OWN_DISAGREES;
	case DKIM_NONE:
	case DKIM_FAIL:
	case DKIM_NEUTRAL:
	case DKIM_POLICY:
	case DKIM_PERMERROR:
		return OWN_AGREES;
	case DKIM_OPEN:
	case DKIM_TEMPERROR:
		return OWN_SILENT;
	}
	return OWN_SILENT;
}

enum own_view own_view_of_dmarc(const struct visit *visit)
{
	if (!visit->identity || !visit->identity->has_dmarc)
		return OWN_SILENT;
	switch (visit->identity->dmarc.result) {
	case DMARC_PASS:
		return OWN_DISAGREES;
	case DMARC_NONE:
	case DMARC_FAIL:
	case DMARC_PERMERROR:
		return OWN_AGREES;
	case DMARC_OPEN:
	case DMARC_TEMPERROR:
		return OWN_SILENT;
	}
	return OWN_SILENT;
}

/* One of the two is enough for who asks for any authentication at all. */
static enum own_view view_of_any(const struct visit *visit)
{
	enum own_view spf = own_view_of_spf(visit);
	enum own_view dkim = own_view_of_dkim(visit);

	if (spf == OWN_DISAGREES || dkim == OWN_DISAGREES)
		return OWN_DISAGREES;
	return spf == OWN_AGREES && dkim == OWN_AGREES ? OWN_AGREES
						       : OWN_SILENT;
}

enum own_view own_view(const struct visit *visit, struct span policy)
{
	if (span_is(policy, SPAN("spf")))
		return own_view_of_spf(visit);
	if (span_is(policy, SPAN("dkim")))
		return own_view_of_dkim(visit);
	if (span_is(policy, SPAN("dmarc")))
		return own_view_of_dmarc(visit);
	if (span_is(policy, SPAN("auth-any")))
		return view_of_any(visit);
	return OWN_SILENT;
}

/* ---- words */

static struct span spf_matched(
	struct arena *arena, const struct spf_check *check)
{
	if (!check->term.len)
		return SPAN("no term of it matches");
	if (check->path_count < 2)
		return arena_print(arena, "%.*s", SPAN_ARG(check->term));
	return arena_print(arena, "%.*s of %.*s", SPAN_ARG(check->term),
		SPAN_ARG(check->term_domain));
}

static struct span spf_text(struct arena *arena, const struct visit *visit)
{
	const struct spf_check *check = &visit->identity->spf;
	struct span ours = ip_text(arena, &visit->source.ip);
	struct span matched = spf_matched(arena, check);

	switch (check->result) {
	case SPF_PASS:
		return arena_print(arena, "SPF passes for %.*s at %.*s (%.*s)",
			SPAN_ARG(check->domain), SPAN_ARG(ours),
			SPAN_ARG(matched));
	case SPF_NONE:
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		return arena_print(arena, "SPF of %.*s gives %s at %.*s: %.*s",
			SPAN_ARG(check->domain), spf_result_word(check->result),
			SPAN_ARG(ours), SPAN_ARG(check->why));
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		return arena_print(arena, "SPF of %.*s gives %s at %.*s (%.*s)",
			SPAN_ARG(check->domain), spf_result_word(check->result),
			SPAN_ARG(ours), SPAN_ARG(matched));
	case SPF_OPEN:
		return SPAN("");
	}
	return SPAN("");
}

struct span own_spf_text(struct arena *arena, const struct visit *visit)
{
	if (own_view_of_spf(visit) == OWN_SILENT)
		return SPAN("");
	return spf_text(arena, visit);
}

struct span own_dkim_text(struct arena *arena, const struct visit *visit)
{
	const struct dkim_check *worst = NULL;
	const struct dkim_checks *checks;

	if (own_view_of_dkim(visit) == OWN_SILENT)
		return SPAN("");
	checks = &visit->identity->dkim;
	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if (check->result == DKIM_PASS)
			return arena_print(arena, "DKIM passes for %.*s",
				SPAN_ARG(check->signature->domain));
		if (!worst)
			worst = check;
	}
	if (!worst)
		return SPAN("the message has no DKIM signature");
	return arena_print(arena, "DKIM gives %s for %.*s: %.*s",
		dkim_result_word(worst->result),
		SPAN_ARG(worst->signature->domain), SPAN_ARG(worst->why));
}

struct span own_dmarc_text(struct arena *arena, const struct visit *visit)
{
	const struct dmarc_check *check;
	struct span text;

	if (own_view_of_dmarc(visit) == OWN_SILENT)
		return SPAN("");
	check = &visit->identity->dmarc;
	if (check->result == DMARC_PASS)
		return arena_print(arena, "DMARC passes for %.*s",
			SPAN_ARG(visit->identity->from_domain));
	text = arena_print(arena, "DMARC gives %s for %.*s",
		dmarc_result_word(check->result),
		SPAN_ARG(visit->identity->from_domain));
	if (check->why.len)
		text = arena_print(arena, "%.*s: %.*s", SPAN_ARG(text),
			SPAN_ARG(check->why));
	return text;
}

/* ---- remedies */

/* The gravest note of the lint that concerns this visit's family. */
static const struct spf_note *spf_note(
	const struct spf_lint *lint, enum family family)
{
	const struct spf_note *gravest = NULL;

	for (size_t i = 0; lint && i < lint->count; i++) {
		const struct spf_note *note = &lint->notes[i];

		if (!(note->families & 1u << family) || !note->fix.len)
			continue;
		if (!gravest || note->severity > gravest->severity)
			gravest = note;
	}
	return gravest;
}

static struct span spf_remedy(const struct docket *docket,
	const struct visit *visit)
{
	const struct spf_note *note = spf_note(
		docket->outcome->spf_lint, visit->path->family);

	if (!note || !note->record.len ||
		span_find_nocase(note->fix, note->record) < note->fix.len)
		return note ? note->fix : SPAN("");
	return arena_print(docket->arena, "%.*s; the record of %.*s is then: "
		"%.*s", SPAN_ARG(note->fix), SPAN_ARG(note->domain),
		SPAN_ARG(note->record));
}

static struct span dkim_remedy(struct arena *arena, const struct visit *visit)
{
	const struct identity *identity = visit->identity;
	const struct dkim_check *first = identity->dkim.checks;

	if (identity->dkim.count == 0)
		return arena_print(arena,
			"sign the message for %.*s (here: --dkim-key FILE "
			"--dkim-selector NAME)",
			SPAN_ARG(identity->from_domain));
	if (first && first->key_fault == DKIM_KEY_ABSENT)
		return arena_print(arena,
			"publish the public key at %.*s, or sign under a "
			"selector that has one",
			SPAN_ARG(first->key_name));
	return SPAN("compare the key in the DNS with the one that signs, and "
		    "look for what changes the message behind the signer");
}

bool own_fails_for_author(
	const struct identity *identity, enum dmarc_method method)
{
	for (size_t i = 0; i < identity->dmarc.finding_count; i++) {
		const struct dmarc_finding *one = &identity->dmarc.findings[i];

		if (one->is_aligned && one->identifier.method == method &&
			one->identifier.outcome == DMARC_METHOD_FAILED)
			return true;
	}
	return false;
}

static struct span dmarc_remedy(
	const struct docket *docket, const struct visit *visit)
{
	struct arena *arena = docket->arena;
	const struct identity *identity = visit->identity;

	if (identity->dmarc.result == DMARC_NONE)
		return arena_print(arena,
			"publish a DMARC record at _dmarc.%.*s, at first "
			"\"v=DMARC1; p=none; rua=mailto:...\"",
			SPAN_ARG(identity->from_domain));
	if (identity->dmarc.result == DMARC_PERMERROR)
		return arena_print(arena, "mend the DMARC record of %.*s: %.*s",
			SPAN_ARG(identity->from_domain),
			SPAN_ARG(identity->dmarc.why));
	if (own_fails_for_author(identity, DMARC_BY_DKIM))
		return dkim_remedy(arena, visit);
	if (own_fails_for_author(identity, DMARC_BY_SPF))
		return spf_remedy(docket, visit);
	return arena_print(arena,
		"send with a From of a domain of your own, and the visitor's "
		"address in Reply-To; or sign with DKIM for %.*s, or use a "
		"MAIL FROM under it that passes SPF",
		SPAN_ARG(identity->from_domain));
}

struct span own_remedy(const struct docket *docket,
	const struct visit *visit, struct span policy)
{
	struct arena *arena = docket->arena;

	if (own_view(visit, policy) != OWN_AGREES)
		return SPAN("");
	if (span_is(policy, SPAN("dkim")))
		return dkim_remedy(arena, visit);
	if (span_is(policy, SPAN("dmarc")))
		return dmarc_remedy(docket, visit);
	return spf_remedy(docket, visit);
}
