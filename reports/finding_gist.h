#ifndef MXP_FINDING_GIST_H
#define MXP_FINDING_GIST_H

#include "probe/judge/finding.h"

/*
 * A finding in half a line, as all reports in words have it:
 * "google.not-authorized over IPv6 (policy on the IP range), likely".  How sure
 * we are stands behind what was said to us, or inferred; what was seen, is so.
 * Not escaped.
 */
struct span finding_gist(struct arena *arena, const struct finding *finding,
	bool names_family);

#endif
