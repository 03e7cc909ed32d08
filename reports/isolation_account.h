#ifndef MXP_ISOLATION_ACCOUNT_H
#define MXP_ISOLATION_ACCOUNT_H

#include "probe/judge/isolation.h"
#include "scenarios/variables.h"

/*
 * What an isolation has to tell, in the clauses that all reports have in
 * common.  They are without secrets, and not escaped.
 */
struct isolation_account {
	struct arena *arena;
	const struct isolation *isolation;
	const struct variables *secrets;        /* shown as "***"; or NULL */
};

enum { ISOLATION_REPLY_SHOWN = 120 /* octets of a reply in a clause */ };

/* "IPv6 from 2001:db8::25 to mx.example.org [...], RCPT TO: 550 no" */
struct span account_failing(const struct isolation_account *account);

/* "EHLO name mx.example.org"; in words where it is the same once more. */
struct span account_changes(const struct isolation_account *account,
	const struct trial *trial);

/* "goes well", "fails in another way": what became of an experiment. */
const char *account_verdict(const struct isolation_account *account,
	const struct trial *trial);

/* The reply where it is not the one that failed already; or empty. */
struct span account_reply(const struct isolation_account *account,
	const struct trial *trial);

/* "target, EHLO name mx.example.org": what no experiment changed. */
struct span account_held(const struct isolation_account *account);

/* "3 of at most 4 more connections" */
struct span account_cost(const struct isolation_account *account);

/* All sentences of the conclusion, and the first of them alone. */
struct span account_conclusion(const struct isolation_account *account);
struct span account_gist(const struct isolation_account *account);

/* All of it, a line each.  Returns how many lines these are. */
size_t account_lines(const struct isolation_account *account,
	struct span **lines);

#endif
