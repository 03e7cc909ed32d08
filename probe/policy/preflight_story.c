#include "probe/policy/preflight_facts.h"

/*
 * Why mail in another's name is turned away, for whoever runs the web form,
 * the list or the forwarder and has never heard of alignment: whose name
 * stands in From, what its owner asks of receivers, why neither of the two
 * proofs is to be had here, and what to write instead.
 */
struct span preflight_own_domain(const struct preflight *preflight)
{
	return preflight->is_foreign_from ? preflight->mail_domain
					  : preflight->from_domain;
}

/* What the owner of the name in From has said. */
static struct span wish_text(const struct preflight_facts *facts)
{
	const struct dmarc_check *dmarc = &facts->source->dmarc;
	struct span from = facts->preflight->from_domain;
	struct span policy = preflight_policy_text(facts);
	const char *deed = dmarc->disposition == DMARC_POLICY_REJECT
				   ? "reject"
				   : "quarantine";

	if (dmarc->disposition <= DMARC_POLICY_NONE)
		return arena_print(facts->arena,
			"The owner of %.*s only asks for reports on such mail "
			"(%.*s), so that most receivers still take it; but "
			"those who ask bulk senders for alignment do not, and "
			"with p=reject nobody will",
			SPAN_ARG(from), SPAN_ARG(policy));
	return arena_print(facts->arena,
		"The owner of %.*s asks all receivers to %s mail in its name "
		"(%.*s), unless SPF passes for a sender under %.*s or a DKIM "
		"signature by %.*s holds",
		SPAN_ARG(from), deed, SPAN_ARG(policy), SPAN_ARG(from),
		SPAN_ARG(from));
}

static struct span spf_text(const struct preflight_facts *facts)
{
	const struct preflight *preflight = facts->preflight;

	return arena_print(facts->arena,
		"SPF is asked of MAIL FROM, and %.*s is not under %.*s: "
		"whatever SPF says of it, it is no proof for From",
		SPAN_ARG(preflight->mail_domain),
		SPAN_ARG(preflight->from_domain));
}

static struct span dkim_text(const struct preflight_facts *facts)
{
	struct span from = facts->preflight->from_domain;

	if (preflight_was_signed(facts))
		return arena_print(facts->arena,
			"%.*s has signed it, but that signature does not hold "
			"any more",
			SPAN_ARG(from));
	return arena_print(facts->arena,
		"And there is no signature by %.*s%s: only its owner has the "
		"key for that",
		SPAN_ARG(from),
		facts->query->message ? " on it"
				      : ", nor can this host make "
					"one");
}

/* Whose address stands in From, as far as it is known. */
static struct span writer_of(const struct preflight_facts *facts)
{
	const struct preflight_query *query = facts->query;

	if (query->from.len)
		return query->from;
	if (query->message && query->message->form->from.count) {
		const struct mailbox *mailbox =
			&query->message->form->from.mailboxes[0];

		return arena_print(facts->arena, "%.*s@%.*s",
			SPAN_ARG(mailbox->local), SPAN_ARG(mailbox->domain));
	}
	return facts->preflight->from_domain;
}

static struct span sender_of(const struct preflight_facts *facts)
{
	struct span sender = facts->query->mail_from;

	if (span_find(sender, '@') < sender.len)
		return sender;
	return arena_print(facts->arena, "an address under %.*s",
		SPAN_ARG(facts->preflight->mail_domain));
}

static struct span remedy_text(const struct preflight_facts *facts)
{
	struct span writer = writer_of(facts), sender = sender_of(facts);

	if (preflight_was_signed(facts))
		return arena_print(facts->arena,
			"Pass the body and the signed fields on as they came, "
			"or write %.*s into From and %.*s into Reply-To",
			SPAN_ARG(sender), SPAN_ARG(writer));
	return arena_print(facts->arena,
		"No record of yours can mend that.  Write %.*s into From and "
		"%.*s into Reply-To: then your own SPF and DKIM count, and "
		"answers still go where they should",
		SPAN_ARG(sender), SPAN_ARG(writer));
}

/* RFC 8617 section 7.2: who trusts the sealers may overrule the policy. */
static struct span chain_text(const struct preflight_facts *facts)
{
	if (facts->preflight->arc.result != ARC_PASS)
		return SPAN("");
	return SPAN("  The ARC chain holds: receivers who trust its sealers "
		    "may take it all the same.");
}

struct span preflight_story(const struct preflight_facts *facts)
{
	if (!facts->preflight->is_foreign_from ||
		facts->source->dmarc.result != DMARC_FAIL)
		return SPAN("");
	return arena_print(facts->arena,
		"From says that %.*s wrote it, and %.*s sends it.  %.*s.  "
		"%.*s.  %.*s.%.*s  %.*s.",
		SPAN_ARG(writer_of(facts)), SPAN_ARG(sender_of(facts)),
		SPAN_ARG(wish_text(facts)), SPAN_ARG(spf_text(facts)),
		SPAN_ARG(dkim_text(facts)), SPAN_ARG(chain_text(facts)),
		SPAN_ARG(remedy_text(facts)));
}
