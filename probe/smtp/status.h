#ifndef MXP_STATUS_H
#define MXP_STATUS_H

#include "probe/smtp/reply.h"

/*
 * The enhanced status at the start of a reply line (RFC 3463 section 2):
 *
 *      status = class "." subject "." detail
 *      class  = "2" / "4" / "5"                and the reply code's first digit
 *      subject, detail = 1*3DIGIT
 *
 * with a space or the end of the line behind it.  Returns its length, 0 when
 * there is none.
 */
size_t status_take(struct span line, unsigned class, unsigned part[static 3]);

#endif
