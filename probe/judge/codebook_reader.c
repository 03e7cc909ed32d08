#include <stdio.h>

#include "probe/base/escape.h"
#include "probe/judge/codebook_match.h"

/*
 * The files, a line at a time.  Blanks part words; a line that begins with
 * none begins a block, and the lines of a block begin with a tab.  A line that
 * begins with two tabs goes on with the text of the key before it.  A date
 * begins a part, which is a file, or one of several in one file.
 *
 *	book      = 1*part
 *	part      = *(empty / comment) date *(empty / comment / block)
 *	comment   = *blank "#" anything
 *	date      = "mxprobe-codebook" YYYY-MM-DD
 *	block     = set / all / row / policy / provider
 *	set       = "set" NAME 1*word          lines of one name add up; known
 *	                                       to all parts, before it too
 *	all       = "all", then keys that hold for the rows of the part below
 *	row       = "row" id, then its keys:
 *	              "match" ...           see codebook_match.c; 1 to 128 of them
 *	              "provider" word       whose wording it is; "any"
 *	              "policy" word         of the vocabulary
 *	              "source-bound"        optional: about the client's address
 *	              "ipv6-only"           optional: IPv4 has no such rule
 *	              "temporary"           optional
 *	              "here-only"           optional: the provider must speak
 *	              "rank" 1-9            optional: 4 for "any", else 6
 *	              "severity" ("info" / "warn" / "fail")     optional: fail,
 *	                                    and warn where it is temporary
 *	              "at" 1*stage          optional: only there
 *	              "meaning" text        optional: else the policy's
 *	              "remedy" text         optional: else the policy's
 *	              "reference" text
 *	              "seen" YYYY-MM-DD
 *	              "certainty" ("documented" / "secondary" /
 *	                           "seen-in-corpus" / "seen-in-wild")
 *	              "sample" text         one for each line of the reply
 *	policy    = "policy" word, then "meaning" text and "remedy" text
 *	provider  = "provider" id, then "title" text, and optional
 *	              "also" 1*word         other words for it
 *	              "hosts" 1*domain      of its servers
 *	              "domains" 1*domain    that it takes mail for
 */
static const char *const certainties[] = { "documented", "secondary",
	"seen-in-corpus", "seen-in-wild" };
static const char *const severities[] = { "info", "warn", "fail" };

enum block {
	BLOCK_NONE = 1,
	BLOCK_ALL = 2,
	BLOCK_ROW = 4,
	BLOCK_POLICY = 8,
	BLOCK_PROVIDER = 16,
};

enum key {
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

struct reader {
	struct arena *arena;
	struct codebook *codebook;
	struct span file;
	unsigned line;
	bool reads_sets; /* the first time, nothing else */
	bool has_date;   /* of the part */
	struct span date;
	enum block block;
	struct codebook_row all; /* of the part, and the row being read */
	struct codebook_row row;
	size_t policy; /* the policy or provider being read */
	struct codebook_provider *provider;
	unsigned long seen;      /* the keys of the block: a bit each */
	enum key last;           /* what a continuation goes on with */
	unsigned long *row_seen; /* and those of each row so far */
	size_t row_seen_room;
	struct codebook_match *matches;
	size_t match_count, match_room;
	struct span *errors;
	size_t error_count, error_room;
};

static void wrong_at(struct reader *reader, unsigned line, const char *what,
	struct span word)
{
	struct arena *arena = reader->arena;
	struct span shown = escape_text(arena, span_part(word, 0, 80));
	struct span quoted = SPAN("");

	if (reader->error_count == CODEBOOK_ERRORS_MAX)
		return;
	if (word.len)
		quoted = arena_print(arena, ", not \"%.*s\"", SPAN_ARG(shown));
	reader->errors = arena_grow(arena, reader->errors, reader->error_count,
		&reader->error_room, sizeof(*reader->errors));
	reader->errors[reader->error_count++] = arena_print(arena,
		"%.*s:%u: %s%.*s", SPAN_ARG(reader->file), line, what,
		SPAN_ARG(quoted));
}

static void wrong(struct reader *reader, const char *what, struct span word)
{
	wrong_at(reader, reader->line, what, word);
}

static bool is_listed(struct span word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, span_of(list[i])))
			return true;
	return false;
}

static bool is_date(struct span word)
{
	if (word.len != 10)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (i == 4 || i == 7) {
			if (word.at[i] != '-')
				return false;
		} else if (!ascii_is_digit(word.at[i])) {
			return false;
		}
	}
	return true;
}

static bool is_id(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (!ascii_is_digit(c) && c != '-' && c != '.' &&
			(!ascii_is_alpha(c) || ascii_lower(c) != c))
			return false;
	}
	return word.len != 0;
}

/* ---- keys */

static struct codebook_row *row_of(struct reader *reader)
{
	return reader->block == BLOCK_ALL ? &reader->all : &reader->row;
}

static void read_match(struct reader *reader, struct span rest)
{
	struct codebook_match match;
	struct span word;
	const char *what = codebook_match_read(
		reader->arena, reader->codebook, rest, &match, &word);

	if (what) {
		wrong(reader, what, word);
		return;
	}
	if (reader->match_count == CODEBOOK_MATCHES_MAX) {
		wrong(reader, "expected 128 matches at most", SPAN(""));
		return;
	}
	reader->matches = arena_grow(reader->arena, reader->matches,
		reader->match_count, &reader->match_room, sizeof(match));
	reader->matches[reader->match_count++] = match;
}

static void read_stages(struct reader *reader, struct span rest)
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
			wrong(reader, "expected a stage", word);
		else
			row->has_stages = row->stages[i] = true;
	}
}

static void read_rank(struct reader *reader, struct span word)
{
	unsigned long rank;

	if (!span_number(word, CODEBOOK_RANK_MAX, &rank) || !rank)
		wrong(reader, "expected a rank: 1 to 9", word);
	else
		row_of(reader)->rank = (unsigned)rank;
}

static void check_text(struct reader *reader, enum key key, struct span text)
{
	if (!text.len)
		wrong(reader, "expected something behind the key", SPAN(""));
	else if (key == KEY_POLICY && !codebook_has_policy(text))
		wrong(reader, "expected a policy of the vocabulary", text);
	else if (key == KEY_SEEN && !is_date(text))
		wrong(reader, "expected a date: YYYY-MM-DD", text);
	else if (key == KEY_CERTAINTY &&
		 !is_listed(text, certainties, COUNT_OF(certainties)))
		wrong(reader,
			"expected documented, secondary, seen-in-corpus "
			"or seen-in-wild",
			text);
	else if (key == KEY_SEVERITY &&
		 !is_listed(text, severities, COUNT_OF(severities)))
		wrong(reader, "expected info, warn or fail", text);
	else if (key == KEY_PROVIDER && !is_id(text))
		wrong(reader, "expected a provider in lower case", text);
}

static struct span *text_field(struct reader *reader, enum key key)
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

static void add_text(struct reader *reader, struct span *field, char between,
	struct span text)
{
	if (field->len + text.len >= CODEBOOK_VALUE_MAX) {
		wrong(reader, "expected 4096 octets at most in all", SPAN(""));
		return;
	}
	*field = arena_print(reader->arena, "%.*s%c%.*s", SPAN_ARG(*field),
		between, SPAN_ARG(text));
}

static void read_text(
	struct reader *reader, enum key key, struct span text, bool is_again)
{
	struct span *field = text_field(reader, key);

	check_text(reader, key, text);
	if (key == KEY_SAMPLE && is_again)
		add_text(reader, field, '\n', text);
	else
		*field = text;
}

static void read_mark(struct reader *reader, enum key key, struct span rest)
{
	struct codebook_row *row = row_of(reader);

	if (rest.len)
		wrong(reader, "expected nothing behind it", rest);
	row->is_source_bound |= key == KEY_SOURCE_BOUND || key == KEY_IPV6_ONLY;
	row->is_ipv6_only |= key == KEY_IPV6_ONLY;
	row->is_temporary |= key == KEY_TEMPORARY;
	row->is_here_only |= key == KEY_HERE_ONLY;
}

static void read_value(
	struct reader *reader, enum key key, struct span rest, bool is_again)
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

static enum key key_of(const struct reader *reader, struct span word)
{
	for (unsigned i = 0; i < KEY_NONE; i++)
		if ((key_words[i].blocks & reader->block) &&
			span_is(word, span_of(key_words[i].word)))
			return (enum key)i;
	return KEY_NONE;
}

static void read_key(struct reader *reader, struct span line)
{
	struct span word = codebook_next_word(&line);
	enum key key = key_of(reader, word);
	bool is_again;

	reader->last = key;
	if (key == KEY_NONE) {
		wrong(reader, "expected a key of the block", word);
		return;
	}
	is_again = reader->seen >> key & 1;
	if (is_again && key != KEY_MATCH && key != KEY_SAMPLE)
		wrong(reader, "expected each key once", word);
	reader->seen |= 1UL << key;
	read_value(reader, key, line, is_again);
}

static void read_more(struct reader *reader, struct span line)
{
	if (reader->last == KEY_NONE || !key_words[reader->last].goes_on)
		wrong(reader, "expected a key that may go on before this",
			line);
	else
		add_text(reader, text_field(reader, reader->last), ' ', line);
}

/* ---- blocks */

static void keep_numbers(struct codebook_row *row)
{
	const struct codebook_match *match = row->matches;

	row->code = match->code;
	if (match->status.class && match->status.detail == match->status.last) {
		row->status[0] = match->status.class;
		row->status[1] = match->status.subject;
		row->status[2] = match->status.detail;
	}
}

/* Without a word to look for, they are asked each time. */
static void keep_bare(struct reader *reader)
{
	struct codebook *codebook = reader->codebook;

	for (uint32_t i = 0; i < reader->match_count; i++) {
		if (reader->matches[i].piece_count)
			continue;
		codebook->bare = arena_grow(reader->arena, codebook->bare,
			codebook->bare_count, &codebook->bare_room,
			sizeof(*codebook->bare));
		codebook->bare[codebook->bare_count++] =
			(struct codebook_bare){ (uint32_t)codebook->count, i };
	}
}

static void end_block(struct reader *reader)
{
	struct codebook *codebook = reader->codebook;
	struct codebook_row *row = &reader->row;

	if (reader->block == BLOCK_ROW) {
		keep_bare(reader);
		row->matches = reader->matches;
		row->match_count = reader->match_count;
		if (row->match_count)
			keep_numbers(row);
		codebook->rows = arena_grow(reader->arena, codebook->rows,
			codebook->count, &codebook->room, sizeof(*row));
		reader->row_seen = arena_grow(reader->arena, reader->row_seen,
			codebook->count, &reader->row_seen_room,
			sizeof(*reader->row_seen));
		reader->row_seen[codebook->count] = reader->seen;
		codebook->rows[codebook->count++] = *row;
	}
	reader->block = BLOCK_NONE;
}

static void begin_row(struct reader *reader, struct span id)
{
	struct codebook *codebook = reader->codebook;

	if (!is_id(id))
		wrong(reader, "expected an id of a-z, 0-9, . and -", id);
	else if (codebook_row_of_id(codebook, id))
		wrong(reader, "expected an id that no other row has", id);
	if (codebook->count == CODEBOOK_ROWS_MAX) {
		wrong(reader, "expected 4096 rows at most", SPAN(""));
		codebook->count--;
	}
	reader->row = reader->all;
	reader->row.id = id;
	reader->row.date = reader->date;
	reader->row.file = reader->file;
	reader->row.line = reader->line;
	reader->matches = NULL;
	reader->match_count = reader->match_room = 0;
}

static void begin_provider(struct reader *reader, struct span id)
{
	struct codebook *codebook = reader->codebook;

	if (!is_id(id))
		wrong(reader, "expected an id of a-z, 0-9, . and -", id);
	if (codebook->provider_count == CODEBOOK_PROVIDERS_MAX) {
		wrong(reader, "expected 512 providers at most", SPAN(""));
		codebook->provider_count--;
	}
	codebook->providers = arena_grow(reader->arena, codebook->providers,
		codebook->provider_count, &codebook->provider_room,
		sizeof(*codebook->providers));
	reader->provider = &codebook->providers[codebook->provider_count++];
	*reader->provider = (struct codebook_provider){ .id = id, .title = id };
}

static void begin_policy(struct reader *reader, struct span word)
{
	reader->policy = codebook_policy_number(word);
	if (reader->policy == codebook_policy_count())
		wrong(reader, "expected a policy of the vocabulary", word);
}

static void begin_block(struct reader *reader, struct span line)
{
	struct span word = codebook_next_word(&line);

	end_block(reader);
	reader->seen = 0;
	reader->last = KEY_NONE;
	if (span_is(word, SPAN("row"))) {
		reader->block = BLOCK_ROW;
		begin_row(reader, line);
	} else if (span_is(word, SPAN("all"))) {
		reader->block = BLOCK_ALL;
		reader->all = (struct codebook_row){ 0 };
		if (line.len)
			wrong(reader, "expected nothing behind it", line);
	} else if (span_is(word, SPAN("policy"))) {
		reader->block = BLOCK_POLICY;
		begin_policy(reader, line);
	} else if (span_is(word, SPAN("provider"))) {
		reader->block = BLOCK_PROVIDER;
		begin_provider(reader, line);
	} else if (!span_is(word, SPAN("set"))) {
		wrong(reader, "expected a row, all, set, policy or provider",
			word);
	}
}

/* ---- lines */

static bool is_dated(struct span line)
{
	return span_is(codebook_next_word(&line), SPAN("mxprobe-codebook"));
}

static void begin_part(struct reader *reader, struct span line)
{
	struct codebook *codebook = reader->codebook;
	struct span word = codebook_next_word(&line);

	end_block(reader);
	reader->has_date = true; /* said once is enough */
	reader->all = (struct codebook_row){ 0 };
	if (!span_is(word, SPAN("mxprobe-codebook")) || !is_date(line)) {
		wrong(reader, "expected \"mxprobe-codebook YYYY-MM-DD\" first",
			word);
		return;
	}
	reader->date = line;
	if (!codebook->date.len ||
		memcmp(line.at, codebook->date.at, line.len) > 0)
		codebook->date = line;
}

static void read_set(struct reader *reader, struct span text)
{
	struct span word = codebook_next_word(&text), there;
	const char *what;

	if (!span_is(word, SPAN("set")))
		return;
	what = codebook_set_read(reader->arena, reader->codebook, text, &there);
	if (what)
		wrong(reader, what, there);
}

static void read_line(struct reader *reader, struct span line)
{
	struct span text = span_trim(line);

	if (line.len > CODEBOOK_LINE_MAX) {
		if (!reader->reads_sets)
			wrong(reader, "expected 512 octets a line at most",
				SPAN(""));
		return;
	}
	if (!text.len || text.at[0] == '#')
		return;
	if (reader->reads_sets)
		read_set(reader, text);
	else if (!reader->has_date || is_dated(text))
		begin_part(reader, text);
	else if (!ascii_is_blank(line.at[0]))
		begin_block(reader, text);
	else if (reader->block == BLOCK_NONE)
		wrong(reader, "expected a block before this", text);
	else if (span_starts_nocase(line, SPAN("\t\t")))
		read_more(reader, text);
	else
		read_key(reader, text);
}

static void read_part(struct reader *reader, const struct codebook_part *part)
{
	struct span text = part->text;

	reader->file = part->file;
	reader->line = 0;
	reader->has_date = false;
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		reader->line++;
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		read_line(reader, line);
	}
	end_block(reader);
	if (!reader->has_date && !reader->reads_sets)
		wrong(reader, "expected \"mxprobe-codebook YYYY-MM-DD\"",
			SPAN(""));
}

/* ---- the whole */

/* What a row leaves to others: its policy's words, and the usual. */
static void complete_row(
	const struct codebook *codebook, struct codebook_row *row)
{
	struct codebook_policy_words words = codebook_policy_words(
		codebook, row->policy);

	if (!row->meaning.len)
		row->meaning = words.meaning;
	if (!row->remedy.len)
		row->remedy = words.remedy;
	if (!row->severity.len)
		row->severity = row->is_temporary ? SPAN("warn") : SPAN("fail");
	if (!row->rank)
		row->rank = span_is(row->provider, SPAN("any")) ? 4 : 6;
}

/* What was there and wrong has been told of. */
static bool has_key(const struct reader *reader, const struct codebook_row *row,
	enum key key)
{
	const struct span *field =
		(const struct span *)(const void *)((const char *)row +
						    key_words[key].field);

	if (reader->row_seen[row - reader->codebook->rows] >> key & 1)
		return true;
	return key != KEY_MATCH && field->len != 0;
}

static void complete(struct reader *reader)
{
	struct codebook *codebook = reader->codebook;

	for (size_t i = 0; i < codebook->count; i++) {
		struct codebook_row *row = &codebook->rows[i];

		complete_row(codebook, row);
		reader->file = row->file;
		for (unsigned k = 0; k < KEY_NONE; k++)
			if (key_words[k].must &&
				!has_key(reader, row, (enum key)k))
				wrong_at(reader, row->line,
					arena_print(reader->arena,
						"expected row %.*s to have "
						"\"%s\"",
						SPAN_ARG(row->id),
						key_words[k].word)
						.at,
					SPAN(""));
	}
}

static struct span join_errors(const struct reader *reader)
{
	size_t len = 0;
	char *all, *at;

	for (size_t i = 0; i < reader->error_count; i++)
		len += reader->errors[i].len + 1;
	at = all = arena_take(reader->arena, len + 1);
	for (size_t i = 0; i < reader->error_count; i++) {
		memcpy(at, reader->errors[i].at, reader->errors[i].len);
		at += reader->errors[i].len;
		*at++ = '\n';
	}
	return (struct span){ all, len };
}

static bool is_too_much(const struct codebook_part *parts, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += parts[i].text.len;
	return len > CODEBOOK_TEXT_MAX;
}

const struct codebook *codebook_parse_parts(struct arena *arena,
	const struct codebook_part *parts, size_t count, struct span *errors)
{
	struct codebook *codebook = arena_new(arena, struct codebook);
	struct reader reader = {
		.arena = arena, .codebook = codebook, .block = BLOCK_NONE
	};

	*errors = SPAN("");
	codebook->words = arena_take(arena,
		(codebook_policy_count() + 1) * sizeof(*codebook->words));
	if (is_too_much(parts, count)) {
		reader.file = parts[0].file;
		wrong(&reader, "expected 4 MiB at most", SPAN(""));
		count = 0;
	}
	for (unsigned pass = 0; pass < 2; pass++) {
		reader.reads_sets = pass == 0;
		for (size_t i = 0; i < count; i++)
			read_part(&reader, &parts[i]);
	}
	complete(&reader);
	*errors = join_errors(&reader);
	if (reader.error_count)
		return NULL;
	codebook_index_providers(arena, codebook);
	codebook->search = phrase_search_new(
		arena, codebook->rows, codebook->count);
	return codebook;
}

const struct codebook *codebook_parse(struct arena *arena, struct span file,
	struct span text, struct span *errors)
{
	struct codebook_part part = { file, SPAN("") };

	/* The rows' spans live as long as the arena, whatever the text does. */
	part.text = text.len > CODEBOOK_TEXT_MAX ? text
						 : arena_copy(arena, text);
	return codebook_parse_parts(arena, &part, 1, errors);
}
