#ifndef MXP_PACKET_ICMP_H
#define MXP_PACKET_ICMP_H

#include "pcap/packet_layers.h"

/*
 * An error of ICMP (RFC 792) or ICMPv6 (RFC 4443): what it says and who sent it
 * goes into packet->icmp.  True: what is left is the packet that it quotes;
 * false: it is no error, or stands in one.
 */
bool packet_icmp_open(struct layers *layers, bool is_v6) MXP_MUST_USE;

#endif
