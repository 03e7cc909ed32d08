#include "probe/policy/body_search.h"

#define SIMPLE_SECTION  "RFC 6376 section 3.4.3"
#define RELAXED_SECTION "RFC 6376 section 3.4.4"

unsigned body_rules_of(enum canon canon)
{
	return canon == CANON_RELAXED ? BODY_RELAXED : BODY_SIMPLE;
}

const char *body_section_of(enum canon canon)
{
	return canon == CANON_RELAXED ? RELAXED_SECTION : SIMPLE_SECTION;
}

uint64_t body_search_counted(const struct body_search *search)
{
	return search->signature->body_length == CANON_WHOLE
		       ? BODY_UNCOUNTED
		       : search->signature->body_length;
}

bool body_search_claims(
	struct body_search *search, const struct body_hash *hash)
{
	search->found->tried++;
	return body_hash_is(hash, search->signature->body_hash);
}

bool body_search_fits(
	struct body_search *search, struct span body, unsigned rules)
{
	struct body_hash hash;

	body_form_hash(body, rules, body_search_counted(search), search->digest,
		&hash);
	return body_search_claims(search, &hash);
}

void body_search_hit(struct body_search *search, const char *id,
	enum departs departs, const char *section, struct span says)
{
	deviation_add(search->found->hits, &search->found->hit_count,
		&(struct deviation){ id, departs, section, says });
}

struct span body_search_sentence(struct body_search *search,
	const char *fits_what, enum canon canon, const char *because,
	enum departs departs)
{
	return arena_print(search->arena,
		"bh= fits %s, canonicalized as %s; %s: %s", fits_what,
		canon_word(canon), because, departs_ending(departs));
}

bool body_search_may_work(struct body_search *search)
{
	if (search->work < search->work_each) {
		search->found->is_cut_short = true;
		return false;
	}
	search->work -= search->work_each;
	return true;
}
