#include "pcap/stream.h"

#include <stdlib.h>

/*
 * A segment in order is given out without being copied.  When a hole is filled,
 * what waits behind it is given out from the copies, seen at the moment that
 * filled it.
 */

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
		recent_octets_add(&side->recent, chunk->offset, chunk->bytes);
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
	if (!side->held.first)
		return false;
	if (side->held.octets > STREAM_HELD_MAX ||
		side->held.count > STREAM_HELD_SEGMENTS_MAX ||
		*side->held.octets_all > STREAM_HELD_ALL_MAX)
		return true;
	return side->lost_since &&
	       stream->segments - side->lost_since >= STREAM_PATIENCE;
}

/* How far the hole goes: to what waits behind it, or to what the other side
 * says it has. */
static uint64_t hole_len(const struct stream_side *side)
{
	uint64_t end = side->acked;

	if (side->held.first)
		return side->held.first->offset - side->next;
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
	if (!missing ||
		(!side->held.first && missing == 1 && !side->not_captured))
		return false;
	side->next += missing;
	side->next_seq += (uint32_t)missing;
	side->holes++;
	side->hole_octets += missing;
	side->recent.from = side->next;
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
	const struct stream_side *peer =
		&stream->sides[side_other(chunk->from)];

	if (chunk->acked > peer->recent.from && chunk->acked <= peer->next &&
		chunk->seen.frame < peer->readable.frame)
		chunk->seen = peer->readable;
}

static void take_held(
	struct stream *stream, struct stream_side *side, struct chunk *chunk)
{
	struct held_segment *held = held_segments_take(&side->held);

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
	const struct held_segment *held = stream->sides[from].held.first;

	if (!held || held->acked <= stream->sides[side_other(from)].next)
		return false;
	return stream->is_over ||
	       stream->segments - held->waits_since < STREAM_PATIENCE;
}

static bool side_next(
	struct stream *stream, enum side from, struct chunk *chunk)
{
	struct stream_side *side = &stream->sides[from];
	bool is_behind_hole = false;

	if (!side->held.first && !stream->is_over)
		return false;
	if (!side->held.first || side->held.first->offset > side->next) {
		if (!side->packets || !is_hole_lost(stream, side) ||
			!skip_hole(stream, side, chunk, from))
			return false;
		is_behind_hole = true;
	}
	if (!is_behind_hole)
		*chunk = (struct chunk){ .from = from };
	if (side->held.first)
		take_held(stream, side, chunk);
	return true;
}

/* The side whose held segment was seen first. */
static enum side sooner(const struct stream *stream)
{
	const struct held_segment *client =
		stream->sides[SIDE_CLIENT].held.first;
	const struct held_segment *server =
		stream->sides[SIDE_SERVER].held.first;

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
	if (!is_blocked(stream, side_other(first)) &&
		side_next(stream, side_other(first), chunk))
		return true;
	return stream->is_over &&
	       (side_next(stream, first, chunk) ||
		       side_next(stream, side_other(first), chunk));
}

void stream_end(struct stream *stream)
{
	stream->is_over = true;
}
