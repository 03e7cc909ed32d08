#ifndef MXP_HOST_VOICES_H
#define MXP_HOST_VOICES_H

#include "probe/facts/host_voice.h"
#include "probe/judge/delivery_findings.h"

/*
 * Whether it is the host that answers, or somebody in its place (a transparent
 * proxy, a provider's box on port 25), from packets alone.  Over one family
 * nobody who speaks was ever of the host's organisation, over the other one the
 * host speaks in its own name: that is suspected.  It is likely when something
 * beside the name shows it too: STARTTLS is missing there, no router passed its
 * packets on, or the same stranger answers for a host of somebody else.  One family
 * alone shows nothing: many hosts are called otherwise than their DNS says.
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

/* Adds a finding for each family of a host where another speaks. */
void host_voices_find(struct arena *arena, const struct host_voices *voices,
	struct delivery_findings *findings);

#endif
