#ifndef MXP_DELIVERY_LIKENESS_H
#define MXP_DELIVERY_LIKENESS_H

#include "probe/facts/delivery.h"

/*
 * How much speaks for it that two witnesses tell of the same delivery; the
 * rules stand in delivery_join.h.  `told` is of a log or a bounce, `kept` of a
 * bounce or a capture.
 */
struct likeness {
	unsigned strength;      /* 0: they are two */
	int64_t apart_ms;       /* less is better, of the same strength */
	bool knows_zone;
	int zone;               /* quarters of an hour that the clock of `told`
				   is taken to be ahead */
};

/* Something in them cannot be true of one delivery. */
bool delivery_contradicts(const struct delivery *a, const struct delivery *b);

/* `zone` is what was found of the same clock before. */
struct likeness delivery_likeness(const struct delivery *told,
	const struct delivery *kept, int zone);

#endif
