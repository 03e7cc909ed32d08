#ifndef MXP_JUDGE_H
#define MXP_JUDGE_H

#include "probe/judge/codebook.h"
#include "probe/judge/finding.h"

/*
 * The judge turns the facts of one target into a verdict and findings.  It
 * touches no socket and asks nobody: the same function judges a live walk and
 * a literal in a test.
 */
enum verdict { VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL, VERDICT_UNKNOWN,
	VERDICT_NA };

enum comparison {
	COMPARE_SAME,
	COMPARE_FAMILY_SPECIFIC,
	COMPARE_HOST_SPECIFIC,
	COMPARE_INCONCLUSIVE,   /* fewer than two families got an answer */
};

struct isolation;               /* isolation.h */

struct visit_judgement {
	const struct visit *visit;
	enum verdict verdict;
	const struct codebook_row *row;         /* what the refusal means, or
						   NULL: unknown, or none */
};

struct judgement {
	enum verdict verdict;           /* of the target */
	enum verdict families[FAMILY_COUNT];
	struct span family_why[FAMILY_COUNT];   /* n/a and unknown: the reason */
	const struct visit_judgement *visits;   /* as in the outcome */
	size_t visit_count;
	enum comparison comparison;
	struct span comparison_why;     /* one clause */
	bool is_parted;                 /* the families differ ... */
	enum stage parted;              /* ... first at this stage */
	enum family worse;              /* ... and this one fared worse */
	const struct finding *findings; /* the gravest first */
	size_t finding_count;
	bool stopped_before_data;       /* a green result that did not reach
					   the policy stage says so */
	const struct isolation *const *isolations;      /* --isolate: of what
						   failed; isolation.h */
	size_t isolation_count;
};

const struct judgement *judge(struct arena *arena,
	const struct codebook *codebook, const struct outcome *outcome);

const char *verdict_word(enum verdict verdict);         /* "pass", "n/a" */
const char *comparison_word(enum comparison comparison);

/* 0 all well, 1 refused or failed, 4 could not be decided. */
int verdict_exit_status(enum verdict verdict);

/* Of many targets: the worst; fail before unknown before the rest. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

#endif
