#ifndef MXP_WANTED_H
#define MXP_WANTED_H

#include "scenarios/verb_table.h"

/*
 * What a parser has asked of one token: words of the language and kinds of
 * values, in the order of asking, each once.  When none of it fits, this is
 * what the user is told.
 */
enum { WANTED_MAX = 40 };

struct wanted {
	struct arena *arena;
	struct {
		struct span text;
		bool is_word;
	} list[WANTED_MAX];
	size_t count;
};

void wanted_begin(struct wanted *wanted, struct arena *arena);
void wanted_word(struct wanted *wanted, struct span word);
void wanted_kind(struct wanted *wanted, enum value_kind kind);
void wanted_phrase(struct wanted *wanted, const char *phrase);

/* "source4, source6 or ehlo is wanted, not \"sorce4\""; *hint: "source4". */
struct span wanted_text(const struct wanted *wanted,
	const struct token *token, struct span *hint);

#endif
