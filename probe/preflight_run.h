#ifndef MXP_PREFLIGHT_RUN_H
#define MXP_PREFLIGHT_RUN_H

#include "probe/dns/answers_file.h"
#include "probe/options.h"
#include "probe/policy/preflight.h"

/*
 * One preflight from beginning to end: what the options leave out is worked
 * out (the sender from the message, the sources from this host), and the
 * questions are settled, by the network or from saved answers, until none is
 * open.
 */
struct preflight_run {
	struct preflight_query query;
	struct preflight result;
	struct answers *answers;        /* all that was asked */
};

struct preflight_orders {
	const struct options *options;
	struct span message;            /* the bytes of the file ... */
	bool has_message;               /* ... if one was given */
	const struct saved_answers *saved;      /* NULL: ask the network */
	const struct saved_answers *saved_elsewhere;    /* NULL: ask
					   --other-dns, if that is given */
	int64_t now;                    /* seconds since 1970 */
	bool shows_progress;            /* on stderr, a terminal */
};

/* NULL: *why says why; it is the user's fault or the machine's. */
struct preflight_run *preflight_run_open(struct arena *arena,
	const struct preflight_orders *orders, struct span *why) MXP_MUST_USE;
void preflight_run_close(struct preflight_run *run);

#endif
