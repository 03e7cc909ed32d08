#include "probe/policy/preflight_facts.h"

/*
 * The lines about DMARC: the record, what is aligned, what is asked for.
 */
static struct preflight_line no_from(void)
{
	return preflight_na(SPAN("there is no From domain to look at"));
}

static struct span policy_text(
	struct arena *arena, const struct dmarc_check *dmarc)
{
	return arena_print(arena, "%s=%s at _dmarc.%.*s",
		dmarc->policy_tag && *dmarc->policy_tag ? dmarc->policy_tag
							: "p",
		dmarc_policy_word(dmarc->published),
		SPAN_ARG(dmarc->record_domain));
}

struct span preflight_policy_text(const struct preflight_facts *facts)
{
	return policy_text(facts->arena, &facts->source->dmarc);
}

struct preflight_line line_dmarc_record(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;
	struct span from = facts->preflight->from_domain;

	if (!from.len)
		return no_from();
	if (dmarc->result == DMARC_TEMPERROR && !dmarc->record)
		return preflight_say(PREFLIGHT_UNKNOWN, dmarc->why, SPAN(""));
	if (!dmarc->record || dmarc->result == DMARC_PERMERROR)
		return preflight_say(PREFLIGHT_FAIL, dmarc->why,
			arena_print(facts->arena,
				"publish \"v=DMARC1; p=none; "
				"rua=mailto:dmarc@%.*s\" as the one TXT record "
				"of _dmarc.%.*s",
				SPAN_ARG(from), SPAN_ARG(from)));
	return preflight_well(preflight_policy_text(facts));
}

static struct span aligned_by(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;
	struct span text = SPAN("");

	for (size_t i = 0; i < dmarc->finding_count; i++) {
		const struct dmarc_finding *finding = &dmarc->findings[i];
		bool is_spf = finding->identifier.method == DMARC_BY_SPF;

		if (finding->is_aligned &&
			finding->identifier.outcome == DMARC_METHOD_PASSED)
			text = arena_print(facts->arena, "%.*s%s%s of %.*s",
				SPAN_ARG(text), text.len ? ", " : "",
				is_spf ? "SPF" : "DKIM",
				SPAN_ARG(finding->identifier.domain));
	}
	return text.len ? text : dmarc->why;
}

/* Each identifier, and why it does not help. */
static struct span unaligned_why(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;
	struct span why = SPAN("");

	for (size_t i = 0; i < dmarc->finding_count && i < 3; i++)
		why = arena_print(facts->arena, "%.*s%s%.*s", SPAN_ARG(why),
			i ? "; " : "", SPAN_ARG(dmarc->findings[i].why));
	return why.len ? why : dmarc->why;
}

bool preflight_was_signed(const struct preflight_facts *facts)
{
	const struct dkim_checks *checks = &facts->preflight->dkim;

	for (size_t i = 0; i < checks->count; i++)
		if (dmarc_align(facts->arena, facts->suffixes,
			    checks->checks[i].signature->domain,
			    facts->preflight->from_domain) != DMARC_NOT_ALIGNED)
			return true;
	return false;
}

/*
 * What a host can do whose From is not its own: pass the author's signature on
 * as it came, or write another From.  Without a signature it is the web form
 * that sends in its visitor's name.
 */
static struct span foreign_fix(const struct preflight_facts *facts)
{
	const struct preflight_query *query = facts->query;
	struct span writer = query->from;

	if (preflight_was_signed(facts))
		return arena_print(facts->arena,
			"forward the body and the signed fields as they came, "
			"so that the signature of %.*s holds; or write an "
			"address of your own (under %.*s) into From",
			SPAN_ARG(facts->preflight->from_domain),
			SPAN_ARG(facts->preflight->mail_domain));
	if (!writer.len)
		writer = SPAN("the address of the writer");
	if (span_find(query->mail_from, '@') == query->mail_from.len)
		return arena_print(facts->arena,
			"write an address of your own (under %.*s) into From, "
			"and %.*s into Reply-To",
			SPAN_ARG(facts->preflight->mail_domain),
			SPAN_ARG(writer));
	return arena_print(facts->arena,
		"write an address of your own into From, such as %.*s, and "
		"%.*s into Reply-To",
		SPAN_ARG(query->mail_from), SPAN_ARG(writer));
}

static struct span alignment_fix(const struct preflight_facts *facts)
{
	struct span from = facts->preflight->from_domain;

	if (facts->preflight->is_foreign_from)
		return foreign_fix(facts);
	return arena_print(facts->arena,
		"sign with d=%.*s, or let SPF pass for a MAIL FROM under %.*s",
		SPAN_ARG(from), SPAN_ARG(from));
}

/* Without a message a signature of the From domain is still possible, if the
 * domain is ours to sign for. */
static bool may_be_signed(const struct preflight_facts *facts)
{
	return !facts->query->message && !facts->preflight->is_foreign_from;
}

/* SPF could pass and be aligned, from the address that is not known. */
static bool spf_is_open(const struct preflight_facts *facts)
{
	return !facts->preflight->is_foreign_from &&
	       facts->source->spf.result != SPF_PASS &&
	       (!facts->source->has_ip || preflight_is_hidden(facts));
}

static struct preflight_line not_aligned(const struct preflight_facts *facts)
{
	const struct preflight *preflight = facts->preflight;
	struct span why = unaligned_why(facts);

	if (spf_is_open(facts))
		return preflight_say(PREFLIGHT_UNKNOWN,
			SPAN("what SPF says of the public address is not known "
			     "(--ip)"),
			SPAN(""));
	if (may_be_signed(facts))
		return preflight_say(PREFLIGHT_UNKNOWN,
			arena_print(facts->arena,
				"%.*s; a signature by %.*s could still align, "
				"and is not known without a message",
				SPAN_ARG(why),
				SPAN_ARG(preflight->from_domain)),
			alignment_fix(facts));
	if (!facts->query->message)
		why = arena_print(facts->arena,
			"%.*s; and this host has no key to sign for %.*s",
			SPAN_ARG(why), SPAN_ARG(preflight->from_domain));
	return preflight_say(PREFLIGHT_FAIL, why, alignment_fix(facts));
}

struct preflight_line line_dmarc_aligned(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;

	if (!facts->preflight->from_domain.len)
		return no_from();
	switch (dmarc->result) {
	case DMARC_OPEN:
	case DMARC_TEMPERROR:
		return preflight_say(PREFLIGHT_UNKNOWN, dmarc->why, SPAN(""));
	case DMARC_NONE:
	case DMARC_PERMERROR:
		return preflight_na(
			SPAN("without a DMARC record nothing is compared"));
	case DMARC_PASS:
		return preflight_well(aligned_by(facts));
	case DMARC_FAIL:
		break;
	}
	return not_aligned(facts);
}

static struct span refusal_text(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;
	const char *deed = dmarc->disposition == DMARC_POLICY_REJECT
				   ? "reject"
				   : "quarantine";

	return arena_print(facts->arena,
		"%.*s asks receivers to %s mail in its name that neither its "
		"SPF nor its DKIM vouches for (%.*s)",
		SPAN_ARG(facts->preflight->from_domain), deed,
		SPAN_ARG(preflight_policy_text(facts)));
}

struct preflight_line line_dmarc_policy(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;
	enum preflight_status status = PREFLIGHT_FAIL;

	if (!facts->preflight->from_domain.len)
		return no_from();
	if (dmarc->result == DMARC_TEMPERROR)
		return preflight_say(PREFLIGHT_UNKNOWN, dmarc->why, SPAN(""));
	if (!dmarc->record || dmarc->result == DMARC_PERMERROR)
		return preflight_well(SPAN("no policy is published"));
	if (dmarc->result == DMARC_PASS)
		return preflight_well(arena_print(facts->arena,
			"%.*s does not apply: DMARC passes",
			SPAN_ARG(preflight_policy_text(facts))));
	if (dmarc->disposition <= DMARC_POLICY_NONE)
		return preflight_well(
			arena_print(facts->arena, "%.*s lets it pass",
				SPAN_ARG(preflight_policy_text(facts))));
	if (dmarc->disposition == DMARC_POLICY_QUARANTINE)
		status = PREFLIGHT_WARN;
	if (may_be_signed(facts) || spf_is_open(facts))
		status = PREFLIGHT_UNKNOWN;
	return preflight_say(status, refusal_text(facts),
		spf_is_open(facts) ? SPAN("") : alignment_fix(facts));
}

/* ---- DMARC by the tree walk */

static struct span applied_text(
	struct arena *arena, const struct dmarc_check *dmarc)
{
	struct span text;

	if (!dmarc->record)
		return SPAN("no record");
	text = policy_text(arena, dmarc);
	if (dmarc->policy == dmarc->published)
		return text;
	return arena_print(arena, "%.*s, taken as %s", SPAN_ARG(text),
		dmarc_policy_word(dmarc->policy));
}

/* "fail, reject"; a receiver is asked for something only then. */
static struct span end_text(
	struct arena *arena, const struct dmarc_check *dmarc)
{
	if (dmarc->result != DMARC_FAIL)
		return span_of(dmarc_result_word(dmarc->result));
	return arena_print(
		arena, "fail, %s", dmarc_policy_word(dmarc->disposition));
}

static bool have_same_end(
	const struct dmarc_check *a, const struct dmarc_check *b)
{
	return a->result == b->result && a->disposition == b->disposition;
}

static bool have_same_record(
	const struct dmarc_check *a, const struct dmarc_check *b)
{
	if (!a->record || !b->record)
		return !a->record && !b->record;
	return span_is(a->record_domain, b->record_domain) &&
	       a->published == b->published && a->policy == b->policy &&
	       strcmp(a->policy_tag, b->policy_tag) == 0;
}

struct preflight_line aside_tree_walk(const struct preflight_facts *facts)
{
	const struct dmarc_check *list = &facts->source->dmarc;
	const struct dmarc_check *walk = &facts->source->walked;
	struct preflight_line line;

	if (!facts->preflight->from_domain.len)
		return preflight_na(SPAN(""));
	/* What one of them could not look up makes no difference of RFCs. */
	if (list->result == DMARC_TEMPERROR || walk->result == DMARC_TEMPERROR)
		return preflight_say(PREFLIGHT_UNKNOWN,
			walk->why.len ? walk->why : list->why, SPAN(""));
	if (have_same_record(list, walk) && have_same_end(list, walk))
		return preflight_well(SPAN("its tree walk comes to the same"));
	line = preflight_say(
		have_same_end(list, walk) ? PREFLIGHT_PASS : PREFLIGHT_WARN,
		arena_print(facts->arena,
			"%.*s (%.*s); by RFC 7489 %.*s (%.*s)",
			SPAN_ARG(end_text(facts->arena, walk)),
			SPAN_ARG(applied_text(facts->arena, walk)),
			SPAN_ARG(end_text(facts->arena, list)),
			SPAN_ARG(applied_text(facts->arena, list))),
		SPAN(""));
	line.is_asked = true;
	return line;
}
