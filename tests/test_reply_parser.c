#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/smtp/reply_parser.h"

static const char no_digits[] = "a reply line does not begin with three digits";
static const char no_range[] = "the reply code is not between 200 and 599";
static const char no_space[] =
	"neither a space nor a hyphen follows the reply code";
static const char changes[] =
	"the reply code changes from one line to the next";

struct reply_case {
	const char *name;
	struct span bytes;
	enum parse got;
	const char *why; /* when PARSE_BAD */
	unsigned code;
	unsigned status[3];
	size_t lines;
	struct span last_line; /* without its enhanced status */
	unsigned oddities;
	size_t left; /* bytes of the next reply */
};

/* clang-format off */
#define DONE(text) .bytes = { text, sizeof(text) - 1 }, .got = PARSE_DONE
#define BAD(text)  .bytes = { text, sizeof(text) - 1 }, .got = PARSE_BAD
#define MORE(text) .bytes = { text, sizeof(text) - 1 }, .got = PARSE_MORE
#define LAST(text) .last_line = { text, sizeof(text) - 1 }

static const struct reply_case cases[] = {
	{ "a bare code", DONE("220\r\n"), .code = 220, .lines = 1 },
	{ "a code and a space", DONE("220 \r\n"), .code = 220, .lines = 1 },
	{ "one line", DONE("250 OK\r\n"), .code = 250, .lines = 1,
		LAST("OK") },
	{ "two spaces keep the second", DONE("250  OK\r\n"), .code = 250,
		.lines = 1, LAST(" OK") },
	{ "a bare LF ends a line too", DONE("250 OK\n"), .code = 250,
		.lines = 1, LAST("OK"), .oddities = REPLY_BARE_LF },
	{ "three lines", DONE("250-a\r\n250-SIZE 9\r\n250 HELP\r\n"),
		.code = 250, .lines = 3, LAST("HELP") },
	{ "a bare code ends several lines", DONE("250-a\r\n250\r\n"),
		.code = 250, .lines = 2 },
	{ "empty lines", DONE("250-\r\n250 \r\n"), .code = 250, .lines = 2 },
	{ "line ends of both kinds", DONE("250-a\n250 b\r\n"), .code = 250,
		.lines = 2, LAST("b"), .oddities = REPLY_BARE_LF },
	{ "what follows is left", DONE("250 a\r\n354 b"), .code = 250,
		.lines = 1, LAST("a"), .left = 5 },
	{ "a CR inside", DONE("250 a\rb\r\n"), .code = 250, .lines = 1,
		LAST("a\rb"), .oddities = REPLY_BARE_CR },
	{ "two CR before LF", DONE("250 a\r\r\n"), .code = 250, .lines = 1,
		LAST("a\r"), .oddities = REPLY_BARE_CR },
	{ "a NUL", DONE("250 a\0b\r\n"), .code = 250, .lines = 1,
		LAST("a\0b"), .oddities = REPLY_CONTROL },
	{ "an escape", DONE("250 \033[2J\r\n"), .code = 250, .lines = 1,
		LAST("\033[2J"), .oddities = REPLY_CONTROL },
	{ "a tab is text", DONE("250 a\tb\r\n"), .code = 250, .lines = 1,
		LAST("a\tb") },
	{ "UTF-8", DONE("250 \303\251\r\n"), .code = 250, .lines = 1,
		LAST("\303\251"), .oddities = REPLY_8BIT },
	{ "Latin-1", DONE("250 \351\r\n"), .code = 250, .lines = 1,
		LAST("\351"), .oddities = REPLY_NOT_UTF8 },
	{ "a status", DONE("550 5.7.1 No\r\n"), .code = 550, .lines = 1,
		.status = { 5, 7, 1 }, LAST("No") },
	{ "a status alone", DONE("250 2.0.0\r\n"), .code = 250, .lines = 1,
		.status = { 2, 0, 0 } },
	{ "a long status", DONE("450 4.712.999 x\r\n"), .code = 450,
		.lines = 1, .status = { 4, 712, 999 }, LAST("x") },
	{ "a status of four digits is none", DONE("450 4.7.1000 x\r\n"),
		.code = 450, .lines = 1, LAST("4.7.1000 x") },
	{ "a status of another class is text", DONE("250 5.1.1 x\r\n"),
		.code = 250, .lines = 1, LAST("5.1.1 x") },
	{ "a 354 has no status", DONE("354 3.0.0 x\r\n"), .code = 354,
		.lines = 1, LAST("3.0.0 x") },
	{ "a status runs to a space", DONE("550 5.7.1: x\r\n"),
		.code = 550, .lines = 1, LAST("5.7.1: x") },
	{ "half a status", DONE("550 5.7\r\n"), .code = 550, .lines = 1,
		LAST("5.7") },
	{ "a status that ends in a dot", DONE("550 5.7.\r\n"), .code = 550,
		.lines = 1, LAST("5.7.") },
	{ "an address is no status", DONE("550 5.7.1.2 x\r\n"), .code = 550,
		.lines = 1, LAST("5.7.1.2 x") },
	{ "the status of the second line",
		DONE("550-Sorry\r\n550 5.7.1 No\r\n"), .code = 550,
		.lines = 2, .status = { 5, 7, 1 }, LAST("No") },
	{ "the status varies", DONE("550-5.7.1 a\r\n550 5.7.26 b\r\n"),
		.code = 550, .lines = 2, .status = { 5, 7, 1 }, LAST("b"),
		.oddities = REPLY_STATUS_VARIES },
	{ "code 200", DONE("200\r\n"), .code = 200, .lines = 1 },
	{ "code 599", DONE("599\r\n"), .code = 599, .lines = 1 },
	{ "code 199", BAD("199 no\r\n"), no_range },
	{ "code 600", BAD("600 no\r\n"), no_range },
	{ "code 000", BAD("000\r\n"), no_range },
	{ "two digits", BAD("22\r\n"), no_digits },
	{ "a letter", BAD("22X OK\r\n"), no_digits },
	{ "an empty line", BAD("\r\n"), no_digits },
	{ "a LF alone", BAD("\n"), no_digits },
	{ "a space first", BAD(" 220 x\r\n"), no_digits },
	{ "a web server", BAD("HTTP/1.0 400 x\r\n\r\n"), no_digits },
	{ "a TLS alert, and a LF", BAD("\025\003\001\0\2\2\n"), no_digits },
	{ "no separator", BAD("220OK\r\n"), no_space },
	{ "a tab for a separator", BAD("220\tOK\r\n"), no_space },
	{ "four digits", BAD("2200\r\n"), no_space },
	{ "the code changes", BAD("250-a\r\n251 b\r\n"), changes },
	{ "a line without a code", BAD("250-a\r\nb\r\n250 c\r\n"), no_digits },
	{ "nothing", MORE("") },
	{ "a code", MORE("220") },
	{ "CR and the end", MORE("400 x\r") },
	{ "a line to be continued", MORE("250-a\r\n") },
	{ "half of the second line", MORE("250-a\r\n250 b") },
};
/* clang-format on */

struct result {
	struct arena *arena;
	struct reply_parser parser;
	enum parse got;
	const struct reply *reply;
	const char *why;
	size_t used;
};

static void feed(struct result *result, const char *at, size_t len)
{
	/* A piece of its own, so that reading past it is seen. */
	char *piece = malloc(len ? len : 1);
	struct span in = { piece, len };

	memcpy(piece, at, len);
	result->got = reply_parse(
		&result->parser, &in, &result->reply, &result->why);
	result->used += len - in.len;
	if (result->got == PARSE_MORE)
		assert_int_equal(in.len, 0);
	free(piece);
}

static struct result begin(void)
{
	struct result result = { .arena = arena_open(), .got = PARSE_MORE };

	reply_parser_init(&result.parser, result.arena);
	return result;
}

static void expect_reply(const struct reply_case *c, const struct reply *reply)
{
	size_t used = c->bytes.len - c->left;

	assert_int_equal(reply->code, c->code);
	assert_int_equal(reply->status.class, c->status[0]);
	assert_int_equal(reply->status.subject, c->status[1]);
	assert_int_equal(reply->status.detail, c->status[2]);
	assert_int_equal(reply->line_count, c->lines);
	assert_int_equal(reply->oddities, c->oddities);
	assert_true(span_is(reply->bytes, span_part(c->bytes, 0, used)));
	assert_true(span_is(reply_text(reply, c->lines - 1), c->last_line));
}

/* The bad line is the last one taken: the second where the first was good. */
static size_t bad_length(const struct reply_case *c)
{
	size_t first = span_find(c->bytes, '\n') + 1;
	struct span rest = span_part(c->bytes, first, c->bytes.len);

	if (!span_starts_nocase(c->bytes, SPAN("250-")))
		return first;
	return first + span_find(rest, '\n') + 1;
}

static void expect(const struct reply_case *c, struct result *result)
{
	struct span rest = reply_parser_rest(&result->parser);

	assert_int_equal(result->got, c->got);
	if (c->got == PARSE_DONE) {
		expect_reply(c, result->reply);
		assert_int_equal(result->used, c->bytes.len - c->left);
		assert_int_equal(rest.len, 0);
	} else if (c->got == PARSE_BAD) {
		assert_string_equal(result->why, c->why);
		assert_true(
			span_is(rest, span_part(c->bytes, 0, bad_length(c))));
	} else {
		assert_true(span_is(rest, c->bytes));
	}
	arena_close(result->arena);
}

/* A piece ends behind byte i where bit i of the mask is set. */
static void check_mask(const struct reply_case *c, unsigned long mask)
{
	struct result result = begin();
	size_t from = 0;

	for (size_t i = 0; i < c->bytes.len && result.got == PARSE_MORE; i++)
		if (i + 1 == c->bytes.len || mask >> i & 1) {
			feed(&result, c->bytes.at + from, i + 1 - from);
			from = i + 1;
		}
	expect(c, &result);
}

static void check_pieces(const struct reply_case *c, size_t step)
{
	struct result result = begin();

	for (size_t at = 0; at < c->bytes.len && result.got == PARSE_MORE;
		at += step)
		feed(&result, c->bytes.at + at,
			span_part(c->bytes, at, step).len);
	expect(c, &result);
}

static void check_pair(const struct reply_case *c, size_t a, size_t b)
{
	const size_t ends[] = { a, b, c->bytes.len };
	struct result result = begin();
	size_t from = 0;

	for (size_t i = 0; i < 3 && result.got == PARSE_MORE; i++) {
		feed(&result, c->bytes.at + from, ends[i] - from);
		from = ends[i];
	}
	expect(c, &result);
}

static void check_case(const struct reply_case *c)
{
	if (c->bytes.len > 0 && c->bytes.len <= 14)
		for (unsigned long m = 0; m < 1ul << (c->bytes.len - 1); m++)
			check_mask(c, m);
	for (size_t step = 1; step <= c->bytes.len; step++)
		check_pieces(c, step);
	for (size_t a = 0; a <= c->bytes.len; a++)
		for (size_t b = a; b <= c->bytes.len; b++)
			check_pair(c, a, b);
}

static void replies_parse_the_same_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("# %s\n", cases[i].name);
		check_case(&cases[i]);
	}
}

/* A line of `len` bytes with its CRLF. */
static size_t put_line(char *room, const char *start, size_t len)
{
	memset(room, 'x', len);
	memcpy(room, start, strlen(start));
	memcpy(room + len - 2, "\r\n", 2);
	return len;
}

/* Whole, byte by byte, and in pieces about the size of a segment. */
static void check_long(const struct reply_case *c)
{
	check_pieces(c, 1);
	check_pieces(c, 7);
	check_pieces(c, 255);
	check_pieces(c, 1460);
	check_pieces(c, c->bytes.len);
}

static void a_line_may_be_512_bytes_long(void **state)
{
	char room[513];
	struct reply_case c = {
		.name = "long", .got = PARSE_DONE, .code = 250, .lines = 1
	};

	(void)state;
	c.bytes = (struct span){ room, put_line(room, "250 ", 512) };
	c.last_line = span_part(c.bytes, 4, 506);
	check_long(&c);
	c.bytes = (struct span){ room, put_line(room, "250 ", 513) };
	c.last_line = span_part(c.bytes, 4, 507);
	c.oddities = REPLY_LONG_LINE;
	check_long(&c);
}

static void a_line_over_the_limit_is_refused_and_kept(void **state)
{
	static char room[REPLY_LINE_MAX + 1];
	struct result result = begin();
	struct reply_case c = { .name = "at the limit",
		.got = PARSE_DONE,
		.code = 250,
		.lines = 1,
		.oddities = REPLY_LONG_LINE };

	(void)state;
	c.bytes = (struct span){ room, put_line(room, "250 ", REPLY_LINE_MAX) };
	c.last_line = span_part(c.bytes, 4, REPLY_LINE_MAX - 6);
	check_long(&c);
	put_line(room, "250 ", REPLY_LINE_MAX + 1);
	for (size_t i = 0; i < sizeof(room) && result.got == PARSE_MORE; i++)
		feed(&result, room + i, 1);
	assert_int_equal(result.got, PARSE_BAD);
	assert_string_equal(
		result.why, "a reply line is longer than 4096 bytes");
	assert_int_equal(result.used, REPLY_LINE_MAX);
	assert_int_equal(reply_parser_rest(&result.parser).len, REPLY_LINE_MAX);
	arena_close(result.arena);
}

static void a_reply_of_1024_lines_is_the_longest(void **state)
{
	static char room[6 * (REPLY_LINES_MAX + 1)];
	struct reply_case c = { .name = "most lines",
		.got = PARSE_DONE,
		.code = 250,
		.lines = REPLY_LINES_MAX };
	struct result result = begin();

	(void)state;
	for (size_t i = 0; i < REPLY_LINES_MAX; i++)
		memcpy(room + 6 * i, "250-\r\n", 6);
	memcpy(room + 6 * (REPLY_LINES_MAX - 1) + 3, " ", 1);
	c.bytes = (struct span){ room, 6 * REPLY_LINES_MAX };
	check_long(&c);
	memcpy(room + 6 * (REPLY_LINES_MAX - 1) + 3, "-", 1);
	memcpy(room + 6 * REPLY_LINES_MAX, "250 \r\n", 6);
	feed(&result, room, sizeof(room));
	assert_int_equal(result.got, PARSE_BAD);
	assert_string_equal(result.why, "the reply has more than 1024 lines");
	arena_close(result.arena);
}

static void a_reply_of_many_bytes_is_refused_at_the_limit(void **state)
{
	enum { LINE = 1024, SIZE = REPLY_BYTES_MAX };
	static char room[SIZE];
	struct reply_case c = { .name = "most bytes",
		.got = PARSE_DONE,
		.code = 250,
		.lines = SIZE / LINE,
		.oddities = REPLY_LONG_LINE };
	struct result result = begin();

	(void)state;
	for (size_t at = 0; at < SIZE; at += LINE)
		put_line(room + at, "250-", LINE);
	feed(&result, room, SIZE);
	assert_int_equal(result.got, PARSE_BAD);
	assert_string_equal(
		result.why, "the reply is longer than 131072 bytes");
	assert_int_equal(reply_parser_rest(&result.parser).len, SIZE);
	arena_close(result.arena);
	room[SIZE - LINE + 3] = ' ';
	c.bytes = (struct span){ room, SIZE };
	c.last_line = span_part(c.bytes, SIZE - LINE + 4, LINE - 6);
	check_long(&c);
}

/* Whatever is before and behind it. */
static void an_odd_byte_is_seen_at_every_place(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++)
		for (size_t place = 0; place < 20; place++) {
			char room[] = "250 abcdefghijklmnopqrst\r\n";
			struct reply_case c = { .name = "odd byte",
				.bytes = { room, sizeof(room) - 1 },
				.got = PARSE_DONE,
				.code = 250,
				.lines = 1 };

			if (byte == '\n')
				continue;
			room[4 + place] = (char)byte;
			c.last_line = span_part(c.bytes, 4, 20);
			c.oddities = byte == '\r'   ? REPLY_BARE_CR
				     : byte >= 0x80 ? REPLY_NOT_UTF8
				     : (byte < 0x20 && byte != '\t') ||
						     byte == 0x7f
					     ? REPLY_CONTROL
					     : 0u;
			check_pieces(&c, c.bytes.len);
		}
}

static void replies_that_come_together_are_told_apart(void **state)
{
	struct span in = SPAN("250 one\r\n250-two\r\n250 2.0.0 b\r\n354\r\n5");
	struct arena *arena = arena_open();
	const struct reply *first, *second, *third;
	const char *why;
	struct reply_parser parser;

	(void)state;
	reply_parser_init(&parser, arena);
	assert_int_equal(reply_parse(&parser, &in, &first, &why), PARSE_DONE);
	assert_int_equal(reply_parse(&parser, &in, &second, &why), PARSE_DONE);
	assert_int_equal(reply_parse(&parser, &in, &third, &why), PARSE_DONE);
	assert_int_equal(reply_parse(&parser, &in, &third, &why), PARSE_MORE);
	assert_true(span_is(first->lines[0], SPAN("one")));
	assert_false(reply_has_status(first));
	assert_true(span_is(second->lines[0], SPAN("two")));
	assert_true(span_is(reply_text(second, 1), SPAN("b")));
	assert_true(reply_is_yes(second));
	assert_true(reply_is_go_on(third));
	assert_true(span_is(reply_parser_rest(&parser), SPAN("5")));
	arena_close(arena);
}

static void a_reply_stays_as_it_is_while_others_follow(void **state)
{
	struct arena *arena = arena_open();
	const struct reply *replies[64];
	struct reply_parser parser;
	const char *why;
	char text[64];

	(void)state;
	reply_parser_init(&parser, arena);
	for (int i = 0; i < 64; i++) {
		int len = snprintf(text, sizeof(text), "250 number %d\r\n", i);
		struct span in = { text, (size_t)len };

		assert_int_equal(reply_parse(&parser, &in, &replies[i], &why),
			PARSE_DONE);
	}
	for (int i = 0; i < 64; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		assert_true(span_is(replies[i]->lines[0], span_of(text)));
	}
	arena_close(arena);
}

static void a_broken_stream_stays_broken(void **state)
{
	struct result result = begin();

	(void)state;
	feed(&result, "250-a\r\nnonsense\r\n", 17);
	assert_int_equal(result.got, PARSE_BAD);
	for (int i = 0; i < 2000; i++) {
		feed(&result, "250 fine\r\n", 10);
		assert_int_equal(result.got, PARSE_BAD);
	}
	assert_true(reply_parser_rest(&result.parser).len <= REPLY_BYTES_MAX);
	arena_close(result.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_parse_the_same_however_they_are_cut),
		cmocka_unit_test(a_line_may_be_512_bytes_long),
		cmocka_unit_test(a_line_over_the_limit_is_refused_and_kept),
		cmocka_unit_test(a_reply_of_1024_lines_is_the_longest),
		cmocka_unit_test(a_reply_of_many_bytes_is_refused_at_the_limit),
		cmocka_unit_test(an_odd_byte_is_seen_at_every_place),
		cmocka_unit_test(replies_that_come_together_are_told_apart),
		cmocka_unit_test(a_reply_stays_as_it_is_while_others_follow),
		cmocka_unit_test(a_broken_stream_stays_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
