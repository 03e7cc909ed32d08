#ifndef MXP_DIAGNOSTIC_STAGE_H
#define MXP_DIAGNOSTIC_STAGE_H

#include "reports/inbound/diagnostic.h"
#include "reports/inbound/folded_text.h"

/*
 * Where in the session a mail system failed, by the words that it has for it:
 * for diagnostic.c, which has found the reply already.
 */
void diagnostic_find_stage(const struct folded_text *folded,
	struct diagnostic *diagnostic);

/* Was it tried for too long? */
bool diagnostic_gives_up(const struct folded_text *folded);

#endif
