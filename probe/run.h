#ifndef MXP_RUN_H
#define MXP_RUN_H

#include <uv.h>

#include "probe/dns/answers_file.h"
#include "probe/ledger.h"
#include "probe/net/resolver.h"
#include "probe/net/walker.h"
#include "probe/options.h"
#include "probe/signer.h"

/*
 * A run keeps many targets in flight on one loop.  Each target is a task with
 * its own arena that goes through its acts in order: plan and resolve, walk,
 * identity (what our source addresses are called), and is handed over, judged
 * and reported, and freed.  Memory is bounded by targets in flight, never by
 * targets in the list.
 */
struct run;

/*
 * Called once for each target, from the loop; the outcome goes afterwards.
 * False: nobody reads any more, and nothing further is begun.
 */
typedef bool run_finished(void *receiver, struct arena *arena,
	const struct outcome *outcome);

/* --repeat: called for each walk instead; the target's outcome stays. */
typedef bool run_visited(void *receiver, struct arena *arena,
	const struct outcome *outcome);

struct run_orders {
	const struct options *options;
	const struct saved_answers *saved;      /* NULL: ask the network */
	struct tls_context *tls;
	const struct message *message;          /* NULL: the built-in one */
	const struct signer *signer;            /* of the built-in one; or NULL */
	FILE *answers_to;                       /* --save-answers, or NULL */
	struct ledger *ledger;                  /* of several runs; NULL: this
						   run has its own */
	bool shows_progress;
	run_finished *finished;
	run_visited *visited;
	void *receiver;
};

enum run_result {
	RUN_DONE,
	RUN_INTERRUPTED,        /* Ctrl-C: what is known was handed over */
	RUN_FAILED,             /* *why says why; nothing was sent */
	RUN_IMPOLITE,           /* --repeat against somebody else's server */
};

/* How many connections at once: the default, and what this process may have
 * open (the soft limit is raised to the hard one). */
void run_limit(struct options *options);

enum run_result run_all(struct arena *arena, const struct run_orders *orders,
	struct span *why);

#endif
