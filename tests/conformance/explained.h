#ifndef MXP_CONFORMANCE_EXPLAINED_H
#define MXP_CONFORMANCE_EXPLAINED_H

#include "tests/conformance/conformance.h"

/*
 * What `mxprobe explain` says of some files: the program itself is run, the one
 * that was built with this one.
 */
struct explained {
	int status;             /* of its exit; -1: it did not exit */
	json_t *lines;          /* of --jsonl: an array */
};

enum { EXPLAINED_FILES_MAX = 128 };

/* False, with `why` of the question, when it cannot be run or what it writes is
 * no JSON. */
bool explained_open(struct explained *explained,
	struct suite_question *question, const char *const *files,
	size_t count);
void explained_close(struct explained *explained);

/* A member of a line.  Missing, null, or of another kind: empty, or 0. */
struct span explained_text(const json_t *line, const char *key);
json_int_t explained_number(const json_t *line, const char *key);
bool explained_is(const json_t *line, const char *key, const char *word);

#endif
