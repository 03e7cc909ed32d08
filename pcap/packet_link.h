#ifndef MXP_PACKET_LINK_H
#define MXP_PACKET_LINK_H

#include "pcap/packet_layers.h"

/*
 * The link layers (pcap/packet.h says which), down to IP.  True: what is left
 * begins with an IP header, of either family; false: there is none, and the
 * kind of the packet says why.
 */

/* The number is that of the capture file. */
bool packet_link_open(struct layers *layers, unsigned link_type) MXP_MUST_USE;

/* What is left is as Ethernet's type says; GRE has the same numbers. */
bool packet_ether_open(struct layers *layers, unsigned type) MXP_MUST_USE;

#endif
