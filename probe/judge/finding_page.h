#ifndef MXP_FINDING_PAGE_H
#define MXP_FINDING_PAGE_H

#include "probe/judge/finding.h"

/*
 * What is known of a finding of the judge's own before anything is walked,
 * traced or read: the page of `mxprobe explain family.unreachable`.  Those that
 * tell what a server said have rows of the codebook instead.
 *
 * A page is a finding without evidence.  What depends on what was found is
 * empty.  Several may have one id: packets are lost from us, or towards us.
 */

/* The n-th of all pages; false: there are no more. */
bool finding_page_at(size_t n, struct finding *page);

bool finding_page_has(struct span id);

#endif
