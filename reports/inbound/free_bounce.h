#ifndef MXP_FREE_BOUNCE_H
#define MXP_FREE_BOUNCE_H

#include "reports/inbound/diagnostic.h"
#include "reports/inbound/recipient_sites.h"

/*
 * What the text for people says of each recipient: the older mail systems say
 * nothing else, and of the others it often says more than the part for
 * machines (the whole reply, the server's address, the command).
 *
 * A recipient is known by how its line looks (recipient_line.h); what stands
 * up to the next one is about it, and the paragraph with a reply is the
 * reason.
 */
struct free_recipient {
	struct span address;
	struct span text;               /* the reply or the reason */
	enum recipient_form form;       /* how it was named; NONE: elsewhere in
					   the mail */
	bool has_reply;                 /* it begins with a server's reply */
	bool is_known;                  /* the message was addressed to it, or
					   X-Failed-Recipients has it */
	bool is_led;                    /* words above say that it failed, or
					   it is one of a list */
	bool is_in_sentence;            /* words stand behind it too */
	bool is_guessed;                /* nobody is named: the message had
					   this one recipient */
	struct diagnostic diagnostic;   /* its code and status are the text's;
					   reply_at means nothing */
};

struct free_bounce {
	const struct free_recipient *recipients;
	size_t count;
	bool is_warning;                /* it will be tried again */
};

void free_bounce_read(struct arena *arena, const struct notice *notice,
	const struct free_known *known, struct free_bounce *bounce);

#endif
