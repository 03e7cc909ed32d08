#ifndef MXP_FINDING_H
#define MXP_FINDING_H

#include "probe/facts/outcome.h"

/*
 * A finding is a conclusion, with the evidence for and against it.  Evidence
 * is never retyped: it points at the visit, the event or the answer.
 */
enum severity { SEVERITY_INFO, SEVERITY_WARN, SEVERITY_FAIL };

enum blame {
	BLAME_UNKNOWN,
	BLAME_OURS,             /* our address, name, records or message */
	BLAME_PATH,             /* the network between */
	BLAME_THEIRS,           /* the receiving domain or its servers */
};

enum confidence {
	CONFIRMED,              /* reply and own evaluation agree, or it was
				   seen directly */
	LIKELY,                 /* reply alone */
	SUSPECTED,              /* own evaluation alone: an inference */
};

struct evidence {
	struct span text;               /* one clause, not escaped */
	const struct visit *visit;      /* NULL: about the target */
};

struct finding {
	struct span id;                 /* "google.not-authorized" */
	struct span policy;             /* word of the codebook's vocabulary, or
					   empty for findings of our own */
	enum severity severity;
	enum blame blame;
	enum confidence confidence;
	bool leaves_open;               /* because of it, nothing could be
					   decided */
	bool has_family;                /* bound to one family ... */
	enum family family;             /* ... this one */
	enum stage stage;
	struct span title;              /* what it is, in a few words */
	struct span meaning;            /* one sentence; may be empty */
	struct span remedy;             /* one concrete step; may be empty */
	struct span reference;          /* RFC section or page; may be empty */
	const struct evidence *for_it;
	size_t for_count;
	const struct evidence *against;
	size_t against_count;
};

const char *severity_word(enum severity severity);      /* "info" ... */
const char *blame_word(enum blame blame);
const char *confidence_word(enum confidence confidence);

#endif
