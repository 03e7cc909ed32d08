#include "pcap/stream.h"

#include <stdlib.h>

/*
 * A segment in order is given out without being copied.  One behind a hole is
 * copied and held in a list sorted by offset; when the hole is filled, what
 * follows is given out from the list, seen at the moment that filled it.
 */
struct held {
	struct held *next;
	uint64_t offset;
	size_t len;
	uint64_t acked;
	uint64_t waits_since; /* stream->segments when it came */
	struct sighting seen;
	char bytes[];
};

enum { RECENT_AT_FIRST = 512, NEARLY_NOTHING = 1 };

void stream_init(struct stream *stream, size_t *held_all)
{
	*stream = (struct stream){ .held_all = held_all };
}

static void forget(struct stream *stream, struct held *held)
{
	*stream->held_all -= held->len;
	free(held);
}

void stream_close(struct stream *stream)
{
	for (int i = 0; i < SIDE_COUNT; i++) {
		struct stream_side *side = &stream->sides[i];

		while (side->held) {
			struct held *held = side->held;

			side->held = held->next;
			forget(stream, held);
		}
		free(side->recent);
		side->recent = NULL;
	}
	free(stream->given);
	stream->given = NULL;
}

static struct sighting sighting(const struct segment *segment)
{
	return (struct sighting){ segment->frame, segment->time_ns };
}

static enum side other(enum side side)
{
	return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* ---- what was readable lately, to compare copies with */

/* Rooms are powers of two. */
static void put_recent(
	char *ring, uint32_t room, uint64_t offset, struct span bytes)
{
	while (bytes.len) {
		size_t at = offset & (room - 1);
		size_t len = room - at < bytes.len ? room - at : bytes.len;

		memcpy(ring + at, bytes.at, len);
		offset += len;
		bytes.at += len;
		bytes.len -= len;
	}
}

/* The ring grows with what was said: most sides say little. */
static void grow_recent(struct stream_side *side, uint64_t offset)
{
	uint32_t old = side->recent_room, room = RECENT_AT_FIRST;
	uint64_t from = offset > old ? offset - old : 0;
	char *larger;

	if (room < side->next)
		room = STREAM_RECENT_MAX;
	larger = malloc(room);
	if (!larger)
		abort();
	while (from < offset) {
		size_t at = from & (old - 1);
		size_t len = old - at < offset - from ? old - at
						      : (size_t)(offset - from);

		put_recent(larger, room, from,
			(struct span){ side->recent + at, len });
		from += len;
	}
	free(side->recent);
	side->recent = larger;
	side->recent_room = room;
}

static void remember(
	struct stream_side *side, uint64_t offset, struct span bytes)
{
	if (side->recent_room < STREAM_RECENT_MAX &&
		side->next > side->recent_room)
		grow_recent(side, offset);
	if (bytes.len > side->recent_room) {
		offset += bytes.len - side->recent_room;
		bytes = span_part(
			bytes, bytes.len - side->recent_room, bytes.len);
	}
	put_recent(side->recent, side->recent_room, offset, bytes);
}

/* A copy of octets that were given out: do they differ? */
static void compare_recent(struct stream_side *side, uint64_t offset,
	struct span bytes, struct sighting seen)
{
	uint64_t kept = side->next < side->recent_room ? side->next
						       : side->recent_room;
	uint64_t oldest = side->next - kept;
	uint64_t conflicts = 0;

	if (oldest < side->recent_from)
		oldest = side->recent_from;

	for (size_t i = 0; i < bytes.len; i++) {
		uint64_t at = offset + i;

		if (at < oldest || at >= side->next)
			continue;
		conflicts += side->recent[at & (side->recent_room - 1)] !=
			     bytes.at[i];
	}
	if (conflicts && !side->first_conflict.frame)
		side->first_conflict = seen;
	side->conflicts += conflicts;
}

/* ---- segments behind a hole */

static void hold(struct stream *stream, struct stream_side *side,
	struct held **place, const struct chunk *piece)
{
	struct held *held = malloc(sizeof(*held) + piece->bytes.len);

	if (!held)
		abort();
	held->offset = piece->offset;
	held->len = piece->bytes.len;
	held->acked = piece->acked;
	held->waits_since = stream->segments;
	held->seen = piece->seen;
	memcpy(held->bytes, piece->bytes.at, piece->bytes.len);
	held->next = *place;
	*place = held;
	side->held_octets += held->len;
	side->held_count++;
	*stream->held_all += held->len;
}

static void compare_held(struct stream_side *side, const struct held *held,
	const struct chunk *piece)
{
	uint64_t from = piece->offset > held->offset ? piece->offset
						     : held->offset;
	uint64_t end = piece->offset + piece->bytes.len;
	uint64_t conflicts = 0;

	if (end > held->offset + held->len)
		end = held->offset + held->len;
	for (uint64_t at = from; at < end; at++)
		conflicts += held->bytes[at - held->offset] !=
			     piece->bytes.at[at - piece->offset];
	if (conflicts && !side->first_conflict.frame)
		side->first_conflict = piece->seen;
	side->conflicts += conflicts;
}

static void drop_front(struct chunk *piece, uint64_t len)
{
	piece->offset += len;
	piece->bytes = span_part(piece->bytes, (size_t)len, piece->bytes.len);
}

/* Puts what is new of a piece between those held; true: something was. */
static bool hold_new(
	struct stream *stream, struct stream_side *side, struct chunk piece)
{
	struct held **place = &side->held;
	bool is_new = false;

	while (piece.bytes.len) {
		struct held *held = *place;
		struct chunk before = piece;
		uint64_t end = piece.offset + piece.bytes.len;

		if (held && held->offset + held->len <= piece.offset) {
			place = &held->next;
			continue;
		}
		if (!held || end <= held->offset) {
			hold(stream, side, place, &piece);
			return true;
		}
		compare_held(side, held, &piece);
		if (piece.offset < held->offset) {
			before.bytes = span_part(piece.bytes, 0,
				(size_t)(held->offset - piece.offset));
			hold(stream, side, place, &before);
			is_new = true;
		}
		if (end <= held->offset + held->len)
			return is_new;
		drop_front(&piece, held->offset + held->len - piece.offset);
	}
	return is_new;
}

/* ---- acknowledgements */

static void note_ack(struct stream *stream, const struct segment *segment)
{
	struct stream_side *side = &stream->sides[other(segment->from)];
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
	struct stream_side *side = &stream->sides[other(segment->from)];

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
	if (side->next == 0 && !side->held) {
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
	const struct stream_side *peer = &stream->sides[other(segment->from)];
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
		.acked = stream->sides[other(segment->from)].acked,
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
	return piece->acked > stream->sides[other(piece->from)].next;
}

static void take_piece(struct stream *stream, const struct segment *segment,
	struct chunk piece)
{
	struct stream_side *side = &stream->sides[segment->from];
	uint64_t end = piece.offset + piece.bytes.len;

	if (piece.offset < side->next) {
		uint64_t old = side->next - piece.offset;

		compare_recent(side, piece.offset,
			span_part(piece.bytes, 0, (size_t)old), piece.seen);
		note_resent(side, piece.offset, segment);
		if (end <= side->next) {
			side->duplicates++;
			return;
		}
		side->overlaps++;
		drop_front(&piece, old);
	}
	if (piece.offset == side->next && !side->held &&
		!is_too_soon(stream, &piece)) {
		stream->ready = piece;
		stream->has_ready = true;
		return;
	}
	if (piece.offset > side->next)
		side->reordered++;
	if (!hold_new(stream, side, piece)) {
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

/* ---- giving out */

/* Holes that were acknowledged together have waited equally long. */
static void note_lost(const struct stream *stream, struct stream_side *side)
{
	if (side->lost_since && side->lost_acked > side->next)
		return;
	side->lost_since = side->acked > side->next ? stream->segments : 0;
	side->lost_acked = side->acked;
}

static void advance(
	struct stream *stream, struct stream_side *side, struct chunk *chunk)
{
	uint64_t len = chunk->bytes.len;

	side->next += len;
	side->next_seq += (uint32_t)len;
	side->octets += len;
	if (len)
		remember(side, chunk->offset, chunk->bytes);
	if (chunk->seen.frame < side->readable.frame)
		chunk->seen = side->readable;
	side->readable = chunk->seen;
	note_lost(stream, side);
}

static bool is_hole_lost(
	const struct stream *stream, const struct stream_side *side)
{
	if (stream->is_over)
		return true;
	if (!side->held)
		return false;
	if (side->held_octets > STREAM_HELD_MAX ||
		side->held_count > STREAM_HELD_SEGMENTS_MAX ||
		*stream->held_all > STREAM_HELD_ALL_MAX)
		return true;
	return side->lost_since &&
	       stream->segments - side->lost_since >= STREAM_PATIENCE;
}

/* How far the hole goes: to what waits behind it, or to what the other side
 * says it has. */
static uint64_t hole_len(const struct stream_side *side)
{
	uint64_t end = side->acked;

	if (side->held)
		return side->held->offset - side->next;
	if (side->not_captured && side->highest > end)
		end = side->highest;
	if (side->has_fin && end > side->fin_at)
		end = side->fin_at;
	return end > side->next ? end - side->next : 0;
}

static bool skip_hole(const struct stream *stream, struct stream_side *side,
	struct chunk *chunk, enum side from)
{
	uint64_t missing = hole_len(side);

	/* One octet at the very end may as well have been a FIN. */
	if (!missing || (!side->held && missing == 1 && !side->not_captured))
		return false;
	side->next += missing;
	side->next_seq += (uint32_t)missing;
	side->holes++;
	side->hole_octets += missing;
	side->recent_from = side->next;
	note_lost(stream, side);
	*chunk = (struct chunk){
		.from = from,
		.missing = missing,
		.offset = side->next,
		.seen = side->readable,
	};
	return true;
}

/* What was captured before the octets that its sender had read is as late as
 * they are: captures swap packets.  Of octets in a hole nobody knows. */
static void raise_seen(const struct stream *stream, struct chunk *chunk)
{
	const struct stream_side *peer = &stream->sides[other(chunk->from)];

	if (chunk->acked > peer->recent_from && chunk->acked <= peer->next &&
		chunk->seen.frame < peer->readable.frame)
		chunk->seen = peer->readable;
}

static void take_held(
	struct stream *stream, struct stream_side *side, struct chunk *chunk)
{
	struct held *held = side->held;

	side->held = held->next;
	side->held_octets -= held->len;
	side->held_count--;
	*stream->held_all -= held->len;
	chunk->bytes = (struct span){ held->bytes, held->len };
	chunk->offset = held->offset;
	chunk->acked = held->acked;
	chunk->seen = held->seen;
	free(stream->given);
	stream->given = held;
	raise_seen(stream, chunk);
	advance(stream, side, chunk);
}

/* It waits for what its sender had read of the other side; not for ever. */
static bool is_blocked(const struct stream *stream, enum side from)
{
	const struct held *held = stream->sides[from].held;

	if (!held || held->acked <= stream->sides[other(from)].next)
		return false;
	return stream->is_over ||
	       stream->segments - held->waits_since < STREAM_PATIENCE;
}

static bool side_next(
	struct stream *stream, enum side from, struct chunk *chunk)
{
	struct stream_side *side = &stream->sides[from];
	bool is_behind_hole = false;

	if (!side->held && !stream->is_over)
		return false;
	if (!side->held || side->held->offset > side->next) {
		if (!side->packets || !is_hole_lost(stream, side) ||
			!skip_hole(stream, side, chunk, from))
			return false;
		is_behind_hole = true;
	}
	if (!is_behind_hole)
		*chunk = (struct chunk){ .from = from };
	if (side->held)
		take_held(stream, side, chunk);
	return true;
}

/* The side whose held segment was seen first. */
static enum side sooner(const struct stream *stream)
{
	const struct held *client = stream->sides[SIDE_CLIENT].held;
	const struct held *server = stream->sides[SIDE_SERVER].held;

	if (client && server && server->seen.frame < client->seen.frame)
		return SIDE_SERVER;
	return client || !server ? SIDE_CLIENT : SIDE_SERVER;
}

bool stream_next(struct stream *stream, struct chunk *chunk)
{
	enum side first;

	if (stream->has_ready) {
		stream->has_ready = false;
		*chunk = stream->ready;
		advance(stream, &stream->sides[chunk->from], chunk);
		return true;
	}
	first = sooner(stream);
	if (!is_blocked(stream, first) && side_next(stream, first, chunk))
		return true;
	if (!is_blocked(stream, other(first)) &&
		side_next(stream, other(first), chunk))
		return true;
	return stream->is_over &&
	       (side_next(stream, first, chunk) ||
		       side_next(stream, other(first), chunk));
}

void stream_end(struct stream *stream)
{
	stream->is_over = true;
}

static bool is_all_said(const struct stream_side *side)
{
	return side->has_fin && side->next >= side->fin_at && !side->held;
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
