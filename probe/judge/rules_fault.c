#include "probe/judge/mtu_rule.h"

/*
 * What stopped a walk when it was not an answer of the server's: the path to
 * it, its manners, its TLS.
 */

static const struct finding_kind unreachable = {
	.id = "family.unreachable",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "the address is advertised and does not answer",
	.meaning =
		"Packets to port 25 of this address are lost, here or there.",
	.remedy = "see with mxprobe trace how far packets get, and try from "
		  "another network: if it answers there, ask your own provider "
		  "whether it drops port 25 for this family; if not, tell the "
		  "domain's postmaster",
	.reference = "RFC 5321 section 4.5.4.1",
	.is_shared = true,
};

static const struct finding_kind no_route = {
	.id = "family.unreachable",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "there is no route to the address",
	.meaning = "A router, or this host itself, knows no way there.",
	.remedy =
		"see with mxprobe trace where the way ends: if at a router of "
		"your own or your provider's, ask for a route of this family; "
		"if not, tell the domain's postmaster",
	.reference = "RFC 4443 section 3.1, RFC 792",
	.is_shared = true,
};

static const struct finding_kind refused = {
	.id = "family.refused",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "the host is there and refuses the connection",
	.meaning =
		"No mail server listens at this address, or a filter answers "
		"for it.",
	.remedy = "let the server listen on this address too (Postfix main.cf: "
		  "inet_protocols = all), or take the address out of the DNS",
	.reference = "RFC 9293 section 3.5.2",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind prohibited = {
	.id = "family.prohibited",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_PATH,
	.title = "a filter on the way forbids the connection",
	.remedy =
		"ask who runs the machine that sent the ICMP error to let TCP "
		"port 25 pass",
	.reference = "RFC 4443 section 3.1, RFC 1812 section 5.2.7.1",
	.is_shared = true,
};

static const struct finding_kind silent = {
	.id = "server.silent",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "the connection stands, and no answer came in time",
	.reference = "RFC 5321 section 4.5.3.2",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind closed = {
	.id = "server.closed",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "the connection ended without an answer",
	.meaning = "A server that hangs up says 421 first; a filter or a crash "
		   "does not.",
	.remedy =
		"look at the server's log for this connection, and at filters "
		"between that look into SMTP",
	.reference = "RFC 5321 section 3.8",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind syntax = {
	.id = "server.syntax",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "what came back is not SMTP",
	.remedy = "check that a mail server listens on this port, and that "
		  "nothing between rewrites its replies",
	.reference = "RFC 5321 section 4.2",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind limit = {
	.id = "server.limit",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_OURS,
	.title = "the server announces that it cannot take this message",
	.remedy = "send a smaller message, or one that needs no extension "
		  "beyond those in the answer to EHLO",
	.reference = "RFC 1870 section 6.1, RFC 6531 section 3.1",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind not_offered = {
	.id = "tls.not-offered",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_THEIRS,
	.title = "STARTTLS was required and is not offered",
	.remedy = "configure a certificate on the server (Postfix main.cf: "
		  "smtpd_tls_security_level = may), or look for a filter that "
		  "strips STARTTLS from EHLO",
	.reference = "RFC 3207 section 4.1",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind handshake = {
	.id = "tls.handshake",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "the TLS handshake failed",
	.remedy = "compare the versions and ciphers of both sides: openssl "
		  "s_client -starttls smtp shows the server's",
	.reference = "RFC 8446 section 4.1, RFC 3207 section 4.1",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind injection = {
	.id = "tls.injection",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "plain text came between the 220 and the handshake",
	.meaning =
		"Whoever put it there could speak for the server inside TLS.",
	.remedy = "let the server drop its input buffer after STARTTLS; if it "
		  "does, somebody on the way writes into the connection",
	.reference = "RFC 3207 section 6",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind local = {
	.id = "host.local",
	.severity = SEVERITY_WARN,
	.blame = BLAME_OURS,
	.title = "this host could not make the connection",
	.remedy = "check that the source address asked for is one of this "
		  "host's, and that files and ports are left",
	.is_seen = true,
	.leaves_open = true,
};

static const struct finding_kind goodbye = {
	.id = "server.goodbye",
	.severity = SEVERITY_INFO,
	.blame = BLAME_THEIRS,
	.title = "all went well, and then QUIT did not",
	.remedy = "nothing: the mail is not concerned",
	.reference = "RFC 5321 section 4.1.1.10",
	.is_shared = true,
	.is_seen = true,
};

static const struct finding_kind *kind_of_timeout(const struct visit *visit)
{
	const struct finding_kind *lost = mtu_kind_of(visit);

	if (visit->fault->stage <= STAGE_CONNECT)
		return &unreachable;
	return lost ? lost : &silent;
}

static const struct finding_kind *kind_of(const struct visit *visit)
{
	const struct fault *fault = visit->fault;

	if (fault->stage == STAGE_QUIT)
		return &goodbye;
	switch (fault->failure) {
	case FAILURE_CONNECTION_REFUSED:
		return &refused;
	case FAILURE_CONNECTION_RESET:
		return fault->stage <= STAGE_CONNECT ? &refused : &closed;
	case FAILURE_TIMEOUT:
		return kind_of_timeout(visit);
	case FAILURE_NETWORK_UNREACHABLE:
	case FAILURE_HOST_UNREACHABLE:
		return &no_route;
	case FAILURE_PORT_UNREACHABLE:
	case FAILURE_ADMIN_PROHIBITED:
		return &prohibited;
	case FAILURE_LOCAL:
		return &local;
	case FAILURE_TLS_NOT_OFFERED:
		return &not_offered;
	case FAILURE_TLS_HANDSHAKE:
		return &handshake;
	case FAILURE_TLS_INJECTION:
		return &injection;
	case FAILURE_SMTP_SYNTAX:
	case FAILURE_SMTP_UNEXPECTED:
		return &syntax;
	case FAILURE_SMTP_CLOSED:
		return &closed;
	case FAILURE_SMTP_LIMIT:
		return &limit;
	case FAILURE_SMTP_4XX: /* rules_reply */
	case FAILURE_SMTP_5XX:
	case FAILURE_TLS_VERIFY: /* rules_tls */
	case FAILURE_TLS_DANE:   /* rules_dane */
	case FAILURE_TLS_MTA_STS:
	case FAILURE_DNS_NXDOMAIN: /* of a target, not of a visit */
	case FAILURE_DNS_NO_DATA:
	case FAILURE_DNS_SERVFAIL:
	case FAILURE_DNS_TIMEOUT:
	case FAILURE_DNS_REFUSED:
	case FAILURE_DNS_UNREACHABLE:
	case FAILURE_DNS_MALFORMED:
	case FAILURE_DNS_UNSAVED:
	case FAILURE_DNS_NULL_MX:
	case FAILURE_DNS_BAD_MX:
	case FAILURE_INTERRUPTED:
		return NULL;
	}
	return NULL;
}

static void weigh_other(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	const struct visit_judgement *other = docket_other(docket, visit);
	enum stage stage = visit->fault->stage;

	if (!other || stage == STAGE_QUIT)
		return;
	if (other->visit->reached[stage])
		draft_for(docket, draft, other->visit,
			arena_print(docket->arena,
				"%s got past this point at the same host",
				family_word(other->visit->path->family)));
	else if (other->visit->fault &&
		 other->visit->fault->failure == visit->fault->failure)
		draft_against(docket, draft, other->visit,
			SPAN("both families fail in the same way: it is "
			     "not the family"));
}

static void weigh_packets(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	const struct tcp_facts *tcp = &visit->tcp;

	if (visit->fault->failure != FAILURE_TIMEOUT || !tcp->is_known ||
		visit->fault->stage <= STAGE_BANNER)
		return;
	if (tcp->unacked)
		draft_for(docket, draft, visit,
			arena_print(docket->arena,
				"%u segment%s never acknowledged, the timer "
				"doubled %u time%s",
				tcp->unacked,
				tcp->unacked == 1 ? " was" : "s were",
				tcp->backoff, tcp->backoff == 1 ? "" : "s"));
	else
		draft_for(docket, draft, visit,
			SPAN("all that we sent was acknowledged"));
}

static void weigh_icmp(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	const struct icmp_error *icmp = &visit->fault->icmp;
	struct span why = visit->fault->why, offender;

	if (!icmp->is_known || !icmp->has_offender ||
		span_find_nocase(why, SPAN("ICMP")) < why.len)
		return; /* the why says it already */
	offender = ip_text(docket->arena, &icmp->offender);
	draft_for(docket, draft, visit,
		arena_print(docket->arena,
			"%.*s sent the ICMP error, type %u code %u",
			SPAN_ARG(offender), icmp->type, icmp->code));
}

/* The option that gives this stage more time. */
static struct span remedy_for_silence(struct arena *arena, enum stage stage)
{
	const char *option = stage == STAGE_BANNER ? "banner"
			     : stage == STAGE_TLS  ? "tls"
			     : stage == STAGE_DATA || stage == STAGE_DOT
				     ? "data"
				     : "command";

	return arena_print(arena,
		"retry with a longer --%s-timeout; if it stays silent, tell "
		"the domain's postmaster",
		option);
}

/* Where the other family got through, a server is there, and its port is not
 * what is wrong. */
static struct span remedy_for_refusal(
	struct docket *docket, const struct visit *visit)
{
	const struct visit_judgement *other = docket_other(docket, visit);

	if (other && other->visit->reached[STAGE_CONNECT])
		return span_of(refused.remedy);
	return arena_print(docket->arena,
		"check that a mail server listens on port %u there, and that "
		"no filter answers for it%s",
		(unsigned)visit->path->port,
		docket->outcome->mx_asked
			? "; or take the address out of the DNS"
			: "");
}

/* Seen when an ICMP error said so; a local error may be our own filter's, or
 * of our own table of routes. */
static void weigh_word_of_router(struct draft *draft, const struct visit *visit)
{
	if (visit->fault->icmp.is_known)
		draft->finding.confidence = CONFIRMED;
}

/* No network of the sender's can do anything about such an address. */
static bool is_private(const struct outcome *outcome, struct span host)
{
	for (size_t i = 0; outcome->mx_asked && i < outcome->exchanger_count;
		i++)
		if (outcome->exchangers[i].is_private &&
			span_is(outcome->exchangers[i].host, host))
			return true;
	return false;
}

/* Large packets are lost, and it is not what stopped this walk. */
static void judge_well(struct docket *docket, const struct visit *visit)
{
	struct draft *draft;

	if (!mtu_is_lost(visit))
		return;
	draft = docket_draft(docket, mtu_kind_of(visit), visit, STAGE_TLS);
	mtu_weigh(docket, draft, visit);
}

static void judge_fault(struct docket *docket, const struct visit *visit,
	const struct finding_kind *kind)
{
	struct draft *draft = docket_draft(
		docket, kind, visit, visit->fault->stage);

	if (kind == &silent)
		draft->finding.remedy = remedy_for_silence(
			docket->arena, visit->fault->stage);
	if (kind == &refused)
		draft->finding.remedy = remedy_for_refusal(docket, visit);
	if ((kind == &unreachable || kind == &no_route) &&
		is_private(docket->outcome, visit->path->host))
		draft->finding.remedy = SPAN(
			"tell the domain's postmaster to publish an address "
			"that the Internet reaches: this one is private");
	draft_for(docket, draft, visit, visit->fault->why);
	weigh_other(docket, draft, visit);
	weigh_packets(docket, draft, visit);
	weigh_icmp(docket, draft, visit);
	if (kind == &prohibited || kind == &no_route)
		weigh_word_of_router(draft, visit);
	if (kind == &silent)
		mtu_weigh_silence(docket, draft, visit);
	else if (kind == mtu_kind_of(visit))
		mtu_weigh(docket, draft, visit);
}

void rules_fault(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];
		const struct finding_kind *kind = NULL;

		if (visit->state != VISIT_WALKED)
			continue;
		if (visit->fault)
			kind = kind_of(visit);
		if (kind)
			judge_fault(docket, visit, kind);
		if (kind != mtu_kind_of(visit))
			judge_well(docket, visit);
	}
}

const struct finding_kind *const fault_kinds[] = { &unreachable, &no_route,
	&refused, &prohibited, &silent, &closed, &syntax, &limit, &not_offered,
	&handshake, &injection, &local, &goodbye, NULL };
