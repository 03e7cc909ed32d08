#ifndef MXP_CODEBOOK_MATCH_H
#define MXP_CODEBOOK_MATCH_H

#include "probe/judge/codebook_rows.h"

/*
 * One line "match" or "set" of a codebook's file, behind its first word.  NULL
 * when it was read, else what was expected, with the words that stand there
 * instead in *wrong.  The grammar stands over the functions.
 */
const char *codebook_match_read(struct arena *arena,
	const struct codebook *codebook, struct span rest,
	struct codebook_match *match, struct span *wrong);
const char *codebook_set_read(struct arena *arena, struct codebook *codebook,
	struct span rest, struct span *wrong);

/* A word up to the next blank, off *rest. */
struct span codebook_next_word(struct span *rest);

#endif
