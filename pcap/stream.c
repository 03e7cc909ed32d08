#include "pcap/stream.h"

#include <stdlib.h>

enum { NEARLY_NOTHING = 1 };

void stream_init(struct stream *stream, size_t *held_all)
{
	*stream = (struct stream){ 0 };
	for (int i = 0; i < SIDE_COUNT; i++)
		stream->sides[i].held.octets_all = held_all;
}

void stream_close(struct stream *stream)
{
	for (int i = 0; i < SIDE_COUNT; i++) {
		held_segments_close(&stream->sides[i].held);
		recent_octets_close(&stream->sides[i].recent);
	}
	free(stream->given);
	stream->given = NULL;
}

static struct sighting sighting(const struct segment *segment)
{
	return (struct sighting){ segment->frame, segment->time_ns };
}

/* ---- acknowledgements */

static void note_ack(struct stream *stream, const struct segment *segment)
{
	struct stream_side *side = &stream->sides[side_other(segment->from)];
	uint32_t ack = segment->packet->ack;
	int32_t ahead = (int32_t)(ack - side->next_seq);
	uint64_t offset;

	if (!side->has_base || ahead > STREAM_AHEAD_MAX * 4)
		return;
	if (ahead < 0 && (uint64_t) - (int64_t)ahead > side->next)
		return;
	offset = side->next + (uint64_t)(int64_t)ahead;
	if (side->has_fin && offset > side->fin_at)
		offset = side->fin_at;
	if (offset <= side->acked)
		return;
	side->acked = offset;
	side->resent_run = 0;
	side->stuck_since = sighting(segment);
	side->small_sent.frame = 0;
	if (side->largest_pending && offset >= side->largest_pending_end) {
		if (side->largest_pending > side->largest_acked)
			side->largest_acked = side->largest_pending;
		side->largest_pending = 0;
	}
	if (side->acked > side->next && !side->lost_since) {
		side->lost_since = stream->segments;
		side->lost_acked = side->acked;
	}
}

/* What the other side has acknowledged is where this side's stream goes on, in
 * a capture that begins in its middle. */
static void take_base_from_ack(
	struct stream *stream, const struct segment *segment)
{
	struct stream_side *side = &stream->sides[side_other(segment->from)];

	if (side->has_base)
		return;
	side->has_base = true;
	side->next_seq = segment->packet->ack;
}

/* ---- what a segment does to the connection */

static void note_syn(struct stream *stream, const struct segment *segment)
{
	const struct packet *packet = segment->packet;
	struct stream_side *side = &stream->sides[segment->from];

	if (packet->flags & TCP_ACK) {
		if (!stream->syn_ack.frame)
			stream->syn_ack = sighting(segment);
	} else {
		stream->syn_count++;
		if (!stream->syn.frame)
			stream->syn = sighting(segment);
	}
	side->mss = packet->mss;
	if (side->has_syn)
		return;
	side->has_syn = true;
	if (side->next == 0 && !side->held.first) {
		side->has_base = true;
		side->next_seq = packet->seq + 1;
	}
}

/*
 * A reset counts when its receiver would take it (RFC 5961 section 3.2): it
 * stands where the sender's stream ends, or where the other side is told that
 * it ends.  To a SYN it answers the SYN's number.
 */
static bool is_reset_believable(
	const struct stream *stream, const struct segment *segment)
{
	const struct stream_side *side = &stream->sides[segment->from];
	const struct stream_side *peer =
		&stream->sides[side_other(segment->from)];
	const struct packet *packet = segment->packet;
	int32_t ahead = (int32_t)(packet->seq - side->next_seq);
	int64_t most = (int64_t)(side->highest - side->next);

	if (!side->has_base)
		return !peer->has_syn || !(packet->flags & TCP_ACK) ||
		       peer->next_seq == packet->ack;
	if (side->has_fin)
		most++;
	if (side->acked < side->next)
		return ahead <= most &&
		       ahead >= -(int64_t)(side->next - side->acked);
	return ahead >= 0 && ahead <= most;
}

static void note_reset(struct stream *stream, const struct segment *segment)
{
	if (!is_reset_believable(stream, segment)) {
		stream->resets_ignored++;
		return;
	}
	if (stream->is_reset)
		return;
	stream->is_reset = true;
	stream->reset_by = segment->from;
	stream->reset = sighting(segment);
}

static void note_hops(struct stream_side *side, const struct packet *packet)
{
	if (!side->packets)
		side->hops_first = packet->hops;
	else if (packet->hops != side->hops_last)
		side->hops_vary = true;
	side->hops_last = packet->hops;
}

static void note_packet(struct stream *stream, const struct segment *segment)
{
	struct stream_side *side = &stream->sides[segment->from];

	stream->segments++;
	if (!stream->first.frame)
		stream->first = sighting(segment);
	stream->last = sighting(segment);
	note_hops(side, segment->packet);
	side->last = sighting(segment);
	side->packets++;
}

/* ---- data */

/* The same octets once more, and nothing of them is acknowledged. */
static void note_resent(struct stream_side *side, uint64_t offset,
	const struct segment *segment)
{
	side->resent++;
	side->resent_last = sighting(segment);
	if (offset > side->acked)
		return;
	side->resent_run++;
	if (side->resent_run <= side->resent_most)
		return;
	side->resent_most = side->resent_run;
	side->resent_len = segment->packet->payload_len;
	if (side->resent_run == 1)
		side->resent_first = sighting(segment);
}

static void note_sent(
	struct stream_side *side, uint64_t end, const struct segment *segment)
{
	size_t len = segment->packet->payload_len;

	if (end > side->highest) {
		side->highest = end;
		if (end - len == side->acked) {
			side->stuck_since = sighting(segment);
			side->small_sent.frame = 0;
		} else if (len <= STREAM_SMALL_MAX) {
			side->small_sent = sighting(segment);
		}
	}
	if (len > side->largest_sent)
		side->largest_sent = len;
	if (len > side->largest_pending && end > side->acked) {
		side->largest_pending = len;
		side->largest_pending_end = end;
	}
}

/* The piece of a segment that is new, as far as its place says; false: it is
 * none, and has been counted. */
static bool place_piece(struct stream *stream, const struct segment *segment,
	struct chunk *piece)
{
	struct stream_side *side = &stream->sides[segment->from];
	const struct packet *packet = segment->packet;
	int64_t ahead = (int32_t)(packet->seq - side->next_seq);
	int64_t most = STREAM_AHEAD_MAX;

	if (packet->flags & TCP_SYN) /* RFC 7413: data behind it */
		ahead++;
	if (ahead == -1 && packet->payload_len <= NEARLY_NOTHING) {
		side->keepalives++;
		return false;
	}
	if (side->acked > side->next)
		most += (int64_t)(side->acked - side->next);
	if (ahead + (int64_t)side->next < 0 || ahead > most) {
		side->strays++;
		if (ahead > most &&
			++side->strays_in_a_row > STREAM_STRAYS_MAX &&
			!side->has_fin)
			goto believe;
		return false;
	}
believe:
	side->strays_in_a_row = 0;
	*piece = (struct chunk){
		.from = segment->from,
		.bytes = packet->payload,
		.offset = side->next + (uint64_t)ahead,
		.seen = sighting(segment),
		.acked = stream->sides[side_other(segment->from)].acked,
	};
	return true;
}

/* Nothing follows a FIN. */
static bool cut_behind_fin(struct stream_side *side, struct chunk *piece)
{
	uint64_t end = piece->offset + piece->bytes.len;

	if (!side->has_fin || end <= side->fin_at)
		return true;
	side->behind_fin += end - side->fin_at;
	if (piece->offset >= side->fin_at)
		return false;
	piece->bytes = span_part(
		piece->bytes, 0, (size_t)(side->fin_at - piece->offset));
	return true;
}

/* Its sender had octets of the other side that are not readable yet: what it
 * says may be about them. */
static bool is_too_soon(const struct stream *stream, const struct chunk *piece)
{
	return piece->acked > stream->sides[side_other(piece->from)].next;
}

static void note_conflicts(
	struct stream_side *side, uint64_t conflicts, struct sighting seen)
{
	if (conflicts && !side->first_conflict.frame)
		side->first_conflict = seen;
	side->conflicts += conflicts;
}

/* A copy of octets that were given out: do they differ? */
static void compare_recent(
	struct stream_side *side, const struct chunk *piece, uint64_t len)
{
	uint64_t conflicts = recent_octets_differ(&side->recent, side->next,
		piece->offset, span_part(piece->bytes, 0, (size_t)len));

	note_conflicts(side, conflicts, piece->seen);
}

/* False: all of it was there. */
static bool hold(const struct stream *stream, struct stream_side *side,
	const struct chunk *piece)
{
	uint64_t conflicts;
	bool is_new = held_segments_add(
		&side->held, *piece, stream->segments, &conflicts);

	note_conflicts(side, conflicts, piece->seen);
	return is_new;
}

static void take_piece(struct stream *stream, const struct segment *segment,
	struct chunk piece)
{
	struct stream_side *side = &stream->sides[segment->from];
	uint64_t end = piece.offset + piece.bytes.len;

	if (piece.offset < side->next) {
		uint64_t old = side->next - piece.offset;

		compare_recent(side, &piece, old);
		note_resent(side, piece.offset, segment);
		if (end <= side->next) {
			side->duplicates++;
			return;
		}
		side->overlaps++;
		chunk_drop(&piece, old);
	}
	if (piece.offset == side->next && !side->held.first &&
		!is_too_soon(stream, &piece)) {
		stream->ready = piece;
		stream->has_ready = true;
		return;
	}
	if (piece.offset > side->next)
		side->reordered++;
	if (!hold(stream, side, &piece)) {
		side->duplicates++;
		note_resent(side, piece.offset, segment);
	}
}

static void take_payload(struct stream *stream, const struct segment *segment)
{
	struct stream_side *side = &stream->sides[segment->from];
	const struct packet *packet = segment->packet;
	struct chunk piece;
	uint64_t end;

	if (!place_piece(stream, segment, &piece))
		return;
	end = piece.offset + packet->payload_len;
	side->not_captured += packet->payload_len - packet->payload.len;
	note_sent(side, end, segment);
	if (cut_behind_fin(side, &piece) && piece.bytes.len)
		take_piece(stream, segment, piece);
}

static void note_fin(struct stream *stream, const struct segment *segment)
{
	struct stream_side *side = &stream->sides[segment->from];
	const struct packet *packet = segment->packet;
	int64_t ahead = (int32_t)(packet->seq - side->next_seq);

	if (side->has_fin || ahead > STREAM_AHEAD_MAX ||
		ahead + (int64_t)side->next < 0)
		return;
	side->has_fin = true;
	side->fin_at = side->next + (uint64_t)ahead + packet->payload_len;
	if (side->acked > side->fin_at)
		side->acked = side->fin_at;
	stream->fin[segment->from] = sighting(segment);
}

void stream_add(struct stream *stream, const struct segment *segment)
{
	const struct packet *packet = segment->packet;
	struct stream_side *side = &stream->sides[segment->from];

	note_packet(stream, segment);
	if (packet->flags & TCP_RST) {
		note_reset(stream, segment);
		return; /* RFC 9293: its payload is no data */
	}
	if (packet->flags & TCP_SYN)
		note_syn(stream, segment);
	if (!side->has_base) {
		side->has_base = true;
		side->next_seq = packet->seq;
	}
	if (packet->flags & TCP_ACK) {
		take_base_from_ack(stream, segment);
		note_ack(stream, segment);
		/* The answer to its SYN may not be in the file. */
		if (!stream->established.frame &&
			(stream->syn_ack.frame || stream->syn.frame) &&
			segment->from == SIDE_CLIENT)
			stream->established = sighting(segment);
	}
	if (packet->payload_len)
		take_payload(stream, segment);
	if (packet->flags & TCP_FIN)
		note_fin(stream, segment);
}

static bool is_all_said(const struct stream_side *side)
{
	return side->has_fin && side->next >= side->fin_at && !side->held.first;
}

bool stream_is_closed(const struct stream *stream)
{
	return stream->is_reset ||
	       (is_all_said(&stream->sides[SIDE_CLIENT]) &&
		       is_all_said(&stream->sides[SIDE_SERVER]));
}

bool stream_is_reused_by(
	const struct stream *stream, const struct segment *segment)
{
	const struct stream_side *side = &stream->sides[segment->from];

	if ((segment->packet->flags & (TCP_SYN | TCP_ACK | TCP_RST)) !=
			TCP_SYN ||
		!side->has_base)
		return false;
	return segment->packet->seq + 1 !=
	       side->next_seq - (uint32_t)side->next;
}
