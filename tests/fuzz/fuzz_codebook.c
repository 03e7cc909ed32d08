#include <stdint.h>

#include "probe/judge/codebook.h"
#include "probe/judge/wording.h"
#include "probe/smtp/reply_parser.h"
#include "tests/fuzz/must.h"

/*
 * The same bytes as a codebook file and as a reply to look up.
 *
 * A file gives a book or errors, never both nor neither, and each error says
 * where it is.  A wording is folded: no capitals, no runs of blanks.  A reply
 * whose lines are joined means what it meant before.
 */
static struct arena *book_arena;
static const struct codebook *book;

static void check_rows(const struct codebook *parsed)
{
	for (size_t i = 0; i < codebook_row_count(parsed); i++) {
		const struct codebook_row *row = codebook_row(parsed, i);

		MUST(row->id.len && row->match_count && row->line);
		MUST(row->match_count <= CODEBOOK_MATCHES_MAX);
		MUST(row->meaning.len < CODEBOOK_VALUE_MAX);
		MUST(codebook_has_policy(row->policy));
		for (size_t k = 0; k < row->match_count; k++)
			MUST(row->matches[k].weight);
	}
}

static void try_file(struct arena *arena, struct span text)
{
	struct span errors;
	const struct codebook *parsed = codebook_parse(
		arena, SPAN("fuzz"), text, &errors);

	MUST((parsed == NULL) == (errors.len != 0));
	if (parsed)
		check_rows(parsed);
	while (errors.len)
		MUST(span_starts_nocase(
			span_cut(&errors, '\n'), SPAN("fuzz:")));
}

static void check_wording(struct span wording)
{
	MUST(wording.len <= WORDING_MAX);
	for (size_t i = 0; i < wording.len; i++) {
		MUST(ascii_lower(wording.at[i]) == wording.at[i]);
		MUST(wording.at[i] != ' ' ||
			(i && i + 1 < wording.len && wording.at[i - 1] != ' '));
	}
}

static void try_reply(struct arena *arena, const struct reply *reply)
{
	char room[WORDING_MAX], joined_room[WORDING_MAX];
	struct span wording = wording_of_reply(room, reply), line = SPAN("");
	struct reply joined = *reply;
	struct ip ip;

	check_wording(wording);
	for (size_t i = 0; i < reply->line_count && i < 64; i++) {
		char *all = arena_take(
			arena, line.len + reply->lines[i].len + 1);

		if (line.len)
			memcpy(all, line.at, line.len);
		all[line.len] = ' ';
		if (reply->lines[i].len)
			memcpy(all + line.len + 1, reply->lines[i].at,
				reply->lines[i].len);
		line = (struct span){ all, line.len + reply->lines[i].len + 1 };
	}
	joined.lines = &line;
	joined.line_count = 1;
	if (reply->line_count <= 64) {
		MUST(span_is(wording, wording_of_reply(joined_room, &joined)));
		MUST(codebook_find(book, reply, STAGE_DOT) ==
			codebook_find(book, &joined, STAGE_DOT));
	}
	(void)codebook_quoted_ip(reply, &ip);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = { (const char *)bytes, size }, input = text;
	struct arena *arena = arena_open();
	struct reply_parser parser;
	const struct reply *reply;
	const char *why;

	if (!book_arena) {
		book_arena = arena_open();
		book = codebook_embedded(book_arena);
	}
	try_file(arena, text);
	reply_parser_init(&parser, arena);
	for (unsigned i = 0; i < 16; i++) {
		if (reply_parse(&parser, &input, &reply, &why) != PARSE_DONE)
			break;
		try_reply(arena, reply);
	}
	arena_close(arena);
	return 0;
}
