#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/probe_command.h"
#include "probe/options.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* The words that a POSIX shell would make of it: blanks, single quotes and the
 * backslash are all that ever stands there. */
static size_t words_of(struct span command, const char *words[32])
{
	size_t count = 0, at = 0;

	while (at < command.len) {
		char *word = arena_take(arena, command.len + 1);
		size_t used = 0;
		bool quoted = false;

		for (; at < command.len; at++) {
			char c = command.at[at];

			if (c == '\'')
				quoted = !quoted;
			else if (!quoted && c == ' ')
				break;
			else if (!quoted && c == '\\')
				word[used++] = command.at[++at];
			else
				word[used++] = c;
		}
		assert_false(quoted);
		assert_true(count < 31);
		words[count++] = word;
		at++;
	}
	words[count] = NULL;
	return count;
}

/* Whatever is shown, our own options take it. */
static struct options parsed(struct span command)
{
	const char *words[32];
	struct options options;
	struct span text = SPAN("");
	size_t count = words_of(command, words);
	enum options_result result = options_parse(
		arena, (int)count, words, &options, &text);

	if (result != OPTIONS_RUN)
		fail_msg("%.*s: %.*s", SPAN_ARG(command), SPAN_ARG(text));
	return options;
}

static struct probe_wish wish_for(const char *domain, enum stage stage)
{
	return (struct probe_wish){ .domain = span_of(domain),
		.sender_domain = SPAN("example.org"),
		.policy = SPAN("not-authorized-ip"),
		.has_stage = true,
		.stage = stage,
		.has_source = true,
		.source = { .family = FAMILY_IPV6,
			.bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 } } };
}

static void it_goes_as_far_as_it_went_then(void **state)
{
	static const struct {
		enum stage stage;
		const char *command;
	} rows[] = {
		{ STAGE_RESOLVE, "mxprobe a.example -b 2001:db8::25 "
				 "--dry-run" },
		{ STAGE_CONNECT, "mxprobe a.example -b 2001:db8::25 "
				 "--quit-after banner" },
		{ STAGE_BANNER, "mxprobe a.example -b 2001:db8::25 "
				"--quit-after banner" },
		{ STAGE_EHLO, "mxprobe a.example -b 2001:db8::25 "
			      "--quit-after ehlo" },
		{ STAGE_TLS, "mxprobe a.example -b 2001:db8::25 "
			     "--quit-after tls" },
		{ STAGE_MAIL, "mxprobe a.example -b 2001:db8::25 -f "
			      "postmaster@example.org --quit-after mail" },
		{ STAGE_RCPT, "mxprobe a.example -b 2001:db8::25 -f "
			      "postmaster@example.org -t " PROBE_MAILBOX
			      "@a.example --quit-after rcpt" },
		{ STAGE_DOT, "mxprobe a.example -b 2001:db8::25 -f "
			     "postmaster@example.org -t " PROBE_MAILBOX
			     "@a.example --deliver" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct probe_wish wish = wish_for("a.example", rows[i].stage);
		struct span command = probe_command(arena, &wish);

		assert_span(command, rows[i].command);
		assert_true(parsed(command).binds[FAMILY_IPV6]);
	}
}

static void every_command_is_taken_by_our_options(void **state)
{
	static const char *const domains[] = { "gmail.com", "x-y.example.",
		"xn--bcher-kva.example", "" };
	static const char *const policies[] = { "spf", "greylist", "network",
		"dns", "unknown", "" };

	(void)state;
	for (size_t i = 0; i < 4 * 6 * STAGE_COUNT * PATH_FAULT_COUNT; i++) {
		struct probe_wish wish = wish_for(
			domains[i % 4], (enum stage)(i / 24 % STAGE_COUNT));
		struct span command;

		wish.policy = span_of(policies[i / 4 % 6]);
		wish.fault = (enum path_fault)(i / 24 / STAGE_COUNT);
		wish.has_stage = i % 3 != 0;
		wish.has_source = i % 5 != 0;
		wish.host = i % 2 ? SPAN("mx.example") : SPAN("");
		wish.has_server = true;
		wish.server = wish.source;
		if (i % 7 == 0)
			wish.sender_domain = SPAN("");
		command = probe_command(arena, &wish);
		assert_true(command.len > 0);
		parsed(command);
	}
}

static void a_name_that_is_none_makes_no_command(void **state)
{
	static const char *const names[] = { "a.example; rm -rf /",
		"$(reboot).example", "-oProxy.example", "a'b.example",
		"a\nb.example", "a b.example", "\x1b[31m.example",
		"b\xc3\xbc.example", "localhost", ".example", "a..example",
		"--help.example", "`id`.example", "a.example\\", "x_y.example",
		"-a.example", "a-.example", "192.0.2.1", "a.example..",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aa"
		".example" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct probe_wish wish = wish_for(names[i], STAGE_DOT);

		assert_int_equal(probe_command(arena, &wish).len, 0);
		wish = wish_for("a.example", STAGE_DOT);
		wish.sender_domain = span_of(names[i]);
		assert_span(probe_command(arena, &wish),
			"mxprobe a.example -b 2001:db8::25 -f '<>' "
			"-t " PROBE_MAILBOX "@a.example --deliver");
		parsed(probe_command(arena, &wish));
	}
}

static void where_packets_end_a_trace_tells(void **state)
{
	struct probe_wish wish = wish_for("a.example", STAGE_CONNECT);

	(void)state;
	wish.fault = PATH_NO_ANSWER;
	assert_span(probe_command(arena, &wish),
		"mxprobe trace a.example -b 2001:db8::25");
	assert_int_equal(parsed(probe_command(arena, &wish)).verb, VERB_TRACE);
}

static void what_is_about_a_mailbox_is_not_probed(void **state)
{
	struct probe_wish wish = wish_for("a.example", STAGE_RCPT);

	(void)state;
	wish.policy = SPAN("mailbox-unknown");
	assert_int_equal(probe_command(arena, &wish).len, 0);
}

static void a_server_alone_is_asked_itself(void **state)
{
	struct probe_wish wish = wish_for("", STAGE_DOT);

	(void)state;
	wish.host = SPAN("mx.example");
	assert_span(probe_command(arena, &wish),
		"mxprobe mx.example:25 -b 2001:db8::25 -f "
		"postmaster@example.org --quit-after mail");
	wish.host = SPAN("");
	wish.has_server = true;
	wish.server = wish.source;
	wish.stage = STAGE_BANNER;
	assert_span(probe_command(arena, &wish),
		"mxprobe '[2001:db8::25]' -b 2001:db8::25 --quit-after banner");
	parsed(probe_command(arena, &wish));
}

static void words_are_quoted_for_a_shell(void **state)
{
	(void)state;
	assert_span(shell_word(arena, SPAN("a.b-c@d:25")), "a.b-c@d:25");
	assert_span(shell_word(arena, SPAN("")), "''");
	assert_span(shell_word(arena, SPAN("a b")), "'a b'");
	assert_span(shell_word(arena, SPAN("it's")), "'it'\\''s'");
	assert_span(shell_word(arena, SPAN("$x`y`")), "'$x`y`'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_as_far_as_it_went_then),
		cmocka_unit_test(every_command_is_taken_by_our_options),
		cmocka_unit_test(a_name_that_is_none_makes_no_command),
		cmocka_unit_test(where_packets_end_a_trace_tells),
		cmocka_unit_test(what_is_about_a_mailbox_is_not_probed),
		cmocka_unit_test(a_server_alone_is_asked_itself),
		cmocka_unit_test(words_are_quoted_for_a_shell),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
