#include "probe/policy/preflight_facts.h"

/*
 * The lines about where the mail comes from: names, block lists, and whether
 * an answer finds its way back.
 */
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
	const struct fcrdns_facts *reverse = preflight_reverse(facts);
	struct span ip = ip_text(facts->arena, &source->ip);

	if (!reverse->count)
		return arena_print(facts->arena,
			"have the provider of the address publish a PTR for "
			"%.*s, and give its name the %s %.*s",
			SPAN_ARG(ip), address_type(facts), SPAN_ARG(ip));
	return arena_print(facts->arena,
		"publish \"%.*s %s %.*s\", or have the PTR changed to a name "
		"that has it",
		SPAN_ARG(reverse->names[0].name), address_type(facts),
		SPAN_ARG(ip));
}

const struct fcrdns_facts *preflight_reverse(
	const struct preflight_facts *facts)
{
	const struct preflight_view *view = facts->source->elsewhere;

	return view && view->reverse.result != FCRDNS_UNKNOWN ? &view->reverse
							      : &facts->reverse;
}

struct preflight_line line_fcrdns(const struct preflight_facts *facts)
{
	const struct fcrdns_facts *reverse;

	if (!facts->source->has_ip)
		return preflight_no_source();
	reverse = preflight_reverse(facts);
	if (reverse->confirmed)
		return preflight_well(reverse->confirmed->name);
	if (preflight_is_hidden(facts))
		return preflight_hidden(facts);
	if (reverse->result == FCRDNS_UNKNOWN)
		return preflight_say(PREFLIGHT_UNKNOWN, reverse->why, SPAN(""));
	return preflight_say(PREFLIGHT_FAIL, reverse->why, fcrdns_fix(facts));
}

/* The two views, when they differ; see preflight_reverse(). */
struct preflight_line aside_elsewhere(const struct preflight_facts *facts)
{
	const struct preflight_view *view = facts->source->elsewhere;
	struct preflight_line line;

	if (!view)
		return preflight_na(SPAN(""));
	switch (view->views) {
	case FCRDNS_VIEWS_SAME:
		return preflight_well(SPAN("the other resolver says the same"));
	case FCRDNS_VIEWS_OPEN:
	case FCRDNS_VIEWS_UNKNOWN:
		line = preflight_say(PREFLIGHT_UNKNOWN, view->why, SPAN(""));
		break;
	case FCRDNS_VIEWS_DIFFER:
		line = preflight_say(PREFLIGHT_WARN, view->why,
			SPAN("find out why the resolver of this host says "
			     "something else than the others: a zone of its "
			     "own, /etc/hosts, an old answer; receivers ask "
			     "the others"));
		break;
	}
	line.is_asked = true;
	return line;
}

struct preflight_line line_ptr_not_generic(const struct preflight_facts *facts)
{
	const struct fcrdns_facts *reverse;
	const struct fcrdns_name *name;

	if (!facts->source->has_ip)
		return preflight_no_source();
	reverse = preflight_reverse(facts);
	if (reverse->result == FCRDNS_UNKNOWN && !reverse->count)
		return preflight_say(PREFLIGHT_UNKNOWN, reverse->why, SPAN(""));
	if (!reverse->count)
		return preflight_na(SPAN("the address has no name"));
	name = reverse->confirmed ? reverse->confirmed : &reverse->names[0];
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
		return preflight_no_source();
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

static bool has_failed(const struct answer *answer)
{
	return answer && answer_failed(answer);
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
	if (answer_failed(facts->mx))
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
	if (has_failed(facts->a) || has_failed(facts->aaaa))
		return preflight_say(PREFLIGHT_UNKNOWN,
			arena_print(facts->arena,
				"%.*s has no MX, and its addresses could not "
				"be looked up",
				SPAN_ARG(domain)),
			SPAN(""));
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
		return preflight_no_source();
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
	if (query->zone_count == 1)
		return preflight_well(arena_print(facts->arena,
			"not listed by %.*s", SPAN_ARG(query->zones[0])));
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
