#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/codebook.h"
#include "probe/judge/wording.h"
#include "probe/smtp/reply_parser.h"

static struct arena *arena;
static const struct codebook *book;

static int set_up(void **state)
{
	(void)state;
	arena = arena_open();
	book = codebook_embedded(arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

/* A line end of LF alone will do: the parser takes it. */
static const struct reply *reply_of(struct span text)
{
	struct span input = arena_print(arena, "%.*s\n", SPAN_ARG(text));
	struct reply_parser parser;
	const struct reply *reply;
	const char *why = "unfinished";

	reply_parser_init(&parser, arena);
	if (reply_parse(&parser, &input, &reply, &why) != PARSE_DONE)
		fail_msg("no reply: %s: %.*s", why, SPAN_ARG(text));
	return reply;
}

static const char *found(const char *text, enum stage stage)
{
	const struct codebook_row *row = codebook_find(
		book, reply_of(span_of(text)), stage);

	return row ? arena_copy(arena, row->id).at : "unknown";
}

/* In `text`, every `from` becomes `to`. */
static struct span replaced(struct span text, const char *from, const char *to)
{
	struct span out = SPAN("");

	for (;;) {
		size_t at = span_find_nocase(text, span_of(from));

		out = arena_print(arena, "%.*s%.*s", SPAN_ARG(out),
			SPAN_ARG(span_part(text, 0, at)));
		if (at == text.len)
			return out;
		out = arena_print(arena, "%.*s%s", SPAN_ARG(out), to);
		text = span_part(text, at + strlen(from), text.len);
	}
}

static enum stage stage_of(const struct codebook_row *row)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if (row->stages[i])
			return (enum stage)i;
	return STAGE_DOT;
}

static struct codebook_question question_of(
	const struct codebook_row *row, struct span text)
{
	return (struct codebook_question){
		.text = text,
		.has_stage = row->has_stages,
		.stage = stage_of(row),
		.provider = row->provider,
	};
}

/* As a live reply, unless the row wants to know who speaks. */
static void must_win(const struct codebook_row *row, struct span text)
{
	struct codebook_question question = question_of(row, text);
	const struct codebook_row *winner =
		codebook_find_text(book, &question).row;

	if (winner == row && !row->is_here_only &&
		row->rank > CODEBOOK_RANK_WEAK)
		winner = codebook_find(book, reply_of(text),
			row->has_stages ? stage_of(row) : STAGE_RESOLVE);
	if (winner != row)
		fail_msg("%.*s is shadowed by %.*s: %.*s", SPAN_ARG(row->id),
			SPAN_ARG(winner ? winner->id : SPAN("nothing")),
			SPAN_ARG(text));
	if (codebook_is_tied_text(book, &question))
		fail_msg("%.*s is not alone: %.*s", SPAN_ARG(row->id),
			SPAN_ARG(text));
}

static void the_embedded_book_parses(void **state)
{
	(void)state;
	assert_true(codebook_row_count(book) >= 100);
	assert_int_equal(codebook_date(book).len, 10);
	assert_null(codebook_row(book, codebook_row_count(book)));
}

static void every_sample_is_won_by_its_own_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < codebook_row_count(book); i++)
		must_win(codebook_row(book, i), codebook_row(book, i)->sample);
}

/* The sample with this address, at its end where it has none. */
static struct span sample_with(
	const struct codebook_row *row, const char *address)
{
	struct span bare = replaced(row->sample, "2001:db8::25", "192.0.2.25");

	if (span_find_nocase(bare, SPAN("192.0.2.25")) == bare.len)
		return arena_print(arena, "%.*s [%s]", SPAN_ARG(bare), address);
	return replaced(bare, "192.0.2.25", address);
}

static void a_sample_means_the_same_in_either_family(void **state)
{
	static const char *const addresses[] = { "192.0.2.25", "2001:db8::25",
		"2001:db8:25:0:1:2:3:4" };

	(void)state;
	for (size_t i = 0; i < codebook_row_count(book); i++)
		for (size_t k = 0; k < COUNT_OF(addresses); k++) {
			const struct codebook_row *row = codebook_row(book, i);
			struct span text = sample_with(row, addresses[k]);
			struct ip wanted, quoted;

			must_win(row, text);
			assert_true(ip_parse(span_of(addresses[k]), &wanted));
			assert_true(
				codebook_quoted_ip(reply_of(text), &quoted));
			assert_true(ip_is(&wanted, &quoted));
		}
}

/* The shortest text that a match asks for, of the k-th words of its sets. */
static struct span bare_match(const struct codebook_match *match, size_t k)
{
	unsigned code = match->code, class = match->status.class;
	struct span text;

	if (code < 100)
		code = code ? code * 100 + 50 : class == 4 ? 450 : 550;
	text = arena_print(arena, "%u", code);
	if (match->status.is_given)
		text = arena_print(arena, "%.*s %u.%u.%u", SPAN_ARG(text),
			class ? class : code / 100, match->status.subject,
			match->status.detail);
	for (size_t i = 0; i < match->piece_count; i++) {
		const struct codebook_piece *piece = &match->pieces[i];

		if (!piece->is_absent)
			text = arena_print(arena, "%.*s %.*s", SPAN_ARG(text),
				SPAN_ARG(piece->words[k % piece->word_count]
						 .text));
	}
	return text;
}

/* What says the same in fewer words may win, if it means the same. */
static void must_mean(const struct codebook_row *row, struct span text)
{
	struct codebook_question question = question_of(row, text);
	const struct codebook_row *winner =
		codebook_find_text(book, &question).row;

	if (!winner || (winner != row && !span_is(winner->policy, row->policy)))
		fail_msg("%.*s is shadowed by %.*s: %.*s", SPAN_ARG(row->id),
			SPAN_ARG(winner ? winner->id : SPAN("nothing")),
			SPAN_ARG(text));
	if (codebook_is_tied_text(book, &question))
		fail_msg("%.*s is not alone: %.*s", SPAN_ARG(row->id),
			SPAN_ARG(text));
}

static void no_wording_is_shadowed_by_another_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < codebook_row_count(book); i++) {
		const struct codebook_row *row = codebook_row(book, i);

		for (size_t k = 0; k < row->match_count; k++)
			must_mean(row, bare_match(&row->matches[k], 0));
	}
}

static void lines_may_break_anywhere(void **state)
{
	(void)state;
	assert_string_equal(found("550-5.7.1 [2001:db8::25      19] The IP\n"
				  "550-5.7.1 you're using to\n550-5.7.1 send\n"
				  "550-5.7.1 mail is\n550-5.7.1 not\n"
				  "550 5.7.1 authorized.",
				    STAGE_DOT),
		"google.not-authorized");
}

static void a_reply_joined_by_a_log_means_the_same(void **state)
{
	(void)state;
	assert_string_equal(
		found("550 5.7.1 [192.0.2.25] Our system has "
		      "detected that this message does 550-5.7.1 not meet IPv6 "
		      "sending 550-5.7.1 guidelines regarding PTR",
			STAGE_DOT),
		"google.ipv6-guidelines");
	assert_string_equal(found("550 5.7.25 The IP address sending this "
				  "message does not5.7.25 have a PTR record",
				    STAGE_DOT),
		"google.no-ptr");
}

static void letter_case_and_apostrophes_do_not_matter(void **state)
{
	(void)state;
	assert_string_equal(found("550 5.7.1 THE IP YOU\xe2\x80\x99RE USING TO"
				  " SEND E-MAIL IS NOT AUTHORIZED",
				    STAGE_DOT),
		"google.not-authorized");
}

static void the_class_of_the_code_decides_where_the_text_is_the_same(
	void **state)
{
	static const char text[] =
		"Gmail has detected an unusual rate of "
		"unsolicited mail originating from your IP address. To protect";
	struct span soft = arena_print(arena, "421 4.7.28 %s", text);
	struct span hard = arena_print(arena, "550 5.7.28 %s", text);

	(void)state;
	assert_string_equal(found(soft.at, STAGE_DOT), "google.rate-limit");
	assert_string_equal(found(hard.at, STAGE_DOT), "google.ip-blocked");
}

static void a_number_with_two_meanings_is_told_by_code_and_text(void **state)
{
	(void)state;
	assert_string_equal(
		found("550 5.7.40 Your email has been blocked "
		      "because the sending domain doesn't have a DMARC record",
			STAGE_DOT),
		"google.no-dmarc-record");
	assert_string_equal(found("504 5.7.40 Unrecognized authentication type",
				    STAGE_MAIL),
		"any.auth-required");
}

static void an_open_resolver_is_not_a_listing(void **state)
{
	(void)state;
	assert_string_equal(found("554 5.7.1 Client host [192.0.2.25] blocked "
				  "using zen.spamhaus.org",
				    STAGE_RCPT),
		"any.spamhaus");
	assert_string_equal(
		found("554 5.7.1 Client host [192.0.2.25] blocked "
		      "using zen.spamhaus.org; Error: open resolver",
			STAGE_RCPT),
		"any.spamhaus-resolver");
}

static void a_row_may_be_bound_to_stages(void **state)
{
	(void)state;
	assert_string_equal(found("450 try again later", STAGE_RCPT),
		"any.try-again-later");
	assert_string_equal(
		found("450 try again later", STAGE_BANNER), "any.temporary");
	assert_string_equal(
		found("450 try again later", STAGE_RESOLVE), "any.temporary");
}

static void words_that_say_little_are_known_only_to_who_has_no_more(
	void **state)
{
	struct codebook_question question = { .text = SPAN("550 refused") };

	(void)state;
	assert_string_equal(found("550 refused", STAGE_RCPT), "unknown");
	assert_string_equal(
		found("553 example.org does not exist", STAGE_MAIL), "unknown");
	assert_true(span_is(codebook_find_text(book, &question).policy,
		SPAN("local-policy")));
}

static void what_no_row_fits_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(found("550 5.7.1 no", STAGE_DOT), "unknown");
	assert_string_equal(found("550", STAGE_DOT), "unknown");
	assert_string_equal(found("250 2.0.0 relayed", STAGE_DOT), "unknown");
}

static void a_very_long_reply_is_cut_and_harmless(void **state)
{
	struct span text = SPAN("550-x");

	(void)state;
	for (size_t i = 0; i < 9; i++)
		text = arena_print(
			arena, "%.*s %.*s", SPAN_ARG(text), SPAN_ARG(text));
	text = arena_print(arena,
		"%.*s\n550-%.*s\n550-%.*s\n"
		"550 user unknown",
		SPAN_ARG(text), SPAN_ARG(text), SPAN_ARG(text));
	assert_true(text.len > WORDING_MAX);
	assert_string_equal(found(text.at, STAGE_RCPT), "unknown");
}

static const struct quoted {
	const char *text, *ip;
} quoted[] = {
	{ "550 [192.0.2.1] no", "192.0.2.1" },
	{ "550 [2001:db8::1      19] no", "2001:db8::1" },
	{ "550 [IPv6:2001:db8::1] no", "2001:db8::1" },
	{ "550-5.7.1 [2001:db8::1\n550 5.7.1 19] no", "2001:db8::1" },
	{ "550 [example.org] with ip: [2001:DB8::1] no", "2001:db8::1" },
	{ "550 host 192.0.2.1 is bad.", "192.0.2.1" },
	{ "550 not from 2001:db8::1.", "2001:db8::1" },
	{ "550 not from 2001:db8::1: go away", "2001:db8::1" },
	{ "550 (ip=192.0.2.1)", "192.0.2.1" },
	{ "550 see https://lists.example/q/192.0.2.1", "192.0.2.1" },
	{ "550 8.8.8.8 says [192.0.2.1]", "192.0.2.1" },
	{ "550 [MyIP6Address] no", NULL },
	{ "550 [2001:db8:xxxx::2] no", NULL },
	{ "550 [192.0.2.1", "192.0.2.1" },
	{ "550 5.7.1 version 1.2.3", NULL },
	{ "550 at 12:34:56", NULL },
	{ "550 a1.2.3.4b", NULL },
	{ "550 []", NULL },
	{ "550", NULL },
};

static void the_address_in_a_reply_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(quoted); i++) {
		struct ip ip;
		bool is_there = codebook_quoted_ip(
			reply_of(span_of(quoted[i].text)), &ip);
		const char *text = is_there ? ip_text(arena, &ip).at
					    : "nothing";

		if (strcmp(text, quoted[i].ip ? quoted[i].ip : "nothing") != 0)
			fail_msg("%s: %s", quoted[i].text, text);
	}
}

/* ---- files of the user's */

#define HEAD "mxprobe-codebook 2026-01-02\n"
#define MOST                                                                   \
	"\tprovider x\n\tpolicy spf\n\tmeaning m\n\tremedy r\n"                \
	"\treference f\n\tseen 2026-01-01\n\tcertainty secondary\n"
#define ROW "row x.a\n" MOST "\tmatch 550 5.7.1 \"no\"\n\tsample 550 no\n"

static struct span errors_of(const char *text)
{
	struct span errors;
	const struct codebook *parsed = codebook_parse(
		arena, SPAN("f"), span_of(text), &errors);

	assert_true((parsed == NULL) == (errors.len != 0));
	return errors;
}

static void a_small_book_parses(void **state)
{
	struct span errors;
	const struct codebook *parsed = codebook_parse(arena, SPAN("f"),
		SPAN("# mine\r\n" HEAD "\n" ROW "\t\n row x.b\n" MOST
		     "\t\tand more\n"),
		&errors);

	(void)state;
	assert_null(parsed);
	parsed = codebook_parse(arena, SPAN("f"),
		SPAN("# mine\r\n" HEAD "\n" ROW "\ttemporary\n\tat dot rcpt\n"),
		&errors);
	assert_non_null(parsed);
	assert_int_equal(codebook_row_count(parsed), 1);
	assert_int_equal(codebook_row(parsed, 0)->code, 550);
	assert_int_equal(codebook_row(parsed, 0)->status[1], 7);
	assert_int_equal(codebook_row(parsed, 0)->line, 4);
	assert_true(codebook_row(parsed, 0)->is_temporary);
	assert_false(codebook_row(parsed, 0)->is_source_bound);
	assert_true(codebook_row(parsed, 0)->stages[STAGE_DOT]);
	assert_false(codebook_row(parsed, 0)->stages[STAGE_DATA]);
	assert_true(span_is(codebook_date(parsed), SPAN("2026-01-02")));
}

static void a_text_may_go_on_behind_two_tabs(void **state)
{
	struct span errors;
	const struct codebook *parsed = codebook_parse(arena, SPAN("f"),
		SPAN(HEAD "row x.a\n\tmeaning a\n\t\tb\n\tprovider x\n"
			  "\tpolicy spf\n\tremedy r\n\treference f\n"
			  "\tseen 2026-01-01\n\tcertainty secondary\n"
			  "\tmatch - - \"No\" \"e-mail\"\n\tsample 550-a\n"
			  "\tsample 550 b\n"),
		&errors);

	(void)state;
	assert_non_null(parsed);
	assert_true(span_is(codebook_row(parsed, 0)->meaning, SPAN("a b")));
	assert_true(
		span_is(codebook_row(parsed, 0)->sample, SPAN("550-a\n550 b")));
	assert_true(span_is(
		codebook_row(parsed, 0)->matches[0].pieces[1].words[0].text,
		SPAN("mail")));
}

static const struct particular {
	const char *text, *id;
} particular[] = {
	{ "421 go away", "x.any" },
	{ "552 5.7.2 go away", "x.hundred" },
	{ "550 5.7.2 go away", "x.code" },
	{ "552 5.7.1 go away", "x.status" },
	{ "550 5.7.1 go away", "x.status" },
	{ "421 go away now", "x.longer" },
};

static void the_most_particular_row_wins(void **state)
{
	static const char rows[] = HEAD
		"row x.any\n" MOST "\tsample s\n\tmatch - - \"go away\"\n"
		"row x.hundred\n" MOST "\tsample s\n\tmatch 5 - \"go away\"\n"
		"row x.code\n" MOST "\tsample s\n\tmatch 550 - \"go away\"\n"
		"row x.status\n" MOST
		"\tsample s\n\tmatch 5 5.7.1 \"go away\"\n"
		"row x.longer\n" MOST
		"\tsample s\n\tmatch - - \"go away\" \"now\"\n"
		"row x.twin\n" MOST "\tsample s\n\tmatch 550 - \"come back\"\n"
		"row x.other\n" MOST
		"\tsample s\n\tmatch 550 - \"later now\"\n";
	struct span errors;
	const struct codebook *parsed = codebook_parse(
		arena, SPAN("f"), SPAN(rows), &errors);

	(void)state;
	assert_non_null(parsed);
	for (size_t i = 0; i < COUNT_OF(particular); i++) {
		const struct codebook_row *row = codebook_find(parsed,
			reply_of(span_of(particular[i].text)), STAGE_DOT);

		assert_true(span_is(row->id, span_of(particular[i].id)));
	}
	assert_false(codebook_is_tied(
		parsed, reply_of(SPAN("550 5.7.1 go away")), STAGE_DOT));
	assert_false(codebook_is_tied(
		parsed, reply_of(SPAN("550 go away now")), STAGE_DOT));
	assert_true(codebook_is_tied(
		parsed, reply_of(SPAN("550 come back later now")), STAGE_DOT));
}

/* clang-format off */
static const struct bad {
	const char *text, *error;
} bad[] = {
	{ "", "f:0: expected \"mxprobe-codebook YYYY-MM-DD\"\n" },
	{ "hello\n", "f:1: expected \"mxprobe-codebook YYYY-MM-DD\" first, "
	  "not \"hello\"\n" },
	{ "mxprobe-codebook 2026-1-02\n", "f:1: expected \"mxprobe-codebook "
	  "YYYY-MM-DD\" first, not \"mxprobe-codebook\"\n" },
	{ HEAD "colour red\n", "f:2: expected a row, all, set, policy or "
	  "provider, not \"colour\"\n" },
	{ HEAD "\tmeaning m\n",
	  "f:2: expected a block before this, not \"meaning m\"\n" },
	{ HEAD "policy weather\n",
	  "f:2: expected a policy of the vocabulary, not \"weather\"\n" },
	{ HEAD "policy spf\n\tsample s\n",
	  "f:3: expected a key of the block, not \"sample\"\n" },
	{ HEAD "provider X\n",
	  "f:2: expected an id of a-z, 0-9, . and -, not \"X\"\n" },
	{ HEAD "all things\n",
	  "f:2: expected nothing behind it, not \"things\"\n" },
	{ HEAD "set user 'a'\n",
	  "f:2: expected a name of A-Z and -, not \"user\"\n" },
	{ HEAD "set A\n", "f:2: expected words in quotation marks\n" },
	{ HEAD ROW "\tmatch - - B\n",
	  "f:12: expected a piece in quotation marks or a set's name, "
	  "not \"B\"\n" },
	{ HEAD ROW "\tmatch - - ~4 \"b\"\n",
	  "f:12: expected a piece before ~, not \"~4 \\x22b\\x22\"\n" },
	{ HEAD ROW "\tmatch - - \"b\" ~x \"c\"\n",
	  "f:12: expected a number of octets behind ~, "
	  "not \"\\x22b\\x22 ~x \\x22c\\x22\"\n" },
	{ HEAD ROW "\tmatch - - !\"b\"\n",
	  "f:12: expected 1 to 8 pieces in quotation marks, "
	  "not \"!\\x22b\\x22\"\n" },
	{ HEAD ROW "\tmatch - 5.7.9-2 'b'\n", "f:12: expected a status: 5.7.1, "
	  "5.7.1-9, 5.7.x, x.7.1 or -, not \"5.7.9-2\"\n" },
	{ HEAD ROW "\tmatch - 5.7.1\n",
	  "f:12: expected 1 to 8 pieces in quotation marks\n" },
	{ HEAD ROW "\trank 0\n", "f:12: expected a rank: 1 to 9, not \"0\"\n" },
	{ HEAD ROW "\tseverity bad\n",
	  "f:12: expected info, warn or fail, not \"bad\"\n" },
	{ HEAD ROW "\tcolour red\n",
	  "f:12: expected a key of the block, not \"colour\"\n" },
	{ HEAD ROW "\tpolicy spf\n",
	  "f:12: expected each key once, not \"policy\"\n" },
	{ HEAD ROW ROW,
	  "f:12: expected an id that no other row has, not \"x.a\"\n" },
	{ HEAD "row X\n" MOST "\tmatch 5 - \"a\"\n\tsample s\n",
	  "f:2: expected an id of a-z, 0-9, . and -, not \"X\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 5 - \"a\"\n",
	  "f:2: expected row x to have \"sample\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 250 - \"a\"\n\tsample s\n",
	  "f:10: expected a code: 550, 5, 4 or -, not \"250\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 55 - \"a\"\n\tsample s\n",
	  "f:10: expected a code: 550, 5, 4 or -, not \"55\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 550 5.7 \"a\"\n\tsample s\n",
	  "f:10: expected a status: 5.7.1, 5.7.1-9, 5.7.x, x.7.1 or -, "
	  "not \"5.7\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 550 5.7.1.2 \"a\"\n\tsample s\n",
	  "f:10: expected a status: 5.7.1, 5.7.1-9, 5.7.x, x.7.1 or -, "
	  "not \"5.7.1.2\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 550 - \"a\n\tsample s\n",
	  "f:10: expected a piece in quotation marks, not \"\\x22a\"\n" },
	{ HEAD "row x\n" MOST "\tmatch 550 -\n\tsample s\n",
	  "f:10: expected 1 to 8 pieces in quotation marks\n" },
	{ HEAD ROW "\tat dot noon\n", "f:12: expected a stage, not \"noon\"\n" },
	{ HEAD ROW "\ttemporary yes\n",
	  "f:12: expected nothing behind it, not \"yes\"\n" },
	{ HEAD ROW "\t\tand more\n", "f:12: expected a key that may go on "
	  "before this, not \"and more\"\n" },
};
/* clang-format on */

static void what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct span errors = errors_of(bad[i].text);
		struct span wanted = replaced(
			span_of(bad[i].error), "\\x22", "\"");

		if (!span_is(errors, wanted) &&
			!span_is(errors, span_of(bad[i].error)))
			fail_msg("%zu: %.*s", i, SPAN_ARG(errors));
	}
}

static void all_errors_are_told_at_once(void **state)
{
	struct span errors = errors_of(HEAD
		"row x\n\tpolicy none\n"
		"\tseen today\n\tcertainty high\n\tprovider X\n\tremedy\n");
	size_t lines = 0;

	(void)state;
	while (errors.len) {
		span_cut(&errors, '\n');
		lines++;
	}
	/* Five are wrong, and meaning, reference, match, sample missing. */
	assert_int_equal(lines, 9);
}

static void a_policy_outside_the_vocabulary_is_refused(void **state)
{
	(void)state;
	assert_true(codebook_has_policy(SPAN("not-authorized-ip")));
	assert_true(codebook_has_policy(SPAN("unknown")));
	assert_false(codebook_has_policy(SPAN("weather")));
	assert_false(codebook_has_policy(SPAN("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_embedded_book_parses),
		cmocka_unit_test(every_sample_is_won_by_its_own_row),
		cmocka_unit_test(a_sample_means_the_same_in_either_family),
		cmocka_unit_test(no_wording_is_shadowed_by_another_row),
		cmocka_unit_test(lines_may_break_anywhere),
		cmocka_unit_test(a_reply_joined_by_a_log_means_the_same),
		cmocka_unit_test(letter_case_and_apostrophes_do_not_matter),
		cmocka_unit_test(
			the_class_of_the_code_decides_where_the_text_is_the_same),
		cmocka_unit_test(
			a_number_with_two_meanings_is_told_by_code_and_text),
		cmocka_unit_test(an_open_resolver_is_not_a_listing),
		cmocka_unit_test(a_row_may_be_bound_to_stages),
		cmocka_unit_test(
			words_that_say_little_are_known_only_to_who_has_no_more),
		cmocka_unit_test(what_no_row_fits_is_unknown),
		cmocka_unit_test(a_very_long_reply_is_cut_and_harmless),
		cmocka_unit_test(the_address_in_a_reply_is_found),
		cmocka_unit_test(a_small_book_parses),
		cmocka_unit_test(a_text_may_go_on_behind_two_tabs),
		cmocka_unit_test(the_most_particular_row_wins),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(all_errors_are_told_at_once),
		cmocka_unit_test(a_policy_outside_the_vocabulary_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
