#ifndef MXP_DELIVERY_WORDS_H
#define MXP_DELIVERY_WORDS_H

#include "probe/judge/delivery_table.h"

/*
 * Numbers, times and places in the words that people read.  Times are UTC and
 * do not say so: whoever shows them does, once.  What others wrote is not
 * escaped.
 */

/* "1,204" */
struct span delivery_count_text(struct arena *arena, uint64_t count);

/* "2024-09-07 10:51", and with seconds. */
struct span delivery_minute_text(struct arena *arena, int64_t time_ms);
struct span delivery_second_text(struct arena *arena, int64_t time_ms);

/* "8 s", "5 min", "3 h", "2 days" */
struct span delivery_wait_text(struct arena *arena, int64_t wait_ms);

/* "maillog line 12, capture.pcapng frame 49" */
struct span delivery_spot_text(struct arena *arena,
	const struct delivery_spot *spot);

/* A reply in one line: its code and status once, not before each line. */
struct span delivery_reply_text(struct arena *arena, struct span text,
	unsigned code);

/* "Google", of "Google (Gmail, Workspace)"; else the destination itself. */
struct span delivery_destination_text(const struct codebook *codebook,
	const struct delivery_row *row);

#endif
