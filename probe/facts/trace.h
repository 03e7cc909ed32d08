#ifndef MXP_TRACE_H
#define MXP_TRACE_H

#include "probe/facts/fault.h"
#include "probe/facts/path.h"
#include "probe/facts/visit.h"

/*
 * How far TCP gets towards one port of one address: what came back to SYNs
 * whose hop limit let them go one hop further each time.  It needs no
 * privilege (RFC 9293, RFC 792, RFC 4443 section 3.3).
 */
enum hop_answer {
	HOP_SILENT,                     /* nothing came back in time */
	HOP_ROUTER,                     /* a router: the hop limit was used up */
	HOP_OPEN,                       /* SYN and ACK: the port is open */
	HOP_RESET,                      /* RST, from the host or in its name */
	HOP_ICMP,                       /* another ICMP error: see fault */
	HOP_LOCAL,                      /* this host could not send: see fault */
};

struct hop {
	unsigned limit;                 /* hop limit of the SYN, 1.. */
	enum hop_answer answer;
	unsigned syns;                  /* sent with this limit */
	uint64_t rtt_ns;                /* of the one that was answered */
	bool has_router;
	struct ip router;               /* who sent the ICMP error */
	struct span router_name;        /* by PTR, not confirmed; or empty */
	struct fault fault;             /* HOP_ICMP, HOP_LOCAL */
};

enum trace_end {
	TRACE_NOT_APPLICABLE,           /* this host has no such family */
	TRACE_OPEN,                     /* the port answered, and is open */
	TRACE_RESET,                    /* it answered with RST */
	TRACE_ICMP,                     /* somebody on the way said no */
	TRACE_LOST,                     /* silence from some hop on, also with
					   all the hops there are */
	TRACE_FAR,                      /* more hops than are tried */
	TRACE_LOCAL,                    /* this host could not send */
	TRACE_INTERRUPTED,
};
enum { TRACE_ENDS = TRACE_INTERRUPTED + 1 };

enum {
	TRACE_HOPS_MAX = 30,
	TRACE_DIRECT_LIMIT = 64,        /* as any connection would have */
	TRACE_BANNER_MAX = 512,         /* octets */
};

struct trace {
	const struct path *path;
	uint16_t port;                  /* the path's, or a control port */
	bool is_control;
	struct source source;
	enum trace_end end;
	struct span why_not;            /* this host has no way into the family;
					   or empty */
	struct hop *hops;               /* by their limits, without gaps */
	size_t hop_count, hop_room;
	bool asked_direct;              /* a SYN went with all hops allowed ... */
	struct hop direct;              /* ... and this came of it */
	struct span banner;             /* what an open port said first; as it
					   came, one line, or empty */
};

const char *hop_answer_word(enum hop_answer answer);    /* "router" ... */
const char *trace_end_word(enum trace_end end);         /* "open", "lost" */

/* The hop that answered for the port itself, or NULL. */
const struct hop *trace_last_word(const struct trace *trace);

/* The last router that is known to have passed packets on, or NULL. */
const struct hop *trace_last_router(const struct trace *trace);

/* Did the host, or somebody in its name, answer on this port? */
bool trace_is_answered(const struct trace *trace);

#endif
