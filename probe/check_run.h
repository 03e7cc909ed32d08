#ifndef MXP_CHECK_RUN_H
#define MXP_CHECK_RUN_H

#include "probe/judge/codebook.h"
#include "scenarios/matrix.h"
#include "scenarios/variables.h"

/*
 * `mxprobe check`: a scenario file read as a run would read it, with all it
 * includes and every name resolved, and nothing sent.
 */
struct check_result {
	struct span file;
	const struct sheet *sheet;      /* what could be read */
	struct complaints complaints;   /* in order */
	const struct matrix *matrix;    /* NULL: there are complaints */
	struct variables variables;
};

/* The file's own text is given; what it includes is read here. */
void check_text(struct arena *arena, const struct codebook *codebook,
	struct span file, struct span text, struct check_result *result);

/* The same for a run, which reads the secrets, too. */
void check_text_for_run(struct arena *arena, const struct codebook *codebook,
	struct span file, struct span text, struct check_result *result);

/* The same for a rehearsal: where a secret cannot be read, another stands for
 * it. */
void check_text_for_rehearsal(struct arena *arena,
	const struct codebook *codebook, struct span file, struct span text,
	struct check_result *result);

#endif
