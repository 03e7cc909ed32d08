#ifndef MXP_ANNOTATE_H
#define MXP_ANNOTATE_H

#include "pcap/evidence_path.h"
#include "pcap/session_record.h"

/*
 * What stands beside the packets that decided something: the first one of a
 * connection of an MTU trial (probe/facts/mtu_trial.h), the banner, each
 * reply that refused or took a message, the hand-over to TLS, the first packet
 * of a stall, ICMP errors.  The frames are those of the reader's own
 * conversation, so that a comment stands on the packet that the words came in,
 * encrypted or not.
 */
#define ANNOTATION_TRIAL "MTU trial, without mail"

struct annotation {
	uint64_t frame;
	size_t order;                   /* as they were found */
	struct span text;
};

struct annotations {
	struct arena *arena;
	struct annotation *all;         /* in order, once they are sorted */
	size_t count, room;
	size_t next;
};

/* `path` may be NULL: then nothing is known of its meaning. */
void annotate_session(struct annotations *annotations,
	const struct session_record *record,
	const struct evidence_path *path);

/* Once, before they are asked for. */
void annotations_sort(struct annotations *annotations);

/* Of one frame, joined; empty: none.  Frames are asked for in their order. */
struct span annotations_of(struct annotations *annotations, uint64_t frame);

#endif
