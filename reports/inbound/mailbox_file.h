#ifndef MXP_MAILBOX_FILE_H
#define MXP_MAILBOX_FILE_H

#include "reports/inbound/mbox_split.h"

/*
 * The mails of a file or a folder, one after the other: a mail alone, a mbox,
 * a Maildir, a folder of either, standard input ("-"); packed as
 * compressed_file.h knows it.  Files of a folder come in the order of their
 * names; those that begin with "." and the tmp of a Maildir are passed over.
 * However large it is, one mail and the names of one folder are in memory.
 *
 *	struct mailbox *mailbox = mailbox_open(arena, name);
 *
 *	while (mailbox_next(mailbox, &mail) != MAILBOX_END)
 *		...
 *	mailbox_close(mailbox);
 */
struct mailbox;

enum { MAILBOX_DEPTH_MAX = 8 };         /* folders in each other */

enum mailbox_state {
	MAILBOX_MAIL,
	MAILBOX_BAD,            /* a file or folder cannot be read: `why` */
	MAILBOX_END,
};

struct mailbox_mail {
	struct span file;       /* its path, as far as the name given led */
	struct mbox_mail mail;
	struct span why;
};

struct mailbox *mailbox_open(const char *name);
void mailbox_close(struct mailbox *mailbox);

/* What it gives lives until the next call. */
enum mailbox_state mailbox_next(struct mailbox *mailbox,
	struct mailbox_mail *mail);

/*
 * Do these first octets of a file begin a mail or a mbox?  For whoever is
 * given files of any kind.
 */
bool mailbox_is_one(struct span head);

#endif
