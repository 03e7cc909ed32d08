#ifndef MXP_CODEBOOK_READER_H
#define MXP_CODEBOOK_READER_H

#include "probe/judge/codebook_match.h"

/*
 * The reading of a codebook, as those see it who read its parts.  Nobody else
 * looks inside.  What is wrong is told with its line, and the reading goes on.
 */
enum codebook_block {
	BLOCK_NONE = 1,
	BLOCK_ALL = 2,
	BLOCK_ROW = 4,
	BLOCK_POLICY = 8,
	BLOCK_PROVIDER = 16,
};

enum codebook_key {
	KEY_PROVIDER,
	KEY_POLICY,
	KEY_MEANING,
	KEY_REMEDY,
	KEY_REFERENCE,
	KEY_SEEN,
	KEY_CERTAINTY,
	KEY_SAMPLE,
	KEY_SEVERITY,
	KEY_TITLE,
	KEY_ALSO,
	KEY_HOSTS,
	KEY_DOMAINS,
	KEY_MATCH,
	KEY_AT,
	KEY_RANK,
	KEY_SOURCE_BOUND,
	KEY_IPV6_ONLY,
	KEY_TEMPORARY,
	KEY_HERE_ONLY,
	KEY_NONE,
};

struct codebook_reader {
	struct arena *arena;
	struct codebook *codebook;
	struct span file;
	unsigned line;
	bool reads_sets;                /* the first time, nothing else */
	bool has_date;                  /* of the part */
	struct span date;
	enum codebook_block block;
	struct codebook_row all;        /* of the part, and ... */
	struct codebook_row row;        /* ... the row being read */
	size_t policy;                  /* the policy being read, or ... */
	struct codebook_provider *provider;     /* ... the provider */
	unsigned long seen;             /* the keys of the block: a bit each */
	enum codebook_key last;         /* what a continuation goes on with */
	unsigned long *row_seen;        /* and those of each row so far */
	size_t row_seen_room;
	struct codebook_match *matches;
	size_t match_count, match_room;
	struct span *errors;
	size_t error_count, error_room;
};

/* `what` was expected, and this word stands there; empty: nothing does. */
void codebook_wrong_at(struct codebook_reader *reader, unsigned line,
	const char *what, struct span word);
void codebook_wrong(struct codebook_reader *reader, const char *what,
	struct span word);

bool codebook_is_date(struct span word);        /* YYYY-MM-DD */
bool codebook_is_id(struct span word);          /* a-z, 0-9, "." and "-" */

/* A key of the present block with all behind it (codebook_key.c). */
void codebook_read_key(struct codebook_reader *reader, struct span line);

/* What goes on with the text of the key before it. */
void codebook_read_more(struct codebook_reader *reader, struct span line);

/* Does a row have all that it must have? */
void codebook_keys_check(struct codebook_reader *reader,
	const struct codebook_row *row);

#endif
