#ifndef MXP_EXPLAIN_WORD_H
#define MXP_EXPLAIN_WORD_H

#include "probe/verbs/program.h"

/*
 * A lone word behind `mxprobe explain` names a file, or else a row of the
 * codebook.  NULL: it names no row, or there is not one word alone.
 */
const struct codebook_row *explain_word_row(const struct program *program);

/* Or a finding of the judge's own: its id; empty: it names none. */
struct span explain_word_finding(const struct program *program);

/*
 * What a server replied, behind the verb as it was pasted, in quotes or in
 * several words: "550 5.7.1 Blocked".  Empty: the words are no reply, or one of
 * them names a file.
 */
struct span explain_word_reply(
	struct arena *arena, const struct program *program);

/*
 * Is it neither, but written as the id of a row is?  Then this has been told,
 * with the id that was most likely meant.
 */
bool explain_word_is_wrong(
	struct arena *arena, const struct program *program);

#endif
