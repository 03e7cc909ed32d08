#ifndef MXP_SCENARIO_SET_H
#define MXP_SCENARIO_SET_H

#include "probe/matrix_run.h"
#include "probe/verbs/cell_packets.h"
#include "probe/verbs/due.h"
#include "probe/verbs/publication.h"
#include "probe/verbs/record.h"
#include "reports/rows_report.h"

/*
 * The scenarios that `mxprobe run` was given: read all at once, walked one
 * after the other, and by a schedule again and again.
 */
struct scenario_set {
	struct program *program;
	size_t count;
	struct check_result *results;
	const struct prepared_cell **cells;
	struct ledger *ledger;          /* the caller's */
	struct due *due;                /* the caller's; NULL: all of them go,
					   and at once */

	/* Of a walk. */
	enum run_result result;
	bool is_unread;                 /* nobody takes what is told */
	bool has_told;                  /* of a row */
	const struct check_result *untold;      /* --failures: its name is told
					   before the first of its rows that is;
					   NULL: it was */
	enum cell_verdict worst;
	struct rows_count rows;
	struct json_writer json;
	struct record record;
	struct publication publication;
	struct cell_packets packets;
};

/*
 * Reads the files of the options, before the first packet.  Else an exit
 * status, and everything that is wrong was told on stderr.
 */
int scenario_set_read(struct arena *arena, struct program *program,
	struct scenario_set *set);

/* Returns the exit status.  The arena is that of the walk alone. */
int scenario_set_walk(struct arena *arena, struct scenario_set *set);

#endif
