#ifndef MXP_RUN_DOCUMENT_H
#define MXP_RUN_DOCUMENT_H

#include "probe/judge/recorded.h"

/*
 * A run from a file: what `mxprobe run --json` or `mxprobe --json` wrote.  Of
 * a walk each target has a row for each family, as in the history.  The text
 * is foreign: whatever is not as expected there is passed over.
 */
enum { RUN_DOCUMENT_MAX = 256 * 1024 * 1024 };

/* False: *why says that it is no such document. */
bool run_document_read(struct arena *arena, struct span text,
	struct recorded_run *run, struct span *why);

#endif
