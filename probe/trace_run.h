#ifndef MXP_TRACE_RUN_H
#define MXP_TRACE_RUN_H

#include "probe/dns/answers_file.h"
#include "probe/judge/trace_judge.h"
#include "probe/options.h"

/*
 * `mxprobe trace`: for each target the exchanger that a walk would go to, over
 * both families beside each other, one target after the other.  Where the mail
 * port of a host is not reached, its control port is traced, too.
 */
struct trace_orders {
	const struct options *options;
	const struct saved_answers *saved;      /* NULL: ask the network */
	bool shows_progress;
};

/* What was found out of one target. */
struct traced_target {
	const struct outcome *outcome;  /* the plan; no visits */
	struct trace **traces;          /* by host; IPv4 before IPv6; the mail
					   port before its control */
	size_t trace_count, trace_room;
};

struct trace_run {
	struct traced_target *targets;
	size_t target_count;
	const struct trace_judgement *judgement;
	bool is_interrupted;
};

/* All in the arena.  NULL: *why says why, and nothing was sent. */
const struct trace_run *trace_run(struct arena *arena,
	const struct trace_orders *orders, struct span *why);

#endif
