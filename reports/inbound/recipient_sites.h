#ifndef MXP_RECIPIENT_SITES_H
#define MXP_RECIPIENT_SITES_H

#include "reports/inbound/notice_text.h"
#include "reports/inbound/recipient_line.h"

/*
 * Where a notice names the recipients that failed.  Other addresses stand in
 * it too: the sender's, the postmaster's, those that a wrapped reply begins a
 * line with.  What the mail's other parts say of the message helps to tell
 * them apart.
 */
enum { SITES_MAX = 1024 };

struct free_known {             /* what the mail's other parts say */
	struct span sender;             /* of the message: no recipient, unless
					   nobody else is named */
	const struct span *failed;      /* X-Failed-Recipients */
	size_t failed_count;
	const struct span *addressed;   /* To and Cc of the message */
	size_t addressed_count;
};

struct recipient_site {
	size_t line;                    /* of the notice */
	unsigned indent;
	bool is_in_list;                /* below a heading, a ":", or another;
					   a label: also above its reason */
	struct recipient_line found;
};

struct recipient_sites {
	const struct recipient_site *sites;     /* from the top down */
	size_t count;
};

void recipient_sites_find(struct arena *arena, const struct notice *notice,
	const struct free_known *known, struct recipient_sites *sites);

/* Is it one of X-Failed-Recipients, or was the message addressed to it? */
bool free_known_has(const struct free_known *known, struct span address);

#endif
