#ifndef MXP_ARC_H
#define MXP_ARC_H

#include "probe/policy/dkim.h"

/*
 * The Authenticated Received Chain: RFC 8617.  Each host that forwards a
 * message may put a set of three fields on top of it: what it found out about
 * the message as it came (ARC-Authentication-Results), a signature of the
 * message as it goes on (ARC-Message-Signature), and a seal over this set and
 * all before it (ARC-Seal).  Sets are numbered from 1, the oldest.
 *
 * arc_check() is a plain function of the message and of what the DNS said, as
 * dkim_check() is: while the result is ARC_OPEN, keys are missing.
 */
enum arc_result {
	ARC_OPEN,
	ARC_NONE,               /* no field of ARC at all */
	ARC_PASS,
	ARC_FAIL,               /* for good: RFC 8617 section 5.2 */
	ARC_TEMPERROR,          /* nothing failed, but the DNS failed us */
};

/* Why a chain failed, in the order in which it is looked for. */
enum arc_fault {
	ARC_SOUND,
	ARC_NO_INSTANCE,        /* a field whose i= is not 1 to 50 */
	ARC_DUPLICATE,          /* two fields of one kind and instance */
	ARC_GAP,                /* a field is missing in a set, or a set */
	ARC_SEALED_AS_FAILED,   /* the newest seal itself says cv=fail */
	ARC_BAD_CHAIN_VALUE,    /* cv= not none at 1, not pass later */
	ARC_BAD_MESSAGE,        /* the newest message signature */
	ARC_BAD_SEAL,
};

/* What the sealer says of the chain that it got: cv= */
enum arc_cv {
	ARC_CV_NONE,
	ARC_CV_PASS,
	ARC_CV_FAIL,
	ARC_CV_OTHER,           /* no such word, or no cv= */
};

struct arc_set {
	unsigned instance;      /* 1: the oldest */
	const struct header_field *results_field;       /* these three are NULL
				   where the field is missing */
	const struct dkim_signature *message_signature;
	const struct dkim_signature *seal;
	enum arc_cv cv;
	struct span authserv_id;        /* who speaks in the results */
	struct span results;    /* and what it says, unfolded: "spf=pass ...;
				   dkim=..."; escape before showing */
	bool is_checked;        /* the two below are filled */
	struct dkim_check message_check;
	struct dkim_check seal_check;
};

struct arc_chain {
	enum arc_result result;
	enum arc_fault fault;
	unsigned fault_instance;        /* where; 0: nowhere in particular */
	struct span why;        /* one sentence; empty unless it failed; may
				   quote the sealer: escape */
	struct arc_set *sets;   /* by instance; sets[0] is 1 */
	size_t count;
	unsigned oldest_pass;   /* the message is unchanged since this set was
				   made; 0: since the first (section 5.2) */
};

/*
 * All keys are asked for in the first round, unless the structure of the
 * chain is broken: then no key matters and nothing is checked.  A seal that
 * says cv=fail covers its own set only (section 5.1.2) and is checked so,
 * for the record.
 */
enum arc_result arc_check(const struct dkim_query *query,
	const struct dkim_message *message, struct arc_chain *chain);

/*
 * "i=1; lists.example.org; spf=pass ..." cut in three: false when it does not
 * begin with an instance.  The results may be empty.
 */
bool arc_results_parse(struct arena *arena, struct span value,
	unsigned *instance, struct span *authserv_id, struct span *results);

const char *arc_result_word(enum arc_result result);    /* "pass" */
const char *arc_fault_word(enum arc_fault fault);       /* "duplicate" */
const char *arc_fault_section(enum arc_fault fault);    /* "RFC 8617 ..." */
const char *arc_cv_word(enum arc_cv cv);                /* "none" */

#endif
