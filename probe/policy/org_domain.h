#ifndef MXP_ORG_DOMAIN_H
#define MXP_ORG_DOMAIN_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The organizational domain of a name by the public suffix list (RFC 7489,
 * 3.2): the public suffix and one label more.  The list is that of the
 * distribution when it is newer than the one inside libpsl; both age, so a
 * report says which it was.  RFC 9989 has another way: see tree_walk.h.
 */
struct suffix_list;

/* The list of this machine, read once in a process; never NULL. */
const struct suffix_list *suffix_list_own(void);

/*
 * A list from a file, text or compiled; NULL when it cannot be read.  Closing
 * it gives back what libpsl holds; NULL may be closed.
 */
struct suffix_list *suffix_list_open(struct arena *arena, const char *file)
	MXP_MUST_USE;
void suffix_list_close(struct suffix_list *list);

/* "/usr/share/publicsuffix/...", or "built into libpsl", or "none". */
const char *suffix_list_file(const struct suffix_list *list);
int64_t suffix_list_date(const struct suffix_list *list); /* unix; 0: unknown */

/*
 * In lower case, without leading and trailing dots.  What has no
 * organizational domain is its own: a public suffix, an address, an address
 * literal, nothing.  A top-level domain that the list does not know is taken
 * as a public suffix (the list's own rule).
 */
struct span org_domain(struct arena *arena, const struct suffix_list *list,
	struct span domain);

/* The form in which org_domain() returns and compares names. */
struct span org_domain_plain(struct arena *arena, struct span domain);

#endif
