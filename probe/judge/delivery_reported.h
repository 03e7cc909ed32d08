#ifndef MXP_DELIVERY_REPORTED_H
#define MXP_DELIVERY_REPORTED_H

#include "probe/judge/delivery_findings.h"
#include "probe/judge/reported_judge.h"

/*
 * Where a server refused mail for what SPF, DKIM or DMARC said of it, or for a
 * rule that it did not tell, DMARC reports about the same address of ours (over
 * IPv6: the same /64, which is one host's or one site's) are evidence: for it
 * when most of what the address sent was not aligned, against it when nearly all
 * was.  Reports say what became of mail that others took, so they are never
 * added to what logs, bounces and captures count.
 */
void delivery_reported_weigh(struct arena *arena,
	const struct reported_judgement *reported,
	struct delivery_findings *findings);

#endif
