#ifndef MXP_GENERIC_NAME_H
#define MXP_GENERIC_NAME_H

#include "probe/base/ip.h"
#include "probe/policy/org_domain.h"

/*
 * Does the name of an address look as if a provider had made it, for a whole
 * range?  Receivers (Yahoo by its published rules, many by regular expressions)
 * refuse mail from such names.  Only what stands left of the organizational
 * domain is looked at.  It is a guess, as theirs is.
 */
enum generic {
	GENERIC_NO,
	GENERIC_ADDRESS,        /* the address stands in the name */
	GENERIC_DYNAMIC,        /* a word such as "dyn", "pool" or "dsl" */
};

struct generic_name {
	enum generic kind;
	struct span evidence;   /* the part of the name */
	struct span why;        /* one sentence; empty when it is not */
};

enum generic generic_name_check(struct arena *arena,
	const struct suffix_list *suffixes, struct span name,
	const struct ip *ip, struct generic_name *generic);

const char *generic_word(enum generic kind);    /* "address", "dynamic" */

#endif
