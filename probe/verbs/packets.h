#ifndef MXP_PACKETS_H
#define MXP_PACKETS_H

#include "pcap/evidence_path.h"
#include "pcap/live_capture.h"
#include "probe/judge/judge.h"
#include "probe/run.h"

/*
 * The packets of a run, for --pcap and for `on failure pcap`: captured while it
 * walks, written when it is over.
 *
 *      packets_open            needs CAP_NET_RAW, which goes with it
 *      packets_take_secret     of TLS
 *      packets_judged          what the judge made of visits that were walked
 *      packets_write           a file of some of them
 *      packets_restart         all of it is forgotten, for the next run
 *      packets_close
 *
 * What goes wrong is told on stderr.
 */
enum {
	PACKETS_SECRETS_MAX = 64 * 1024 * 1024, /* octets of the key log */
	PACKETS_REPORTS_MAX = 4 * 1024 * 1024,  /* of JSON, in one file */
};

struct packets {
	struct onlooker onlooker;
	struct arena *home;             /* its own, as long as it is open */
	struct arena *arena;            /* of what is below, until a restart */
	struct live_capture *live;
	char *secrets;
	size_t secrets_len, secrets_room;
	struct evidence_path *paths;    /* of all visits, as they ended */
	size_t count, room;
	struct span *reports;           /* the command line, and the JSON of
					   each target */
	size_t report_count, report_room, report_octets;
};

/* The spool is in this folder.  NULL: *why, in the arena, says why and what
 * helps. */
struct packets *packets_open(struct arena *arena, const char *folder,
	struct span *why);
void packets_close(struct packets *packets);

void packets_restart(struct packets *packets);

/* A tls_secret_told. */
void packets_take_secret(void *packets, struct span line);

/* Of this visit; NULL: it was not walked. */
struct evidence_path *packets_find(struct packets *packets,
	const struct visit *visit);

/* Which refusal meant what, of these visits. */
void packets_judged(struct packets *packets,
	const struct judgement *judgement);

/* A target's report, for the file. */
void packets_report(struct packets *packets, const struct outcome *outcome,
	const struct judgement *judgement);

struct packets_wish {
	const char *name;               /* for messages */
	const struct evidence_path *paths;      /* NULL: all */
	size_t count;
	struct span report;             /* JSON of these; empty: that of all */
	bool tells_secrets;
	bool redacts;
};

/* As a line of JSON, in the arena. */
struct span packets_json(struct arena *arena, const struct outcome *outcome,
	const struct judgement *judgement);

/* The file is open, for writing at its begin.  False: it was told why not. */
bool packets_write(struct packets *packets, int file,
	const struct packets_wish *wish) MXP_MUST_USE;

/* A folder's name: what stands before the last slash. */
const char *packets_folder_of(struct arena *arena, const char *file);

#endif
