#ifndef MXP_TESTS_OUTCOMES_H
#define MXP_TESTS_OUTCOMES_H

#include "probe/judge/judge.h"

/*
 * Outcomes and judgements for the tests of the reports, written down rather
 * than walked: a report must be testable from a literal.  Included as source
 * by the tests that need them.
 */
enum { SAMPLE_ROOM = 8 };

struct sample {
	struct arena *arena;
	struct target target;
	struct outcome outcome;
	struct judgement judgement;
	struct exchanger exchangers[SAMPLE_ROOM];
	struct path paths[SAMPLE_ROOM];
	struct visit visits[SAMPLE_ROOM];
	struct visit *visit_list[SAMPLE_ROOM];
	struct visit_judgement judged[SAMPLE_ROOM];
	struct finding findings[SAMPLE_ROOM];
};

#endif
