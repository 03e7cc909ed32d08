#ifndef MXP_PREFLIGHT_FIXES_H
#define MXP_PREFLIGHT_FIXES_H

#include "probe/policy/preflight.h"
#include "reports/screen.h"

/*
 * What to do about what fails: each remedy once, with all the checks and
 * addresses that it mends, who asks for them, and on which page.
 */
void preflight_fixes(struct screen *screen,
	const struct preflight_query *query,
	const struct preflight *preflight);

#endif
