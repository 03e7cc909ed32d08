#include "probe/policy/preflight_facts.h"

#include "probe/policy/body_forensics.h"
#include "probe/policy/header_forensics.h"

/*
 * The lines about who the mail is from: SPF, DKIM, DMARC, ARC.
 */
static struct preflight_line no_source(void)
{
	return preflight_na(SPAN("this host has no address to send from"));
}

static struct span ip_of(const struct preflight_facts *facts)
{
	return ip_text(facts->arena, &facts->source->ip);
}

/* ---- SPF */

static struct span spf_place(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;
	struct span path = SPAN("");

	for (size_t i = 1; i + 1 < spf->path_count; i++)
		path = arena_print(facts->arena, "%.*s, by way of %.*s",
			SPAN_ARG(path), SPAN_ARG(spf->path[i]));
	return arena_print(facts->arena, "\"%.*s\" of %.*s%.*s",
		SPAN_ARG(spf->term), SPAN_ARG(spf->term_domain),
		SPAN_ARG(path));
}

static struct span spf_evidence(const struct preflight_facts *facts)
{
	const struct spf_check *spf = &facts->source->spf;
	const char *word = spf_result_word(spf->result);
	const char *identity = facts->preflight->mail_domain.len
				       ? ""
				       : " (the EHLO name, as MAIL FROM is <>)";

	if (spf->result == SPF_PASS)
		return arena_print(facts->arena,
			"%.*s%s, %u of %d lookups, %u void",
			SPAN_ARG(spf_place(facts)), identity, spf->lookups,
			SPF_LOOKUPS_MAX, spf->void_count);
	if (spf->why.len)
		return arena_print(facts->arena, "%s for %.*s%s: %.*s", word,
			SPAN_ARG(spf->domain), identity, SPAN_ARG(spf->why));
	if (!spf->term.len)
		return arena_print(facts->arena, "%s for %.*s%s: no term fits",
			word, SPAN_ARG(spf->domain), identity);
	return arena_print(facts->arena, "%s%s by %.*s", word, identity,
		SPAN_ARG(spf_place(facts)));
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
		return no_source();
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

/* ---- DKIM */

static struct span signature_name(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	return arena_print(facts->arena, "d=%.*s s=%.*s",
		SPAN_ARG(check->signature->domain),
		SPAN_ARG(check->signature->selector));
}

/* What was done to the message, where it can be proved. */
static struct span change_of(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	const struct preflight_message *message = facts->query->message;
	struct header_forensics *header;
	struct body_forensics *body;

	if (check->body == DKIM_DIFFERS) {
		body = arena_new(facts->arena, struct body_forensics);
		body_forensics(facts->arena, &message->dkim->header,
			message->body, check->signature, body);
		return body->hit_count ? body->hits[0].says : SPAN("");
	}
	if (check->header != DKIM_DIFFERS)
		return SPAN("");
	header = arena_new(facts->arena, struct header_forensics);
	header_forensics(facts->arena, &message->dkim->header, check, header);
	return header->hit_count ? header->hits[0].says : header->says;
}

static struct span dkim_evidence(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	struct span change = SPAN(""), name = signature_name(facts, check);
	const char *word = dkim_result_word(check->result);

	if (check->result == DKIM_PASS)
		return arena_print(facts->arena, "%.*s, %u bits%s",
			SPAN_ARG(name), check->key_bits,
			check->uncovered ? ", but l= leaves text uncovered"
					 : "");
	if (check->result == DKIM_FAIL)
		change = change_of(facts, check);
	return arena_print(facts->arena, "%s: %.*s: %.*s%s%.*s", word,
		SPAN_ARG(name), SPAN_ARG(check->why), change.len ? "; " : "",
		SPAN_ARG(change));
}

static struct span dkim_fix(const struct dkim_check *check)
{
	if (check->result == DKIM_FAIL && check->body == DKIM_DIFFERS)
		return SPAN("sign last: whatever changes the body has to stand "
			    "before the signer");
	if (check->result == DKIM_FAIL)
		return SPAN("sign last: whatever changes the header has to "
			    "stand before the signer; or publish the key that "
			    "signed");
	if (check->key_fault != DKIM_KEY_SOUND)
		return SPAN("publish the key that signs at this selector, "
			    "RSA with 2048 bits");
	return SPAN("mend the signer: the signature is void by itself");
}

/* The best of all; of equal ones that for the From domain. */
static const struct dkim_check *best_check(const struct preflight_facts *facts)
{
	const struct dkim_checks *checks = &facts->preflight->dkim;
	const struct dkim_check *best = NULL;

	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if (check->result == checks->result &&
			(!best || (preflight_is_aligned(facts, check) &&
					  !preflight_is_aligned(facts, best))))
			best = check;
	}
	return best;
}

bool preflight_is_aligned(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	return check->result == DKIM_PASS &&
	       dmarc_align(facts->arena, facts->suffixes,
		       check->signature->domain,
		       facts->preflight->from_domain) != DMARC_NOT_ALIGNED;
}

/* What this host can sign for: not the From domain of others. */
static struct span own_domain(const struct preflight_facts *facts)
{
	return facts->preflight->is_foreign_from
		       ? facts->preflight->mail_domain
		       : facts->preflight->from_domain;
}

struct preflight_line preflight_dkim(const struct preflight_facts *facts)
{
	const struct dkim_check *best;

	if (!facts->query->message)
		return preflight_no_message();
	best = best_check(facts);
	if (!best)
		return preflight_say(PREFLIGHT_FAIL,
			SPAN("the message is not signed"),
			arena_print(facts->arena,
				"sign it with d=%.*s, rsa-sha256, 2048 bits",
				SPAN_ARG(own_domain(facts))));
	if (best->result == DKIM_PASS)
		return preflight_well(dkim_evidence(facts, best));
	if (best->result == DKIM_TEMPERROR)
		return preflight_say(PREFLIGHT_UNKNOWN,
			dkim_evidence(facts, best), SPAN(""));
	return preflight_say(
		PREFLIGHT_FAIL, dkim_evidence(facts, best), dkim_fix(best));
}

struct preflight_line line_dkim(const struct preflight_facts *facts)
{
	return facts->dkim;
}

/* Of all keys that were found: one that is too short spoils its signature. */
struct preflight_line line_dkim_key_bits(const struct preflight_facts *facts)
{
	const struct dkim_checks *checks = &facts->preflight->dkim;
	const struct dkim_check *weakest = NULL;
	struct span evidence;

	if (!facts->query->message)
		return preflight_no_message();
	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if (check->key && check->key->type == DKIM_KEY_RSA &&
			check->key_bits &&
			(!weakest || check->key_bits < weakest->key_bits))
			weakest = check;
	}
	if (!weakest)
		return preflight_na(checks->result == DKIM_PASS
					    ? SPAN("the keys are not RSA")
					    : SPAN("there is no RSA key to "
						   "look at"));
	evidence = arena_print(facts->arena, "%.*s: RSA, %u bits",
		SPAN_ARG(weakest->key_name), weakest->key_bits);
	if (weakest->key_bits >= DKIM_RSA_WEAK)
		return preflight_well(evidence);
	return preflight_say(weakest->key_bits < DKIM_RSA_MIN ? PREFLIGHT_FAIL
							      : PREFLIGHT_WARN,
		evidence,
		SPAN("make a key of 2048 bits, publish it at a new selector "
		     "and sign with that"));
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
			SPAN("SPF does not pass; whether DKIM does is not "
			     "known without a message"),
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

/* ---- DMARC */

static struct preflight_line no_from(void)
{
	return preflight_na(SPAN("there is no From domain to look at"));
}

static struct span record_text(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;

	return arena_print(facts->arena, "%s=%s at _dmarc.%.*s",
		dmarc->policy_tag && *dmarc->policy_tag ? dmarc->policy_tag
							: "p",
		dmarc_policy_word(dmarc->published),
		SPAN_ARG(dmarc->record_domain));
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
	return preflight_well(record_text(facts));
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

/* The author's own domain has signed it, whatever became of that since. */
static bool was_signed_by_author(const struct preflight_facts *facts)
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

	if (was_signed_by_author(facts))
		return arena_print(facts->arena,
			"forward the body and the signed fields as they came, "
			"so that the signature of %.*s holds; or write an own "
			"address (under %.*s) into From",
			SPAN_ARG(facts->preflight->from_domain),
			SPAN_ARG(facts->preflight->mail_domain));
	if (!writer.len)
		writer = SPAN("the address of the writer");
	if (span_find(query->mail_from, '@') == query->mail_from.len)
		return arena_print(facts->arena,
			"write an own address (under %.*s) into From, and %.*s "
			"into Reply-To",
			SPAN_ARG(facts->preflight->mail_domain),
			SPAN_ARG(writer));
	return arena_print(facts->arena,
		"write an own address into From, such as %.*s, and %.*s into "
		"Reply-To",
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
		SPAN_ARG(record_text(facts)));
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
			SPAN_ARG(record_text(facts))));
	if (dmarc->disposition <= DMARC_POLICY_NONE)
		return preflight_well(arena_print(facts->arena,
			"%.*s lets it pass", SPAN_ARG(record_text(facts))));
	if (dmarc->disposition == DMARC_POLICY_QUARANTINE)
		status = PREFLIGHT_WARN;
	if (may_be_signed(facts) || spf_is_open(facts))
		status = PREFLIGHT_UNKNOWN;
	return preflight_say(status, refusal_text(facts),
		spf_is_open(facts) ? SPAN("") : alignment_fix(facts));
}

/* ---- ARC */

struct preflight_line line_arc(const struct preflight_facts *facts)
{
	const struct arc_chain *chain = &facts->preflight->arc;

	if (!facts->query->message)
		return preflight_na(SPAN("no message was given"));
	switch (chain->result) {
	case ARC_NONE:
		return preflight_na(SPAN("nobody forwarded it with ARC"));
	case ARC_PASS:
		return preflight_well(arena_print(
			facts->arena, "the chain of %zu holds", chain->count));
	case ARC_OPEN:
	case ARC_TEMPERROR:
		return preflight_say(PREFLIGHT_UNKNOWN, chain->why, SPAN(""));
	case ARC_FAIL:
		break;
	}
	return preflight_say(PREFLIGHT_FAIL, chain->why,
		SPAN("seal the message as it leaves, after all that changes "
		     "it"));
}
