#include "probe/judge/own_view.h"

/*
 * What a refusal means: the codebook's row, weighed against what we know
 * ourselves.  A reply alone makes a finding likely.  It is confirmed when our
 * own evaluation of what it names (SPF, DKIM, DMARC) fails too; or when it is
 * about the connecting address, the families part over it, and either the
 * reply names our own address or our own look at it agrees.
 */

static const struct finding_kind greylists = {
	.id = "server.greylists",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "the server puts off first contacts",
	.meaning = "It takes the same mail some minutes later, from the same "
		   "address.",
	.remedy = "probe again in some minutes, or after the pause that the "
		  "reply names; a real sender retries by itself",
	.reference = "RFC 6647",
	.is_shared = true,
	.leaves_open = true,
};

static const struct finding_kind unknown = {
	.id = "reply.unknown",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "a refusal that the codebook does not know",
	.meaning = "The codebook does not know these words.",
	.remedy = "read the reply as it came, and ask the receiving postmaster "
		  "with its exact text",
	.reference = "RFC 3463",
	.is_shared = true,
};

/* One row for each word of the codebook's vocabulary; a test counts them. */
static const struct policy {
	const char *word;
	enum blame blame;
	const char *phrase;
} policies[] = {
	/* clang-format off */
	{ "not-authorized-ip", BLAME_OURS, "policy on the IP range" },
	{ "reverse-dns", BLAME_OURS, "reverse DNS of the sending address" },
	{ "helo", BLAME_OURS, "our EHLO name" },
	{ "ipv6-specific", BLAME_OURS, "a rule for IPv6 senders" },
	{ "spf", BLAME_OURS, "SPF" },
	{ "dkim", BLAME_OURS, "DKIM" },
	{ "dmarc", BLAME_OURS, "DMARC" },
	{ "arc", BLAME_UNKNOWN, "the ARC chain" },
	{ "auth-any", BLAME_OURS, "the message is not authenticated" },
	{ "tls-required", BLAME_OURS, "TLS is required" },
	{ "dnsbl", BLAME_OURS, "the address is on a block list" },
	{ "ip-reputation", BLAME_OURS, "reputation of the address" },
	{ "domain-reputation", BLAME_OURS, "reputation of the domain" },
	{ "sender-rejected", BLAME_OURS, "the sender is refused" },
	{ "rate-limit", BLAME_OURS, "too much, too fast" },
	{ "recipient-rate-limit", BLAME_THEIRS, "the recipient gets mail too fast" },
	{ "greylist", BLAME_THEIRS, "greylisting" },
	{ "content-spam", BLAME_OURS, "the content is taken for spam" },
	{ "content-virus", BLAME_OURS, "malware in the content" },
	{ "content-policy", BLAME_OURS, "a rule on the content" },
	{ "rfc-compliance", BLAME_OURS, "the form of the message" },
	{ "size", BLAME_OURS, "the message is too large" },
	{ "mailbox-unknown", BLAME_THEIRS, "no such mailbox" },
	{ "mailbox-full", BLAME_THEIRS, "the mailbox is full" },
	{ "mailbox-disabled", BLAME_THEIRS, "the mailbox is disabled" },
	{ "mailbox-moved", BLAME_THEIRS, "the mailbox has moved" },
	{ "mailbox-restricted", BLAME_THEIRS, "the mailbox does not take mail from us" },
	{ "relay-denied", BLAME_THEIRS, "the server is not responsible for the domain" },
	{ "smtp-auth-required", BLAME_OURS, "the server wants us to log in" },
	{ "protocol", BLAME_OURS, "a fault in the dialogue" },
	{ "dns", BLAME_THEIRS, "the recipient's domain has no usable DNS" },
	{ "network", BLAME_UNKNOWN, "the network" },
	{ "expired", BLAME_UNKNOWN, "the queue gave up" },
	{ "loop", BLAME_UNKNOWN, "a mail loop" },
	{ "temporary-system", BLAME_THEIRS, "the receiver is in trouble" },
	{ "permanent-system", BLAME_THEIRS, "the receiver's own fault" },
	{ "local-policy", BLAME_UNKNOWN, "a local policy that is not told" },
	{ "sender-account", BLAME_OURS, "our account is limited by its provider" },
	{ "suppressed", BLAME_UNKNOWN, "the sending service did not try" },
	{ "not-a-bounce", BLAME_UNKNOWN, "no refusal at all" },
	{ "unknown", BLAME_UNKNOWN, "a reason that is not told" },
	/* clang-format on */
};

static const struct policy *policy_of(struct span word)
{
	for (size_t i = 0; i < COUNT_OF(policies); i++)
		if (span_is(word, span_of(policies[i].word)))
			return &policies[i];
	return NULL;
}

bool rules_know_policy(struct span word)
{
	return policy_of(word) != NULL;
}

enum blame rules_policy_blame(struct span word)
{
	const struct policy *policy = policy_of(word);

	return policy ? policy->blame : BLAME_UNKNOWN;
}

const char *rules_policy_phrase(struct span word)
{
	const struct policy *policy = policy_of(word);

	return policy ? policy->phrase : "a policy";
}

static bool is_about(const struct codebook_row *row, const char *policy)
{
	return span_is(row->policy, span_of(policy));
}

static bool is_about_names(const struct codebook_row *row)
{
	return is_about(row, "reverse-dns") || is_about(row, "ipv6-specific");
}

static bool has_no_good_name(const struct visit *visit)
{
	return visit->fcrdns == FCRDNS_NO_NAME ||
	       visit->fcrdns == FCRDNS_NOT_CONFIRMED;
}

static bool names_us(const struct visit *visit)
{
	struct ip quoted;

	return visit->source.is_known &&
	       codebook_quoted_ip(visit->fault->reply, &quoted) &&
	       ip_is(&quoted, &visit->source.ip);
}

static bool is_confirmed(
	const struct docket *docket, const struct visit_judgement *judged)
{
	const struct judgement *judgement = docket->judgement;
	const struct visit *visit = judged->visit;

	if (judged->row && own_view(visit, judged->row->policy) == OWN_AGREES)
		return true;
	if (!judged->row || !judged->row->is_source_bound ||
		judgement->comparison != COMPARE_FAMILY_SPECIFIC ||
		judgement->worse != visit->path->family)
		return false;
	return names_us(visit) ||
	       (is_about_names(judged->row) && has_no_good_name(visit));
}

/* The /48 that a site gets (RFC 6177); an IPv4 address stands alone. */
static struct span range_of(struct arena *arena, const struct ip *ip)
{
	struct ip prefix = *ip;
	struct span text;

	if (ip->family == FAMILY_IPV4)
		return ip_text(arena, ip);
	memset(prefix.bytes + 6, 0, 10);
	text = ip_text(arena, &prefix);
	return arena_print(arena, "%.*s/48", SPAN_ARG(text));
}

static struct span receiver_of(
	struct arena *arena, const struct codebook_row *row)
{
	struct span name;
	char *first;

	if (span_is(row->provider, SPAN("any")) || !row->provider.len)
		return SPAN("this domain");
	name = row->provider;
	first = arena_take(arena, 2);
	*first = name.at[0] >= 'a' && name.at[0] <= 'z'
			 ? (char)(name.at[0] - 'a' + 'A')
			 : name.at[0];
	return arena_print(
		arena, "%s%.*s", first, SPAN_ARG(span_part(name, 1, name.len)));
}

/* IPv4 is no way out for IPv4, and IPv6 none unless it was seen to be one. */
static struct span remedy_for(
	struct docket *docket, const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;
	struct span range, receiver;
	struct span own = own_remedy(docket, visit, judged->row->policy);

	if (own.len)
		return own;
	if (!is_about(judged->row, "not-authorized-ip") ||
		!visit->source.is_known || visit->path->family != FAMILY_IPV6 ||
		docket->judgement->comparison != COMPARE_FAMILY_SPECIFIC ||
		docket->judgement->worse != FAMILY_IPV6)
		return judged->row->remedy;
	range = range_of(docket->arena, &visit->source.ip);
	receiver = receiver_of(docket->arena, judged->row);
	return arena_print(docket->arena,
		"ask the provider of %.*s to have the range cleared, or send "
		"to %.*s over IPv4 only (Postfix master.cf: smtp ... -o "
		"inet_protocols=ipv4)",
		SPAN_ARG(range), SPAN_ARG(receiver));
}

/* ---- evidence */

static void weigh_address(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	struct ip quoted;
	struct span text;

	if (!visit->source.is_known ||
		!codebook_quoted_ip(visit->fault->reply, &quoted))
		return;
	if (ip_is(&quoted, &visit->source.ip)) {
		draft_for(docket, draft, visit,
			SPAN("the reply names our own address"));
		return;
	}
	text = ip_text(docket->arena, &quoted);
	draft_against(docket, draft, visit,
		arena_print(docket->arena,
			"the reply names %.*s, which is not our address: a "
			"forwarder's, or a NAT's",
			SPAN_ARG(text)));
}

static void weigh_other(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	const struct visit_judgement *other = docket_other(docket, visit);
	enum stage stage = visit->fault->stage;
	const char *family;

	if (!other)
		return;
	family = family_word(other->visit->path->family);
	if (other->visit->reached[stage])
		draft_for(docket, draft, other->visit,
			arena_print(docket->arena,
				stage == STAGE_DOT
					? "the same message was accepted over "
					  "%s at the same host"
					: "the same step went well over %s at "
					  "the same host",
				family));
	else if (other->verdict == VERDICT_FAIL &&
		 docket->judgement->comparison == COMPARE_SAME)
		draft_against(docket, draft, other->visit,
			SPAN("both families are refused alike: it is not "
				"the family"));
}

static void weigh_name(struct docket *docket, struct draft *draft,
	const struct visit *visit, const struct codebook_row *row)
{
	struct arena *arena = docket->arena;
	const char *family = family_word(visit->path->family);

	switch (visit->fcrdns) {
	case FCRDNS_CONFIRMED:
		draft_against(docket, draft, visit,
			arena_print(arena,
				"PTR and forward match are right on %s (%.*s): "
				"reverse DNS is ruled out",
				family, SPAN_ARG(visit->ptr_name)));
		return;
	case FCRDNS_NO_NAME:
		if (row && is_about_names(row))
			draft_for(docket, draft, visit,
				arena_print(arena, "our %s address has no PTR",
					family));
		return;
	case FCRDNS_NOT_CONFIRMED:
		if (row && is_about_names(row))
			draft_for(docket, draft, visit,
				arena_print(arena,
					"our %s address is called %.*s, which "
					"does not lead back to it",
					family, SPAN_ARG(visit->ptr_name)));
		return;
	case FCRDNS_OPEN:
	case FCRDNS_UNKNOWN:
		return;
	}
}

/*
 * Our own name and records are worth a word where the refusal is, or may be, about the
 * address: not where a mailbox is full.
 */
static bool may_be_about_address(const struct codebook_row *row)
{
	return !row || row->is_source_bound;
}

/*
 * SPF, DKIM and DMARC speak for a refusal that names them where they fail by
 * our own look, and against it, as against any that is about the address,
 * where they pass.
 */
static void weigh_own(struct docket *docket, struct draft *draft,
	const struct visit *visit, enum own_view view, struct span text)
{
	if (view == OWN_AGREES)
		draft_for(docket, draft, visit, text);
	if (view == OWN_DISAGREES)
		draft_against(docket, draft, visit, text);
}

static bool is_weighed(const struct codebook_row *row, const char *check,
	enum own_view view)
{
	if (row && is_about(row, check))
		return true;
	if (row && is_about(row, "auth-any"))
		return !span_is(span_of(check), SPAN("dmarc"));
	return view == OWN_DISAGREES && may_be_about_address(row);
}

static void weigh_identity(struct docket *docket, struct draft *draft,
	const struct visit *visit, const struct codebook_row *row)
{
	enum own_view spf = own_view_of_spf(visit);
	enum own_view dkim = own_view_of_dkim(visit);
	enum own_view dmarc = own_view_of_dmarc(visit);

	if (is_weighed(row, "spf", spf))
		weigh_own(docket, draft, visit, spf,
			own_spf_text(docket->arena, visit));
	if (is_weighed(row, "dkim", dkim))
		weigh_own(docket, draft, visit, dkim,
			own_dkim_text(docket->arena, visit));
	if (is_weighed(row, "dmarc", dmarc))
		weigh_own(docket, draft, visit, dmarc,
			own_dmarc_text(docket->arena, visit));
}

/* ---- the findings */

static void weigh(struct docket *docket, struct draft *draft,
	const struct visit_judgement *judged)
{
	weigh_other(docket, draft, judged->visit);
	weigh_address(docket, draft, judged->visit);
	if (may_be_about_address(judged->row))
		weigh_name(docket, draft, judged->visit, judged->row);
	weigh_identity(docket, draft, judged->visit, judged->row);
}

static void judge_known(
	struct docket *docket, const struct visit_judgement *judged)
{
	const struct codebook_row *row = judged->row;
	struct finding_kind kind = {
		.id = arena_copy(docket->arena, row->id).at,
		.severity = SEVERITY_FAIL,
		.blame = rules_policy_blame(row->policy),
		.title = rules_policy_phrase(row->policy),
		.is_shared = !row->is_source_bound,
	};
	struct draft *draft = docket_draft(
		docket, &kind, judged->visit, judged->visit->fault->stage);

	draft->finding.policy = row->policy;
	draft->finding.meaning = row->meaning;
	draft->finding.reference = row->reference;
	draft->finding.remedy = remedy_for(docket, judged);
	if (draft->finding.confidence != CONFIRMED)
		draft->finding.confidence = is_confirmed(docket, judged)
						    ? CONFIRMED
						    : LIKELY;
	weigh(docket, draft, judged);
}

static void judge_unknown(
	struct docket *docket, const struct visit_judgement *judged)
{
	const struct fault *fault = judged->visit->fault;
	struct draft *draft = docket_draft(
		docket, &unknown, judged->visit, fault->stage);

	draft->finding.policy = SPAN("unknown");
	draft->finding.confidence = LIKELY;
	weigh(docket, draft, judged);
}

static void judge_greylist(
	struct docket *docket, const struct visit_judgement *judged)
{
	struct draft *draft = docket_draft(
		docket, &greylists, judged->visit, judged->visit->fault->stage);

	draft->finding.policy = judged->row->policy;
	draft->finding.confidence = LIKELY;
	weigh_other(docket, draft, judged->visit);
}

void rules_reply(struct docket *docket)
{
	const struct judgement *judgement = docket->judgement;

	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *judged = &judgement->visits[i];
		const struct fault *fault = judged->visit->fault;

		if (judged->verdict == VERDICT_UNKNOWN && judged->row)
			judge_greylist(docket, judged);
		if (judged->verdict != VERDICT_FAIL || !fault->reply ||
			(fault->failure != FAILURE_SMTP_4XX &&
				fault->failure != FAILURE_SMTP_5XX))
			continue;
		if (judged->row)
			judge_known(docket, judged);
		else
			judge_unknown(docket, judged);
	}
}

const struct finding_kind *const reply_kinds[] = { &greylists, &unknown, NULL };
