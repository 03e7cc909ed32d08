#ifndef MXP_PACKET_SPOOL_H
#define MXP_PACKET_SPOOL_H

#include <stdint.h>
#include <stdio.h>

#include "probe/base/attr.h"
#include "probe/base/span.h"

/*
 * Packets as they were captured, in a file without a name, until the run is
 * over: what a packet means, and whether it is one of ours, is known only
 * afterwards.  Memory is that of one packet, however many there are.
 */
struct packet_spool {
	FILE *file;
	uint64_t count;
	bool is_broken;
	int error;                      /* errno of the first failure */
	char *room;                     /* of the packet read last */
	size_t room_len;
};

struct spooled_packet {
	int64_t time_ns;
	struct span bytes;              /* lives until the next is read */
	size_t original_len;
	unsigned interface;             /* the kernel's number */
	bool is_outbound;
};

enum { SPOOL_PACKET_MAX = 256 * 1024 }; /* octets; libpcap gives no more */

/* In this folder, or where temporary files are.  False: *error is the errno. */
bool packet_spool_open(struct packet_spool *spool, const char *folder,
	int *error) MXP_MUST_USE;
void packet_spool_close(struct packet_spool *spool);

/* Nothing is in it any more. */
void packet_spool_empty(struct packet_spool *spool);

void packet_spool_add(struct packet_spool *spool,
	const struct spooled_packet *packet);

/* From the first one on; nothing is added any more. */
void packet_spool_rewind(struct packet_spool *spool);
bool packet_spool_next(struct packet_spool *spool,
	struct spooled_packet *packet) MXP_MUST_USE;

#endif
