#ifndef MXP_ROW_TEXT_H
#define MXP_ROW_TEXT_H

#include "probe/judge/result_row.h"

/*
 * The words of a row that all reports for machines have in common.  What is
 * "shown" is without secrets, and escaped; "hidden" is without secrets only.
 */
struct span row_hidden(
	struct arena *arena, const struct result_row *row, struct span text);
struct span row_shown(
	struct arena *arena, const struct result_row *row, struct span text);

/* The scenario's name; "mxprobe" where it has none.  Shown. */
struct span row_scenario(struct arena *arena, const struct result_row *row);

/* row_name(), shown. */
struct span row_title(struct arena *arena, const struct result_row *row);

/* "gmail.mxp:12:3: at dot: wanted accept, found 550".  Shown. */
struct span row_miss(struct arena *arena, const struct result_row *row,
	const struct miss *miss);

/* Why it has its verdict, in a line; may be empty.  Shown. */
struct span row_reason(struct arena *arena, const struct result_row *row);

/*
 * What the judge takes for the cause of a row that fails or could not be
 * decided; NULL: nothing is wrong, or it is only not as a scenario has it.
 */
const struct finding *row_cause(const struct result_row *row);

/* "google.not-authorized (policy on the IP range), likely"; and the step that
 * mends it, which may be empty.  Shown. */
struct span row_cause_text(struct arena *arena, const struct result_row *row,
	const struct finding *cause);
struct span row_fix_text(struct arena *arena, const struct result_row *row,
	const struct finding *cause);

/* Where the walk of a row's family ended early; NULL: nowhere. */
const struct visit_judgement *row_failed_visit(const struct result_row *row);

/* Is this one of the visits that a row is about? */
bool row_has_visit(const struct result_row *row, const struct visit *visit);

/* Was all as expected?  False also for what was not found out. */
bool row_is_well(const struct result_row *row);

#endif
