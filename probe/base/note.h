#ifndef MXP_NOTE_H
#define MXP_NOTE_H

#include "probe/base/attr.h"

/*
 * What the user is told on standard error: faults of the command line and of
 * the machine, never of a mail server.  One line, "mxprobe: " before it.  The
 * text must already be safe for a terminal (probe/base/escape.h).
 */
void note(const char *fmt, ...) MXP_PRINTF(1, 2);

#endif
