#ifndef MXP_TXT_RECORD_H
#define MXP_TXT_RECORD_H

#include "probe/dns/answers.h"

/*
 * Of the TXT records at a name, how many are of one kind?  *first: the first
 * of them; untouched where there is none.
 */
size_t txt_records_find(const struct answer *answer,
	bool (*is_one)(struct span text), struct span *first);

#endif
