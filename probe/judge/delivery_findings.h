#ifndef MXP_DELIVERY_FINDINGS_H
#define MXP_DELIVERY_FINDINGS_H

#include "probe/judge/delivery_crowd.h"
#include "probe/judge/finding.h"

/*
 * Findings of what is left behind, as those of a live run: for each destination
 * and cause one, or for a crowd of destinations with the same one (see
 * delivery_crowd.h), which says how many failed over which family, since when,
 * and what became of the other family; the evidence for and against names file
 * and line or frame.
 *
 * What a reply alone says is likely; it is confirmed when witnesses of two kinds
 * agree on a delivery, or when packets show it.
 */
enum {
	DELIVERY_FINDINGS_MAX = 256,    /* those of crowds first, then of the
					   rows with most failures */
};

struct delivery_finding {
	struct finding finding;         /* title: the sentence with the
					   numbers; stage only with ... */
	bool has_stage;
	struct delivery_contrast contrast;      /* of a crowd: its sums */
	const struct delivery_crowd *crowd;     /* NULL: one destination */
	struct span destination;        /* as people call it; "318
					   destinations" */
	struct span next;               /* a clause: what the mail server did
					   then; or empty */
	bool is_lost;                   /* mail did not get there, as far as is
					   told */
	struct span command;            /* that would test it now; or empty */
};

struct delivery_findings {
	struct delivery_finding *at;
	size_t count, room;
	uint64_t left_out;              /* causes beyond the bound */
};

/* The table is to be sorted. */
void delivery_findings_make(struct arena *arena,
	const struct delivery_table *table, struct delivery_findings *findings);

#endif
