#ifndef MXP_MARKUP_H
#define MXP_MARKUP_H

#include <stdio.h>

#include "probe/base/span.h"

/*
 * Text in XML and HTML, in elements and in quoted attributes.  It has been
 * through escape_text() before, so that it holds no octet that these forbid
 * (XML 1.0 section 2.2) and nothing that one does not see; here only their own
 * characters are replaced.
 */
void markup_put(FILE *out, struct span safe);

/*
 * The same in an element of HTML, where the octets that escape_text() wrote as
 * \xHH are marked as such.
 */
void markup_show(FILE *out, struct span safe);

#endif
