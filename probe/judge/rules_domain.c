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
};

static const struct finding_kind mx_private = {
	.id = "domain.mx-private",
	.severity = SEVERITY_WARN,
	.blame = BLAME_THEIRS,
	.title = "an exchanger has a private address",
	.meaning = "The Internet does not lead there.",
	.remedy = "publish only addresses that the Internet reaches",
	.reference = "RFC 1918, RFC 4193",
};

static const struct finding_kind null_mx = {
	.id = "domain.null-mx",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "the domain takes no mail",
	.meaning = "Its null MX says so.",
	.remedy = "take the address off the list",
	.reference = "RFC 7505",
};

static const struct finding_kind mx_nowhere = {
	.id = "domain.mx-nowhere",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "no exchanger of the domain has a usable address",
	.remedy = "let the domain's administrator publish an A or AAAA record "
		  "for a host that the MX records name",
	.reference = "RFC 5321 section 5.1",
};

static const struct finding_kind no_such_domain = {
	.id = "domain.no-such-domain",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "the domain does not exist",
	.remedy = "check how the domain is spelt",
	.reference = "RFC 1035 section 4.1.1",
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
};

static void found(struct docket *docket, const struct finding_kind *kind,
	struct span text)
{
	struct draft *draft = docket_draft(docket, kind, NULL, STAGE_RESOLVE);

	draft_for(docket, draft, NULL, text);
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
		found(docket, &mx_literal,
			arena_print(arena, "the record holds %.*s",
				SPAN_ARG(exchanger->host)));
	if (exchanger->is_loopback)
		found(docket, &mx_loopback,
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
	case FAILURE_DNS_UNREACHABLE:
	case FAILURE_DNS_MALFORMED:
	case FAILURE_DNS_UNSAVED:
		return &unanswered;
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

	if (kind)
		found(docket, kind, fault->why);
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		look_at_exchanger(docket, &outcome->exchangers[i]);
}
