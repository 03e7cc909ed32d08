#include "probe/policy/preflight_facts.h"

#include "probe/policy/body_forensics.h"
#include "probe/policy/header_forensics.h"

/*
 * The lines about what is signed: DKIM and its keys, ARC, and what was done to
 * a message whose signatures do not hold any more.
 */
/* ---- what was done to the message */

const struct preflight_change *preflight_change_of(
	const struct preflight *preflight, const struct dkim_check *check)
{
	for (size_t i = 0; i < preflight->change_count; i++)
		if (preflight->changes[i].check == check)
			return &preflight->changes[i];
	return NULL;
}

static void look_at_body(struct arena *arena,
	const struct preflight_message *message,
	struct preflight_change *change)
{
	struct body_forensics *body = arena_new(arena, struct body_forensics);

	body_forensics(arena, &message->dkim->header, message->body,
		change->check->signature, body);
	change->is_of_body = true;
	change->tried = body->tried;
	change->says = body->note;
	if (!body->hit_count)
		return;
	change->found = &body->hits[0];
	change->says = change->found->says;
}

static void look_at_header(struct arena *arena,
	const struct preflight_message *message,
	struct preflight_change *change)
{
	struct header_forensics *header = arena_new(
		arena, struct header_forensics);

	header_forensics(arena, &message->dkim->header, change->check, header);
	change->tried = header->tried;
	change->says = header->says;
	if (!header->hit_count)
		return;
	change->found = &header->hits[0];
	change->says = change->found->says;
}

static void look_into(struct arena *arena,
	const struct preflight_message *message, struct preflight *preflight,
	const struct dkim_check *check, unsigned instance)
{
	struct preflight_change *change;

	if (check->result != DKIM_FAIL ||
		preflight->change_count == PREFLIGHT_CHANGES_MAX)
		return;
	change = &preflight->changes[preflight->change_count];
	*change = (struct preflight_change){
		.check = check, .instance = instance, .says = SPAN("")
	};
	if (check->body == DKIM_DIFFERS)
		look_at_body(arena, message, change);
	else if (check->header == DKIM_DIFFERS)
		look_at_header(arena, message, change);
	else
		return;
	preflight->change_count++;
}

void preflight_find_changes(struct arena *arena,
	const struct preflight_query *query, struct preflight *preflight)
{
	const struct preflight_message *message = query->message;
	const struct arc_chain *arc = &preflight->arc;

	for (size_t i = 0; i < preflight->dkim.count; i++)
		look_into(arena, message, preflight, &preflight->dkim.checks[i],
			0);
	for (size_t i = arc->count; i > 0; i--)
		if (arc->sets[i - 1].is_checked)
			look_into(arena, message, preflight,
				&arc->sets[i - 1].message_check,
				arc->sets[i - 1].instance);
}

static struct span change_text(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	const struct preflight_change *change = preflight_change_of(
		facts->preflight, check);

	return change ? change->says : SPAN("");
}

/* ---- DKIM */

static struct span signature_name(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	return arena_print(facts->arena, "d=%.*s s=%.*s",
		SPAN_ARG(check->signature->domain),
		SPAN_ARG(check->signature->selector));
}

static struct span dkim_evidence(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	struct span change = change_text(facts, check);
	struct span name = signature_name(facts, check);
	const char *word = dkim_result_word(check->result);

	if (check->result == DKIM_PASS)
		return arena_print(facts->arena, "%.*s, %u bits%s",
			SPAN_ARG(name), check->key_bits,
			check->uncovered ? ", but l= leaves text uncovered"
					 : "");
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

bool preflight_is_authors(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	return dmarc_align(facts->arena, facts->suffixes,
		       check->signature->domain,
		       facts->preflight->from_domain) != DMARC_NOT_ALIGNED;
}

bool preflight_is_aligned(
	const struct preflight_facts *facts, const struct dkim_check *check)
{
	return check->result == DKIM_PASS && preflight_is_authors(facts, check);
}

static struct preflight_line not_signed(const struct preflight_facts *facts)
{
	struct span domain = preflight_own_domain(facts->preflight);

	return preflight_say(PREFLIGHT_FAIL, SPAN("the message is not signed"),
		domain.len ? arena_print(facts->arena,
				     "sign it with d=%.*s, rsa-sha256, 2048 "
				     "bits",
				     SPAN_ARG(domain))
			   : SPAN("sign it with the domain of its From, "
				  "rsa-sha256, 2048 bits"));
}

struct preflight_line line_dkim(const struct preflight_facts *facts)
{
	const struct dkim_check *best;

	if (!facts->query->message)
		return preflight_no_message();
	best = best_check(facts);
	if (!best)
		return not_signed(facts);
	if (best->result == DKIM_PASS)
		return preflight_well(dkim_evidence(facts, best));
	if (best->result == DKIM_TEMPERROR)
		return preflight_say(PREFLIGHT_UNKNOWN,
			dkim_evidence(facts, best), SPAN(""));
	return preflight_say(
		PREFLIGHT_FAIL, dkim_evidence(facts, best), dkim_fix(best));
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

/* ---- ARC */

/* "lists.example.net, then mx.example.com": the oldest first. */
static struct span sealers(const struct preflight_facts *facts)
{
	const struct arc_chain *chain = &facts->preflight->arc;
	struct span text = SPAN("");

	for (size_t i = 0; i < chain->count; i++) {
		const struct dkim_signature *seal = chain->sets[i].seal;

		text = arena_print(facts->arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? ", then " : "",
			SPAN_ARG(seal ? seal->domain : SPAN("(nobody)")));
	}
	return text;
}

static struct span whole_since(const struct preflight_facts *facts)
{
	const struct arc_chain *chain = &facts->preflight->arc;

	if (chain->oldest_pass <= 1)
		return SPAN("unchanged since the first");
	return arena_print(facts->arena, "unchanged since set %u, not before",
		chain->oldest_pass);
}

/* What failed, where, and what was done to the message, if that is known. */
static struct span arc_fault_text(const struct preflight_facts *facts)
{
	const struct arc_chain *chain = &facts->preflight->arc;
	struct span change = SPAN(""), who = sealers(facts);

	if (chain->fault == ARC_BAD_MESSAGE && chain->count)
		change = change_text(
			facts, &chain->sets[chain->count - 1].message_check);
	return arena_print(facts->arena, "%.*s (%s)%s%.*s%s%.*s",
		SPAN_ARG(chain->why), arc_fault_section(chain->fault),
		change.len ? "; " : "", SPAN_ARG(change),
		who.len ? "; sealed by " : "", SPAN_ARG(who));
}

static struct span arc_fix(const struct arc_chain *chain)
{
	if (chain->fault == ARC_SEALED_AS_FAILED)
		return SPAN("nothing mends it here: the host that sealed it "
			    "last found the chain broken");
	return SPAN("seal the message as it leaves, after all that changes "
		    "it");
}

struct preflight_line line_arc(const struct preflight_facts *facts)
{
	const struct arc_chain *chain = &facts->preflight->arc;

	if (!facts->query->message)
		return preflight_na(SPAN("no message was given"));
	switch (chain->result) {
	case ARC_NONE:
		return preflight_na(SPAN("nobody forwarded it with ARC"));
	case ARC_PASS:
		return preflight_well(arena_print(facts->arena,
			"the chain of %zu holds, sealed by %.*s; %.*s",
			chain->count, SPAN_ARG(sealers(facts)),
			SPAN_ARG(whole_since(facts))));
	case ARC_OPEN:
	case ARC_TEMPERROR:
		return preflight_say(PREFLIGHT_UNKNOWN, chain->why, SPAN(""));
	case ARC_FAIL:
		break;
	}
	return preflight_say(
		PREFLIGHT_FAIL, arc_fault_text(facts), arc_fix(chain));
}
