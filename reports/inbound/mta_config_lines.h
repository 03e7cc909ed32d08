#ifndef MXP_MTA_CONFIG_LINES_H
#define MXP_MTA_CONFIG_LINES_H

#include "probe/facts/mta_config.h"

/*
 * What the readers of the four forms share; nothing for anyone else.  The lists
 * of the configuration grow here until the reading is done.
 */
struct mta_reading {
	struct arena *arena;
	struct mta_config *config;
	struct mta_setting *settings;
	size_t setting_room;
	struct mta_exception *exceptions;
	size_t exception_room;
	struct span *doubts;
	size_t doubt_room;
	struct span rest;               /* the lines not yet read */
	unsigned line;                  /* the number of the last one cut */
};

/*
 * The next line that is not empty, without blanks at its ends, or false.  A
 * backslash at its end joins the next line, if `joins`; *number is that of its
 * first part.
 */
bool mta_line_next(struct mta_reading *reading, bool joins, struct span *line,
	unsigned *number);

/* A setting that counts was found: it is told of in the report. */
void mta_setting_found(struct mta_reading *reading, struct span name,
	struct span value, unsigned line);

void mta_exception_found(struct mta_reading *reading,
	const struct mta_exception *exception);

/* A sentence. */
void mta_doubt(struct mta_reading *reading, const char *format, ...)
	MXP_PRINTF(2, 3);

/* yes, true and their opposites; anything else is a doubt. */
void mta_take_bool(struct mta_reading *reading, struct span name,
	struct span value, bool *result);

void mta_take_number(struct mta_reading *reading, struct span name,
	struct span value, unsigned *result);

/* The first word, cut off; words end at blanks and at these. */
struct span mta_word_cut(struct span *rest, const char *ends);

void mta_read_postfix(struct mta_reading *reading);
void mta_read_exim(struct mta_reading *reading);
void mta_read_sendmail(struct mta_reading *reading);
void mta_read_opensmtpd(struct mta_reading *reading);

#endif
