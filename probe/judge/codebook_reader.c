#include "probe/judge/codebook_reader.h"

#include "probe/base/escape.h"
#include "probe/judge/codebook_recent.h"

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

/* ---- words */

void codebook_wrong_at(struct codebook_reader *reader, unsigned line,
	const char *what, struct span word)
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

void codebook_wrong(
	struct codebook_reader *reader, const char *what, struct span word)
{
	codebook_wrong_at(reader, reader->line, what, word);
}

bool codebook_is_date(struct span word)
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

bool codebook_is_id(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (!ascii_is_digit(c) && c != '-' && c != '.' &&
			(!ascii_is_alpha(c) || ascii_lower(c) != c))
			return false;
	}
	return word.len != 0;
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
static void keep_bare(struct codebook_reader *reader)
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

static void end_block(struct codebook_reader *reader)
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

static void begin_row(struct codebook_reader *reader, struct span id)
{
	struct codebook *codebook = reader->codebook;

	if (!codebook_is_id(id))
		codebook_wrong(
			reader, "expected an id of a-z, 0-9, . and -", id);
	else if (codebook_row_of_id(codebook, id))
		codebook_wrong(
			reader, "expected an id that no other row has", id);
	if (codebook->count == CODEBOOK_ROWS_MAX) {
		codebook_wrong(reader, "expected 4096 rows at most", SPAN(""));
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

static void begin_provider(struct codebook_reader *reader, struct span id)
{
	struct codebook *codebook = reader->codebook;

	if (!codebook_is_id(id))
		codebook_wrong(
			reader, "expected an id of a-z, 0-9, . and -", id);
	if (codebook->provider_count == CODEBOOK_PROVIDERS_MAX) {
		codebook_wrong(
			reader, "expected 512 providers at most", SPAN(""));
		codebook->provider_count--;
	}
	codebook->providers = arena_grow(reader->arena, codebook->providers,
		codebook->provider_count, &codebook->provider_room,
		sizeof(*codebook->providers));
	reader->provider = &codebook->providers[codebook->provider_count++];
	*reader->provider = (struct codebook_provider){ .id = id, .title = id };
}

static void begin_policy(struct codebook_reader *reader, struct span word)
{
	reader->policy = codebook_policy_number(word);
	if (reader->policy == codebook_policy_count())
		codebook_wrong(
			reader, "expected a policy of the vocabulary", word);
}

static void begin_block(struct codebook_reader *reader, struct span line)
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
			codebook_wrong(
				reader, "expected nothing behind it", line);
	} else if (span_is(word, SPAN("policy"))) {
		reader->block = BLOCK_POLICY;
		begin_policy(reader, line);
	} else if (span_is(word, SPAN("provider"))) {
		reader->block = BLOCK_PROVIDER;
		begin_provider(reader, line);
	} else if (!span_is(word, SPAN("set"))) {
		codebook_wrong(reader,
			"expected a row, all, set, policy or provider", word);
	}
}

/* ---- lines */

static bool is_dated(struct span line)
{
	return span_is(codebook_next_word(&line), SPAN("mxprobe-codebook"));
}

static void begin_part(struct codebook_reader *reader, struct span line)
{
	struct codebook *codebook = reader->codebook;
	struct span word = codebook_next_word(&line);

	end_block(reader);
	reader->has_date = true; /* said once is enough */
	reader->all = (struct codebook_row){ 0 };
	if (!span_is(word, SPAN("mxprobe-codebook")) ||
		!codebook_is_date(line)) {
		codebook_wrong(reader,
			"expected \"mxprobe-codebook YYYY-MM-DD\" first", word);
		return;
	}
	reader->date = line;
	if (!codebook->date.len ||
		memcmp(line.at, codebook->date.at, line.len) > 0)
		codebook->date = line;
}

static void read_set(struct codebook_reader *reader, struct span text)
{
	struct span word = codebook_next_word(&text), there;
	const char *what;

	if (!span_is(word, SPAN("set")))
		return;
	what = codebook_set_read(reader->arena, reader->codebook, text, &there);
	if (what)
		codebook_wrong(reader, what, there);
}

static void read_line(struct codebook_reader *reader, struct span line)
{
	struct span text = span_trim(line);

	if (line.len > CODEBOOK_LINE_MAX) {
		if (!reader->reads_sets)
			codebook_wrong(reader,
				"expected 512 octets a line at most", SPAN(""));
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
		codebook_wrong(reader, "expected a block before this", text);
	else if (span_starts_nocase(line, SPAN("\t\t")))
		codebook_read_more(reader, text);
	else
		codebook_read_key(reader, text);
}

static void read_part(
	struct codebook_reader *reader, const struct codebook_part *part)
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
		codebook_wrong(reader,
			"expected \"mxprobe-codebook YYYY-MM-DD\"", SPAN(""));
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

static void complete(struct codebook_reader *reader)
{
	struct codebook *codebook = reader->codebook;

	for (size_t i = 0; i < codebook->count; i++) {
		struct codebook_row *row = &codebook->rows[i];

		complete_row(codebook, row);
		reader->file = row->file;
		codebook_keys_check(reader, row);
	}
}

static struct span join_errors(const struct codebook_reader *reader)
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
	struct codebook_reader reader = {
		.arena = arena, .codebook = codebook, .block = BLOCK_NONE
	};

	*errors = SPAN("");
	codebook->words = arena_take(arena,
		(codebook_policy_count() + 1) * sizeof(*codebook->words));
	if (is_too_much(parts, count)) {
		reader.file = parts[0].file;
		codebook_wrong(&reader, "expected 4 MiB at most", SPAN(""));
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
	codebook->recent = codebook_recent_new(arena);
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
