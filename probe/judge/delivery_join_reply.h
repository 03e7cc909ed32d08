#ifndef MXP_DELIVERY_JOIN_REPLY_H
#define MXP_DELIVERY_JOIN_REPLY_H

#include "probe/base/span.h"

/*
 * Whether two witnesses wrote down the same reply.  What each of them does to
 * it does not count: case, blanks, folding, codes and enhanced codes at the
 * head of its lines or amid them, the hyphens of its lines, octets that a log
 * shows as "?", what Postfix adds in parentheses at its end.
 */
enum reply_kinship {
	REPLY_UNTOLD,           /* one of them has no words */
	REPLY_OTHER,
	REPLY_BEGINS,           /* the one is how the other begins */
	REPLY_SAME,
};

enum { REPLY_BEGINS_MIN = 8 };  /* octets, without blanks and codes */

enum reply_kinship reply_kinship(struct span a, struct span b);

#endif
