#ifndef MXP_TRACE_HEARING_H
#define MXP_TRACE_HEARING_H

#include "probe/judge/trace_judge.h"

/*
 * What the judge of traces has on the table: the traces, and the findings so
 * far.
 */
struct trace_kind {             /* of a finding, before anything was seen */
	const char *id;
	enum severity severity;
	enum blame blame;
	enum confidence confidence;
	const char *title, *meaning, *remedy, *reference;
};

/* Those of single traces and of all together, to a NULL. */
extern const struct trace_kind *const trace_kinds[];

struct finding finding_of_trace_kind(const struct trace_kind *kind);

struct hearing {
	struct arena *arena;
	const struct trace_set *set;
	struct finding *list;
	size_t count, room;
};

/* Valid until the next one is drafted. */
struct finding *hearing_draft(struct hearing *hearing,
	const struct trace_kind *kind, enum family family);

/* One clause of evidence. */
void hearing_for(struct hearing *hearing, struct finding *finding,
	struct span text);
void hearing_against(struct hearing *hearing, struct finding *finding,
	struct span text);

/* "mx.example [192.0.2.1] port 25 is open, at hop 7" */
struct span hearing_end_text(struct arena *arena, const struct trace *trace);

/* The same address on another port; NULL: none was traced. */
const struct trace *hearing_control(const struct trace_set *set,
	const struct trace *trace);

/* Hops to who answers; 0: not known. */
unsigned hearing_distance(const struct trace *trace);

/* Who answers is nearer than who answers for the same address on the control
 * port. */
bool hearing_is_nearer(const struct trace *trace, const struct trace *control);

/* ---- trace_interception.c */

/* An open port that somebody else seems to answer; NULL: nothing says so. */
const struct trace_kind *interception_kind(const struct hearing *hearing,
	const struct trace *trace);
void interception_weigh(struct hearing *hearing, struct finding *finding,
	const struct trace *trace);

/* One that answers for the hosts of several operators. */
void interception_judge_pairs(struct hearing *hearing);

#endif
