#ifndef MXP_SPF_EVALUATION_H
#define MXP_SPF_EVALUATION_H

#include "probe/policy/spf.h"

/*
 * One run of check_host() while it goes on: what its parts share, and where
 * it stands.  Whoever asks for a verdict needs spf.h only.
 */
struct spf_evaluation {
	struct arena *arena;
	struct answers *answers;
	const struct spf_query *query;
	struct spf_check *check;
	struct spf_macro_values values;
	struct ip ip;
	struct spf_bits bits;
	struct span none;      /* why a domain has no policy */
	struct spf_step *step; /* where lookups are noted */
	struct spf_step **steps_end;
};

/* A name, as it was written or expanded, and as the DNS is asked for it. */
struct spf_target {
	struct span raw;
	struct span name; /* empty: no DNS could hold it */
};

/* A record being walked, and the one that led to it. */
struct spf_frame {
	const struct spf_frame *outer;
	struct spf_target domain;
	const struct spf_record *record;
	struct span text; /* the record's, as long-lived as the answers */
	unsigned depth;
	bool is_included;
};

/* A term being tried, with the name that it means. */
struct spf_spot {
	struct spf_evaluation *evaluation;
	const struct spf_frame *frame;
	const struct spf_term *term;
	struct spf_target target;
};

/* A compiled record may be gone before the answer that it came from. */
static inline struct span spf_frame_part(
	const struct spf_frame *frame, struct span part)
{
	if (!frame->record || !part.len)
		return part;
	return span_part(frame->text,
		(size_t)(part.at - frame->record->text.at), part.len);
}

#endif
