#ifndef MXP_REPORTED_FINDINGS_H
#define MXP_REPORTED_FINDINGS_H

#include "probe/judge/reported_judge.h"

/* The n-th of their kinds, without evidence; see finding_page.h. */
bool reported_page_at(size_t n, struct finding *page);

/* The findings of a judgement that is complete but for them. */
void reported_findings(struct arena *arena,
	struct reported_judgement *judgement);

#endif
