#ifndef MXP_DELIVERY_PARTIES_H
#define MXP_DELIVERY_PARTIES_H

#include <stdint.h>

#include "probe/base/ip.h"

/*
 * Hosts, or addresses of ours, and what became of the deliveries by them.  The
 * first DELIVERY_PARTIES_MAX are told apart; of the others deliveries are only
 * counted, all in one.
 */
enum { DELIVERY_PARTIES_MAX = 8 };

/* One of our addresses, or one of theirs. */
struct delivery_party {
	struct ip ip;
	struct span name;               /* of a host; or empty */
	uint64_t accepted, deferred, refused;
};

struct delivery_parties {
	struct delivery_party *at;
	size_t count, room;
	uint64_t others;                /* deliveries of those beyond */
	/* A sum of each address: whoever looks for one has eight lines of
	 * memory less to fetch. */
	uint32_t marks[DELIVERY_PARTIES_MAX];
};

/* The one of this address, a new one if need be; NULL: there is no room, and
 * one of the others was counted. */
struct delivery_party *delivery_party_of(struct arena *arena,
	struct delivery_parties *parties, const struct ip *ip);

/* Those of another row too, as far as there is room. */
void delivery_parties_join(struct arena *arena, struct delivery_parties *into,
	const struct delivery_parties *from);

#endif
