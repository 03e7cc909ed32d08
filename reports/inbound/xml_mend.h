#ifndef MXP_XML_MEND_H
#define MXP_XML_MEND_H

#include "probe/base/span.h"

/*
 * Text that is not quite XML, made into XML: many programs write reports by
 * printing, and forget that "<" and "&" mean something, and which octets are
 * UTF-8.
 *
 * What stands for the octet at the start of the rest, where it cannot be taken
 * as it is; empty: it can.  The rest is not empty.
 */
struct span xml_mend(struct span rest);

#endif
