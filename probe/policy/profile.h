#ifndef MXP_PROFILE_H
#define MXP_PROFILE_H

#include "probe/base/arena.h"
#include "probe/policy/check.h"

/*
 * A profile is what one receiver asks of senders, as dated rules.  The
 * receivers change their minds every few months, so the rules are data: text
 * files, embedded in the program (probe/policy/profiles/).  Each rule names
 * the check that decides it, the page it stands on, and the day on which
 * somebody read it there.
 */
enum rule_severity {
	RULE_REQUIRED,
	RULE_RECOMMENDED,
};

/* What the receiver does with mail that breaks a rule. */
enum consequence {
	CONSEQUENCE_NONE,       /* nothing that it says */
	CONSEQUENCE_SPAM,       /* more likely in the spam folder */
	CONSEQUENCE_DEFERRED,   /* 4xx, slower */
	CONSEQUENCE_REFUSED,    /* 5xx */
};

struct profile_rule {
	struct span id;         /* "google.fcrdns" */
	bool is_bulk;           /* only for bulk senders */
	enum rule_severity severity;
	enum check check;
	enum consequence consequence;
	struct span reply;      /* "550 5.7.25", as seen; or empty */
	struct span title;
	struct span page;
	struct span seen;       /* YYYY-MM-DD */
};

struct profile {
	struct span name;       /* "google-bulk" */
	struct span title;
	struct span base;       /* the profile it adds to; or empty */
	const struct profile_rule *rules;       /* those of base first, once
						   profile_embedded() made it */
	size_t rule_count;
};

enum { PROFILE_RULES_MAX = 256, PROFILE_ERRORS_MAX = 32 };

/*
 * The rules of one file, without those of its base.  NULL when something is
 * wrong: *errors has a line for each, "file:3: no check is called x".
 */
const struct profile *profile_parse(struct arena *arena, struct span file,
	struct span text, struct span *errors) MXP_MUST_USE;

/* The built-in ones, in order; NULL behind the last. */
const char *profile_name_at(size_t index);

/* NULL: no such profile.  Case does not count. */
const struct profile *profile_embedded(struct arena *arena,
	struct span name);

const char *rule_severity_word(enum rule_severity severity);
const char *consequence_word(enum consequence consequence);     /* "refused" */

#endif
