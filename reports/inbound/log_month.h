#ifndef MXP_LOG_MONTH_H
#define MXP_LOG_MONTH_H

#include "probe/base/span.h"

/*
 * The month that a short name stands for, 1 to 12, in the languages whose names
 * journalctl and others write where the machine is set to them: "Okt", "févr.",
 * "11月".  0: none.  English is not among them, and neither is Croatian, which
 * has some of the Polish and Czech names for other months.
 */
unsigned log_month_of(struct span name);

#endif
