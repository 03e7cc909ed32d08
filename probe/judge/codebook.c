#include "probe/judge/codebook.h"

#include <assert.h>

#include "probe/base/escape.h"
#include "probe/judge/wording.h"

/*
 * The file, a line at a time.  Words are parted by blanks; a key stands behind
 * one tab or blank, and a line that begins with two tabs goes on with the
 * text of the key before it.
 *
 *	file      = *(empty / comment) date *(empty / comment / row)
 *	comment   = *blank "#" anything
 *	date      = "mxprobe-codebook" YYYY-MM-DD
 *	row       = "row" id, then its keys, each on a line:
 *	              "provider" word       whose wording it is; "any"
 *	              "policy" word         of the vocabulary below
 *	              "source-bound"        optional
 *	              "temporary"           optional
 *	              "at" 1*stage          optional: only there
 *	              "match" code status 1*piece           1 to 32 of them
 *	              "meaning" text
 *	              "remedy" text
 *	              "reference" text
 *	              "seen" YYYY-MM-DD
 *	              "certainty" ("documented" / "secondary" /
 *	                           "seen-in-corpus" / "seen-in-wild")
 *	              "sample" text         one for each line of the reply
 *	code      = "550" / "5" / "4" / "-"       "-": any
 *	status    = "5.7.1" / "-"
 *	piece     = DQUOTE text DQUOTE            no DQUOTE inside
 *
 * A reply fits a match when its code is the one given or in its hundred, its
 * enhanced status the one given (a reply without one is not turned away), and
 * all pieces stand in its wording in their order.
 *
 * The most particular match wins: first the one with more octets of phrase,
 * then the one whose enhanced status was given and met, then the one with a
 * whole code before a hundred before any.
 */
struct codebook {
	struct span date;
	struct codebook_row *rows;
	size_t count, room;
};

static const char *const policies[] = { "not-authorized-ip", "reverse-dns",
	"helo", "ipv6-specific", "spf", "dkim", "dmarc", "arc", "auth-any",
	"tls-required", "dnsbl", "ip-reputation", "domain-reputation",
	"sender-rejected", "rate-limit", "recipient-rate-limit", "greylist",
	"content-spam", "content-virus", "content-policy", "rfc-compliance",
	"size", "mailbox-unknown", "mailbox-full", "mailbox-disabled",
	"mailbox-moved", "mailbox-restricted", "relay-denied",
	"smtp-auth-required", "protocol", "dns", "network", "expired", "loop",
	"temporary-system", "permanent-system", "local-policy",
	"sender-account", "suppressed", "not-a-bounce", "unknown" };

static const char *const certainties[] = { "documented", "secondary",
	"seen-in-corpus", "seen-in-wild" };

enum key {
	KEY_PROVIDER,
	KEY_POLICY,
	KEY_MEANING,
	KEY_REMEDY,
	KEY_REFERENCE,
	KEY_SEEN,
	KEY_CERTAINTY,
	KEY_SAMPLE,
	KEY_MATCH,
	KEY_AT,
	KEY_SOURCE_BOUND,
	KEY_TEMPORARY,
	KEY_NONE,
};

/* A key whose value is text goes straight into its field of the row. */
#define ROW_FIELD(name) offsetof(struct codebook_row, name)

/* clang-format off */
static const struct key_word {
	const char *word;
	size_t field;
	bool must;              /* a row without it is not one */
	bool goes_on;           /* may take more lines */
} key_words[] = {
	[KEY_PROVIDER]     = { "provider",  ROW_FIELD(provider),  true, false },
	[KEY_POLICY]       = { "policy",    ROW_FIELD(policy),    true, false },
	[KEY_MEANING]      = { "meaning",   ROW_FIELD(meaning),   true, true },
	[KEY_REMEDY]       = { "remedy",    ROW_FIELD(remedy),    true, true },
	[KEY_REFERENCE]    = { "reference", ROW_FIELD(reference), true, true },
	[KEY_SEEN]         = { "seen",      ROW_FIELD(seen),      true, false },
	[KEY_CERTAINTY]    = { "certainty", ROW_FIELD(certainty), true, false },
	[KEY_SAMPLE]       = { "sample",    ROW_FIELD(sample),    true, false },
	[KEY_MATCH]        = { "match",        0, true,  false },
	[KEY_AT]           = { "at",           0, false, false },
	[KEY_SOURCE_BOUND] = { "source-bound", 0, false, false },
	[KEY_TEMPORARY]    = { "temporary",    0, false, false },
};
/* clang-format on */

struct parser {
	struct arena *arena;
	struct codebook *codebook;
	struct span file;
	unsigned line;
	bool has_date;
	struct codebook_row *row; /* the one being read, or NULL */
	bool seen[KEY_NONE];      /* the keys it has */
	enum key last;            /* what a continuation goes on with */
	struct codebook_match *matches;
	size_t match_count, match_room;
	struct span *errors;
	size_t error_count, error_room;
};

static void wrong_at(struct parser *parser, unsigned line, const char *what,
	struct span word)
{
	struct arena *arena = parser->arena;
	struct span shown = escape_text(arena, span_part(word, 0, 80));
	struct span quoted = SPAN("");

	if (parser->error_count == CODEBOOK_ERRORS_MAX)
		return;
	if (word.len)
		quoted = arena_print(arena, ", not \"%.*s\"", SPAN_ARG(shown));
	parser->errors = arena_grow(arena, parser->errors, parser->error_count,
		&parser->error_room, sizeof(*parser->errors));
	parser->errors[parser->error_count++] = arena_print(arena,
		"%.*s:%u: %s%.*s", SPAN_ARG(parser->file), line, what,
		SPAN_ARG(quoted));
}

static void wrong(struct parser *parser, const char *what, struct span word)
{
	wrong_at(parser, parser->line, what, word);
}

static bool is_listed(struct span word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, span_of(list[i])))
			return true;
	return false;
}

bool codebook_has_policy(struct span word)
{
	return is_listed(word, policies, COUNT_OF(policies));
}

const char *codebook_policy(size_t i)
{
	return i < COUNT_OF(policies) ? policies[i] : NULL;
}

static struct span next_word(struct span *rest)
{
	struct span word;
	size_t len = 0;

	*rest = span_trim(*rest);
	while (len < rest->len && rest->at[len] != ' ' && rest->at[len] != '\t')
		len++;
	word = span_part(*rest, 0, len);
	*rest = span_trim(span_part(*rest, len, rest->len));
	return word;
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

/* ---- match and at */

static bool read_code(struct span word, unsigned *code)
{
	unsigned long number = 0;

	*code = 0;
	if (span_is(word, SPAN("-")))
		return true;
	if (!span_number(word, 599, &number) ||
		(number >= 10 ? number / 100 : number) < 4)
		return false;
	*code = (unsigned)number;
	return number == 4 || number == 5 || word.len == 3;
}

static bool read_status(struct span word, unsigned status[3])
{
	struct span rest = word;

	memset(status, 0, 3 * sizeof(*status));
	if (span_is(word, SPAN("-")))
		return true;
	for (size_t i = 0; i < 3; i++) {
		unsigned long number = 0;

		if (!span_number(span_cut(&rest, '.'), 999, &number))
			return false;
		status[i] = (unsigned)number;
	}
	return !rest.len && word.at[word.len - 1] != '.' &&
	       (status[0] == 4 || status[0] == 5);
}

/* One piece in quotation marks off *rest; false when there is none. */
static bool read_piece(
	struct parser *parser, struct span *rest, struct span *piece)
{
	char room[WORDING_MAX];
	size_t len;

	*rest = span_trim(*rest);
	if (rest->len < 3 || rest->at[0] != '"')
		return false;
	*rest = span_part(*rest, 1, rest->len);
	len = span_find(*rest, '"');
	if (len == rest->len)
		return false;
	*piece = wording_of_text(room, span_part(*rest, 0, len));
	*piece = arena_copy(parser->arena, *piece);
	*rest = span_trim(span_part(*rest, len + 1, rest->len));
	return piece->len != 0;
}

static bool read_pieces(
	struct parser *parser, struct span rest, struct codebook_match *match)
{
	struct span pieces[CODEBOOK_PIECES_MAX], *kept;

	while (rest.len && match->piece_count < CODEBOOK_PIECES_MAX) {
		struct span *piece = &pieces[match->piece_count];

		if (!read_piece(parser, &rest, piece))
			return false;
		match->weight += piece->len;
		match->piece_count++;
	}
	if (rest.len || !match->piece_count)
		return false;
	kept = arena_take(parser->arena, match->piece_count * sizeof(*kept));
	memcpy(kept, pieces, match->piece_count * sizeof(*kept));
	match->pieces = kept;
	return true;
}

static void read_match(struct parser *parser, struct span rest)
{
	struct codebook_match match = { 0 };
	struct span code = next_word(&rest), status = next_word(&rest);

	if (!read_code(code, &match.code)) {
		wrong(parser, "expected a code: 550, 5, 4 or -", code);
	} else if (!read_status(status, match.status)) {
		wrong(parser, "expected a status: 5.7.1 or -", status);
	} else if (!read_pieces(parser, rest, &match)) {
		wrong(parser, "expected 1 to 8 pieces in quotation marks",
			rest);
	} else if (parser->match_count == CODEBOOK_MATCHES_MAX) {
		wrong(parser, "expected 32 matches at most", SPAN(""));
	} else {
		parser->matches = arena_grow(parser->arena, parser->matches,
			parser->match_count, &parser->match_room,
			sizeof(match));
		parser->matches[parser->match_count++] = match;
	}
}

static void read_stages(struct parser *parser, struct span rest)
{
	while (rest.len) {
		struct span word = next_word(&rest);
		unsigned i = STAGE_CONNECT;

		while (i < STAGE_COUNT &&
			!span_is(word, span_of(stage_word((enum stage)i))))
			i++;
		if (i == STAGE_COUNT) {
			wrong(parser, "expected a stage", word);
		} else {
			parser->row->stages[i] = true;
			parser->row->has_stages = true;
		}
	}
}

/* ---- the keys of a row */

static enum key key_of(struct span word)
{
	for (unsigned i = 0; i < KEY_NONE; i++)
		if (span_is(word, span_of(key_words[i].word)))
			return (enum key)i;
	return KEY_NONE;
}

static struct span *text_field(struct parser *parser, enum key key)
{
	return (struct span *)(void *)((char *)parser->row +
				       key_words[key].field);
}

static void check_text(struct parser *parser, enum key key, struct span text)
{
	if (!text.len)
		wrong(parser, "expected something behind the key", SPAN(""));
	else if (key == KEY_POLICY && !codebook_has_policy(text))
		wrong(parser, "expected a policy of the vocabulary", text);
	else if (key == KEY_SEEN && !is_date(text))
		wrong(parser, "expected a date: YYYY-MM-DD", text);
	else if (key == KEY_CERTAINTY &&
		 !is_listed(text, certainties, COUNT_OF(certainties)))
		wrong(parser,
			"expected documented, secondary, seen-in-corpus "
			"or seen-in-wild",
			text);
	else if (key == KEY_PROVIDER && !is_id(text))
		wrong(parser, "expected a provider in lower case", text);
}

static void add_text(struct parser *parser, struct span *field, char between,
	struct span text)
{
	if (field->len + text.len >= CODEBOOK_VALUE_MAX) {
		wrong(parser, "expected 4096 octets at most in all", SPAN(""));
		return;
	}
	*field = arena_print(parser->arena, "%.*s%c%.*s", SPAN_ARG(*field),
		between, SPAN_ARG(text));
}

static void read_text(struct parser *parser, enum key key, struct span text)
{
	struct span *field = text_field(parser, key);

	check_text(parser, key, text);
	if (key == KEY_SAMPLE && field->len)
		add_text(parser, field, '\n', text);
	else
		*field = text;
}

static void read_key(struct parser *parser, struct span line)
{
	struct span word = next_word(&line);
	enum key key = key_of(word);

	parser->last = key;
	if (key == KEY_NONE) {
		wrong(parser, "expected a key of a row", word);
		return;
	}
	if (parser->seen[key] && key != KEY_MATCH && key != KEY_SAMPLE)
		wrong(parser, "expected each key once", word);
	parser->seen[key] = true;
	switch (key) {
	case KEY_MATCH:
		read_match(parser, line);
		return;
	case KEY_AT:
		read_stages(parser, line);
		return;
	case KEY_SOURCE_BOUND:
	case KEY_TEMPORARY:
		if (line.len)
			wrong(parser, "expected nothing behind it", line);
		if (key == KEY_TEMPORARY)
			parser->row->is_temporary = true;
		else
			parser->row->is_source_bound = true;
		return;
	case KEY_PROVIDER:
	case KEY_POLICY:
	case KEY_MEANING:
	case KEY_REMEDY:
	case KEY_REFERENCE:
	case KEY_SEEN:
	case KEY_CERTAINTY:
	case KEY_SAMPLE:
		read_text(parser, key, line);
		return;
	case KEY_NONE:
		return;
	}
}

static void read_more(struct parser *parser, struct span line)
{
	if (parser->last == KEY_NONE || !key_words[parser->last].goes_on)
		wrong(parser, "expected a key that may go on before this",
			line);
	else
		add_text(parser, text_field(parser, parser->last), ' ', line);
}

/* ---- rows and the file */

static void end_row(struct parser *parser)
{
	struct codebook_row *row = parser->row;

	if (!row)
		return;
	for (unsigned i = 0; i < KEY_NONE; i++)
		if (key_words[i].must && !parser->seen[i])
			wrong_at(parser, row->line,
				arena_print(parser->arena,
					"expected the row to have \"%s\"",
					key_words[i].word)
					.at,
				SPAN(""));
	row->matches = parser->matches;
	row->match_count = parser->match_count;
	if (row->match_count) {
		row->code = row->matches[0].code;
		memcpy(row->status, row->matches[0].status,
			sizeof(row->status));
	}
	parser->row = NULL;
}

static bool is_taken(const struct codebook *codebook, struct span id)
{
	for (size_t i = 0; i < codebook->count; i++)
		if (span_is(codebook->rows[i].id, id))
			return true;
	return false;
}

static void begin_row(struct parser *parser, struct span id)
{
	struct codebook *codebook = parser->codebook;

	end_row(parser);
	if (!is_id(id))
		wrong(parser, "expected an id of a-z, 0-9, . and -", id);
	else if (is_taken(codebook, id))
		wrong(parser, "expected an id that no other row has", id);
	if (codebook->count == CODEBOOK_ROWS_MAX) {
		wrong(parser, "expected 4096 rows at most", SPAN(""));
		codebook->count--;
	}
	codebook->rows = arena_grow(parser->arena, codebook->rows,
		codebook->count, &codebook->room, sizeof(*codebook->rows));
	parser->row = &codebook->rows[codebook->count++];
	*parser->row = (struct codebook_row){ .id = id, .line = parser->line };
	memset(parser->seen, 0, sizeof(parser->seen));
	parser->last = KEY_NONE;
	parser->matches = NULL;
	parser->match_count = parser->match_room = 0;
}

static void read_date(struct parser *parser, struct span line)
{
	struct span word = next_word(&line);

	parser->has_date = true; /* said once is enough */
	if (!span_is(word, SPAN("mxprobe-codebook")) || !is_date(line))
		wrong(parser, "expected \"mxprobe-codebook YYYY-MM-DD\" first",
			word);
	else
		parser->codebook->date = line;
}

static void read_line(struct parser *parser, struct span line)
{
	struct span text = span_trim(line), rest = text;

	if (line.len > CODEBOOK_LINE_MAX) {
		wrong(parser, "expected 512 octets a line at most", SPAN(""));
		return;
	}
	if (!text.len || text.at[0] == '#')
		return;
	if (!parser->has_date)
		read_date(parser, text);
	else if (span_is(next_word(&rest), SPAN("row")))
		begin_row(parser, rest);
	else if (!parser->row)
		wrong(parser, "expected \"row\"", text);
	else if (span_starts_nocase(line, SPAN("\t\t")))
		read_more(parser, text);
	else
		read_key(parser, text);
}

static void read_file(struct parser *parser, struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		parser->line++;
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		read_line(parser, line);
	}
	end_row(parser);
	if (!parser->has_date)
		wrong(parser, "expected \"mxprobe-codebook YYYY-MM-DD\"",
			SPAN(""));
}

static struct span join_errors(const struct parser *parser)
{
	size_t len = 0;
	char *all, *at;

	for (size_t i = 0; i < parser->error_count; i++)
		len += parser->errors[i].len + 1;
	at = all = arena_take(parser->arena, len + 1);
	for (size_t i = 0; i < parser->error_count; i++) {
		memcpy(at, parser->errors[i].at, parser->errors[i].len);
		at += parser->errors[i].len;
		*at++ = '\n';
	}
	return (struct span){ all, len };
}

const struct codebook *codebook_parse(struct arena *arena, struct span file,
	struct span text, struct span *errors)
{
	struct parser parser = {
		.arena = arena, .file = file, .last = KEY_NONE
	};

	*errors = SPAN("");
	parser.codebook = arena_new(arena, struct codebook);
	if (text.len > CODEBOOK_TEXT_MAX)
		wrong(&parser, "expected 4 MiB at most", SPAN(""));
	else
		read_file(&parser, arena_copy(arena, text));
	if (!parser.error_count)
		return parser.codebook;
	*errors = join_errors(&parser);
	return NULL;
}

/* Written by the GNUmakefile as a list of numbers. */
static const char embedded[] = {
#include "probe/judge/codebook.txt.inc"
};

const struct codebook *codebook_embedded(struct arena *arena)
{
	struct span text = { embedded, sizeof(embedded) }, errors;
	const struct codebook *codebook = codebook_parse(
		arena, SPAN("codebook.txt"), text, &errors);

	assert(codebook);
	return codebook;
}

struct span codebook_date(const struct codebook *codebook)
{
	return codebook->date;
}

size_t codebook_row_count(const struct codebook *codebook)
{
	return codebook->count;
}

const struct codebook_row *codebook_row(
	const struct codebook *codebook, size_t i)
{
	return i < codebook->count ? &codebook->rows[i] : NULL;
}

/* ---- looking up */

struct fit {
	const struct codebook_row *row;
	size_t weight;
	unsigned status, code; /* how closely each was met */
	bool is_tied;
};

static bool meets_code(
	const struct codebook_match *match, unsigned code, struct fit *fit)
{
	fit->code = match->code >= 100 ? 2 : match->code ? 1 : 0;
	return !match->code || match->code == code || match->code == code / 100;
}

static bool meets_status(const struct codebook_match *match,
	const struct reply *reply, struct fit *fit)
{
	fit->status = 0;
	if (!match->status[0] || !reply_has_status(reply))
		return true;
	fit->status = 1;
	return match->status[0] == reply->status.class &&
	       match->status[1] == reply->status.subject &&
	       match->status[2] == reply->status.detail;
}

static int closer(const struct fit *a, const struct fit *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight ? 1 : -1;
	if (a->status != b->status)
		return a->status > b->status ? 1 : -1;
	if (a->code != b->code)
		return a->code > b->code ? 1 : -1;
	return 0;
}

static void consider(struct fit *best, const struct codebook_row *row,
	const struct reply *reply, struct span wording)
{
	for (size_t i = 0; i < row->match_count; i++) {
		const struct codebook_match *match = &row->matches[i];
		struct fit fit = { .row = row, .weight = match->weight };
		int order;

		if (!meets_code(match, reply->code, &fit) ||
			!meets_status(match, reply, &fit) ||
			!wording_has(
				wording, match->pieces, match->piece_count))
			continue;
		order = best->row ? closer(&fit, best) : 1;
		if (order > 0)
			*best = fit;
		else if (order == 0 && best->row != row)
			best->is_tied = true;
	}
}

static struct fit find(const struct codebook *codebook,
	const struct reply *reply, enum stage stage)
{
	char room[WORDING_MAX];
	struct span wording = wording_of_reply(room, reply);
	struct fit best = { 0 };

	for (size_t i = 0; i < codebook->count; i++) {
		const struct codebook_row *row = &codebook->rows[i];

		if (row->has_stages && stage != STAGE_RESOLVE &&
			!row->stages[stage])
			continue;
		consider(&best, row, reply, wording);
	}
	return best;
}

const struct codebook_row *codebook_find(const struct codebook *codebook,
	const struct reply *reply, enum stage stage)
{
	return find(codebook, reply, stage).row;
}

bool codebook_is_tied(const struct codebook *codebook,
	const struct reply *reply, enum stage stage)
{
	return find(codebook, reply, stage).is_tied;
}

bool codebook_quoted_ip(const struct reply *reply, struct ip *ip)
{
	char room[WORDING_MAX];

	return wording_ip(wording_of_reply(room, reply), ip);
}
