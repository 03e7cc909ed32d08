#ifndef MXP_INBOUND_DELIVERY_H
#define MXP_INBOUND_DELIVERY_H

#include "reports/inbound/bounce_signs.h"
#include "reports/inbound/delivery_status.h"
#include "reports/inbound/free_bounce.h"
#include "reports/inbound/inbound_message.h"
#include "reports/inbound/notice_text.h"
#include "reports/inbound/original_mail.h"

/*
 * The deliveries of a bounce, put together from what its parts say: for
 * inbound_message.c, which has read them.
 */
enum { FAILED_MAX = 256 };      /* addresses of X-Failed-Recipients */

/* What the parts of one mail say, before it is put together. */
struct evidence {
	struct arena *arena;
	struct mail_parts *parts;
	struct delivery_status status;
	struct notice notice;
	struct original_mail original;
	struct free_bounce free;
	struct span failed[FAILED_MAX]; /* X-Failed-Recipients */
	size_t failed_count;
	struct span sender; /* whom the mail goes back to */
	struct delivery *deliveries;
	size_t count, room;
};

/* A field of the mail itself; empty: there is none. */
struct span evidence_field(const struct evidence *evidence, struct span name);

/* From the words alone: what they name, as far as the signs bear it out. */
void deliveries_from_words(struct evidence *evidence, unsigned signs);

/* From the part for machines, completed by the words. */
void deliveries_from_status(struct evidence *evidence);

#endif
