#ifndef MXP_SPF_REPAIR_H
#define MXP_SPF_REPAIR_H

#include "probe/policy/spf_record.h"

/*
 * What was meant: the slips that people make in SPF records, undone.
 */

/*
 * The term as it should be, or empty when it is anybody's guess.  What comes
 * back is always sound.
 */
struct span spf_repair_term(struct arena *arena, struct span term);

/*
 * A TXT record that was meant to be one of SPF and is none, as it should be:
 * "v=spf1;", "v=spf1,a", "spf1 a", in quotes, behind a space.  Empty: it is
 * something else.
 */
struct span spf_repair_record(struct arena *arena, struct span text);

#endif
