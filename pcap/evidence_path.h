#ifndef MXP_EVIDENCE_PATH_H
#define MXP_EVIDENCE_PATH_H

#include "pcap/packet.h"
#include "probe/facts/visit.h"

/*
 * What is known of a connection that was captured while it was walked: its
 * ends, and what the judge made of it.  A set of them tells our packets from
 * those of a mail server that speaks to the same hosts meanwhile, whose mail is
 * nobody's business.
 */
struct evidence_path {
	bool is_connected;              /* else local and its port are not
					   known */
	struct ip local, remote;
	uint16_t local_port, remote_port;
	struct span host;               /* the server's name */
	const struct fault *fault;      /* the visit's, in short: failure and
					   stage; NULL: none */
	bool is_refused;                /* by a reply to that stage ... */
	unsigned refused_with;          /* ... with this code, ... */
	const char *trial;              /* it is part of an MTU trial: which;
					   NULL: of none */
	struct span meaning;            /* which means: "google.not-authorized";
					   empty: not known */
};

/* All but the trial and the meaning; spans are copied into the arena. */
struct evidence_path evidence_path_of(struct arena *arena,
	const struct visit *visit);

struct evidence_set;

/* The paths are borrowed. */
struct evidence_set *evidence_set_make(struct arena *arena,
	const struct evidence_path *paths, size_t count);

/* The connection between these ends, whichever of them is ours; or NULL. */
const struct evidence_path *evidence_set_find(const struct evidence_set *set,
	const struct ends *ends);

/*
 * Is it a packet of these paths?  Of one that was never established, what
 * carries nothing: SYN and RST; of all, their ICMP errors and fragments.
 */
bool evidence_set_has(const struct evidence_set *set,
	const struct packet *packet);

#endif
