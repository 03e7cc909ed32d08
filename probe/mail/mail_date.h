#ifndef MXP_MAIL_DATE_H
#define MXP_MAIL_DATE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The date of a Date field (RFC 5322 section 3.3, obsolete forms of section
 * 4.3): years of two and three digits, and zones that are names.
 */
struct mail_date {
	int64_t seconds;        /* since 1970, UTC */
	bool is_obsolete;       /* only section 4.3 allows it */
	bool is_wrong_day;      /* the day of the week is another's */
};

/* False: *why says what is wrong. */
bool mail_date_parse(struct arena *arena, struct span value,
	struct mail_date *date, const char **why) MXP_MUST_USE;

#endif
