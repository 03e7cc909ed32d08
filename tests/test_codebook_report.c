#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "reports/codebook_json.h"
#include "reports/codebook_text.h"

static struct arena *arena;
static const struct codebook *book;
static const struct text_style plain = { .columns = 80 };

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

struct paper {
	FILE *out;
	char *text;
	size_t len;
};

static void paper_open(struct paper *paper)
{
	paper->out = open_memstream(&paper->text, &paper->len);
	assert_non_null(paper->out);
}

static struct span paper_close(struct paper *paper)
{
	struct span text;

	fclose(paper->out);
	text = arena_copy(arena, (struct span){ paper->text, paper->len });
	free(paper->text);
	return text;
}

static bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static struct span page_of(const char *id)
{
	struct paper paper;

	paper_open(&paper);
	codebook_text_row(
		paper.out, &plain, book, codebook_row_of_id(book, span_of(id)));
	return paper_close(&paper);
}

static struct span told(const char *text)
{
	struct codebook_question question = { .text = span_of(text) };
	struct paper paper;

	paper_open(&paper);
	codebook_text_reply(paper.out, &plain, book, &question);
	return paper_close(&paper);
}

static void a_page_has_all_of_a_row(void **state)
{
	struct span page = page_of("google.not-authorized");

	(void)state;
	assert_true(span_starts_nocase(page, SPAN("google.not-authorized\n")));
	assert_true(has(page, "\nPolicy      not-authorized-ip\n"));
	assert_true(has(page, "the other family may fare differently"));
	assert_true(
		has(page, "\nSaid by     Google (Gmail, Google Workspace)"));
	assert_true(has(page, "\nWhat to do  1. ask the provider"));
	assert_true(has(page, "\nLast seen   2026-02-15; its provider"));
	assert_true(has(page, "\nSample      550-5.7.1 [192.0.2.25]"));
	assert_true(has(page_of("spectrum.no-ipv6"), "a rule for IPv6 only"));
	assert_true(has(page_of("any.greylisted"), "for the time being"));
	assert_true(has(page_of("any.no-such-user"), "any server"));
	assert_true(has(page_of("docomo.filtered"), "at end of DATA"));
}

static void every_page_is_of_plain_lines_that_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < codebook_row_count(book); i++) {
		struct span page = page_of(
			arena_copy(arena, codebook_row(book, i)->id).at);

		while (page.len) {
			struct span line = span_cut(&page, '\n');

			assert_true(line.len <= 80);
			for (size_t k = 0; k < line.len; k++)
				assert_true((unsigned char)line.at[k] >= ' ');
		}
	}
}

static void the_list_names_every_row_once(void **state)
{
	struct paper paper;
	struct span list;
	size_t lines = 0;

	(void)state;
	paper_open(&paper);
	codebook_text_list(paper.out, &plain, book, SPAN(""));
	list = paper_close(&paper);
	for (size_t i = 0; i < codebook_row_count(book); i++)
		assert_true(
			has(list, arena_print(arena, "\n  %.*s ",
					  SPAN_ARG(codebook_row(book, i)->id))
					  .at));
	while (list.len)
		lines += span_starts_nocase(span_cut(&list, '\n'), SPAN("  "));
	assert_int_equal(lines, codebook_row_count(book));
}

static void the_list_of_one_provider_has_no_other(void **state)
{
	struct paper paper;
	struct span list;

	(void)state;
	paper_open(&paper);
	codebook_text_list(paper.out, &plain, book, SPAN("yahoo"));
	list = paper_close(&paper);
	assert_true(has(list, "  yahoo.deferred "));
	assert_false(has(list, "google"));
	assert_true(has(list, ", 15 rows, 2026-"));
}

static void a_reply_is_told_with_what_it_carries(void **state)
{
	struct span text = told("550-5.7.1 [2001:db8::1      19] The IP you're "
				"using to send mail is not 550 5.7.1 "
				"authorized, see https://support.google.com/"
				"mail/?p=NotAuthorizedError abc.1 - gsmtp");

	(void)state;
	assert_true(has(text, "google.not-authorized\n"));
	assert_true(has(text, "\nIt saw      2001:db8::1 (IPv6)\n"));
	assert_true(has(text, "\nRead on     https://support.google.com/"));
	assert_true(has(text, "\nToken       abc.1 - gsmtp\n"));
}

static void an_unknown_reply_is_told_by_its_number(void **state)
{
	struct span text = told("550 5.2.2 glorp");

	(void)state;
	assert_true(has(text, "unknown\n"));
	assert_true(has(text, "The mailbox is full. (mailbox-full, by the "
			      "status of RFC 3463 alone)"));
	assert_true(has(told("glorp"), "Neither the words nor a number"));
	assert_true(has(told("503 glorp"), "5321 alone"));
}

static void what_a_server_sent_cannot_steer_the_terminal(void **state)
{
	struct span text = told("550 5.7.1 blocked using \x1b[2J.example see "
				"https://x.example/\x1b]0;t\x07 id=\x1b[31m");

	(void)state;
	assert_true(span_find(text, '\x1b') == text.len);
	assert_true(span_find(text, '\x07') == text.len);
}

static json_t *loaded(struct span text)
{
	json_error_t error;
	json_t *json = json_loadb(text.at, text.len, 0, &error);

	if (!json)
		fail_msg("%s", error.text);
	return json;
}

static void the_list_is_json_too(void **state)
{
	struct paper paper;
	json_t *json;

	(void)state;
	paper_open(&paper);
	codebook_json_list(paper.out, book, SPAN(""));
	json = loaded(paper_close(&paper));
	assert_int_equal(json_array_size(json_object_get(json, "rows")),
		codebook_row_count(book));
	json_decref(json);
}

static void a_reply_is_a_line_of_json_too(void **state)
{
	struct codebook_question question = {
		.text = SPAN("550 5.7.1 [192.0.2.1] \xff blocked using "
			     "zen.spamhaus.org")
	};
	struct paper paper;
	struct span line;
	json_t *json, *fields;

	(void)state;
	paper_open(&paper);
	codebook_json_reply(paper.out, book, &question);
	line = paper_close(&paper);
	assert_int_equal(span_find(line, '\n'), line.len - 1);
	json = loaded(line);
	assert_string_equal(
		json_string_value(json_object_get(json, "kind")), "reply");
	fields = json_object_get(json, "fields");
	assert_string_equal(
		json_string_value(json_object_get(json, "policy")), "dnsbl");
	assert_string_equal(
		json_string_value(json_object_get(fields, "ip")), "192.0.2.1");
	assert_string_equal(json_string_value(json_object_get(fields, "list")),
		"zen.spamhaus.org");
	json_decref(json);
	paper_open(&paper);
	codebook_json_row(paper.out, book,
		codebook_row_of_id(book, SPAN("spectrum.no-ipv6")));
	json = loaded(paper_close(&paper));
	assert_true(json_is_true(json_object_get(json, "ipv6_only")));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_all_of_a_row),
		cmocka_unit_test(every_page_is_of_plain_lines_that_fit),
		cmocka_unit_test(the_list_names_every_row_once),
		cmocka_unit_test(the_list_of_one_provider_has_no_other),
		cmocka_unit_test(a_reply_is_told_with_what_it_carries),
		cmocka_unit_test(an_unknown_reply_is_told_by_its_number),
		cmocka_unit_test(what_a_server_sent_cannot_steer_the_terminal),
		cmocka_unit_test(the_list_is_json_too),
		cmocka_unit_test(a_reply_is_a_line_of_json_too),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
