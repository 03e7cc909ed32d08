#ifndef MXP_MTA_TEXT_H
#define MXP_MTA_TEXT_H

#include "probe/judge/mta_order.h"
#include "reports/screen.h"

/*
 * What the user's mail server would do with a destination: the addresses in
 * its order, what it does when the first one fails, and, when verbose or where
 * a family is named, how to send there over one family only.
 */
void mta_text_put(struct screen *screen, const struct mta_order *order);

void mta_text(FILE *out, const struct text_style *style,
	const struct mta_order *order);

#endif
