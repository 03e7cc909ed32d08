#ifndef MXP_TRACE_JUDGE_H
#define MXP_TRACE_JUDGE_H

#include "probe/facts/trace.h"
#include "probe/judge/judge.h"

/*
 * What traces tell together.  One host that is silent proves nothing: that a
 * port is blocked takes a second destination that is not reached on it either,
 * and a control port of one of them that is.
 */
struct trace_set {
	const struct trace *const *traces;      /* of all targets, in order */
	size_t count;
};

struct trace_judgement {
	enum verdict verdict;
	enum verdict families[FAMILY_COUNT];    /* VERDICT_NA: not traced */
	const struct finding *findings;         /* the gravest first */
	size_t finding_count;
};

/* The traces of a port come before those of its control ports. */
const struct trace_judgement *trace_judge(struct arena *arena,
	const struct trace_set *set);

/* An open port that somebody else may have answered: its control port tells
 * more.  The set has the host's other family. */
bool trace_is_doubtful(struct arena *arena, const struct trace_set *set,
	const struct trace *trace);

/* Of one trace of a mail port. */
enum verdict trace_verdict(const struct trace *trace);

#endif
