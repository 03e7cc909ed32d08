#include "probe/judge/docket.h"

/*
 * What is odd about the address that we came from.  None of it refused
 * anything by itself; the rules for replies join it with what the server
 * said.  What others make of a name, or a NAT, is only inferred.
 */

static const struct finding_kind no_ptr = {
	.id = "source.no-ptr",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "our address has no PTR record",
	.meaning = "Many receivers refuse or slow down such an address.",
	.remedy = "have the provider of the address publish a PTR for it, and "
		  "an A or AAAA of that name that leads back",
	.reference = "RFC 1912 section 2.1",
};

static const struct finding_kind ptr_mismatch = {
	.id = "source.ptr-mismatch",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "the name of our address does not lead back to it",
	.meaning = "Many receivers refuse or slow down such an address.",
	.remedy = "add the address as an A or AAAA record of the name in its "
		  "PTR",
	.reference = "RFC 8601 section 2.7.3",
};

static const struct finding_kind nat = {
	.id = "source.nat",
	.severity = SEVERITY_INFO,
	.blame = BLAME_OURS,
	.title = "the server sees another address than ours",
	.meaning = "PTR, SPF and reputation are those of the address that the "
		   "server sees.",
	.remedy = "check PTR and SPF for the address that the server sees",
	.reference = "RFC 2993",
};

static const struct finding_kind temporary = {
	.id = "source.temporary-address",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "our address is a temporary one",
	.meaning = "It changes within days, and has neither PTR nor a place in "
		   "SPF.",
	.remedy = "bind the sending server to a permanent address (Postfix "
		  "main.cf: smtp_bind_address6)",
	.reference = "RFC 8981",
	.is_seen = true,
};

static const struct finding_kind deprecated = {
	.id = "source.deprecated-address",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "our address is deprecated",
	.meaning =
		"Its preferred lifetime is over: the network was renumbered, "
		"or stopped announcing the prefix.",
	.remedy = "give the host an address of the prefix that is announced, "
		  "and bind the sending server to it",
	.reference = "RFC 4862 section 5.5.4",
	.is_seen = true,
};

static const struct finding_kind tunnel = {
	.id = "source.tunnel",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "our address belongs to an automatic tunnel",
	.meaning = "6to4 and Teredo have no PTR and no reputation.",
	.remedy = "get native IPv6, or send over IPv4 only (Postfix main.cf: "
		  "inet_protocols = ipv4)",
	.reference = "RFC 7526",
	.is_seen = true,
};

static const struct finding_kind no_ipv4 = {
	.id = "host.no-ipv4",
	.severity = SEVERITY_INFO,
	.blame = BLAME_OURS,
	.title = "this host has no IPv4",
	.meaning = "The family could not be tried.",
	.remedy = "run the probe on a host with IPv4",
	.is_seen = true,
};

static const struct finding_kind no_ipv6 = {
	.id = "host.no-ipv6",
	.severity = SEVERITY_INFO,
	.blame = BLAME_OURS,
	.title = "this host has no IPv6",
	.meaning = "The family could not be tried.",
	.remedy = "run the probe on a host with IPv6",
	.is_seen = true,
};

static void found(struct docket *docket, const struct finding_kind *kind,
	const struct visit *visit, struct span text)
{
	struct draft *draft = docket_draft(docket, kind, visit, STAGE_CONNECT);

	draft_for(docket, draft, visit, text);
}

static void look_at_name(
	struct docket *docket, const struct visit *visit, struct span ours)
{
	struct arena *arena = docket->arena;

	if (!ip_kind_is_public(visit->source.kind))
		return;
	if (visit->fcrdns == FCRDNS_NO_NAME)
		found(docket, &no_ptr, visit,
			arena_print(arena, "%.*s has no name", SPAN_ARG(ours)));
	if (visit->fcrdns == FCRDNS_NOT_CONFIRMED)
		found(docket, &ptr_mismatch, visit,
			arena_print(arena,
				"%.*s is called %.*s, which has other "
				"addresses",
				SPAN_ARG(ours), SPAN_ARG(visit->ptr_name)));
}

static void look_at_echo(
	struct docket *docket, const struct visit *visit, struct span ours)
{
	struct span echo;

	if (!visit->has_ehlo || !visit->ehlo.has_echo ||
		ip_is(&visit->ehlo.echo, &visit->source.ip))
		return;
	echo = ip_text(docket->arena, &visit->ehlo.echo);
	found(docket, &nat, visit,
		arena_print(docket->arena,
			"we are %.*s, the answer to EHLO names %.*s",
			SPAN_ARG(ours), SPAN_ARG(echo)));
}

static void look_at_kind(
	struct docket *docket, const struct visit *visit, struct span ours)
{
	const struct source *source = &visit->source;
	struct arena *arena = docket->arena;

	if (source->is_temporary)
		found(docket, &temporary, visit,
			arena_print(arena, "the walk began at %.*s",
				SPAN_ARG(ours)));
	if (source->is_deprecated)
		found(docket, &deprecated, visit,
			arena_print(arena, "the walk began at %.*s",
				SPAN_ARG(ours)));
	if (source->kind == IP_6TO4 || source->kind == IP_TEREDO)
		found(docket, &tunnel, visit,
			arena_print(arena, "%.*s is a %s address",
				SPAN_ARG(ours), ip_kind_word(source->kind)));
}

void rules_source(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];
		struct span ours;

		if (visit->state == VISIT_NOT_APPLICABLE && !visit->is_confined)
			found(docket,
				visit->path->family == FAMILY_IPV6 ? &no_ipv6
								   : &no_ipv4,
				visit, visit->why_not);
		if (visit->state != VISIT_WALKED || !visit->source.is_known)
			continue;
		ours = ip_text(docket->arena, &visit->source.ip);
		look_at_name(docket, visit, ours);
		look_at_echo(docket, visit, ours);
		look_at_kind(docket, visit, ours);
	}
}

const struct finding_kind *const source_kinds[] = { &no_ptr, &ptr_mismatch,
	&nat, &temporary, &deprecated, &tunnel, &no_ipv4, &no_ipv6, NULL };
