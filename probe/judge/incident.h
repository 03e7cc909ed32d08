#ifndef MXP_INCIDENT_H
#define MXP_INCIDENT_H

#include "probe/judge/host_voices.h"
#include "probe/judge/reported_judge.h"
#include "probe/judge/timeline.h"
#include "probe/judge/volume.h"
#include "probe/judge/witness_limits.h"

/*
 * An incident is what all witnesses together tell of deliveries: what became of
 * them by destination and family, when that changed, what the mail server did
 * next, how much was sent.  Joined deliveries go in, one after another and in
 * bounded memory; what it means is for incident_judge() to say.
 */
struct incident {
	struct arena *arena;
	struct delivery_table table;
	struct volume volume;
	struct timeline timeline;
	struct host_voices voices;      /* the caller adds who answered */
	struct witness_account account; /* the caller adds sessions, and sets
					   what it alone knows */
	struct span folder;             /* that all files are in, with its last
					   slash: the caller sets it if words
					   are to leave it out; or empty */
	const struct reported_judgement *reported;      /* what receivers
					   reported: evidence only; the caller
					   sets it, or NULL */
};

void incident_open(struct incident *incident, const struct codebook *codebook);
void incident_close(struct incident *incident);

/* Nothing of the delivery is needed any more. */
void incident_add(struct incident *incident,
	const struct joined_delivery *joined);

/* What is to be said of it.  It points into the incident. */
struct incident_judgement {
	const struct incident *incident;
	struct delivery_findings findings;      /* the gravest first */
	struct timeline_entries timeline;
	const struct witness_limit *limits;     /* what cannot be known */
	size_t limit_count;
	bool has_loss;                  /* mail was refused, or lost on the
					   way and not brought by another */
};

/* Puts the rows and the volume in order first. */
const struct incident_judgement *incident_judge(struct arena *arena,
	struct incident *incident);

#endif
