#ifndef MXP_HOST_VOICES_H
#define MXP_HOST_VOICES_H

#include "probe/facts/host_voice.h"
#include "probe/judge/delivery_findings.h"
#include "probe/judge/voice.h"

/*
 * Whether it is the host that answers, or somebody in its place (a transparent
 * proxy, a provider's box on port 25), from all voices that were heard: in the
 * sessions of captures, or in one target's walks.  voice.h has what one voice
 * tells beside another; here is what many do: who answers in the place of one
 * host, and of a host of somebody else, is no server of either.
 *
 * In a capture it is told where over one family nobody who speaks was ever of
 * the host's organisation, and over the other one the host speaks in its own
 * name.  One family alone shows nothing: many hosts are called otherwise than
 * their DNS says.
 */
enum {
	HOST_VOICES_MAX = 1024,         /* hosts; others are not looked at */
	HOST_VOICE_BUCKETS = 256,
};

struct host_speaker {                   /* over one family */
	uint64_t own, foreign;          /* sessions, by whose name it was */
	struct host_voice own_voice, foreign_voice;     /* the first of each */
};

struct host_heard {
	struct span host;
	struct host_speaker speakers[FAMILY_COUNT];
	struct host_heard *next;        /* in its bucket */
};

struct host_voices {
	struct arena *arena;
	struct host_heard *hosts[HOST_VOICES_MAX];
	size_t count;
	struct host_heard *buckets[HOST_VOICE_BUCKETS];
};

void host_voices_open(struct host_voices *voices, struct arena *arena);

/* Nothing of the voice is needed any more. */
void host_voices_add(struct host_voices *voices,
	const struct host_voice *voice);

/* The signs of voice_weigh(), and that the odd one answers for others, too.
 * Neither need be among the voices. */
void host_voices_weigh(struct arena *arena, const struct host_voices *voices,
	const struct host_voice *odd, const struct host_voice *own,
	struct voice_signs *signs);

/* Adds a finding for each family of a host where another speaks. */
void host_voices_find(struct arena *arena, const struct host_voices *voices,
	struct delivery_findings *findings);

#endif
