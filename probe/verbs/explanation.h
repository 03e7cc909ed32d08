#ifndef MXP_EXPLANATION_H
#define MXP_EXPLANATION_H

#include "probe/judge/delivery_table.h"
#include "probe/verbs/program.h"
#include "reports/inbound/report_collection.h"
#include "reports/json_writer.h"

/* What `mxprobe explain` has learned so far, from all files together. */
enum {
	EXPLAIN_SESSIONS_SHOWN = 20,    /* of a capture; more are summarised */
	EXPLAIN_REPORT_MAX = 64 * 1024 * 1024,  /* octets of one file */
	EXPLAIN_UNREAD_MAX = 1000,      /* files that are named */
};

struct explain_unread {
	struct span file, why;
};

struct explanation {
	struct arena *arena;
	const struct program *program;
	struct delivery_table table;
	struct report_collection *reports;
	size_t report_count;
	struct span keylog;
	struct json_writer *document;   /* of --json, in its sessions; or NULL */
	struct span *replies;           /* of --json: told behind them */
	size_t reply_count, reply_room;
	struct explain_unread *unread;
	size_t unread_count, unread_room;
	bool has_unread, has_refusal, has_told;
	uint64_t mails;                 /* that tell of no delivery */
	uint64_t complaints;            /* ARF, not about DMARC */
};

/* One operand that names a file or a folder; "-" is standard input. */
void explain_file(struct explanation *explanation, const char *name);

void explain_unreadable(struct explanation *explanation, struct span file,
	struct span why);

#endif
