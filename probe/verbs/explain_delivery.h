#ifndef MXP_EXPLAIN_DELIVERY_H
#define MXP_EXPLAIN_DELIVERY_H

#include "probe/verbs/explanation.h"

/* Deliveries on their way: told by one witness, joined with what others tell,
 * then judged and written. */
void explain_join_open(struct explanation *explanation);
void explain_join_close(struct explanation *explanation);

void explain_delivery(struct explanation *explanation,
	const struct delivery *delivery);

/* The same where no other file is read that could tell of it: nothing of it is
 * kept, so that a capture of any length takes the same memory. */
void explain_only_delivery(struct explanation *explanation,
	const struct delivery *delivery);

#endif
