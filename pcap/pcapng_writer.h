#ifndef MXP_PCAPNG_WRITER_H
#define MXP_PCAPNG_WRITER_H

#include <stdio.h>

#include "probe/base/ip.h"

/*
 * Writes a capture as pcapng, in the byte order of this host: one section, its
 * interfaces, names and secrets, the packets, the statistics.  What is asked of
 * the caller is the order.  Readers look for the secrets of a connection when
 * they meet its ServerHello, so all of them stand before the first packet; and
 * libpcap reads a file only when its interfaces have one link type and one
 * snap length.
 *
 * Errors of the file are remembered and told by pcapng_end().
 */
enum {
	PCAPNG_OPTION_MAX = 65535,      /* octets of one option: 16 bits */
	PCAPNG_ETHERNET = 1,            /* LINKTYPE_ numbers */
	PCAPNG_SLL2 = 276,
};

enum pcapng_direction { PCAPNG_UNTOLD, PCAPNG_INBOUND, PCAPNG_OUTBOUND };

struct pcapng_writer {
	FILE *to;                       /* the caller's */
	char *block;                    /* under way */
	size_t len, room;
	unsigned interfaces;
	bool is_broken;
	int error;                      /* errno of the first failure */
};

struct pcapng_section {
	struct span application;        /* "mxprobe 1.0" */
	struct span system;             /* "Linux 6.1"; or empty */
	const struct span *comments;    /* a longer one than an option may be is
					   told in several */
	size_t comment_count;
};

struct pcapng_interface {
	unsigned link_type;
	unsigned snap_len;
	struct span name;               /* empty: not known */
	struct span filter;             /* as pcap-filter(7) has it; or empty */
};

struct pcapng_name {
	struct ip ip;
	struct span name;
};

struct pcapng_packet {
	unsigned interface;             /* what pcapng_interface() returned */
	int64_t time_ns;                /* since 1970 */
	struct span bytes;
	size_t original_len;
	enum pcapng_direction direction;
	struct span comment;            /* empty: none */
};

struct pcapng_statistics {
	unsigned interface;
	int64_t began_ns, ended_ns;     /* since 1970 */
	uint64_t taken;                 /* packets in this file */
	uint64_t dropped;               /* by the kernel: no room for them */
	uint64_t dropped_by_interface;
};

void pcapng_begin(struct pcapng_writer *writer, FILE *to,
	const struct pcapng_section *section);

/* Its number for the packets. */
unsigned pcapng_interface(struct pcapng_writer *writer,
	const struct pcapng_interface *interface);

/* Nothing is written where there is nothing to tell. */
void pcapng_names(struct pcapng_writer *writer,
	const struct pcapng_name *names, size_t count);

/* Whole lines of an NSS key log, each with its line end. */
void pcapng_secrets(struct pcapng_writer *writer, struct span lines);

void pcapng_packet(struct pcapng_writer *writer,
	const struct pcapng_packet *packet);
void pcapng_statistics(struct pcapng_writer *writer,
	const struct pcapng_statistics *statistics);

/* Frees what is the writer's own.  False: the file is not whole, see error. */
bool pcapng_end(struct pcapng_writer *writer) MXP_MUST_USE;

#endif
