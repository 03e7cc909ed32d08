#include "probe/judge/mtu_rule.h"

static const char id[] = "path.mtu-black-hole";
static const char allow_out[] =
	"allow ICMP Packet Too Big on the way, or clamp the TCP MSS to the "
	"path (nft: tcp option maxseg size set rt mtu), or let TCP find out by "
	"itself (Linux: net.ipv4.tcp_mtu_probing = 1)";
static const char allow_back[] =
	"let ICMP(v6) Packet Too Big reach the server, or lower our MTU / "
	"clamp the MSS we announce to 1220 and try again";
static const char reference[] =
	"RFC 8201 section 3, RFC 2923 section 2.1, RFC 4821";

static const struct finding_kind suspected_from_us = {
	.id = id,
	.severity = SEVERITY_FAIL,
	.blame = BLAME_PATH,
	.title = "large packets are lost on the way",
	.meaning =
		"Small packets were answered, then full ones were sent again "
		"and again and never acknowledged: the signature of a path "
		"with a smaller MTU whose Packet Too Big is filtered.",
	.remedy = allow_out,
	.reference = reference,
};

/* The server's certificates are lost. */
static const struct finding_kind suspected_to_us = {
	.id = id,
	.severity = SEVERITY_FAIL,
	.blame = BLAME_PATH,
	.title = "large packets towards us are lost on the way",
	.meaning = "One of two explanations: what the server sends in the "
		   "handshake is larger than our ClientHello, and would be the "
		   "first to be lost on a path whose Packet Too Big does not "
		   "reach the server.",
	.remedy = allow_back,
	.reference = reference,
};

static const struct finding_kind lost_from_us = {
	.id = id,
	.severity = SEVERITY_FAIL,
	.blame = BLAME_PATH,
	.title = "large packets from us are lost on the way",
	.meaning =
		"The same words got through in small packets and not in full "
		"ones: the path's MTU is smaller than both ends believe, and "
		"the Packet Too Big that says so does not reach us.",
	.remedy = allow_out,
	.reference = reference,
	.is_seen = true,
};

static const struct finding_kind lost_to_us = {
	.id = id,
	.severity = SEVERITY_FAIL,
	.blame = BLAME_PATH,
	.title = "large packets towards us are lost on the way",
	.meaning = "The server's handshake arrives in small packets and not in "
		   "full ones: the path's MTU is smaller than both ends "
		   "believe, and the Packet Too Big that says so does not "
		   "reach the server.",
	.remedy = "let ICMP(v6) Packet Too Big reach the server, or clamp the "
		  "TCP MSS at our border (nft: tcp option maxseg size set rt "
		  "mtu)",
	.reference = reference,
	.is_seen = true,
};

static const struct finding_kind stalled = {
	.id = "path.stalled",
	.severity = SEVERITY_FAIL,
	.blame = BLAME_UNKNOWN,
	.title = "what we sent was no longer acknowledged",
	.meaning = "Packets were lost for a while or behind some amount; it is "
		   "not their size.",
	.remedy = "try again; if it stalls at the same place, look for a "
		  "filter on the way that follows connections",
	.reference = "RFC 9293 section 3.8.1",
	.is_seen = true,
};

static enum mtu_answer answer_of(const struct visit *visit)
{
	return visit->mtu_trial ? mtu_trial_answer(visit->mtu_trial)
				: MTU_NOT_KNOWN;
}

/*
 * Segments on the way that the peer never acknowledged, and the timer doubled
 * at least twice: not a server that thinks, which acknowledges and is silent.
 */
static bool is_unacknowledged(const struct visit *visit)
{
	const struct fault *fault = visit->fault;

	return fault && fault->failure == FAILURE_TIMEOUT &&
	       fault->stage > STAGE_BANNER && fault->stage != STAGE_QUIT &&
	       visit->tcp.is_known && visit->tcp.unacked > 0 &&
	       visit->tcp.backoff >= 2;
}

/* A command is small: it is lost with everything else. */
static const struct finding_kind *kind_of_loss(const struct visit *visit)
{
	if (!is_unacknowledged(visit))
		return NULL;
	return mtu_trial_is_called_for(visit) ? &suspected_from_us : &stalled;
}

const struct finding_kind *mtu_kind_of(const struct visit *visit)
{
	switch (answer_of(visit)) {
	case MTU_LOST_FROM_US:
		return &lost_from_us;
	case MTU_LOST_TO_US:
		return &lost_to_us;
	case MTU_SOUND:
	case MTU_SMALL_LOST_TOO:
		return is_unacknowledged(visit) ? &stalled : NULL;
	case MTU_NOT_KNOWN:
	case MTU_SOUND_TO_US:
		break;
	}
	return kind_of_loss(visit);
}

bool mtu_is_lost(const struct visit *visit)
{
	enum mtu_answer answer = answer_of(visit);

	return answer == MTU_LOST_FROM_US || answer == MTU_LOST_TO_US;
}

/* ---- evidence */

static const char without_padding[] =
	"not proven: without TLS 1.3 nothing large can be sent but a message";

static struct span hang_text(struct arena *arena, const struct visit *visit)
{
	return arena_print(arena, "%s%s, %s", stage_phrase(visit->fault->stage),
		visit->fault->stage == STAGE_EHLO ? " inside TLS" : "",
		visit->tcp.unacked ? "what we sent never acknowledged"
				   : "all that we sent acknowledged");
}

static void put_full_hang(
	struct docket *docket, struct draft *draft, const struct visit *full)
{
	draft_for(docket, draft, full,
		arena_print(docket->arena,
			"a second connection, with full segments, hung %.*s",
			SPAN_ARG(hang_text(docket->arena, full))));
}

static void put_proof(struct docket *docket, struct draft *draft,
	const struct mtu_trial *trial)
{
	const struct visit *clamped = trial->clamped;

	put_full_hang(docket, draft, trial->full);
	draft_for(docket, draft, clamped,
		arena_print(docket->arena,
			"a third one, with segments of %u octets at the most, "
			"got through%s",
			mtu_trial_clamp(clamped->path->family),
			clamped->tcp.acked >= MTU_TRIAL_OCTETS
				? ", with the same EHLO padded to 4 kB"
				: ""));
}

static struct span why_not_known(const struct visit *visit)
{
	if (visit->why_not.len)
		return visit->why_not;
	if (visit->fault)
		return visit->fault->why;
	if (visit->state != VISIT_WALKED)
		return SPAN("it was not made");
	return visit->tls ? SPAN("it went well, and too slowly to tell")
			  : SPAN("it came to no TLS");
}

static void put_not_known(struct docket *docket, struct draft *draft,
	const struct mtu_trial *trial)
{
	const struct visit *failed = trial->clamped ? trial->clamped
						    : trial->full;

	draft_against(docket, draft, failed,
		arena_print(docket->arena,
			"a %s connection, to prove it, told nothing: %.*s",
			trial->clamped ? "third" : "second",
			SPAN_ARG(why_not_known(failed))));
}

static void put_small_hang(struct docket *docket, struct draft *draft,
	const struct mtu_trial *trial)
{
	put_full_hang(docket, draft, trial->full);
	draft_for(docket, draft, trial->clamped,
		arena_print(docket->arena,
			"a third one hung there with segments of %u octets, "
			"too: it is not their size",
			mtu_trial_clamp(trial->full->path->family)));
}

static const struct span not_tried = { without_padding,
	sizeof(without_padding) - 1 };

void mtu_weigh(
	struct docket *docket, struct draft *draft, const struct visit *visit)
{
	const struct mtu_trial *trial = visit->mtu_trial;

	if (!trial && mtu_kind_of(visit) == &suspected_from_us &&
		!mtu_trial_can_tell(visit))
		draft_against(docket, draft, visit, not_tried);
	if (!trial)
		return;
	switch (mtu_trial_answer(trial)) {
	case MTU_LOST_FROM_US:
	case MTU_LOST_TO_US:
		put_proof(docket, draft, trial);
		break;
	case MTU_SMALL_LOST_TOO:
		put_small_hang(docket, draft, trial);
		break;
	case MTU_SOUND:
		draft_for(docket, draft, trial->full,
			SPAN("a second connection got full segments through: "
			     "it is not their size"));
		break;
	case MTU_SOUND_TO_US:
		draft_against(docket, draft, trial->full, not_tried);
		break;
	case MTU_NOT_KNOWN:
		put_not_known(docket, draft, trial);
		break;
	}
}

/* The server has our ClientHello, its answer never came, and the other family
 * got it. */
static bool may_be_lost(
	const struct visit *visit, const struct visit_judgement *other)
{
	const struct tcp_facts *tcp = &visit->tcp;

	return visit->fault->stage == STAGE_TLS && tcp->is_known &&
	       !tcp->unacked && !tcp->unsent && other &&
	       other->visit->reached[STAGE_TLS] &&
	       answer_of(visit) == MTU_NOT_KNOWN;
}

void mtu_weigh_silence(
	struct docket *docket, struct draft *silence, const struct visit *visit)
{
	const struct visit_judgement *other = docket_other(docket, visit);
	struct draft *draft;

	if (!may_be_lost(visit, other)) {
		if (visit->fault->stage == STAGE_TLS)
			mtu_weigh(docket, silence, visit);
		return;
	}
	draft = docket_draft(docket, &suspected_to_us, visit, STAGE_TLS);
	draft_for(docket, draft, visit,
		SPAN("our ClientHello was acknowledged, the server's larger "
		     "answer never came"));
	draft_for(docket, draft, other->visit,
		arena_print(docket->arena,
			"%s got through TLS at the same host",
			family_word(other->visit->path->family)));
	draft_against(docket, draft, visit,
		SPAN("a server that hangs in the handshake looks the same "
		     "from here (server.silent)"));
	draft_against(docket, silence, visit,
		SPAN("large packets that are lost on the way to us look the "
		     "same from here (path.mtu-black-hole)"));
	mtu_weigh(docket, draft, visit);
}

const struct finding_kind *const mtu_kinds[] = { &lost_from_us, &lost_to_us,
	&suspected_from_us, &suspected_to_us, &stalled, NULL };
