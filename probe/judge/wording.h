#ifndef MXP_WORDING_H
#define MXP_WORDING_H

#include "probe/base/ip.h"
#include "probe/smtp/reply.h"

/*
 * The wording of a reply is its text with everything folded away that differs
 * between two servers, two days or two logs that say the same: line breaks
 * and runs of blanks, the code and the enhanced status that each line repeats
 * (even glued to a word, as some senders join the lines), letter case, a
 * typographer's apostrophe, and the choice between "email" and "mail".
 *
 * The words of a phrase are folded by the same rules.
 */
enum { WORDING_MAX = 8192 }; /* octets looked at; a longer text is cut */

/* All return a span into the room. */
struct span wording_of_reply(
	char room[static WORDING_MAX], const struct reply *reply);
struct span wording_of_text(char room[static WORDING_MAX], struct span text);

/*
 * Of a reply as a bounce or a log tells of it.  Line breaks written as the two
 * characters "\n" fold away too, and in a text without any blank, as qmail
 * logs it, "_" is one, and "/" before a code or at the end.
 */
struct span wording_of_report(char room[static WORDING_MAX], struct span text,
	unsigned code, const unsigned status[static 3]);

/* The same with letter case and words as they are: to read values from. */
struct span wording_unfolded(char room[static WORDING_MAX], struct span text,
	unsigned code, const unsigned status[static 3]);

/* What a server said in it: from its code on, or all of it. */
struct span wording_from_code(struct span text);

/* Where such a text gives them; 0 and all 0 where it does not. */
unsigned wording_code(struct span text);
void wording_status(struct span text, unsigned status[static 3]);

/* The first IP address in it; one in brackets before one without. */
bool wording_ip(struct span wording, struct ip *ip);

#endif
