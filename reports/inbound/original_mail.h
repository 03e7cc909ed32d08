#ifndef MXP_ORIGINAL_MAIL_H
#define MXP_ORIGINAL_MAIL_H

#include "reports/inbound/mail_part.h"

/*
 * The message that a bounce is about, as far as its header is enclosed or
 * copied into the text.  Empty spans: not told.
 */
enum { ORIGINAL_ADDRESSED_MAX = 256 };

struct original_mail {
	bool is_there;
	struct span return_path;        /* without < and > */
	struct span from_domain;
	struct span message_id;         /* without < and > */
	const struct span *addressed;   /* To, Cc, Bcc, X-Original-To */
	size_t addressed_count;
};

/* `header_text` begins with the header of that message. */
void original_mail_read(struct arena *arena, struct span header_text,
	struct original_mail *original);

#endif
