#include "probe/judge/codebook_reader.h"

/* The keys of a block; codebook_reader.c has the grammar. */
static const char *const certainties[] = { "documented", "secondary",
	"seen-in-corpus", "seen-in-wild" };
static const char *const severities[] = { "info", "warn", "fail" };

enum { EVERY_ROW = BLOCK_ALL | BLOCK_ROW, NO_FIELD = 0 };

#define ROW_FIELD(name)      offsetof(struct codebook_row, name)
#define PROVIDER_FIELD(name) offsetof(struct codebook_provider, name)

/* clang-format off */
static const struct key_word {
	const char *word;
	unsigned blocks;        /* where it may stand */
	size_t field;           /* of the row or provider, for a text */
	bool must;              /* a row without it is not one */
	bool goes_on;           /* may take more lines */
} key_words[] = {
	[KEY_PROVIDER]     = { "provider", EVERY_ROW, ROW_FIELD(provider), true, false },
	[KEY_POLICY]       = { "policy", EVERY_ROW, ROW_FIELD(policy), true, false },
	[KEY_MEANING]      = { "meaning", EVERY_ROW | BLOCK_POLICY, ROW_FIELD(meaning), true, true },
	[KEY_REMEDY]       = { "remedy", EVERY_ROW | BLOCK_POLICY, ROW_FIELD(remedy), true, true },
	[KEY_REFERENCE]    = { "reference", EVERY_ROW, ROW_FIELD(reference), true, true },
	[KEY_SEEN]         = { "seen", EVERY_ROW, ROW_FIELD(seen), true, false },
	[KEY_CERTAINTY]    = { "certainty", EVERY_ROW, ROW_FIELD(certainty), true, false },
	[KEY_SAMPLE]       = { "sample", BLOCK_ROW, ROW_FIELD(sample), true, false },
	[KEY_SEVERITY]     = { "severity", EVERY_ROW, ROW_FIELD(severity), false, false },
	[KEY_TITLE]        = { "title", BLOCK_PROVIDER, PROVIDER_FIELD(title), false, false },
	[KEY_ALSO]         = { "also", BLOCK_PROVIDER, PROVIDER_FIELD(also), false, true },
	[KEY_HOSTS]        = { "hosts", BLOCK_PROVIDER, PROVIDER_FIELD(hosts), false, true },
	[KEY_DOMAINS]      = { "domains", BLOCK_PROVIDER, PROVIDER_FIELD(domains), false, true },
	[KEY_MATCH]        = { "match", BLOCK_ROW, NO_FIELD, true, false },
	[KEY_AT]           = { "at", EVERY_ROW, NO_FIELD, false, false },
	[KEY_RANK]         = { "rank", EVERY_ROW, NO_FIELD, false, false },
	[KEY_SOURCE_BOUND] = { "source-bound", EVERY_ROW, NO_FIELD, false, false },
	[KEY_IPV6_ONLY]    = { "ipv6-only", EVERY_ROW, NO_FIELD, false, false },
	[KEY_TEMPORARY]    = { "temporary", EVERY_ROW, NO_FIELD, false, false },
	[KEY_HERE_ONLY]    = { "here-only", EVERY_ROW, NO_FIELD, false, false },
};
/* clang-format on */

static bool is_listed(struct span word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, span_of(list[i])))
			return true;
	return false;
}

static struct codebook_row *row_of(struct codebook_reader *reader)
{
	return reader->block == BLOCK_ALL ? &reader->all : &reader->row;
}

static void read_match(struct codebook_reader *reader, struct span rest)
{
	struct codebook_match match;
	struct span word;
	const char *what = codebook_match_read(
		reader->arena, reader->codebook, rest, &match, &word);

	if (what) {
		codebook_wrong(reader, what, word);
		return;
	}
	if (reader->match_count == CODEBOOK_MATCHES_MAX) {
		codebook_wrong(
			reader, "expected 128 matches at most", SPAN(""));
		return;
	}
	reader->matches = arena_grow(reader->arena, reader->matches,
		reader->match_count, &reader->match_room, sizeof(match));
	reader->matches[reader->match_count++] = match;
}

static void read_stages(struct codebook_reader *reader, struct span rest)
{
	struct codebook_row *row = row_of(reader);

	memset(row->stages, 0, sizeof(row->stages));
	while (rest.len) {
		struct span word = codebook_next_word(&rest);
		unsigned i = STAGE_CONNECT;

		while (i < STAGE_COUNT &&
			!span_is(word, span_of(stage_word((enum stage)i))))
			i++;
		if (i == STAGE_COUNT)
			codebook_wrong(reader, "expected a stage", word);
		else
			row->has_stages = row->stages[i] = true;
	}
}

static void read_rank(struct codebook_reader *reader, struct span word)
{
	unsigned long rank;

	if (!span_number(word, CODEBOOK_RANK_MAX, &rank) || !rank)
		codebook_wrong(reader, "expected a rank: 1 to 9", word);
	else
		row_of(reader)->rank = (unsigned)rank;
}

static void check_text(
	struct codebook_reader *reader, enum codebook_key key, struct span text)
{
	if (!text.len)
		codebook_wrong(
			reader, "expected something behind the key", SPAN(""));
	else if (key == KEY_POLICY && !codebook_has_policy(text))
		codebook_wrong(
			reader, "expected a policy of the vocabulary", text);
	else if (key == KEY_SEEN && !codebook_is_date(text))
		codebook_wrong(reader, "expected a date: YYYY-MM-DD", text);
	else if (key == KEY_CERTAINTY &&
		 !is_listed(text, certainties, COUNT_OF(certainties)))
		codebook_wrong(reader,
			"expected documented, secondary, seen-in-corpus "
			"or seen-in-wild",
			text);
	else if (key == KEY_SEVERITY &&
		 !is_listed(text, severities, COUNT_OF(severities)))
		codebook_wrong(reader, "expected info, warn or fail", text);
	else if (key == KEY_PROVIDER && !codebook_is_id(text))
		codebook_wrong(
			reader, "expected a provider in lower case", text);
}

static struct span *text_field(
	struct codebook_reader *reader, enum codebook_key key)
{
	struct codebook_policy_words *words = reader->codebook->words;
	void *owner = reader->provider;

	if (reader->block == BLOCK_POLICY)
		return key == KEY_MEANING ? &words[reader->policy].meaning
					  : &words[reader->policy].remedy;
	if (reader->block != BLOCK_PROVIDER)
		owner = row_of(reader);
	return (struct span *)(void *)((char *)owner + key_words[key].field);
}

static void add_text(struct codebook_reader *reader, struct span *field,
	char between, struct span text)
{
	if (field->len + text.len >= CODEBOOK_VALUE_MAX) {
		codebook_wrong(reader, "expected 4096 octets at most in all",
			SPAN(""));
		return;
	}
	*field = arena_print(reader->arena, "%.*s%c%.*s", SPAN_ARG(*field),
		between, SPAN_ARG(text));
}

static void read_text(struct codebook_reader *reader, enum codebook_key key,
	struct span text, bool is_again)
{
	struct span *field = text_field(reader, key);

	check_text(reader, key, text);
	if (key == KEY_SAMPLE && is_again)
		add_text(reader, field, '\n', text);
	else
		*field = text;
}

static void read_mark(
	struct codebook_reader *reader, enum codebook_key key, struct span rest)
{
	struct codebook_row *row = row_of(reader);

	if (rest.len)
		codebook_wrong(reader, "expected nothing behind it", rest);
	row->is_source_bound |= key == KEY_SOURCE_BOUND || key == KEY_IPV6_ONLY;
	row->is_ipv6_only |= key == KEY_IPV6_ONLY;
	row->is_temporary |= key == KEY_TEMPORARY;
	row->is_here_only |= key == KEY_HERE_ONLY;
}

static void read_value(struct codebook_reader *reader, enum codebook_key key,
	struct span rest, bool is_again)
{
	switch (key) {
	case KEY_MATCH:
		read_match(reader, rest);
		return;
	case KEY_AT:
		read_stages(reader, rest);
		return;
	case KEY_RANK:
		read_rank(reader, rest);
		return;
	case KEY_SOURCE_BOUND:
	case KEY_IPV6_ONLY:
	case KEY_TEMPORARY:
	case KEY_HERE_ONLY:
		read_mark(reader, key, rest);
		return;
	case KEY_PROVIDER:
	case KEY_POLICY:
	case KEY_MEANING:
	case KEY_REMEDY:
	case KEY_REFERENCE:
	case KEY_SEEN:
	case KEY_CERTAINTY:
	case KEY_SAMPLE:
	case KEY_SEVERITY:
	case KEY_TITLE:
	case KEY_ALSO:
	case KEY_HOSTS:
	case KEY_DOMAINS:
		read_text(reader, key, rest, is_again);
		return;
	case KEY_NONE:
		return;
	}
}

static enum codebook_key key_of(
	const struct codebook_reader *reader, struct span word)
{
	for (unsigned i = 0; i < KEY_NONE; i++)
		if ((key_words[i].blocks & reader->block) &&
			span_is(word, span_of(key_words[i].word)))
			return (enum codebook_key)i;
	return KEY_NONE;
}

void codebook_read_key(struct codebook_reader *reader, struct span line)
{
	struct span word = codebook_next_word(&line);
	enum codebook_key key = key_of(reader, word);
	bool is_again;

	reader->last = key;
	if (key == KEY_NONE) {
		codebook_wrong(reader, "expected a key of the block", word);
		return;
	}
	is_again = reader->seen >> key & 1;
	if (is_again && key != KEY_MATCH && key != KEY_SAMPLE)
		codebook_wrong(reader, "expected each key once", word);
	reader->seen |= 1UL << key;
	read_value(reader, key, line, is_again);
}

void codebook_read_more(struct codebook_reader *reader, struct span line)
{
	if (reader->last == KEY_NONE || !key_words[reader->last].goes_on)
		codebook_wrong(reader,
			"expected a key that may go on before this", line);
	else
		add_text(reader, text_field(reader, reader->last), ' ', line);
}

/* What was there and wrong has been told of. */
static bool has_key(const struct codebook_reader *reader,
	const struct codebook_row *row, enum codebook_key key)
{
	const struct span *field =
		(const struct span *)(const void *)((const char *)row +
						    key_words[key].field);

	if (reader->row_seen[row - reader->codebook->rows] >> key & 1)
		return true;
	return key != KEY_MATCH && field->len != 0;
}

void codebook_keys_check(
	struct codebook_reader *reader, const struct codebook_row *row)
{
	for (unsigned i = 0; i < KEY_NONE; i++)
		if (key_words[i].must &&
			!has_key(reader, row, (enum codebook_key)i))
			codebook_wrong_at(reader, row->line,
				arena_print(reader->arena,
					"expected row %.*s to have \"%s\"",
					SPAN_ARG(row->id), key_words[i].word)
					.at,
				SPAN(""));
}
