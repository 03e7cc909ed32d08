#ifndef MXP_REPORTED_JUDGE_H
#define MXP_REPORTED_JUDGE_H

#include "probe/judge/own_prefix.h"
#include "probe/judge/source_kind.h"

/*
 * What receivers reported, judged: what each source is, how the two families
 * of our own sources fare, and which TLS sessions fail over which family.
 * Findings are in the words of a live run, the gravest first.
 */
struct source_judgement {
	const struct mail_source *source;
	const struct source_verdict *verdict;
};

/* Of one domain and family, what is meant to send, in SPF or not. */
struct family_alignment {
	struct span domain;
	enum family family;
	size_t sources;
	uint64_t messages, spf_aligned, dkim_aligned, aligned;
};

struct kind_total {
	size_t sources;
	uint64_t messages;
	uint64_t delivered;             /* of them: disposition "none" */
};

enum { REPORTED_FINDINGS_MAX = 64 };    /* of one kind */

struct reported_judgement {
	const struct reported *reported;
	const struct source_judgement *sources; /* what wants doing comes
						   first */
	size_t source_count;
	struct kind_total kinds[SOURCE_KIND_COUNT];
	struct family_alignment *alignments;
	size_t alignment_count, alignment_room;
	struct finding *findings;
	size_t finding_count, finding_room;
};

const struct reported_judgement *reported_judge(struct arena *arena,
	const struct reported *reported, const struct own_prefixes *own);

/* NULL: there is none of that domain and family. */
const struct family_alignment *alignment_of(
	const struct reported_judgement *judgement, struct span domain,
	enum family family);

#endif
