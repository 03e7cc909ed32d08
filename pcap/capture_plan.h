#ifndef MXP_CAPTURE_PLAN_H
#define MXP_CAPTURE_PLAN_H

#include "pcap/packet.h"

/*
 * What a live capture is after: the places that are walked to, each at its
 * interface.  A host that forwards sees a packet at more than one of them, and
 * one copy is enough.  What comes back by another interface than the one that
 * the route goes out by is therefore not seen.
 */
struct planned_place {
	struct ip ip;
	uint16_t port;
	unsigned interface;             /* the kernel's number; 0: any */
	struct planned_place *next;     /* in its bucket */
};

enum {
	PLAN_BUCKETS = 256,
	PLAN_NARROW_MAX = 32,           /* places that the kernel is told one
					   by one */
	PLAN_PORTS_MAX = 64,            /* more: any port */
};

struct capture_plan {
	struct arena *arena;
	struct planned_place *buckets[PLAN_BUCKETS];
	struct planned_place *places[PLAN_NARROW_MAX];  /* the first ones */
	size_t count;
	uint16_t ports[PLAN_PORTS_MAX];
	size_t port_count;
};

/* False: it is there already. */
bool capture_plan_add(struct capture_plan *plan, const struct ip *ip,
	uint16_t port, unsigned interface);

/* Is it to or from a planned place, a fragment of that, or an ICMP error
 * about it, at its interface? */
bool capture_plan_has(const struct capture_plan *plan,
	const struct packet *packet, unsigned interface);

/*
 * The filter for the kernel, as pcap-filter(7) has it.  Narrow: each place is
 * named, with its fragments, as long as there are few.  Else by ports alone.
 */
struct span capture_plan_filter(struct arena *arena,
	const struct capture_plan *plan, bool is_narrow);

#endif
