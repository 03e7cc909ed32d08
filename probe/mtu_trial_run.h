#ifndef MXP_MTU_TRIAL_RUN_H
#define MXP_MTU_TRIAL_RUN_H

#include "probe/facts/mtu_trial.h"
#include "probe/task.h"

/*
 * Holds the trial of probe/facts/mtu_trial.h: behind a walk that hung where
 * packets became large, or that the user wants to know it of, one connection
 * more to the same address, and a second one if that hangs, too.  They wait
 * for their turns as any other.
 *
 * No mail is sent in a trial, not even when the walk delivers one: what hung
 * behind the last dot may have arrived after all (RFC 1047), and would arrive
 * twice.
 */

/* The turn's walk is over.  True: another one follows it in the queue, and the
 * task is told when that is over instead. */
bool mtu_trial_goes_on(struct turn *turn);

#endif
