#ifndef MXP_PLAN_H
#define MXP_PLAN_H

#include "probe/facts/outcome.h"

/*
 * The plan turns what the DNS says of a target into paths: every A and every
 * AAAA of every exchanger, in the order of RFC 5321 section 5.1, and why a
 * path is left out.  It asks the answers table and is run again from its start
 * until nothing is open.
 *
 * Exchangers of equal preference are ordered by name.  A sending server must
 * choose among them at random (RFC 5321 section 5.1); a probe is compared with
 * its last run.
 *
 * What is walked by default: the best host over each family, and where the
 * best host lacks a family, the next one that has it, over both its families,
 * so that families are compared on one host.  One address of a host and
 * family.  There is no falling back from one to the other.
 */
enum mx_choice { MX_BEST, MX_ALL, MX_FIRST };

enum { PLAN_EXCHANGERS_MAX = 64, PLAN_PATHS_MAX = 512 };

struct plan_orders {
	const struct target *target;
	bool wanted[FAMILY_COUNT];
	enum mx_choice choice;
	unsigned first;                 /* MX_FIRST: this many hosts */
	bool has_only;                  /* --ip: this address and no other */
	struct ip only;
	bool asks_dane;                 /* the walk is to come to TLS ... */
	bool insists_on_dane;           /* ... and by --tls dane */
	bool asks_sts;                  /* MTA-STS and TLSRPT, likewise */
};

enum plan_state { PLAN_OPEN, PLAN_DONE };

/*
 * Once it is clear which paths are walked, it asks what binds a sender there:
 * TLSA records, and the domain's MTA-STS policy; and its TLSRPT record.
 *
 * Fills what the DNS decides in the outcome: mx_answer, exchangers, paths, and
 * the fault when there is no path at all.  The outcome's target, answers and
 * wanted are set by the caller.
 */
enum plan_state plan_make(struct arena *arena, const struct plan_orders *orders,
	struct outcome *outcome) MXP_MUST_USE;

/* What a lookup that gave no data means for a delivery. */
enum failure failure_of_answer(enum answer_kind kind);

#endif
