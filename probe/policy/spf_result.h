#ifndef MXP_SPF_RESULT_H
#define MXP_SPF_RESULT_H

/*
 * What check_host() of RFC 7208 can come to, for a record and for one of its
 * terms, and what the one makes of the other.
 */
enum spf_result {
	SPF_OPEN,               /* lookups are missing: settle, run again */
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

enum spf_outcome {
	SPF_TERM_OPEN,
	SPF_TERM_MATCH,
	SPF_TERM_NO_MATCH,
	SPF_TERM_TEMPERROR,
	SPF_TERM_PERMERROR,
};

const char *spf_result_word(enum spf_result result);    /* "softfail" */
const char *spf_outcome_word(enum spf_outcome outcome); /* "no match" */

/* How the walk of a record ended, as the outcome of the term behind it. */
enum spf_outcome spf_result_outcome(enum spf_result result);

/* What an include comes to whose record gives this: RFC 7208, 5.2. */
enum spf_outcome spf_result_included(enum spf_result result);

#endif
