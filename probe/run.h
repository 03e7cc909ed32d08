#ifndef MXP_RUN_H
#define MXP_RUN_H

#include <uv.h>

#include "probe/dns/answers_file.h"
#include "probe/ledger.h"
#include "probe/net/resolver.h"
#include "probe/net/scripted_server.h"
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

/* Asks what it needs of the DNS; true: everything is settled. */
typedef bool errand_asked(void *receiver, struct arena *arena,
	struct answers *answers);

/* When an errand was begun and ended. */
struct errand_clock {
	int64_t began_ms;               /* since 1970 */
	uint64_t began_ns, ended_ns;    /* of the program */
};

/*
 * A target with options of its own.  Errands are handed over in their order,
 * whichever ends first.
 */
struct errand {
	const struct options *options;          /* of one target */
	const struct message *message;          /* NULL: the built-in one */
	struct span name;                       /* for the progress lines */
	errand_asked *asked;                    /* not NULL: it is about names
						   only, and nothing is
						   walked */
	run_finished *ended;                    /* when it ends, and before its
						   turn has come; or NULL */
	run_finished *finished;
	void *receiver;                         /* of all */
	struct errand_clock *clock;             /* is set; or NULL */
};

/*
 * An onlooker sees the walks of runs from beside, as a capture does.  For each
 * run it is told when it begins, of each path before it is walked (all of a
 * target before the first of them is), of each visit behind it and the MTU
 * trial that it is part of (or NULL), and when nothing more will be walked;
 * then its handles may hold the loop for a while.
 * A run inside another one has a loop of its own.  Rehearsals are not looked
 * at.
 */
struct onlooker {
	void (*begins)(struct onlooker *onlooker, uv_loop_t *loop);
	void (*plans)(struct onlooker *onlooker, const struct path *path,
		const struct walk_orders *orders);
	void (*walked)(struct onlooker *onlooker, const struct visit *visit,
		const struct mtu_trial *trial);
	void (*ends)(struct onlooker *onlooker);
};

struct run_orders {
	const struct options *options;
	const struct errand *errands;           /* instead of the options' */
	size_t errand_count;                    /* targets; or 0 */
	const struct saved_answers *saved;      /* NULL: ask the network */
	const struct scripted_cast *cast;       /* of a rehearsal, which goes
						   to nothing but loopback; it
						   has saved answers, too */
	struct tls_context *tls;
	const struct message *message;          /* NULL: the built-in one */
	const struct signer *signer;            /* of the built-in one; or NULL */
	FILE *answers_to;                       /* --save-answers, or NULL */
	struct ledger *ledger;                  /* of several runs; NULL: this
						   run has its own */
	const struct limit *limits;             /* of its scenario */
	size_t limit_count;
	struct onlooker *onlooker;              /* or NULL */
	bool shows_progress;
	run_finished *finished;                 /* not of errands */
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
