#ifndef MXP_MESSAGE_ID_H
#define MXP_MESSAGE_ID_H

#include "probe/base/arena.h"

/*
 * A message identifier: <left@right>, RFC 5322 section 3.6.4, obsolete forms
 * of section 4.5.4 too.
 */
struct message_id {
	struct span left, right;
};

/* The whole value of a Message-ID field.  False: *why says what is wrong. */
bool message_id_parse(struct arena *arena, struct span value,
	struct message_id *id, const char **why) MXP_MUST_USE;

#endif
