#ifndef MXP_SES_NOTICE_H
#define MXP_SES_NOTICE_H

#include "reports/inbound/delivery_status.h"
#include "reports/inbound/feedback.h"

/*
 * Amazon SES tells of bounces, and of delays, in JSON, by mail through SNS: the fields of RFC
 * 3464 under names of its own.  Only these are looked for; the text is not
 * otherwise held to be JSON, since mail systems fold and cut it.
 *
 * False: it is no such notice, or names no recipient.
 */
bool ses_notice_read(struct arena *arena, struct span text,
	struct delivery_status *status) MXP_MUST_USE;

/* The same of a complaint: the recipient called the mail abuse. */
bool ses_complaint_read(struct arena *arena, struct span text,
	struct feedback *feedback) MXP_MUST_USE;

#endif
