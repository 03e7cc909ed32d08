#ifndef MXP_PATTERN_H
#define MXP_PATTERN_H

#include "probe/base/span.h"

/*
 * The form of a regular expression, as PCRE2 reads them: is every bracket
 * closed, and is there something before each * + ? to be repeated?  Matching
 * is somebody else's.
 */
enum { PATTERN_MAX = 1000, PATTERN_DEPTH_MAX = 50 };

/* False: *why says what is wrong. */
bool pattern_check(struct span pattern, const char **why);

#endif
