#ifndef MXP_LINE_H
#define MXP_LINE_H

#include "probe/smtp/address.h"
#include "probe/walk/dialogue.h"

/*
 * The line that a step says, and what may stand in its way: a mailbox or a
 * message that needs an extension which the server has not announced.
 */

/* NULL: nothing.  Else why, in words, with figures to print behind it.  The
 * address is that of a MAIL or RCPT. */
const char *line_obstacle(struct dialogue *dialogue, const struct step *step,
	struct address *address, struct span *figures);

/* With its CRLF, in the dialogue's arena; empty when the step only listens. */
struct span line_print(struct dialogue *dialogue, const struct step *step,
	const struct address *address);

#endif
