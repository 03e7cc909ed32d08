#ifndef MXP_LOG_STAMP_H
#define MXP_LOG_STAMP_H

#include <stdint.h>

#include "reports/inbound/log_zone.h"

/*
 * The time at the start of a log line, in any of the forms that mail logs have:
 *
 *      Nov 21 20:08:19                 RFC 3164, and with a fraction or a year
 *      11月 21 20:08:19                the same of journalctl in other languages
 *      2026-11-21T20:08:19.1+01:00     RFC 3339, RFC 5424, journald's short-iso
 *      2026-11-21 20:08:19.123 +0100   Exim's own log
 *      2026-11-21_20:08:19.12345       svlogd
 *      2026/11/21 20:08:19             programs in Go
 *      Sat 2026-11-21 20:08:19 UTC     journald's short-full
 *      Sat Nov 21 20:08:19 2026        ctime(3), as OpenWrt writes it
 *      @400000006920c5d30b1e2f5c       TAI64N, as multilog and s6-log write
 *      1795292079.780816               journald's short-unix, splogger
 *
 * Only the form with no year guesses: it is the latest year in which the stamp
 * is not more than a day ahead of the reading.
 *
 * A stamp that names no zone is in that of log_stamps_set_zone(), or is taken
 * for UTC, which is a guess, too.  So is one with an abbreviation such as JST
 * or IST, of which the same letters stand for several zones; UTC and GMT are
 * what they say.
 */
struct log_stamp {
	int64_t ms;             /* since 1970 */
	bool guesses_year;
	bool guesses_zone;
	bool is_tai;            /* no host and no program follow this form */
};

/* The last one read: most lines share their second with the one before. */
struct log_stamps {
	int64_t now_ms;         /* of the reading */
	int64_t latest_ms;      /* that a clock can show in the logs' zone */
	struct log_zone zone;
	bool knows_zone;
	struct span last;       /* points into last_text */
	char last_text[16];
	int64_t last_ms;
};

void log_stamps_init(struct log_stamps *stamps, int64_t now_ms);
void log_stamps_set_now(struct log_stamps *stamps, int64_t now_ms);

/* Of stamps that name none. */
void log_stamps_set_zone(struct log_stamps *stamps,
	const struct log_zone *zone);

/* How much of the text is the stamp and the blanks behind it; 0: none. */
size_t log_stamp_take(struct log_stamps *stamps, struct span text,
	struct log_stamp *stamp);

/*
 * A line may have two: that of the program, and that of who wrote it down, when
 * it arrived there.  The program's own is the moment itself and comes in order,
 * so it is the better one, but for what it has to guess and the other knows:
 * the year; and the zone, if both are the same moment in other zones.  Where
 * they are not, that which guesses no zone is better.
 */
struct log_stamp log_stamp_better(const struct log_stamp *own,
	const struct log_stamp *arrival);

#endif
