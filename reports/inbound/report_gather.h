#ifndef MXP_REPORT_GATHER_H
#define MXP_REPORT_GATHER_H

#include "probe/facts/reported.h"
#include "reports/inbound/dmarc_aggregate.h"
#include "reports/inbound/feedback.h"
#include "reports/inbound/key_table.h"
#include "reports/inbound/tls_report.h"

/*
 * What report_collection.c gathers into; nothing for anyone else.  A document
 * is noted first, and then counted unless it has been before.
 */
struct report_gather {
	struct arena *arena;
	struct reported reported;
	struct key_table documents, sources, tls, failures;
};

void report_gather_open(struct report_gather *gather, struct arena *arena);

/* `document` has file and kind; the rest is filled in here. */
void report_gather_dmarc(struct report_gather *gather,
	const struct dmarc_report *report, struct reported_document *document);
void report_gather_tls(struct report_gather *gather,
	const struct tls_report *report, struct reported_document *document);
void report_gather_failure(struct report_gather *gather,
	const struct feedback *feedback, struct reported_document *document);

/* Counts a name among those of its kind. */
void report_gather_name(struct arena *arena, struct source_names *names,
	struct span name, uint64_t messages);

/* Sets is_repeated when a report of that reporter and id was there. */
void report_gather_note(struct report_gather *gather,
	struct reported_document *document);

#endif
