#ifndef MXP_MTU_RULE_H
#define MXP_MTU_RULE_H

#include "probe/facts/mtu_trial.h"
#include "probe/judge/docket.h"

/*
 * Large packets that are lost: suspected where a walk hangs, proven by a trial
 * of two connections that differ in nothing but the size of their segments.
 */

/* Of a walk that ended in silence.  NULL: packets have no part in it. */
const struct finding_kind *mtu_kind_of(const struct visit *visit);

/* What the trial says for and against a finding of that kind. */
void mtu_weigh(struct docket *docket, struct draft *draft,
	const struct visit *visit);

/*
 * A server that is silent in the handshake, or packets that are lost on the
 * way to us: where no trial told, both are told, each as what speaks against
 * the other.
 */
void mtu_weigh_silence(struct docket *docket, struct draft *silence,
	const struct visit *visit);

/* The trial found that large packets are lost, whatever became of the walk. */
bool mtu_is_lost(const struct visit *visit);

#endif
