#ifndef MXP_DELIVERY_MEANING_H
#define MXP_DELIVERY_MEANING_H

#include "probe/facts/delivery.h"
#include "probe/judge/codebook.h"

/*
 * What it means that a delivery failed, as a witness told of it.  The codebook
 * knows the words; where it does not, or where there are none, the stage and
 * the way it ended still say something: no session means the network or the
 * DNS, too long a wait means that the message expired.
 */
struct codebook_answer delivery_meaning(const struct codebook *codebook,
	const struct delivery *delivery);

#endif
