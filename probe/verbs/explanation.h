#ifndef MXP_EXPLANATION_H
#define MXP_EXPLANATION_H

#include "probe/judge/incident.h"
#include "probe/verbs/file_set.h"
#include "probe/verbs/program.h"
#include "reports/inbound/report_collection.h"
#include "reports/inbound/log_zone.h"
#include "reports/json_writer.h"

/* What `mxprobe explain` has learned so far, from all files together. */
enum {
	EXPLAIN_SESSIONS_SHOWN = 20,    /* of a capture; more are summarised */
	EXPLAIN_REPORT_MAX = 64 * 1024 * 1024,  /* octets of one file */
	EXPLAIN_UNREAD_MAX = 1000,      /* files that are named */
	EXPLAIN_DEPTH_MAX = 16,         /* folders in each other */
	EXPLAIN_NOTES_MAX = 8,          /* members of an archive that are named
					   on stderr */
};

struct explain_unread {
	struct span file, why;
};

struct explanation {
	struct arena *arena;
	const struct program *program;
	struct delivery_join *join;     /* while files are read */
	struct incident incident;
	struct report_collection *reports;
	size_t report_count;
	struct span keylog;
	const struct log_zone *log_zone;        /* of --log-zone; or NULL */
	struct json_writer *document;   /* of --json, in its sessions; or NULL */
	FILE *sessions;                 /* of captures, in words: told last;
					   NULL: there are none */
	struct span *replies;           /* of --json: told behind them */
	size_t reply_count, reply_room;
	struct explain_unread *unread;
	size_t unread_count, unread_room;
	struct span unread_in;          /* the archive of the last of them */
	size_t unread_inside;           /* members of it, in a row */
	struct explain_later *later;    /* logs, which are read last */
	size_t later_count, later_room;
	struct file_set later_files;    /* those of them that can be opened
					   again */
	struct explain_follow *follow;  /* --follow; or NULL */
	bool has_unread, has_refusal, has_told, has_capture;
	bool has_session;               /* the one of --session */
	uint64_t mails;                 /* that tell of no delivery */
	uint64_t complaints;            /* ARF, not about DMARC */
	uint64_t found;                 /* files in folders */
	uint64_t known;                 /* files that tell of mail */
	uint64_t passed_over;           /* files that nobody named and that are
					   none of ours */
	uint64_t not_joined;            /* deliveries of bounces and captures
					   beyond what can be kept */
};

struct explain_later;
struct explain_follow;

/* All operands: files, folders, standard input. */
void explain_read(struct explanation *explanation);

/* False: whoever read the lines of --jsonl has gone, or they cannot be written:
 * nothing more need be read for them. */
bool explain_is_heard(void);

void explain_unreadable(struct explanation *explanation, struct span file,
	struct span why);

#endif
