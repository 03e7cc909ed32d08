#ifndef MXP_IDENTITY_RUN_H
#define MXP_IDENTITY_RUN_H

#include "probe/judge/result_row.h"
#include "probe/run.h"

/*
 * The identity blocks of a scenario: a row for each family of their path, for
 * the source that the path names; or else the one that the kernel really took
 * in the cells of this path; or else the first that it might take.
 */
struct identity_source {
	bool is_known[FAMILY_COUNT];
	struct ip ip[FAMILY_COUNT];
};

/* One for each identity of the matrix; none is known but those named. */
struct identity_source *identity_sources(struct arena *arena,
	const struct matrix *matrix);

/* Takes the sources of the walks of a cell by this path. */
void identity_sources_note(const struct matrix *matrix,
	struct identity_source *sources, const struct egress *egress,
	const struct outcome *outcome);

struct identity_orders {
	const struct options *options;
	struct run_orders run;
	const struct matrix *matrix;
	const struct identity_source *sources;
	struct span skipped;            /* why nothing is looked at; or empty */

	/* False: nobody reads any more.  File and matrix of the row are set by
	   the receiver. */
	bool (*told)(void *receiver, struct arena *arena,
		const struct result_row *row);
	void *receiver;
};

/* RUN_FAILED: *why says why. */
enum run_result identity_run(const struct identity_orders *orders,
	struct span *why);

#endif
