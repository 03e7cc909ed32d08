#include <stdint.h>

#include "probe/judge/codebook_rows.h"
#include "probe/judge/reply_fields.h"
#include "probe/judge/wording.h"
#include "probe/smtp/reply_parser.h"
#include "tests/fuzz/must.h"

/*
 * The same bytes as a codebook file, as a reply to look up, and as the text of
 * a bounce.
 *
 * A file gives a book or errors, never both nor neither, and each error says
 * where it is.  A wording is folded: no capitals, no runs of blanks.  A reply
 * whose lines are joined means what it meant before.  The automaton finds the
 * phrases without gaps that a search for one word after the other finds.
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
			MUST(row->matches[k].piece_count ||
				row->matches[k].status.is_needed);
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

/* ---- the automaton against a plain search */

static bool is_part_of_word(struct span wording, size_t at)
{
	return at < wording.len && (ascii_is_digit(wording.at[at]) ||
					   ascii_is_alpha(wording.at[at]));
}

/* The end of the first place of the word, or 0. */
static size_t end_of_word(
	struct span wording, size_t from, const struct codebook_word *word)
{
	for (size_t i = from; i + word->text.len <= wording.len; i++) {
		size_t end = i + word->text.len;

		if (memcmp(wording.at + i, word->text.at, word->text.len) != 0)
			continue;
		if (!word->is_whole ||
			((!i || !is_part_of_word(wording, i - 1)) &&
				!is_part_of_word(wording, end)))
			return end;
	}
	return 0;
}

static size_t end_of_piece(
	struct span wording, size_t from, const struct codebook_piece *piece)
{
	size_t first = 0;

	for (size_t i = 0; i < piece->word_count; i++) {
		size_t end = end_of_word(wording, from, &piece->words[i]);

		if (end && (!first || end < first))
			first = end;
	}
	return first;
}

static bool stands_there(
	struct span wording, const struct codebook_match *match)
{
	size_t from = 0;

	for (size_t i = 0; i < match->piece_count; i++) {
		const struct codebook_piece *piece = &match->pieces[i];
		size_t end = end_of_piece(
			wording, piece->is_absent ? 0 : from, piece);

		if (piece->is_absent ? end != 0 : end == 0)
			return false;
		if (!piece->is_absent)
			from = end;
	}
	return match->piece_count != 0;
}

static bool has_gaps(const struct codebook_match *match)
{
	for (size_t i = 0; i < match->piece_count; i++)
		if (match->pieces[i].gap)
			return true;
	return false;
}

static bool is_hit(
	const struct phrase_hit *hits, size_t count, size_t row, size_t match)
{
	for (size_t i = 0; i < count; i++)
		if (hits[i].row == row && hits[i].match == match)
			return true;
	return false;
}

static void compare_searches(struct span text)
{
	char room[WORDING_MAX];
	struct span wording = wording_of_text(room, span_part(text, 0, 64));
	size_t count;
	const struct phrase_hit *hits = phrase_search_run(
		book->search, wording, &count);

	for (size_t i = 0; i < count; i++)
		MUST(hits[i].weight && hits[i].weight <= wording.len);
	for (size_t i = 0; i < codebook_row_count(book); i++) {
		const struct codebook_row *row = codebook_row(book, i);

		for (size_t k = 0; k < row->match_count; k++)
			if (!has_gaps(&row->matches[k]))
				MUST(is_hit(hits, count, i, k) ==
					stands_there(
						wording, &row->matches[k]));
	}
}

static void try_text(struct arena *arena, struct span text)
{
	struct codebook_question question = {
		.text = text, .relay_host = text, .recipient_domain = text
	};
	struct codebook_answer answer = codebook_find_text(book, &question);
	struct reply_fields fields;

	MUST(codebook_has_policy(answer.policy));
	MUST(answer.meaning.len);
	MUST(!answer.row || span_is(answer.row->policy, answer.policy));
	reply_fields_read(arena, text, &fields);
	MUST(fields.link_count <= REPLY_LINKS_MAX);
	MUST(fields.domain_count <= REPLY_DOMAINS_MAX);
	compare_searches(text);
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
	try_text(arena, text);
	reply_parser_init(&parser, arena);
	for (unsigned i = 0; i < 16; i++) {
		if (reply_parse(&parser, &input, &reply, &why) != PARSE_DONE)
			break;
		try_reply(arena, reply);
	}
	arena_close(arena);
	return 0;
}
