#ifndef MXP_LOG_RECORD_H
#define MXP_LOG_RECORD_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * A line of a log that a collector keeps as an object of JSON: Docker's own,
 * journalctl -o json, and what rsyslog, syslog-ng, Fluent Bit, Graylog and the
 * like write.  No two of them name the fields alike, so each has many names;
 * those of objects inside are passed over.
 *
 * Of an object that is cut off, what stands before the cut counts.
 */
struct log_record {
	struct span text;       /* what the program wrote; in one line */
	struct span stamp;      /* with a blank behind it; or empty */
	bool has_seconds;       /* the stamp is a number: since 1970 */
	int64_t ms;
	bool is_of_reading;     /* the collector's time, which may be later */
	struct span host;
	struct span program;    /* "postfix/smtp", perhaps with "[12]:" */
	struct span process;
};

/* False: no object, or no text in it.  Spans are in the arena or the object. */
bool log_record_read(struct arena *arena, struct span object,
	struct log_record *record);

#endif
