#include "probe/policy/preflight_facts.h"

/*
 * The lines about SPF, and whether it or DKIM will do.
 */
static struct span ip_of(const struct preflight_facts *facts)
{
	return ip_text(facts->arena, &facts->source->ip);
}

/* The records on the way to the term, from the one that was asked for. */
static struct span spf_path(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;
	struct span path = SPAN("");

	for (size_t i = 0; i + 1 < spf->path_count; i++)
		path = arena_print(facts->arena, "%.*s%s%.*s", SPAN_ARG(path),
			i ? ", " : ", by way of ", SPAN_ARG(spf->path[i]));
	return path;
}

static struct span spf_cost(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;

	return arena_print(facts->arena, "%u of %d lookups, %u of %d void",
		spf->lookups, SPF_LOOKUPS_MAX, spf->void_count, SPF_VOIDS_MAX);
}

/* What decided, and in whose record. */
static struct span spf_cause(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;

	if (spf->result != SPF_PASS && spf->why.len)
		return arena_print(facts->arena, "for %.*s: %.*s",
			SPAN_ARG(spf->domain), SPAN_ARG(spf->why));
	if (!spf->term.len)
		return arena_print(facts->arena, "for %.*s: no term fits",
			SPAN_ARG(spf->domain));
	return arena_print(facts->arena, "by \"%.*s\" of %.*s%.*s",
		SPAN_ARG(spf->term), SPAN_ARG(spf->term_domain),
		SPAN_ARG(spf_path(facts)));
}

static struct span spf_evidence(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;
	const char *identity = facts->preflight->mail_domain.len
				       ? ""
				       : " (the EHLO name, as MAIL FROM is <>)";
	struct span cost = SPAN("");

	if (spf->record.len)
		cost = arena_print(
			facts->arena, "; %.*s", SPAN_ARG(spf_cost(facts)));
	return arena_print(facts->arena, "%s%s %.*s%.*s",
		spf_result_word(spf->result), identity,
		SPAN_ARG(spf_cause(facts)), SPAN_ARG(cost));
}

/* What the lint has against the record that concerns this address. */
static const struct spf_note *spf_note_for(
	const struct preflight_facts *facts, const char *id)
{
	const struct spf_lint *lint = facts->preflight->lint;
	unsigned family = 1u << facts->source->ip.family;

	for (size_t i = 0; lint && i < lint->count; i++) {
		const struct spf_note *note = &lint->notes[i];

		if (note->families & family && note->fix.len &&
			(id ? strcmp(note->id, id) == 0
			    : note->severity == SPF_ERROR))
			return note;
	}
	return NULL;
}

static struct span spf_fix(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;
	bool is_six = facts->source->ip.family == FAMILY_IPV6;
	const struct spf_note *note = spf_note_for(facts,
		spf->result == SPF_PERMERROR ? NULL : "spf-source-missing");

	if (note && note->record.len)
		return arena_print(facts->arena,
			"%.*s; the whole record for %.*s: \"%.*s\"",
			SPAN_ARG(note->fix), SPAN_ARG(note->domain),
			SPAN_ARG(note->record));
	if (note)
		return note->fix;
	if (spf->result == SPF_NONE)
		return arena_print(facts->arena,
			"publish \"v=spf1 %s:%.*s -all\" as a TXT record of "
			"%.*s, with all other addresses that send for it",
			is_six ? "ip6" : "ip4", SPAN_ARG(ip_of(facts)),
			SPAN_ARG(spf->domain));
	if (spf->result == SPF_PERMERROR)
		return arena_print(facts->arena, "mend the SPF record of %.*s",
			SPAN_ARG(spf->domain));
	return arena_print(facts->arena,
		"add %s:%.*s to the SPF record of %.*s, before its \"all\"",
		is_six ? "ip6" : "ip4", SPAN_ARG(ip_of(facts)),
		SPAN_ARG(spf->domain));
}

struct preflight_line line_spf(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;
	struct span evidence;

	if (!facts->source->has_ip)
		return preflight_no_source();
	if (!facts->query->mail_from.len && !facts->query->helo.len)
		return preflight_na(SPAN("MAIL FROM is <>, and no EHLO name is "
					 "known (--helo)"));
	evidence = spf_evidence(facts);
	switch (spf->result) {
	case SPF_PASS:
		return preflight_well(evidence);
	case SPF_OPEN:
	case SPF_TEMPERROR:
		return preflight_say(PREFLIGHT_UNKNOWN, evidence, SPAN(""));
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR:
		break;
	}
	if (preflight_is_hidden(facts))
		return preflight_hidden(facts);
	return preflight_say(PREFLIGHT_FAIL, evidence, spf_fix(facts));
}

/* Of the same record, as of several addresses that it lacks. */
static bool is_noted(const struct spf_lint *lint, size_t at, unsigned family)
{
	const struct spf_note *note = &lint->notes[at];

	for (size_t i = 0; i < at; i++)
		if (lint->notes[i].severity != SPF_INFO &&
			(lint->notes[i].families & family) &&
			strcmp(lint->notes[i].id, note->id) == 0 &&
			span_is(lint->notes[i].domain, note->domain))
			return true;
	return false;
}

/* Each note once, with the record it is about: they are told in full below. */
struct preflight_line aside_spf_records(const struct preflight_facts *facts)
{
	const struct spf_lint *lint = facts->preflight->lint;
	unsigned family = 1u << facts->source->ip.family;
	struct preflight_line line = preflight_well(SPAN(""));
	struct span text = SPAN("");

	for (size_t i = 0; facts->source->has_ip && lint && i < lint->count;
		i++) {
		const struct spf_note *note = &lint->notes[i];

		if (note->severity == SPF_INFO || !(note->families & family) ||
			is_noted(lint, i, family))
			continue;
		line.status = PREFLIGHT_WARN;
		text = arena_print(facts->arena, "%.*s%s%s (%.*s)",
			SPAN_ARG(text), text.len ? ", " : "", note->id,
			SPAN_ARG(note->domain));
	}
	line.is_asked = text.len != 0;
	line.evidence = text.len ? arena_print(facts->arena, "see below: %.*s",
					   SPAN_ARG(text))
				 : SPAN("nothing is to be said about them");
	return line;
}

/* ---- both */

struct preflight_line line_spf_or_dkim(const struct preflight_facts *facts)
{
	struct preflight_line spf = line_spf(facts), dkim = line_dkim(facts);
	bool is_unknown = spf.status == PREFLIGHT_UNKNOWN ||
			  spf.status == PREFLIGHT_NA ||
			  dkim.status == PREFLIGHT_UNKNOWN ||
			  dkim.wants_message;

	if (spf.status == PREFLIGHT_PASS && dkim.status == PREFLIGHT_PASS)
		return preflight_well(SPAN("both pass"));
	if (spf.status == PREFLIGHT_PASS)
		return preflight_well(SPAN("SPF passes"));
	if (dkim.status == PREFLIGHT_PASS)
		return preflight_well(SPAN("DKIM passes"));
	if (spf.status == PREFLIGHT_NA)
		return preflight_say(PREFLIGHT_UNKNOWN,
			dkim.wants_message
				? SPAN("SPF is not known from here, and DKIM "
				       "not without a message")
				: SPAN("DKIM does not pass, and SPF is not "
				       "known from here"),
			SPAN(""));
	if (is_unknown && dkim.wants_message)
		return preflight_say(PREFLIGHT_UNKNOWN,
			spf.status == PREFLIGHT_UNKNOWN
				? SPAN("SPF could not be looked up, and DKIM "
				       "is not known without a message")
				: SPAN("SPF does not pass; whether DKIM does "
				       "is not known without a message"),
			spf.fix);
	if (is_unknown)
		return preflight_say(PREFLIGHT_UNKNOWN,
			SPAN("neither passes, and one of them could not be "
			     "looked up"),
			SPAN(""));
	return preflight_say(PREFLIGHT_FAIL,
		SPAN("neither SPF nor DKIM passes"),
		spf.fix.len ? spf.fix : dkim.fix);
}
