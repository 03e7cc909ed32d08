#ifndef MXP_CODEBOOK_ROWS_H
#define MXP_CODEBOOK_ROWS_H

#include "probe/judge/codebook.h"
#include "probe/judge/phrase_search.h"

/* What the reader fills and a lookup reads; nobody else looks inside. */
struct codebook_set {
	struct span name;
	struct codebook_word *words;
	size_t count, room;
};

struct codebook_bare {
	uint32_t row, match;
};

struct domain_table;
struct codebook_recent;

struct codebook {
	struct span date;
	struct codebook_row *rows;
	size_t count, room;
	struct codebook_provider *providers;
	size_t provider_count, provider_room;
	struct codebook_set *sets;
	size_t set_count, set_room;
	struct codebook_policy_words *words;    /* by number of the policy */
	struct codebook_bare *bare;             /* matches without a piece */
	size_t bare_count, bare_room;
	struct domain_table *hosts, *domains;   /* of the providers */
	struct phrase_search *search;
	struct codebook_recent *recent;
};

/* Once all providers are there. */
void codebook_index_providers(struct arena *arena, struct codebook *codebook);

/* The number of a policy in the vocabulary, or the count of all. */
size_t codebook_policy_number(struct span word);
size_t codebook_policy_count(void);

/*
 * What a lookup knows.  Hints are ids of providers: the server's, and that of
 * the recipient's domain.
 */
struct codebook_evidence {
	unsigned code;                  /* 0: not known */
	unsigned class;                 /* of the code, or else of a status;
					   0: not known */
	bool has_status;
	unsigned status[3];
	bool has_stage;
	enum stage stage;
	struct span hints[2];
};

const struct codebook_row *codebook_best(const struct codebook *codebook,
	struct span wording, const struct codebook_evidence *evidence,
	bool *is_tied);

/*
 * What the numbers alone say (RFC 3463, RFC 5321 section 4.2.3).  "unknown"
 * where they say nothing; the meaning is never empty.
 */
struct codebook_by_number {
	const char *policy, *meaning;
};
struct codebook_by_number codebook_by_number(
	unsigned code, const unsigned status[3]);

#endif
