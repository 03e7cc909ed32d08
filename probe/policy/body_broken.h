#ifndef MXP_BODY_BROKEN_H
#define MXP_BODY_BROKEN_H

#include "probe/policy/body_search.h"

/*
 * The canonical form as somebody may have made it who misread the RFC.
 */

/* The hash of an empty body, whatever the body at hand is. */
void body_broken_empty(struct body_search *search);

/* By the algorithm that c= does not name. */
void body_broken_swap(struct body_search *search);

/* By this one with one of its rules broken. */
void body_broken_rules(struct body_search *search, enum canon canon);

#endif
