#ifndef MXP_EVIDENCE_FILE_H
#define MXP_EVIDENCE_FILE_H

#include <stdio.h>

#include "pcap/evidence_path.h"
#include "pcap/packet_spool.h"

/*
 * Packets that were captured during a run become a file that explains itself:
 * only those of the paths given, with the secrets of just these connections,
 * the servers' names, comments on the packets that decided something, and the
 * run's own report.  The spool is read twice: what has to stand before the
 * packets is known only behind them.
 */
struct evidence_interface {
	unsigned number;                /* the kernel's */
	struct span name;
};

struct evidence_orders {
	struct packet_spool *spool;     /* is rewound */
	unsigned link_type, snap_len;   /* of all */
	const struct evidence_path *paths;
	size_t path_count;
	struct span secrets;            /* lines of a TLS key log, of anybody;
					   what is encrypted is looked into */
	bool tells_secrets;             /* those of these paths, in the file */
	bool redacts;                   /* no secrets, no mailbox names */
	struct span application, system;
	const struct span *reports;     /* JSON, a section comment each */
	size_t report_count;
	struct span filter;             /* of the kernel */
	int64_t began_ns, ended_ns;
	uint64_t dropped, dropped_by_interface;
};

struct evidence_facts {
	uint64_t packets;
	uint64_t comments;
	bool has_secrets;
};

/* False: *error is the errno of what could not be written or read. */
bool evidence_file_write(FILE *to, const struct evidence_orders *orders,
	struct evidence_facts *facts, int *error) MXP_MUST_USE;

#endif
