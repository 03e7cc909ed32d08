#ifndef MXP_PATH_CAUSE_H
#define MXP_PATH_CAUSE_H

#include "pcap/stream.h"

/*
 * What was wrong with the path of a session, from its packets alone: whether
 * the SYN was answered, by whom; which ICMP errors quoted it; what was sent
 * again and again, and whether smaller segments went through meanwhile; who was
 * to speak when nothing more came.
 */
enum cause {
	CAUSE_NONE,                     /* nothing is wrong with the path */
	CAUSE_NO_ANSWER,                /* SYNs, and nothing came back */
	CAUSE_REFUSED,                  /* RST to the SYN */
	CAUSE_PROHIBITED,               /* ICMP: a firewall says no */
	CAUSE_UNREACHABLE,              /* ICMP: no route, host or port */
	CAUSE_HALF_OPEN,                /* SYN answered, and never taken up */
	CAUSE_RESET,                    /* RST while something was to come */
	CAUSE_BLACK_HOLE,               /* large segments vanish, small ones
					   pass: the MTU of the path */
	CAUSE_TOO_BIG,                  /* the same, but ICMP told of it */
	CAUSE_STALL,                    /* nothing passes any more */
	CAUSE_SERVER_SILENT,            /* TCP works, no reply comes */
	CAUSE_CLIENT_SILENT,            /* the client had the floor, and closed
					   or waited */
};
enum { CAUSE_COUNT = CAUSE_CLIENT_SILENT + 1, PATH_ICMP_MAX = 8 };

struct path_icmp {
	unsigned type, code;
	unsigned mtu;
	struct ip offender;
	bool is_v6;
	struct sighting seen;
};

struct path_cause {
	enum cause cause;
	enum side sufferer;             /* whose octets do not arrive, or who
					   was to speak */
	struct sighting evidence;       /* the first packet that shows it */
	struct sighting also;           /* and the last; frame 0: no other */
	uint64_t waited_ns;             /* in vain */
	unsigned resent;                /* the same segment, times */
	size_t segment;                 /* its octets of payload */
	size_t passed;                  /* the largest that went through */
	struct path_icmp icmp[PATH_ICMP_MAX];
	size_t icmp_count;              /* told; the first ones */
};

const char *cause_word(enum cause cause);       /* "black-hole" */

/* One sentence for a postmaster: what it is and how it shows. */
struct span cause_text(struct arena *arena, const struct path_cause *cause);

/* Something was asked and the answer did not come; who was to speak. */
struct path_wait {
	bool is_waiting;
	enum side for_whom;
	struct sighting since;
	struct sighting tls_end[SIDE_COUNT];    /* close_notify; frame 0: none */
	int64_t now_ns;                 /* the file has come this far */
};

/* Fills in all but the ICMP errors, which are there already. */
void path_cause_find(struct path_cause *cause, const struct stream *stream,
	const struct path_wait *wait);

#endif
