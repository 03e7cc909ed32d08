#include "probe/policy/preflight_facts.h"

/*
 * The lines about where the mail comes from: names, block lists, and whether
 * an answer finds its way back.
 */
static struct preflight_line no_source(void)
{
	return preflight_na(SPAN("this host has no address to send from"));
}

static const char *address_type(const struct preflight_facts *facts)
{
	return facts->source->ip.family == FAMILY_IPV4 ? "A" : "AAAA";
}

bool preflight_is_hidden(const struct preflight_facts *facts)
{
	return !ip_kind_is_public(ip_kind(&facts->source->ip));
}

struct preflight_line preflight_hidden(const struct preflight_facts *facts)
{
	return preflight_na(arena_print(facts->arena,
		"a %s address, that receivers do not see: give the public one "
		"(--ip)",
		ip_kind_word(ip_kind(&facts->source->ip))));
}

static struct span fcrdns_fix(const struct preflight_facts *facts)
{
	const struct preflight_source *source = facts->source;
	struct span ip = ip_text(facts->arena, &source->ip);

	if (!source->ptr_name.len)
		return arena_print(facts->arena,
			"have the provider of the address publish a PTR for "
			"%.*s, and give its name the %s %.*s",
			SPAN_ARG(ip), address_type(facts), SPAN_ARG(ip));
	return arena_print(facts->arena,
		"publish \"%.*s %s %.*s\", or have the PTR changed to a name "
		"that has it",
		SPAN_ARG(source->ptr_name), address_type(facts), SPAN_ARG(ip));
}

struct preflight_line line_fcrdns(const struct preflight_facts *facts)
{
	const struct preflight_source *source = facts->source;

	if (!source->has_ip)
		return no_source();
	if (source->fcrdns == FCRDNS_CONFIRMED)
		return preflight_well(source->ptr_name);
	if (preflight_is_hidden(facts))
		return preflight_hidden(facts);
	if (source->fcrdns == FCRDNS_UNKNOWN)
		return preflight_say(
			PREFLIGHT_UNKNOWN, facts->reverse.why, SPAN(""));
	return preflight_say(
		PREFLIGHT_FAIL, facts->reverse.why, fcrdns_fix(facts));
}

struct preflight_line line_ptr_not_generic(const struct preflight_facts *facts)
{
	const struct preflight_source *source = facts->source;
	const struct fcrdns_name *name = facts->reverse.confirmed;

	if (!source->has_ip)
		return no_source();
	if (!facts->reverse.count)
		return preflight_na(SPAN("the address has no name"));
	if (!name)
		name = &facts->reverse.names[0];
	if (name->generic.kind == GENERIC_NO)
		return preflight_well(arena_print(facts->arena,
			"%.*s does not look made for a range",
			SPAN_ARG(name->name)));
	return preflight_say(PREFLIGHT_FAIL, name->generic.why,
		SPAN("have the PTR changed to a name of your own domain, such "
		     "as mail.example.org"));
}

struct preflight_line line_helo(const struct preflight_facts *facts)
{
	if (!facts->source->has_ip)
		return no_source();
	if (!facts->query->helo.len)
		return preflight_na(SPAN("the EHLO name is not known "
					 "(--helo)"));
	switch (facts->helo.state) {
	case EHLO_NAME_SAME:
		return preflight_well(facts->helo.why);
	case EHLO_NAME_OPEN:
	case EHLO_NAME_UNKNOWN:
		return preflight_say(
			PREFLIGHT_UNKNOWN, facts->helo.why, SPAN(""));
	case EHLO_NAME_OTHER:
	case EHLO_NAME_NONE:
	case EHLO_NAME_UNFIT:
		break;
	}
	return preflight_say(PREFLIGHT_WARN, facts->helo.why,
		arena_print(facts->arena,
			"greet with a name whose %s is the source address, at "
			"best its PTR",
			address_type(facts)));
}

/* ---- domains */

static enum preflight_status soa_status(const struct soa_check *check)
{
	switch (check->state) {
	case SOA_OWN:
		return PREFLIGHT_PASS;
	case SOA_ABOVE:
		return PREFLIGHT_WARN;
	case SOA_NO_NAME:
		return PREFLIGHT_FAIL;
	case SOA_OPEN:
	case SOA_UNKNOWN:
		break;
	}
	return PREFLIGHT_UNKNOWN;
}

struct preflight_line line_soa(const struct preflight_facts *facts)
{
	const struct preflight *preflight = facts->preflight;
	enum preflight_status from = PREFLIGHT_PASS, mail = PREFLIGHT_PASS;
	const struct soa_check *worse;
	enum preflight_status status;

	if (!preflight->from_domain.len && !preflight->mail_domain.len)
		return preflight_na(SPAN("there is no domain to look for"));
	if (preflight->from_domain.len)
		from = soa_status(&facts->from_soa);
	if (preflight->mail_domain.len)
		mail = soa_status(&facts->mail_soa);
	status = from > mail ? from : mail;
	worse = from > mail ? &facts->from_soa : &facts->mail_soa;
	if (status == PREFLIGHT_PASS)
		return preflight_well(SPAN("each has an SOA record"));
	if (status == PREFLIGHT_UNKNOWN)
		return preflight_say(status, worse->why, SPAN(""));
	return preflight_say(status, worse->why,
		status == PREFLIGHT_FAIL
			? SPAN("send from a domain that exists")
			: SPAN("send from the top of a zone, or make the name "
			       "a zone of its own"));
}

static bool has_values(const struct answer *answer)
{
	return answer && answer->kind == ANSWER_DATA;
}

static bool is_null_mx(const struct answer *mx)
{
	unsigned preference;
	struct span host;

	return mx->value_count == 1 &&
	       answer_mx(mx->values[0], &preference, &host) &&
	       span_is(host, SPAN("."));
}

struct preflight_line line_can_receive(const struct preflight_facts *facts)
{
	struct span domain = facts->answer_domain;
	struct span fix = SPAN("let From or Reply-To name a mailbox that is "
			       "read");

	if (!domain.len || !facts->mx)
		return preflight_na(SPAN("there is no domain to look at"));
	if (answer_failed(facts->mx) || (facts->a && answer_failed(facts->a)))
		return preflight_say(PREFLIGHT_UNKNOWN,
			arena_print(facts->arena,
				"the MX of %.*s could not be looked up",
				SPAN_ARG(domain)),
			SPAN(""));
	if (has_values(facts->mx) && is_null_mx(facts->mx))
		return preflight_say(PREFLIGHT_FAIL,
			arena_print(facts->arena,
				"%.*s takes no mail (null MX, RFC 7505)",
				SPAN_ARG(domain)),
			fix);
	if (has_values(facts->mx))
		return preflight_well(arena_print(
			facts->arena, "%.*s has an MX", SPAN_ARG(domain)));
	if (has_values(facts->a) || has_values(facts->aaaa))
		return preflight_well(arena_print(facts->arena,
			"%.*s has no MX, but an address", SPAN_ARG(domain)));
	return preflight_say(PREFLIGHT_FAIL,
		arena_print(facts->arena, "%.*s has neither MX nor address",
			SPAN_ARG(domain)),
		fix);
}

/* ---- block lists */

static struct preflight_line listed(const struct preflight_facts *facts,
	const struct dnsbl_check *list, struct span zone)
{
	struct span reason = list->reason_count ? list->reasons[0] : SPAN("");

	return preflight_say(PREFLIGHT_FAIL,
		arena_print(facts->arena, "listed by %.*s (%.*s)%s%.*s",
			SPAN_ARG(zone),
			SPAN_ARG(list->code_count ? list->codes[0] : SPAN("")),
			reason.len ? ": " : "", SPAN_ARG(reason)),
		arena_print(facts->arena,
			"find out why at %.*s, end it, and ask to be taken off",
			SPAN_ARG(zone)));
}

struct preflight_line line_dnsbl(const struct preflight_facts *facts)
{
	const struct preflight_query *query = facts->query;
	const struct dnsbl_check *unsure = NULL;

	if (!facts->source->has_ip)
		return no_source();
	if (!query->zone_count)
		return preflight_na(SPAN("no list was named (--dnsbl)"));
	for (size_t i = 0; i < query->zone_count; i++) {
		const struct dnsbl_check *list = &facts->lists[i];

		if (list->state == DNSBL_LISTED)
			return listed(facts, list, query->zones[i]);
		if (list->state != DNSBL_NOT_LISTED)
			unsure = list;
	}
	if (unsure)
		return preflight_say(PREFLIGHT_UNKNOWN, unsure->why, SPAN(""));
	return preflight_well(arena_print(
		facts->arena, "on none of %zu lists", query->zone_count));
}

/* ---- what cannot be seen from here */

struct preflight_line line_tls(const struct preflight_facts *facts)
{
	(void)facts;
	return preflight_na(SPAN("a walk shows it: mxprobe TARGET"));
}

struct preflight_line line_spam_rate(const struct preflight_facts *facts)
{
	(void)facts;
	return preflight_na(SPAN("only the receiver's own figures tell "
				 "(Postmaster Tools, feedback loops)"));
}
