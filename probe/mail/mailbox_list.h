#ifndef MXP_MAILBOX_LIST_H
#define MXP_MAILBOX_LIST_H

#include "probe/base/arena.h"

/*
 * The addresses of a From, Sender, Reply-To, To, Cc or Bcc field (RFC 5322
 * section 3.4, obsolete forms of section 4.4 too, RFC 6854 for groups in From,
 * RFC 6532 for bytes over 0x7f).  The spans point into the field or the arena.
 */
enum { MAILBOX_LIST_MAX = 4096 };       /* addresses of one field */

struct mailbox {
	struct span name;       /* display name: quotes gone, encoded words
				   still encoded; else the comment behind an
				   address without one; or empty */
	struct span local;      /* quotes and quoting backslashes removed */
	struct span domain;     /* comments and blanks removed; a literal with
				   its brackets */
	bool is_in_group;
};

struct mailbox_list {
	const struct mailbox *mailboxes;
	size_t count;
	size_t group_count;
	bool is_obsolete;       /* only section 4 allows it: a route, an empty
				   element, a bare dot in a display name, dots
				   too many in a local part */
	bool is_8bit;           /* bytes over 0x7f somewhere */
};

/* False: *why says what is wrong, and the list holds what came before. */
bool mailbox_list_parse(struct arena *arena, struct span value,
	struct mailbox_list *list, const char **why) MXP_MUST_USE;

#endif
