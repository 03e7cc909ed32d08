#ifndef MXP_SES_NOTICE_H
#define MXP_SES_NOTICE_H

#include "reports/inbound/delivery_status.h"

/*
 * Amazon SES tells of bounces in JSON, by mail through SNS: the fields of RFC
 * 3464 under names of its own.  Only these are looked for; the text is not
 * otherwise held to be JSON, since mail systems fold and cut it.
 *
 * False: it is no such notice, or names no recipient.
 */
bool ses_notice_read(struct arena *arena, struct span text,
	struct delivery_status *status) MXP_MUST_USE;

#endif
