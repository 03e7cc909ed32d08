#include "scenarios/pattern.h"

struct reader {
	struct span pattern;
	size_t at;
	size_t depth;
	bool has_atom; /* something that may be repeated */
};

/* A "]" that stands first is one of the characters. */
static bool skip_class(struct reader *reader)
{
	struct span pattern = reader->pattern;
	size_t at = reader->at + 1;

	if (at < pattern.len && pattern.at[at] == '^')
		at++;
	if (at < pattern.len && pattern.at[at] == ']')
		at++;
	while (at < pattern.len && pattern.at[at] != ']')
		at += pattern.at[at] == '\\' ? 2 : 1;
	reader->at = at;
	return at < pattern.len;
}

/* "(?:", "(?=" and the like: what stands before the inner pattern. */
static void skip_group_kind(struct reader *reader)
{
	struct span rest = span_part(
		reader->pattern, reader->at + 1, reader->pattern.len);

	if (rest.len && rest.at[0] == '?')
		reader->at++;
}

static bool one(struct reader *reader, const char **why)
{
	char c = reader->pattern.at[reader->at];

	switch (c) {
	case '\\':
		*why = "the regular expression ends in a backslash";
		reader->has_atom = true;
		return ++reader->at < reader->pattern.len;
	case '[':
		*why = "the regular expression has a [ without its ]";
		reader->has_atom = true;
		return skip_class(reader);
	case '(':
		*why = "the regular expression has groups within groups "
		       "beyond 50";
		skip_group_kind(reader);
		reader->has_atom = false;
		return ++reader->depth <= PATTERN_DEPTH_MAX;
	case ')':
		*why = "the regular expression has a ) without its (";
		reader->has_atom = true;
		return reader->depth-- > 0;
	case '*':
	case '+':
	case '?':
		*why = "there is nothing before this *, + or ? that could be "
		       "repeated";
		return reader->has_atom;
	case '|':
	case '^':
		reader->has_atom = false;
		return true;
	default:
		reader->has_atom = true;
		return true;
	}
}

bool pattern_check(struct span pattern, const char **why)
{
	struct reader reader = { .pattern = pattern };

	*why = "the regular expression is empty, and fits everything";
	if (!pattern.len)
		return false;
	*why = "the regular expression is longer than 1000 octets";
	if (pattern.len > PATTERN_MAX)
		return false;
	for (; reader.at < pattern.len; reader.at++)
		if (!one(&reader, why))
			return false;
	*why = "the regular expression has a ( without its )";
	return reader.depth == 0;
}
