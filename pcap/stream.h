#ifndef MXP_STREAM_H
#define MXP_STREAM_H

#include "pcap/held_segments.h"
#include "pcap/packet.h"
#include "pcap/recent_octets.h"

/*
 * A stream is one TCP connection as a capture shows it, put together again: add
 * its segments in the order of the file, and after each take the chunks that
 * have become readable, of either side, as they happened.
 *
 *      stream_add(&stream, &segment);
 *      while (stream_next(&stream, &chunk))
 *              ...
 *
 * The first copy of an octet wins; a later one that differs is counted.  What
 * was acknowledged and is not in the file is a hole: the chunk behind it says
 * how many octets are missing before it.  A hole is given up some segments
 * after its acknowledgement, since captures swap packets, or when too much
 * waits behind it.  Keep-alives, segments outside the window, data behind a FIN
 * and resets that no receiver would believe are counted and left out.
 *
 * The octets of a chunk lie in the packet that was added last, or stay until
 * the next one is taken.
 */
enum {
	STREAM_HELD_MAX = 512 * 1024,   /* octets behind a hole, of one side */
	STREAM_HELD_SEGMENTS_MAX = 2048,
	STREAM_HELD_ALL_MAX = 16 * 1024 * 1024, /* of all streams together */
	STREAM_AHEAD_MAX = 1024 * 1024, /* of what is acknowledged; beyond it is
					   no data of this connection */
	STREAM_PATIENCE = 12,           /* segments after an acknowledgement */
	STREAM_STRAYS_MAX = 64,         /* in a row, until they are believed */
	STREAM_SMALL_MAX = 1160,        /* payload that fits the least MTU of
					   IPv6, with all usual options */
};

/* A captured segment, as one of its sides sent it. */
struct segment {
	const struct packet *packet;
	enum side from;
	uint64_t frame;
	int64_t time_ns;
};

struct stream_side {
	bool has_base;
	bool has_syn, has_fin;
	uint32_t next_seq;              /* of the octet at next */
	uint64_t next;                  /* offset of the first not readable */
	uint64_t highest;               /* offset behind the last one seen */
	uint64_t acked;                 /* by the other side */
	uint64_t fin_at;                /* offset of the FIN */
	unsigned mss;                   /* announced by this side; 0: not */
	struct held_segments held;
	uint64_t lost_since;            /* stream->segments when the first hole
					   was acknowledged; 0: it was not */
	uint64_t lost_acked;            /* and how far */
	struct sighting readable;       /* latest of the chunks given out */
	unsigned strays_in_a_row;
	struct recent_octets recent;

	/* What happened, for whoever judges the path. */
	uint64_t packets, octets;
	uint64_t duplicates, overlaps, reordered, conflicts, keepalives;
	uint64_t strays, behind_fin, not_captured;
	uint64_t holes, hole_octets;
	struct sighting first_conflict;
	size_t largest_acked;           /* payload of a segment, octets */
	size_t largest_sent;
	uint64_t largest_pending_end;
	size_t largest_pending;
	unsigned resent_run;            /* the same octets sent again with no
					   progress in between */
	unsigned resent_most;
	size_t resent_len;              /* of the segment of that run */
	struct sighting resent_first;   /* of the longest run */
	struct sighting resent_last;
	uint64_t resent;                /* segments in all */
	struct sighting last;           /* packet of this side */
	struct sighting stuck_since;    /* the first octet that is not
					   acknowledged was sent */
	struct sighting small_sent;     /* a segment since then that any path
					   lets through; frame 0: none */
	uint8_t hops_first, hops_last;  /* TTL of its packets */
	bool hops_vary;
};

struct stream {
	struct stream_side sides[SIDE_COUNT];
	uint64_t segments;
	struct sighting syn, syn_ack, established, first, last;
	unsigned syn_count;
	struct sighting reset, fin[SIDE_COUNT];
	bool is_reset;
	enum side reset_by;
	unsigned resets_ignored;
	struct chunk ready;             /* straight from the packet */
	bool has_ready;
	bool is_over;                   /* holes are given up now */
	struct held_segment *given;     /* of the chunk given out last */
};

/* *held_all: the octets that all streams hold, which is the caller's. */
void stream_init(struct stream *stream, size_t *held_all);
void stream_close(struct stream *stream);

void stream_add(struct stream *stream, const struct segment *segment);

/* What is given out: stream_chunks.c. */
bool stream_next(struct stream *stream, struct chunk *chunk) MXP_MUST_USE;

/* There are no more segments: what waits behind holes becomes readable. */
void stream_end(struct stream *stream);

/* Both sides have said all they had to say, and it is all here; or a reset. */
bool stream_is_closed(const struct stream *stream);

/* Would this SYN begin another connection between the same ends? */
bool stream_is_reused_by(const struct stream *stream,
	const struct segment *segment);

#endif
