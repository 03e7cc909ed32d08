#include "probe/judge/delivery_merge.h"

#include "probe/judge/delivery_join_reply.h"

/* In the order in which they are believed; none is NULL. */
struct voices {
	const struct delivery *of[JOINED_WITNESSES_MAX];
	size_t count;
};

static void add_voice(struct voices *voices, const struct delivery *delivery)
{
	if (delivery)
		voices->of[voices->count++] = delivery;
}

static struct voices voices_of(const struct delivery *first,
	const struct delivery *second, const struct delivery *third)
{
	struct voices voices = { .count = 0 };

	add_voice(&voices, first);
	add_voice(&voices, second);
	add_voice(&voices, third);
	return voices;
}

/* The first that is told. */
static void fill(struct span *span, struct span other)
{
	if (!span->len)
		*span = other;
}

static void fill_names(struct delivery *merged, const struct delivery *from)
{
	fill(&merged->queue_id, from->queue_id);
	fill(&merged->message_id, from->message_id);
	fill(&merged->recipient, from->recipient);
	fill(&merged->original_recipient, from->original_recipient);
	fill(&merged->from_domain, from->from_domain);
	fill(&merged->relay_host, from->relay_host);
	if (!merged->has_sender && from->has_sender) {
		merged->has_sender = true;
		merged->sender = from->sender;
	}
	if (!merged->has_delay && from->has_delay) {
		merged->has_delay = true;
		merged->delay_ms = from->delay_ms;
	}
}

static void fill_path(struct delivery *merged, const struct delivery *from)
{
	if (!merged->has_relay && from->has_relay) {
		merged->has_relay = true;
		merged->relay = from->relay;
		merged->relay_port = from->relay_port;
	}
	if (!merged->has_source && from->has_source) {
		merged->has_source = true;
		merged->source = from->source;
	}
	if (!merged->has_family && from->has_family) {
		merged->has_family = true;
		merged->family = from->family;
	}
	if (!merged->has_stage && from->has_stage) {
		merged->has_stage = true;
		merged->stage = from->stage;
		merged->may_be_earlier = from->may_be_earlier;
	}
	if (!merged->has_time && from->has_time) {
		merged->has_time = true;
		merged->time_ms = from->time_ms;
		merged->guesses_year = from->guesses_year;
		merged->guesses_zone = from->guesses_zone;
	}
}

/* ---- how it ended */

/* The MTA decides what becomes of the message, and the bounce is its last
 * word. */
static enum delivery_result result_of(const struct voices *voices)
{
	for (size_t i = 0; i < voices->count; i++)
		if (voices->of[i]->result != DELIVERY_UNKNOWN)
			return voices->of[i]->result;
	return DELIVERY_UNKNOWN;
}

/* ---- the reply */

static bool is_longer(const struct delivery *a, const struct delivery *b)
{
	return reply_kinship(a->text, b->text) == REPLY_BEGINS &&
	       a->text.len > b->text.len;
}

/* Words of a server come before those of an MTA, the whole before its
 * beginning, and what the packets show before what the MTA made of it. */
static bool says_more(const struct delivery *a, const struct delivery *b)
{
	bool has_words = a->text.len && !a->lacks_reply;

	if (!has_words)
		return false;
	if (!b->text.len || b->lacks_reply)
		return true;
	if ((a->code != 0) != (b->code != 0))
		return a->code != 0;
	return (a->fault.len && !b->code) || is_longer(a, b);
}

static void set_reply(struct delivery *merged, const struct voices *voices)
{
	const struct delivery *best = voices->of[0];

	for (size_t i = 1; i < voices->count; i++)
		if (says_more(voices->of[i], best))
			best = voices->of[i];
	merged->text = best->text;
	merged->lacks_reply = best->lacks_reply;
	merged->code = best->code;
	merged->is_local_status = best->is_local_status;
	memcpy(merged->status, best->status, sizeof(merged->status));
	for (size_t i = 0; i < voices->count; i++) {
		const struct delivery *voice = voices->of[i];

		if (!merged->code)
			merged->code = voice->code;
		if (voice->status[0] &&
			(!merged->status[0] ||
				(merged->is_local_status &&
					!voice->is_local_status))) {
			memcpy(merged->status, voice->status,
				sizeof(merged->status));
			merged->is_local_status = voice->is_local_status;
		}
	}
}

/* ---- */

static void name_witnesses(
	const struct voices *voices, struct joined_delivery *joined)
{
	for (size_t i = 0; i < voices->count; i++)
		joined->witnesses[i] = (struct delivery_witness){
			.kind = voices->of[i]->witness,
			.file = voices->of[i]->file,
			.position = voices->of[i]->position,
			.dialect = voices->of[i]->dialect,
		};
	joined->witness_count = voices->count;
}

void delivery_merge(const struct delivery *log, const struct delivery *bounce,
	const struct delivery *capture, struct joined_delivery *joined)
{
	struct voices named = voices_of(log, bounce, capture);
	struct voices seen = voices_of(capture, log, bounce);
	struct voices ends = voices_of(bounce, log, capture);
	struct delivery *merged = &joined->delivery;

	name_witnesses(&named, joined);
	/* A lone log has millions: what is below changes nothing of one. */
	if (named.count == 1) {
		*merged = *named.of[0];
		return;
	}
	/* What only a capture tells stays with what is copied of it. */
	*merged = capture ? *capture : *named.of[0];
	merged->witness = named.of[0]->witness;
	merged->file = named.of[0]->file;
	merged->position = named.of[0]->position;
	merged->dialect = named.of[0]->dialect;
	/* Its name of the server is that of the banner, or none. */
	merged->relay_host = SPAN("");
	merged->recipient = SPAN("");
	merged->has_sender = false;
	for (size_t i = 0; i < named.count; i++)
		fill_names(merged, named.of[i]);
	for (size_t i = 0; i < seen.count; i++)
		fill_path(merged, seen.of[i]);
	merged->result = result_of(&ends);
	set_reply(merged, &named);
}

bool joined_delivery_has(
	const struct joined_delivery *joined, enum witness_kind kind)
{
	for (size_t i = 0; i < joined->witness_count; i++)
		if (joined->witnesses[i].kind == kind)
			return true;
	return false;
}
