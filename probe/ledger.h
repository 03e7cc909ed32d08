#ifndef MXP_LEDGER_H
#define MXP_LEDGER_H

#include "probe/facts/path.h"

/*
 * The ledger of politeness: at most one connection at a time to a destination
 * host, and a pause between two.  A host is known by its name and by the
 * address it is reached at, so that neither two families of one exchanger nor
 * two names of one machine meet there at once.
 *
 * Only hosts that are busy or resting are kept.
 */
struct ledger;

struct ledger *ledger_open(unsigned pause_ms);
void ledger_close(struct ledger *ledger);

/*
 * True: the path's host is ours until ledger_release().  False: *wait_ms is
 * how long it rests still; 0 while it is busy.
 */
bool ledger_take(struct ledger *ledger, const struct path *path,
	uint64_t now_ms, uint64_t *wait_ms);
void ledger_release(struct ledger *ledger, const struct path *path,
	uint64_t now_ms);

#endif
