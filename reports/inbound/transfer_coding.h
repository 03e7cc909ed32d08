#ifndef MXP_TRANSFER_CODING_H
#define MXP_TRANSFER_CODING_H

#include "probe/base/arena.h"

/*
 * Reading what a part of a mail is coded as: RFC 2045 sections 6.7 and 6.8.
 * Bounces come damaged: cut short, folded anew, with a footer behind the
 * base64.  So as much as can be read is read, and nothing fails.
 */
struct span base64_read(struct arena *arena, struct span text);
struct span quoted_printable_read(struct arena *arena, struct span text);

/*
 * By the word of Content-Transfer-Encoding; an unknown word is none.  The
 * result may be the text itself.
 */
struct span transfer_decode(struct arena *arena, struct span word,
	struct span text);

#endif
