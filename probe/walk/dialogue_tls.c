#include "probe/walk/dialogue_inside.h"

#include "probe/walk/plan.h"

/* ---- before it is said */

/* Do TLSA records say how this server is to be met, or may they? */
static bool is_bound_by_dane(const struct dialogue *dialogue)
{
	const struct dane *dane = dialogue->visit->path->dane;

	return dane &&
	       (dane->state == DANE_BINDING || dane->state == DANE_UNKNOWN);
}

bool dialogue_may_be_in_clear(
	const struct dialogue *dialogue, const struct step *step)
{
	switch (step->tls) {
	case STEP_TLS_MAY:
		return true;
	case STEP_TLS_DANE:
		return !is_bound_by_dane(dialogue);
	case STEP_TLS_ENCRYPT:
	case STEP_TLS_SECURE:
		return false;
	}
	return false;
}

bool dialogue_tls_obstacle(const struct dialogue *dialogue,
	const struct step *step, struct fault *fault)
{
	const struct dane *dane = step->tls == STEP_TLS_DANE
					  ? dialogue->visit->path->dane
					  : NULL;

	if (dane && dane->state == DANE_UNKNOWN) {
		*fault = (struct fault){ .failure = failure_of_answer(
						 dane->failed),
			.why = dane->why };
		return true;
	}
	*fault = (struct fault){ .failure = FAILURE_TLS_NOT_OFFERED,
		.why = dane ? SPAN("the server does not offer STARTTLS, and "
				   "its TLSA records require it")
			    : SPAN("the server does not offer STARTTLS, and "
				   "the walk requires it") };
	return !dialogue->visit->ehlo.starttls;
}

/* ---- behind the handshake */

/* RFC 3207 section 4.2: what was learnt in clear is forgotten. */
static void forget_clear_text(struct dialogue *dialogue)
{
	dialogue->visit->ehlo = (struct ehlo){ .domain = SPAN("") };
	dialogue->visit->has_ehlo = false;
	dialogue->is_encrypted = true;
	reply_parser_init(&dialogue->parser, dialogue->arena);
}

static struct span verify_text(
	struct dialogue *dialogue, const struct session *session)
{
	if (session->is_trusted)
		return arena_print(dialogue->arena,
			"the certificate is not for %.*s",
			SPAN_ARG(session->checked_name));
	return arena_print(dialogue->arena,
		"the certificate is not trusted: %.*s",
		SPAN_ARG(session->verify_why));
}

/* RFC 8461 section 4.1: a policy in mode enforce says where mail may go ... */
static bool is_under_sts(const struct path *path)
{
	const struct mta_sts *sts = path->sts;

	return sts && sts->state == MTA_STS_FOUND &&
	       sts->policy.mode == MTA_STS_ENFORCE;
}

/* ... and that a certificate has to say whose it is by a DNS name, where others
 * still take the common name for one. */
static bool has_dns_name(const struct session *session)
{
	const struct certificate *leaf = session->chain;
	struct ip ip;

	for (size_t i = 0; session->chain_count && i < leaf->name_count; i++)
		if (!ip_parse(leaf->names[i], &ip))
			return true;
	return false;
}

static bool is_insecure(struct dialogue *dialogue,
	const struct session *session, struct fault *fault)
{
	const struct path *path = dialogue->visit->path;

	if (is_under_sts(path) &&
		!mta_sts_lists(&path->sts->policy, path->host)) {
		fault->failure = FAILURE_TLS_MTA_STS;
		fault->why = arena_print(dialogue->arena,
			"the MTA-STS policy of %.*s does not list %.*s",
			SPAN_ARG(path->domain), SPAN_ARG(path->host));
		return true;
	}
	fault->failure = FAILURE_TLS_VERIFY;
	fault->why = verify_text(dialogue, session);
	if (!session->is_trusted || !session->name_matches)
		return true;
	fault->why = SPAN("the certificate names the host as its common name "
			  "alone, and MTA-STS wants a DNS name among its "
			  "subjectAltNames (RFC 8461 section 4.1)");
	return is_under_sts(path) && !has_dns_name(session);
}

/* RFC 7672 section 2.2: where all records are unusable, TLS will do. */
static bool is_not_bound_one(const struct dialogue *dialogue,
	const struct session *session, struct fault *fault)
{
	const struct tlsa_verdict *verdict = session->tlsa;

	if (!is_bound_by_dane(dialogue))
		return false;
	fault->failure = FAILURE_TLS_DANE;
	fault->why = SPAN("the server sent no certificate to hold its TLSA "
			  "records against");
	if (!verdict)
		return true;
	fault->why = verdict->why;
	return verdict->result == TLSA_NO_MATCH ||
	       verdict->result == TLSA_INVALID;
}

/* The handshake is well; is the server who the walk wants it to be? */
static bool is_stranger(struct dialogue *dialogue,
	const struct session *session, struct fault *fault)
{
	switch (dialogue_step(dialogue)->tls) {
	case STEP_TLS_MAY:
	case STEP_TLS_ENCRYPT:
		return false;
	case STEP_TLS_DANE:
		return is_not_bound_one(dialogue, session, fault);
	case STEP_TLS_SECURE:
		return is_insecure(dialogue, session, fault);
	}
	return false;
}

void dialogue_tls_up(struct dialogue *dialogue, uint64_t now_ns,
	const struct session *session)
{
	struct fault fault = { .why = SPAN("") };

	dialogue_event(dialogue, now_ns, EVENT_TLS)->tls = session;
	dialogue->visit->tls = session;
	forget_clear_text(dialogue);
	if (is_stranger(dialogue, session, &fault))
		dialogue_fail_politely(
			dialogue, now_ns, fault.failure, fault.why, NULL);
	else
		dialogue_step_done(dialogue);
}

void dialogue_tls_failed(struct dialogue *dialogue, uint64_t now_ns,
	const struct session *session, const struct fault *fault)
{
	dialogue_event(dialogue, now_ns, EVENT_TLS)->tls = session;
	dialogue->visit->tls = session;
	dialogue_fail(dialogue, now_ns, *fault);
}
