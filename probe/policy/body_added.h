#ifndef MXP_BODY_ADDED_H
#define MXP_BODY_ADDED_H

#include "probe/policy/body_search.h"

/* Lines that a list or gateway put into the body. */
void body_added_footer(struct body_search *search);
void body_added_banner(struct body_search *search);

/* At the end of a part of a multipart. */
void body_added_in_parts(struct body_search *search);

#endif
