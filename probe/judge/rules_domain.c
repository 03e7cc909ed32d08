#include "probe/judge/docket.h"

/* What is wrong with the domain's own records, whoever asks. */

static const struct finding_kind mx_cname = {
	.id = "domain.mx-cname",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "an MX record names an alias",
	.meaning = "The name in an MX record must have addresses of its own; "
		   "some senders do not follow the alias.",
	.remedy = "name the host that the alias leads to in the MX record",
	.reference = "RFC 5321 section 5.1, RFC 2181 section 10.3",
	.is_seen = true,
};

static const struct finding_kind mx_literal = {
	.id = "domain.mx-literal",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "an MX record holds an address instead of a name",
	.meaning = "Most senders cannot use such a record.",
	.remedy = "give the host a name with A and AAAA records, and put that "
		  "name into the MX record",
	.reference = "RFC 1035 section 3.3.9",
	.is_seen = true,
};

static const struct finding_kind mx_loopback = {
	.id = "domain.mx-loopback",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "an exchanger has a loopback address",
	.meaning = "Senders would deliver to themselves.",
	.remedy = "remove the record; a domain without mail says so by a null "
		  "MX (\"MX 0 .\")",
	.reference = "RFC 7505",
	.is_seen = true,
};

static const struct finding_kind mx_private = {
	.id = "domain.mx-private",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "an exchanger has a private address",
	.meaning = "The Internet does not lead there.",
	.remedy = "publish only addresses that the Internet reaches",
	.reference = "RFC 1918, RFC 4193",
	.is_seen = true,
};

static const struct finding_kind null_mx = {
	.id = "domain.null-mx",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "the domain takes no mail",
	.meaning = "Its null MX says so.",
	.remedy = "take the address off the list",
	.reference = "RFC 7505",
	.is_seen = true,
};

static const struct finding_kind mx_nowhere = {
	.id = "domain.mx-nowhere",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "no exchanger of the domain has a usable address",
	.remedy = "let the domain's administrator publish an A or AAAA record "
		  "for a host that the MX records name",
	.reference = "RFC 5321 section 5.1",
	.is_seen = true,
};

static const struct finding_kind no_such_domain = {
	.id = "domain.no-such-domain",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "the domain does not exist",
	.remedy = "check how the domain is spelt",
	.reference = "RFC 1035 section 4.1.1",
	.is_seen = true,
};

static const struct finding_kind unanswered = {
	.id = "dns.unanswered",
	.severity = SEVERITY_WARN,
	.blame = BLAME_UNKNOWN,
	.title = "the DNS did not tell",
	.meaning = "Nothing follows for the domain: the question was not "
		   "answered.",
	.remedy = "ask again, or ask another resolver with --dns",
	.reference = "RFC 1035 section 4.1.1",
	.is_seen = true,
	.leaves_open = true,
};

/* No resolver at all, whatever is asked of it. */
static const struct finding_kind no_resolver = {
	.id = "dns.unanswered",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "no resolver can be reached",
	.meaning = "Nothing follows for the domain: the question was not "
		   "answered.",
	.remedy = "see whether this host has a network and its resolver runs "
		  "(/etc/resolv.conf), or name another one with --dns",
	.reference = "RFC 1035 section 4.1.1",
	.is_seen = true,
	.leaves_open = true,
};

static struct draft *found(struct docket *docket,
	const struct finding_kind *kind, struct span text)
{
	struct draft *draft = docket_draft(docket, kind, NULL, STAGE_RESOLVE);

	draft_for(docket, draft, NULL, text);
	return draft;
}

/* Who failed to tell. */
static void name_servers(struct docket *docket, struct draft *draft)
{
	const struct question *question = NULL;

	if (docket->outcome->answers)
		question = answers_first(docket->outcome->answers);
	for (; question; question = question->next) {
		const struct answer *answer = question->answer;

		if (answer && answer_failed(answer) &&
			answer->server.len)
			draft_for(docket, draft, NULL,
				arena_print(docket->arena, "%.*s was asked",
					SPAN_ARG(answer->server)));
	}
}

/* Of no use to any sender, and for a reason that has a finding of its own. */
static bool is_explained(const struct exchanger *exchanger)
{
	return exchanger->is_literal || exchanger->is_loopback;
}

/* Nothing is left to deliver to, and the records say why. */
static bool is_bad_throughout(const struct outcome *outcome)
{
	if (!outcome->fault || outcome->fault->failure != FAILURE_DNS_BAD_MX)
		return false;
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		if (!is_explained(&outcome->exchangers[i]))
			return false;
	return outcome->exchanger_count > 0;
}

/* A record of no use; where there is no other, it is the cause. */
static void found_useless(struct docket *docket,
	const struct finding_kind *kind, struct span text)
{
	struct draft *draft = found(docket, kind, text);

	if (is_bad_throughout(docket->outcome))
		draft->finding.severity = SEVERITY_FAIL;
}

static void look_at_exchanger(
	struct docket *docket, const struct exchanger *exchanger)
{
	struct arena *arena = docket->arena;

	if (exchanger->canonical.len && !exchanger->is_implicit)
		found(docket, &mx_cname,
			arena_print(arena, "%.*s is an alias of %.*s",
				SPAN_ARG(exchanger->host),
				SPAN_ARG(exchanger->canonical)));
	if (exchanger->is_literal)
		found_useless(docket, &mx_literal,
			arena_print(arena, "the record holds %.*s",
				SPAN_ARG(exchanger->host)));
	if (exchanger->is_loopback)
		found_useless(docket, &mx_loopback,
			arena_print(arena, "%.*s leads to a loopback address",
				SPAN_ARG(exchanger->host)));
	if (exchanger->is_private)
		found(docket, &mx_private,
			arena_print(arena, "%.*s leads to a private address",
				SPAN_ARG(exchanger->host)));
}

static const struct finding_kind *kind_of(enum failure failure)
{
	switch (failure) {
	case FAILURE_DNS_NULL_MX:
		return &null_mx;
	case FAILURE_DNS_NXDOMAIN:
		return &no_such_domain;
	case FAILURE_DNS_NO_DATA:
	case FAILURE_DNS_BAD_MX:
		return &mx_nowhere;
	case FAILURE_DNS_SERVFAIL:
	case FAILURE_DNS_TIMEOUT:
	case FAILURE_DNS_REFUSED:
	case FAILURE_DNS_MALFORMED:
	case FAILURE_DNS_UNSAVED:
		return &unanswered;
	case FAILURE_DNS_UNREACHABLE:
		return &no_resolver;
	case FAILURE_CONNECTION_REFUSED:
	case FAILURE_CONNECTION_RESET:
	case FAILURE_TIMEOUT:
	case FAILURE_NETWORK_UNREACHABLE:
	case FAILURE_HOST_UNREACHABLE:
	case FAILURE_PORT_UNREACHABLE:
	case FAILURE_ADMIN_PROHIBITED:
	case FAILURE_LOCAL:
	case FAILURE_TLS_NOT_OFFERED:
	case FAILURE_TLS_HANDSHAKE:
	case FAILURE_TLS_VERIFY:
	case FAILURE_TLS_DANE:
	case FAILURE_TLS_MTA_STS:
	case FAILURE_TLS_INJECTION:
	case FAILURE_SMTP_4XX:
	case FAILURE_SMTP_5XX:
	case FAILURE_SMTP_SYNTAX:
	case FAILURE_SMTP_UNEXPECTED:
	case FAILURE_SMTP_CLOSED:
	case FAILURE_SMTP_LIMIT:
	case FAILURE_INTERRUPTED:
		return NULL;
	}
	return NULL;
}

void rules_domain(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;
	const struct fault *fault = outcome->fault;
	const struct finding_kind *kind = fault ? kind_of(fault->failure)
						: NULL;
	struct draft *draft = NULL;

	if (kind && !is_bad_throughout(outcome))
		draft = found(docket, kind, fault->why);
	if (kind == &unanswered || kind == &no_resolver)
		name_servers(docket, draft);
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		look_at_exchanger(docket, &outcome->exchangers[i]);
}

const struct finding_kind *const domain_kinds[] = { &null_mx, &no_such_domain,
	&mx_nowhere, &mx_cname, &mx_literal, &mx_loopback, &mx_private,
	&unanswered, &no_resolver, NULL };
