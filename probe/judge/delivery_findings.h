#ifndef MXP_DELIVERY_FINDINGS_H
#define MXP_DELIVERY_FINDINGS_H

#include "probe/judge/delivery_contrast.h"
#include "probe/judge/finding.h"

/*
 * Findings of what is left behind, as those of a live run: for each destination
 * and cause one, which says how many failed over which family, since when, and
 * what became of the other family; the evidence for and against names file and
 * line or frame.
 *
 * What a reply alone says is likely; it is confirmed when witnesses of two kinds
 * agree on a delivery, or when packets show it.
 */
enum {
	DELIVERY_FINDINGS_MAX = 256,    /* of the rows with most failures */
};

struct delivery_finding {
	struct finding finding;         /* title: the sentence with the
					   numbers; stage only with ... */
	bool has_stage;
	struct delivery_contrast contrast;
	struct span destination;        /* as people call it */
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
