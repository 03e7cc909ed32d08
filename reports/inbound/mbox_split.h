#ifndef MXP_MBOX_SPLIT_H
#define MXP_MBOX_SPLIT_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * Cuts a stream of octets into mails, one in memory at a time.
 *
 *	while (...)                     feed it a piece of any size
 *		while (mbox_split_take(&split, &piece, &mail))
 *			...
 *	if (mbox_split_end(&split, &mail))
 *		...
 *
 * A stream whose first line is "From SENDER DATE" is a mbox: a line of that
 * form behind an empty one begins the next mail.  Quoted lines (">From ", and
 * ">>From " of mboxrd) lose one ">".  Content-Length is not believed, since
 * relays leave a wrong one behind.  Any other stream is one mail.  How it is
 * cut into pieces does not matter.
 */
enum {
	MBOX_MAIL_MAX = 16 * 1024 * 1024,       /* octets kept of one mail */
	MBOX_LINE_HELD = 1024,          /* of a line that a piece cut */
};

struct mbox_mail {
	struct span bytes;      /* until the next call; line ends as they
				   came, the "From " line not in it */
	uint64_t line;          /* where it begins, 1.. */
	bool is_cut;            /* it was longer than is kept */
};

struct mbox_split {
	struct arena *arena;            /* of the mail under way */
	char *kept;
	size_t len, room, max;
	bool is_cut;
	char held[MBOX_LINE_HELD];
	size_t held_len;
	bool in_long_line;              /* its start has been dealt with */
	bool has_begun, is_mbox, is_after_empty;
	uint64_t lines, start_line;
	bool is_handed_out;             /* forget the mail at the next call */
};

/* max: 0 for MBOX_MAIL_MAX. */
void mbox_split_open(struct mbox_split *split, size_t max);
void mbox_split_close(struct mbox_split *split);

/* True: a whole mail, and *piece is what is left.  False: *piece is used up. */
bool mbox_split_take(struct mbox_split *split, struct span *piece,
	struct mbox_mail *mail);

/* The stream is over.  False: nothing was in it. */
bool mbox_split_end(struct mbox_split *split, struct mbox_mail *mail);

/* Is it the line before a mail in a mbox?  Without its line end. */
bool mbox_is_from_line(struct span line);

#endif
