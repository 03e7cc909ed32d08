#ifndef MXP_LIVE_CAPTURE_H
#define MXP_LIVE_CAPTURE_H

#include <uv.h>

#include "pcap/packet_spool.h"
#include "probe/facts/visit.h"

/*
 * A live capture keeps the packets of the paths that are walked, in a spool.
 *
 *      live_capture_open       the only part that needs CAP_NET_RAW: drop it
 *                              afterwards, before anything foreign is read
 *      live_capture_run        on a loop ...
 *      live_capture_plan       each path, before it is walked
 *      live_capture_await      each visit that has ended
 *      live_capture_leave      ... and off it, as soon as the ends of those
 *                              connections are captured, or a limit is over
 *      live_capture_close      when the spool has been read
 *
 * Which interface a route takes is known only behind the DNS, and so behind
 * the point where the privilege is gone.  So the handle is for all of them,
 * and what is kept is narrowed to the interface of each path's route.
 */
struct live_capture;

enum {
	LIVE_LINK_TYPE = 276,           /* LINKTYPE_LINUX_SLL2 */
	LIVE_SNAP_LEN = 262144,         /* what we send is seen before it is
					   segmented: up to 64 KB */
	LIVE_BUFFER = 16 * 1024 * 1024, /* octets, of the kernel */
	LIVE_TICK_MS = 10,              /* packets come at most so late */
	LIVE_LINGER_MS = 500,           /* for the last FIN; or two round trips
					   where they take longer, ... */
	LIVE_LINGER_MAX_MS = 3000,      /* ... but no longer than this */
};

/* NULL: *why says why and what helps. */
struct live_capture *live_capture_open(struct arena *arena,
	const char *folder, struct span *why);
void live_capture_close(struct live_capture *capture);

/*
 * Nothing but this target's paths will be walked, and all are planned before
 * the first is: the kernel is told of each address.  Else it is told of ports
 * alone, since it may lose a packet while its filter is replaced.
 */
void live_capture_narrow(struct live_capture *capture);

/* `from` and `interface` (its name) as the user wants it, or NULL. */
void live_capture_plan(struct live_capture *capture, const struct path *path,
	const struct ip *from, const char *interface);

/* While it is on a loop, it stays there: of a run inside another one, what comes
 * waits in the kernel's buffer. */
void live_capture_run(struct live_capture *capture, uv_loop_t *loop);
void live_capture_await(struct live_capture *capture,
	const struct visit *visit);
void live_capture_leave(struct live_capture *capture);

/* Lets nothing through and forgets what came, until something is planned again:
 * for one who walks now and then. */
void live_capture_rest(struct live_capture *capture);

struct live_facts {
	struct span filter;             /* of the kernel, at the end */
	int64_t began_ns;               /* since 1970 */
	int64_t ended_ns;
	uint64_t dropped, dropped_by_interface;
	struct span why;                /* libpcap gave up; or empty */
};

/* Packets read so far; its errors are the spool's own. */
struct packet_spool *live_capture_spool(struct live_capture *capture);
void live_capture_facts(struct live_capture *capture,
	struct live_facts *facts);

#endif
