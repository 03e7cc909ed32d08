#include "pcap/session_fault.h"

#include "pcap/session_visit.h"

static bool is_question(const struct talk *talk)
{
	return talk->who == SIDE_CLIENT && talk->kind != TALK_TLS &&
	       talk->kind != TALK_HOLE;
}

/*
 * What the server owes an answer: the first of what was said since the last
 * thing that it answered, as clients send QUIT on the heels of a message.  Else
 * the last thing that it answered.  NULL: nothing was said.
 */
static const struct talk *open_question(
	const struct session_record *record, size_t *place)
{
	const struct talk *found = NULL;

	for (size_t i = record->talk_count; i > 0; i--) {
		const struct talk *talk = &record->talks[i - 1];

		if (!is_question(talk))
			continue;
		if (talk->answered_by && found)
			break;
		*place = i - 1;
		found = talk;
		if (talk->answered_by)
			break;
	}
	return found;
}

static enum stage stage_at(const struct session_record *record, size_t place)
{
	enum stage stage = STAGE_BANNER;

	for (size_t i = 0; i <= place; i++)
		if (record->talks[i].who == SIDE_CLIENT)
			stage = talk_stage(&record->talks[i], stage);
	return stage;
}

/* ---- it hangs up */

/* Who ends TLS ends what is said, though the other's FIN may come first. */
static struct sighting end_of(
	const struct session_record *record, enum side side)
{
	struct sighting fin = record->stream->fin[side];
	struct sighting tls = record->tls_end[side];

	return tls.frame && (!fin.frame || tls.frame < fin.frame) ? tls : fin;
}

/* Of a connection that is older than the capture, what was said is not known. */
static bool was_seen_from_the_start(const struct session_record *record)
{
	return record->stream->syn.frame || record->stream->syn_ack.frame;
}

bool session_hung_up(const struct session_record *record, enum stage *stage)
{
	struct sighting server = end_of(record, SIDE_SERVER);
	struct sighting client = end_of(record, SIDE_CLIENT);
	const struct talk *question;
	size_t place;

	if (!server.frame || (client.frame && client.frame < server.frame) ||
		session_is_hidden(record))
		return false;
	question = open_question(record, &place);
	*stage = question ? stage_at(record, place) : STAGE_BANNER;
	if (*stage == STAGE_BANNER && !was_seen_from_the_start(record))
		return false;
	if (!question)
		return !record->talk_count;
	return !question->answered_by &&
	       !(question->kind == TALK_COMMAND &&
		       question->line.verb == SMTP_QUIT);
}

const char *session_hung_up_when(enum stage stage)
{
	return stage == STAGE_BANNER ? "before it said anything"
	       : stage == STAGE_DOT  ? "without answering the message"
				     : "without answering";
}

static bool find_hung_up(struct arena *arena,
	const struct session_record *record, struct session_fault *fault)
{
	if (!session_hung_up(record, &fault->stage))
		return false;
	fault->word = "hung-up";
	fault->has_stage = true;
	fault->seen = end_of(record, SIDE_SERVER);
	fault->text = arena_print(arena, "The server hung up %s.",
		session_hung_up_when(fault->stage));
	return true;
}

/* ---- TLS */

static bool has_ended(const struct session_record *record)
{
	switch (record->end) {
	case SESSION_END_CLOSED:
	case SESSION_END_HALF_CLOSED:
	case SESSION_END_RESET:
		return true;
	case SESSION_END_OPEN:
	case SESSION_END_REUSED:
	case SESSION_END_GIVEN_UP:
		break;
	}
	return false;
}

static struct span tls_text(struct arena *arena, const struct tls_sight *sight)
{
	if (sight->has_alert[SIDE_SERVER])
		return arena_print(arena,
			"The server ended the TLS handshake with alert %u.",
			sight->alert[SIDE_SERVER]);
	if (sight->has_alert[SIDE_CLIENT])
		return arena_print(arena,
			"The client ended the TLS handshake with alert %u.",
			sight->alert[SIDE_CLIENT]);
	return span_of("The TLS handshake did not come to its end.");
}

static bool has_alert(const struct session_record *record)
{
	return record->tls && (record->tls->has_alert[SIDE_CLIENT] ||
				      record->tls->has_alert[SIDE_SERVER]);
}

static bool find_tls(struct arena *arena, const struct session_record *record,
	struct session_fault *fault)
{
	const struct tls_sight *sight = record->tls;

	if (!sight || sight->was_finished || !has_ended(record))
		return false;
	fault->word = "tls-handshake";
	fault->has_stage = true;
	fault->stage = STAGE_TLS;
	fault->seen = record->stream->last;
	fault->text = tls_text(arena, sight);
	return true;
}

/* ---- the path */

/* The client's own doing is no fault of the path, nor of the server. */
static bool is_lost(const struct path_cause *cause)
{
	switch (cause->cause) {
	case CAUSE_NO_ANSWER:
	case CAUSE_REFUSED:
	case CAUSE_PROHIBITED:
	case CAUSE_UNREACHABLE:
	case CAUSE_BLACK_HOLE:
	case CAUSE_TOO_BIG:
	case CAUSE_STALL:
	case CAUSE_SERVER_SILENT:
		return true;
	case CAUSE_RESET:
		return cause->sufferer == SIDE_CLIENT;
	case CAUSE_NONE:
	case CAUSE_HALF_OPEN:
	case CAUSE_CLIENT_SILENT:
		break;
	}
	return false;
}

static void put_stage(
	const struct session_record *record, struct session_fault *fault)
{
	const struct stream *stream = record->stream;
	size_t place;

	fault->has_stage = true;
	if (record->tls && !record->tls->was_finished)
		fault->stage = STAGE_TLS;
	else if (session_is_hidden(record))
		fault->has_stage = false;
	else if (open_question(record, &place))
		fault->stage = stage_at(record, place);
	else if (record->talk_count || (stream && stream->established.frame))
		fault->stage = STAGE_BANNER;
	else
		fault->stage = STAGE_CONNECT;
}

static bool find_path(struct arena *arena, const struct session_record *record,
	struct session_fault *fault)
{
	const struct path_cause *cause = &record->cause;

	if (!is_lost(cause))
		return false;
	fault->word = cause_word(cause->cause);
	fault->text = cause_text(arena, cause);
	fault->seen = cause->evidence;
	put_stage(record, fault);
	return !fault->has_stage || fault->stage != STAGE_QUIT;
}

bool session_fault_find(struct arena *arena,
	const struct session_record *record, struct session_fault *fault)
{
	*fault = (struct session_fault){ .word = NULL };
	if (has_alert(record) && find_tls(arena, record, fault))
		return true; /* it says why; a reset behind it does not */
	return find_path(arena, record, fault) ||
	       find_tls(arena, record, fault) ||
	       (record->stream && find_hung_up(arena, record, fault));
}
