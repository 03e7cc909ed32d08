#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/inbound/marked_text.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* clang-format off */
static const struct {
	struct span octets;
	const char *text;
} texts[] = {
#define O(literal) { (literal), sizeof(literal) - 1 }
	/* as they are */
	{ O(""), "" },
	{ O("N"), "N" },
	{ O("Nov 21"), "Nov 21" },
	{ O("\xc3\xbc ist ein Umlaut"), "\xc3\xbc ist ein Umlaut" },
	{ O("\xfe\xfe\xfe\xfe"), "\xfe\xfe\xfe\xfe" },
	{ O("\xef"), "\xef" },
	{ O("\xef\xbb"), "\xef\xbb" },
	{ O("\xef\xbb" "ab"), "\xef\xbb" "ab" },
	/* a mark later on is a character */
	{ O("abcd\xef\xbb\xbf" "e"), "abcd\xef\xbb\xbf" "e" },
	/* UTF-8 */
	{ O("\xef\xbb\xbf" "Nov"), "Nov" },
	/* UTF-16, in both orders */
	{ O("\xff\xfe" "N\0o\0v\0"), "Nov" },
	{ O("\xfe\xff\0N\0o\0v"), "Nov" },
	{ O("\xff\xfe\xfc\0\xac\x20"), "\xc3\xbc\xe2\x82\xac" },
	{ O("\xff\xfe" "=\xd8\x00\xde!\0"), "\xf0\x9f\x98\x80!" },
	{ O("\xfe\xff\xd8=\xde\x00\0!"), "\xf0\x9f\x98\x80!" },
	/* without its mark */
	{ O("N\0o\0v\0\xfc\0"), "Nov\xc3\xbc" },
	{ O("\0N\0o\0v\0\xfc"), "Nov\xc3\xbc" },
	/* halves of pairs, and of a code unit */
	{ O("\xff\xfe" "=\xd8!\0"), "\xef\xbf\xbd!" },
	{ O("\xff\xfe" "=\xd8=\xd8\x00\xde"), "\xef\xbf\xbd\xf0\x9f\x98\x80" },
	{ O("\xff\xfe\x00\xde!\0"), "\xef\xbf\xbd!" },
	{ O("\xff\xfe" "N\0=\xd8"), "N\xef\xbf\xbd" },
	{ O("\xff\xfe" "N\0o"), "N\xef\xbf\xbd" },
#undef O
};
/* clang-format on */

static struct span read_in_pieces(
	struct marked_text *text, struct span octets, size_t piece)
{
	struct span whole = SPAN(""), rest;

	while (octets.len) {
		struct span part = marked_text_take(
			text, arena, span_part(octets, 0, piece));

		whole = arena_print(
			arena, "%.*s%.*s", SPAN_ARG(whole), SPAN_ARG(part));
		octets = span_part(octets, piece, octets.len);
	}
	rest = marked_text_end(text);
	return arena_print(arena, "%.*s%.*s", SPAN_ARG(whole), SPAN_ARG(rest));
}

static void a_mark_says_how_a_text_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		for (size_t piece = 1; piece < 12; piece++) {
			struct marked_text text = { 0 };

			assert_span(
				read_in_pieces(&text, texts[i].octets, piece),
				texts[i].text);
		}
}

/* One that is read again from its start, as a log that was made anew. */
static void each_text_begins_with_a_mark_of_its_own(void **state)
{
	struct marked_text text = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_span(read_in_pieces(&text, texts[i].octets, SIZE_MAX),
			texts[i].text);
}

static void a_text_of_ascii_is_not_copied(void **state)
{
	struct marked_text text = { 0 };
	struct span piece = SPAN("Nov 21"), taken;

	(void)state;
	taken = marked_text_take(&text, arena, piece);
	assert_ptr_equal(taken.at, piece.at);
	taken = marked_text_take(&text, arena, piece);
	assert_ptr_equal(taken.at, piece.at);
	assert_null(text.room);
}

/* Of a log that grows, a piece is ever larger than the one before. */
static void growing_pieces_do_not_fill_the_memory(void **state)
{
	static const char letters[2048] = { 'N', 0, 'o', 0 };
	struct marked_text text = { 0 };
	size_t rooms = 0, last = 0;

	(void)state;
	for (size_t len = 4; len < sizeof(letters); len++) {
		marked_text_take(&text, arena, (struct span){ letters, len });
		rooms += text.size != last;
		last = text.size;
	}
	assert_true(rooms < 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_says_how_a_text_is_read),
		cmocka_unit_test(each_text_begins_with_a_mark_of_its_own),
		cmocka_unit_test(a_text_of_ascii_is_not_copied),
		cmocka_unit_test(growing_pieces_do_not_fill_the_memory),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
