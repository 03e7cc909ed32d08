#ifndef MXP_BODY_SEARCH_H
#define MXP_BODY_SEARCH_H

#include "probe/policy/body_change.h"
#include "probe/policy/body_forensics.h"
#include "probe/policy/body_form.h"

/*
 * A search for what bh= is the hash of, while it goes on.  Whoever wants what
 * it finds needs body_forensics.h only.
 */
struct body_search {
	struct arena *arena, *scratch;
	const struct dkim_signature *signature;
	const char *digest;   /* OpenSSL's name of it */
	bool is_other_digest; /* than a= says */
	unsigned declared;    /* rules of c= */
	struct body_at_hand body;
	struct body_forensics *found;
	size_t budget;          /* octets still to be hashed for lines */
	size_t work, work_each; /* still allowed; one pass over the body */
};

/* The rules of body_form.h, and the section, of c=. */
unsigned body_rules_of(enum canon canon);
const char *body_section_of(enum canon canon);

/* l=, as body_form.h takes it. */
uint64_t body_search_counted(const struct body_search *search);

/* Is it what bh= has?  Each question counts as a way tried. */
bool body_search_claims(
	struct body_search *search, const struct body_hash *hash);
bool body_search_fits(
	struct body_search *search, struct span body, unsigned rules);

/* Before each pass over the body; false: no more of them. */
bool body_search_may_work(struct body_search *search);

void body_search_hit(struct body_search *search, const char *id,
	enum departs departs, const char *section, struct span says);

/* "bh= fits the body without ...": what a hit says. */
struct span body_search_sentence(struct body_search *search,
	const char *fits_what, enum canon canon, const char *because,
	enum departs departs);

#endif
