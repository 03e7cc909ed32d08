#ifndef MXP_LEDGER_CLAIM_H
#define MXP_LEDGER_CLAIM_H

#include "probe/ledger.h"

/*
 * Which limits a connection falls under: of its host and its address, of the
 * organisation, and those that the scenario sets.  Whoever is on loopback, or
 * is the user's own, falls under those of the scenario only.
 */
void ledger_claim_of(struct arena *arena, const struct path *path,
	const struct ledger_terms *terms, unsigned pause_ms,
	struct ledger_claim *claim);

/* "google.com"; the text of an address that has no name. */
struct span ledger_organisation(struct arena *arena, struct span host);

#endif
