#ifndef MXP_HTML_STORY_H
#define MXP_HTML_STORY_H

#include "reports/html_text.h"

/* What a row has to tell in words, written while its facts are there. */

/* What was wanted and what was found; or why it is not decided. */
void html_misses(FILE *out, struct arena *arena, const struct result_row *row);

/* What each line of an identity came to; nothing for any other row. */
void html_identity(
	FILE *out, struct arena *arena, const struct result_row *row);

/* A finding of the judge, with its evidence for and against. */
void html_finding(FILE *out, struct arena *arena, const struct result_row *row,
	const struct finding *finding);

/* All that was said, of each visit of the row. */
void html_transcripts(
	FILE *out, struct arena *arena, const struct result_row *row);

#endif
