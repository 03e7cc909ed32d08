#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/mail/message.h"

static const struct wire_case {
	const char *name;
	const char *bytes;
	const char *wire;
	size_t size;
	bool had_bare_ends;
} cases[] = {
	{ "CRLF is left as it is", "a\r\nb\r\n", "a\r\nb\r\n.\r\n", 6, false },
	{ "a bare LF becomes CRLF", "a\nb\n", "a\r\nb\r\n.\r\n", 6, true },
	{ "a bare CR becomes CRLF", "a\rb\r", "a\r\nb\r\n.\r\n", 6, true },
	{ "a last line without end gets one", "a", "a\r\n.\r\n", 3, false },
	{ "a leading dot is doubled, and not counted", ".a\r\n..\r\nb.\r\n",
	  "..a\r\n...\r\nb.\r\n.\r\n", 12, false },
	{ "a lone dot does not end the message early", "a\r\n.\r\nb\r\n",
	  "a\r\n..\r\nb\r\n.\r\n", 9, false },
	{ "nothing at all is still a message", "", ".\r\n", 0, false },
};

static void line_ends_and_dots_are_made_fit_for_the_wire(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		const struct message *message =
			message_from(arena, span_of(cases[i].bytes));

		print_message("# %s\n", cases[i].name);
		assert_true(span_is(message->wire, span_of(cases[i].wire)));
		assert_int_equal(message->size, cases[i].size);
		assert_true(span_starts_nocase(
			message->wire_then_quit, message->wire));
		assert_true(span_ends_nocase(message->wire_then_quit,
			SPAN(".\r\nQUIT\r\n")));
		assert_int_equal(message->had_bare_ends,
			cases[i].had_bare_ends);
		arena_close(arena);
	}
}

static void what_was_stuffed_comes_back_as_it_was(void **state)
{
	static const char *const texts[] = { "", "a\r\n", ".\r\n",
		"..\r\n", ".a\r\n\r\n..\r\n.\r\nb.\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct arena *arena = arena_open();
		const struct message *message =
			message_from(arena, span_of(texts[i]));

		assert_true(span_is(message_text(arena, message),
			span_of(texts[i])));
		arena_close(arena);
	}
}

static void a_field_on_top_leaves_the_rest_alone(void **state)
{
	struct arena *arena = arena_open();
	const struct message *message =
		message_from(arena, SPAN("Subject: a\r\n\r\n.b\r\n"));
	const struct message *longer = message_with_field(
		arena, message, SPAN("X-A: b\r\n"));

	(void)state;
	assert_true(span_is(longer->wire,
		SPAN("X-A: b\r\nSubject: a\r\n\r\n..b\r\n.\r\n")));
	assert_true(span_ends_nocase(longer->wire_then_quit,
		SPAN("..b\r\n.\r\nQUIT\r\n")));
	assert_int_equal(longer->size, message->size + 8);
	arena_close(arena);
}

static void eight_bit_bytes_are_told_apart_by_where_they_stand(void **state)
{
	struct arena *arena = arena_open();
	const struct message *plain =
		message_from(arena, SPAN("Subject: a\r\n\r\nb\r\n"));
	const struct message *body =
		message_from(arena, SPAN("Subject: a\r\n\r\n\xc3\xbc\r\n"));
	const struct message *header =
		message_from(arena, SPAN("Subject: \xc3\xbc\n\nb\n"));

	(void)state;
	assert_false(plain->is_8bit);
	assert_true(body->is_8bit);
	assert_false(body->is_utf8_header);
	assert_true(header->is_8bit);
	assert_true(header->is_utf8_header);
	arena_close(arena);
}

static bool holds(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static void the_test_message_has_what_rfc_5322_and_a_searcher_need(void **state)
{
	struct arena *arena = arena_open();
	struct message_head head = { .from = SPAN("a@sender.example"),
		.to = SPAN("b@gmail-like.example"),
		.domain = SPAN("eg.sender.example"),
		.token = SPAN("tokentokentoken2"), .family = SPAN("IPv6"),
		.wall_ms = 1795295585123 };
	const struct message *message = message_compose(arena, &head);

	(void)state;
	assert_true(holds(message->wire,
		"Date: Sat, 21 Nov 2026 21:13:05 +0000\r\n"));
	assert_true(holds(message->wire, "From: <a@sender.example>\r\n"));
	assert_true(holds(message->wire, "To: <b@gmail-like.example>\r\n"));
	assert_true(holds(message->wire, "Subject: mxprobe tokentokentoken2 "
		"over IPv6\r\n"));
	assert_true(holds(message->wire,
		"Message-ID: <tokentokentoken2@eg.sender.example>\r\n"));
	assert_true(span_ends_nocase(message->wire, SPAN("\r\n.\r\n")));
	assert_true(span_is(message->token, head.token));
	arena_close(arena);
}

static void a_token_uses_all_its_random_bits(void **state)
{
	struct arena *arena = arena_open();
	unsigned char low[10] = { 0 }, high[10], one[10] = { 0 };

	(void)state;
	memset(high, 0xff, sizeof(high));
	one[9] = 1;
	assert_true(span_is(message_token(arena, low),
		SPAN("aaaaaaaaaaaaaaaa")));
	assert_true(span_is(message_token(arena, high),
		SPAN("7777777777777777")));
	assert_true(span_is(message_token(arena, one),
		SPAN("aaaaaaaaaaaaaaab")));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_and_dots_are_made_fit_for_the_wire),
		cmocka_unit_test(what_was_stuffed_comes_back_as_it_was),
		cmocka_unit_test(a_field_on_top_leaves_the_rest_alone),
		cmocka_unit_test(
			eight_bit_bytes_are_told_apart_by_where_they_stand),
		cmocka_unit_test(
			the_test_message_has_what_rfc_5322_and_a_searcher_need),
		cmocka_unit_test(a_token_uses_all_its_random_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
