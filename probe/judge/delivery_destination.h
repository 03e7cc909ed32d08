#ifndef MXP_DELIVERY_DESTINATION_H
#define MXP_DELIVERY_DESTINATION_H

#include "probe/judge/delivery_table.h"

/*
 * Where a delivery went, as the table counts it: a provider of the codebook by
 * the server's name or the recipient's domain, else that domain, else the
 * server's name or address.  Names are in lower case and end without a dot.
 */
struct delivery_destination {
	char name[DELIVERY_NAME_MAX];
	size_t len;
	bool is_provider, is_server;
};

void delivery_destination_find(const struct codebook *codebook,
	const struct delivery *delivery,
	struct delivery_destination *destination);

/* Below DELIVERY_BUCKETS. */
unsigned delivery_destination_bucket(
	const struct delivery_destination *destination);
unsigned delivery_row_bucket(const struct delivery_row *row);

/* What stands behind the last @; or empty. */
struct span delivery_domain_of(struct span mailbox);

#endif
