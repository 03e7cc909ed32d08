#include "probe/facts/mtu_trial.h"

unsigned mtu_trial_clamp(enum family family)
{
	return family == FAMILY_IPV4 ? 536 : 1220;
}

static bool is_silence(const struct visit *visit)
{
	return visit->state == VISIT_WALKED && visit->fault &&
	       visit->fault->failure == FAILURE_TIMEOUT;
}

/*
 * The message, where the peer's TCP has not acknowledged all of ours: a server
 * that thinks acknowledges and is silent.  The handshake, where the silence
 * alone tells: of what is lost on the way to us, TCP knows nothing here.
 */
bool mtu_trial_is_called_for(const struct visit *visit)
{
	if (!is_silence(visit) || !visit->tcp.is_known)
		return false;
	switch (visit->fault->stage) {
	case STAGE_TLS:
		return true;
	case STAGE_STARTTLS:
	case STAGE_DATA:
	case STAGE_DOT:
		return visit->tcp.unacked > 0 && visit->tcp.backoff >= 2;
	case STAGE_RESOLVE:
	case STAGE_CONNECT:
	case STAGE_BANNER:
	case STAGE_EHLO:
	case STAGE_MAIL:
	case STAGE_RCPT:
	case STAGE_QUIT:
		break;
	}
	return false;
}

bool mtu_trial_can_tell(const struct visit *visit)
{
	if (visit->fault && visit->fault->stage <= STAGE_TLS)
		return true;
	return visit->tls && span_is(visit->tls->version, SPAN("TLSv1.3"));
}

bool mtu_trial_has_hung(const struct visit *visit)
{
	return is_silence(visit) && visit->tcp.is_known &&
	       (visit->fault->stage == STAGE_TLS ||
		       (visit->fault->stage == STAGE_EHLO && visit->tls));
}

static bool has_passed(const struct visit *visit)
{
	return visit->state == VISIT_WALKED && visit->tls &&
	       (!visit->fault || visit->fault->stage == STAGE_QUIT);
}

static enum mtu_answer sound(const struct visit *full)
{
	return full->tcp.is_known && full->tcp.acked >= MTU_TRIAL_OCTETS
		       ? MTU_SOUND
		       : MTU_SOUND_TO_US;
}

/*
 * Of what is lost on the way to us, silence is the only sign, and a server may
 * just be slow now and then: the clamped one has to be well ahead.
 */
static enum mtu_answer lost(
	const struct visit *full, const struct visit *clamped)
{
	if (full->tcp.unacked)
		return full->tcp.backoff >= 2 ? MTU_LOST_FROM_US
					      : MTU_NOT_KNOWN;
	return full->fault->stage == STAGE_TLS &&
			       visit_stage_ns(clamped, STAGE_TLS) >
				       visit_stage_ns(full, STAGE_TLS) / 2
		       ? MTU_NOT_KNOWN
		       : MTU_LOST_TO_US;
}

enum mtu_answer mtu_trial_answer(const struct mtu_trial *trial)
{
	const struct visit *full = trial->full, *clamped = trial->clamped;

	if (has_passed(full))
		return sound(full);
	if (!mtu_trial_has_hung(full) || !clamped)
		return MTU_NOT_KNOWN;
	if (has_passed(clamped))
		return lost(full, clamped);
	if (mtu_trial_has_hung(clamped) &&
		clamped->fault->stage == full->fault->stage)
		return MTU_SMALL_LOST_TOO;
	return MTU_NOT_KNOWN;
}

const char *mtu_trial_part(
	const struct mtu_trial *trial, const struct visit *visit)
{
	return visit == trial->clamped ? "small segments" : "full segments";
}

const char *mtu_answer_word(enum mtu_answer answer)
{
	static const char *const words[] = {
		[MTU_NOT_KNOWN] = "not-known",
		[MTU_SOUND] = "sound",
		[MTU_SOUND_TO_US] = "sound-to-us",
		[MTU_LOST_TO_US] = "lost-to-us",
		[MTU_LOST_FROM_US] = "lost-from-us",
		[MTU_SMALL_LOST_TOO] = "small-lost-too",
	};

	return words[answer];
}
