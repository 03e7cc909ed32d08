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
 * A phrase is a row of pieces that must stand in the wording in their order.
 * Pieces are folded by the same rules.
 */
enum { WORDING_MAX = 8192 }; /* octets looked at; a longer text is cut */

/* Both return a span into the room. */
struct span wording_of_reply(
	char room[static WORDING_MAX], const struct reply *reply);
struct span wording_of_text(char room[static WORDING_MAX], struct span text);

bool wording_has(
	struct span wording, const struct span *pieces, size_t piece_count);

/* The first IP address in it; one in brackets before one without. */
bool wording_ip(struct span wording, struct ip *ip);

#endif
