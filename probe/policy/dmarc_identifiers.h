#ifndef MXP_DMARC_IDENTIFIERS_H
#define MXP_DMARC_IDENTIFIERS_H

#include "probe/policy/dkim.h"
#include "probe/policy/dmarc.h"
#include "probe/policy/spf.h"

/*
 * What SPF and DKIM said, as dmarc_check() takes it: SPF, where it was asked,
 * then the signatures that pass, then the others, since only the first
 * DMARC_IDENTIFIERS_MAX are looked at.  Sets the query's identifiers.
 */
void dmarc_identify(struct arena *arena, struct dmarc_query *query,
	const struct spf_check *spf, const struct dkim_checks *dkim);

#endif
