#ifndef MXP_REDACT_H
#define MXP_REDACT_H

#include "pcap/stream.h"

/*
 * Takes mailbox names out of packets: what stands before an @, what stands
 * between < and > where a path may stand, and what VRFY and EXPN ask for, become
 * as many x.  Domains stay, since they are what a diagnosis is about.
 *
 * A name may be torn over two segments and be sent twice, so names are looked
 * for in the stream and not in the packet: first redact_learn() with all packets
 * of all connections, then redact_packet() with the same again.  What the stream
 * did not take, such as octets outside the window, is masked whole.  From its
 * first TLS record on a side is left as it is.
 *
 * Lengths stay, and the TCP checksum is changed by the difference (RFC 1624): it
 * is as right or as wrong as it was.
 */
struct redaction;
struct redacted_flow;

struct redaction *redaction_open(struct arena *arena);
void redaction_close(struct redaction *redaction);

/* One connection; it lives as long as the redaction. */
struct redacted_flow *redaction_add(struct redaction *redaction);

void redact_learn(struct redacted_flow *flow, const struct segment *segment);

/* No more of any of them. */
void redact_learnt(struct redaction *redaction);

/* The packet lies in `bytes`, which are changed. */
void redact_packet(const struct redacted_flow *flow,
	const struct packet *packet, enum side from, char *bytes, size_t len);

/* The same names in any text, such as JSON; it is changed. */
void redact_text(char *text, size_t len);

#endif
