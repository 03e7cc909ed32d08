#ifndef MXP_REPORT_COLLECTION_H
#define MXP_REPORT_COLLECTION_H

#include "probe/facts/reported.h"
#include "reports/inbound/feedback.h"

/*
 * Gathers what receivers reported, from any number of files:
 *
 *	struct report_collection *collection = report_collection_open();
 *
 *	while (...)
 *		report_collection_add(collection, name, bytes);
 *	reported = report_collection_reported(collection);
 *	...
 *	report_collection_close(collection);
 *
 * A file is a DMARC aggregate report (XML), a report of TLS sessions (JSON),
 * either of them in gzip, zstd, xz, bzip2, zip or tar, or a mail with any of
 * them in it, or with a DMARC failure report; what it is, is told by how it
 * begins.  A mailbox is given a mail at a time (mailbox_file.h).  A report that
 * comes twice, as it does to two addresses of one rua=, counts once.
 *
 * Memory grows with the sources (SOURCES_MAX), not with the reports.  Hostile
 * files cost at most what the limits of dmarc_aggregate.h, tls_report.h and
 * archive_file.h allow.
 */
struct report_collection;

enum {
	REPORT_NEST_MAX = 4,            /* a gzip in a zip in a mail in a mail */
};

struct report_collection *report_collection_open(void);
void report_collection_close(struct report_collection *collection);

/*
 * How many reports were in it, those included that could not be read and say
 * so in `documents`; 0: it is none of this, and nothing has been noted.  The
 * bytes are not needed any more.
 */
size_t report_collection_add(struct report_collection *collection,
	struct span name, struct span bytes);

/* A failure report that the caller has read, of one with its file's name.
 * False: it is about no mail that failed DMARC. */
bool report_collection_add_failure(struct report_collection *collection,
	struct span name, const struct feedback *feedback);

const struct reported *report_collection_reported(
	const struct report_collection *collection);

/* Does it begin like a report that stands alone, packed or not?  An archive
 * and what is packed may hold anything else; a mail is not looked into. */
bool report_is_likely(struct span start);

#endif
