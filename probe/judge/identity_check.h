#ifndef MXP_IDENTITY_CHECK_H
#define MXP_IDENTITY_CHECK_H

#include "probe/judge/expectation.h"
#include "probe/judge/holding.h"
#include "probe/policy/dkim_key.h"
#include "probe/policy/fcrdns.h"

/*
 * identity: what a receiver is to find out about one source address of a
 * path, by the same rules as after a walk, without a walk.
 *
 * Like every policy it is a plain function of the answers: false means that
 * questions are open; settle them, and run it again from its start.
 */
struct identity_question {
	const struct matrix_identity *identity;
	struct ip source;
	struct span helo;               /* our name in EHLO; or empty */
	struct dkim_keys *keys;
	int64_t now;                    /* seconds since 1970 */
};

/* What one line came to. */
struct identity_fact {
	const struct identity_line *line;
	enum held held;
	struct span found;              /* not escaped: "fail", "no PTR" */
};

struct identity_facts {
	struct ip source;
	enum fcrdns fcrdns;             /* FCRDNS_OPEN: not asked */
	struct span ptr_name;           /* or empty */
	struct identity_fact *facts;    /* one for each line */
	size_t count;
};

bool identity_check(struct arena *arena, struct answers *answers,
	const struct identity_question *question,
	struct identity_facts *facts) MXP_MUST_USE;

/* What is still open then is unknown. */
void identity_judge(struct arena *arena, const struct identity_facts *facts,
	struct cell_result *result);

/* "identity office" */
struct span identity_subject(struct arena *arena,
	const struct matrix_identity *identity);

#endif
