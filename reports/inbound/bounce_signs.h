#ifndef MXP_BOUNCE_SIGNS_H
#define MXP_BOUNCE_SIGNS_H

#include "reports/inbound/mail_part.h"

/*
 * Did a mail system write this mail, to tell of a failed delivery?  Asked only
 * where no part for machines says so.
 */
enum bounce_sign {
	SIGN_SENDER = 1,        /* MAILER-DAEMON, postmaster ... */
	SIGN_NULL_PATH = 2,     /* the null return path */
	SIGN_SUBJECT = 4,       /* "Returned mail", "failure notice" ... */
	SIGN_FAILED_FIELD = 8,  /* X-Failed-Recipients */
	SIGN_WORDS = 16,        /* "could not be delivered" ... */
	SIGN_LIST = 32,         /* a mailing list refuses the post */
	SIGN_AWAY = 64,         /* an answer of somebody who is away */
};

/* `words` is the text for people, without the copy of the message. */
unsigned bounce_signs(struct arena *arena, const struct header *header,
	struct span words);

#endif
