#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/ad_hoc.h"
#include "probe/ad_hoc_print.h"
#include "probe/cell_options.h"
#include "probe/check_run.h"

enum { WORDS_MAX = 24 };

static void read_line(
	struct arena *arena, const char *line, struct options *options)
{
	const char *words[WORDS_MAX] = { "mxprobe" };
	struct span rest = span_of(line), text;
	int count = 1;

	while (rest.len)
		words[count++] = arena_copy(arena, span_cut(&rest, ' ')).at;
	if (options_parse(arena, count, words, options, &text) != OPTIONS_RUN)
		fail_msg("%s: %.*s", line, SPAN_ARG(text));
}

/* Everything that decides which paths are walked, and what is said there. */
static struct span walk_of(
	struct arena *arena, const struct options *options, enum family family)
{
	const struct scenario *scenario;
	struct target target;
	struct span all, why;

	assert_true(ad_hoc_target(
		arena, options, options->targets[0], &target, &why));
	scenario = ad_hoc_scenario(arena, options, &target, family);
	all = arena_print(arena,
		"%.*s|%.*s|%d %.*s port %u choice %d %u only %d from %d %.*s "
		"if %s\n",
		SPAN_ARG(target.domain), SPAN_ARG(target.host),
		target.is_literal, SPAN_ARG(ip_text(arena, &target.literal)),
		target.port, options->mx_choice, options->mx_first,
		options->has_only, options->binds[family],
		SPAN_ARG(ip_text(arena, &options->bind_to[family])),
		options->interface ? options->interface : "");
	for (size_t i = 0; i < scenario->step_count; i++)
		all = arena_print(arena, "%.*s%s %.*s %d\n", SPAN_ARG(all),
			step_word(scenario->steps[i].verb),
			SPAN_ARG(scenario->steps[i].argument),
			scenario->steps[i].tls);
	return all;
}

static void check_cells(struct arena *arena, const char *line,
	const struct options *options, const struct matrix *matrix)
{
	bool seen[FAMILY_COUNT] = { false, false };

	for (size_t i = 0; i < matrix->cell_count; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];
		struct options base, again;
		struct span why = SPAN("");

		read_line(arena, "run f", &base);
		if (cell->left_out.len)
			continue;
		if (!cell_options(arena, &base, cell, &again, &why))
			fail_msg("%s: %.*s", line, SPAN_ARG(why));
		assert_string_equal(walk_of(arena, &again, cell->family).at,
			walk_of(arena, options, cell->family).at);
		seen[cell->family] = true;
		assert_true(!options->message_file ||
			    span_is(cell->message_file,
				    span_of(options->message_file)));
	}
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		if (seen[i] != options->wanted[i])
			fail_msg("%s: IPv%s", line, i ? "6" : "4");
}

static void the_file_walks_what_the_flags_would(void **state)
{
	static const char *const lines[] = {
		"gmail.com",
		"gmail.com -6",
		"-4 gmail.com --mx all --port 26",
		"gmail.com --mx 2 --tls none",
		"gmail.com --tls secure --ehlo mail.example.org",
		"gmail.com --ehlo4 [192.0.2.1] --ehlo6 [IPv6:2001:db8::1]",
		"gmail.com --source4 192.0.2.1",
		"gmail.com --source4 192.0.2.1 --source6 2001:db8::1",
		"gmail.com -6 --source6 2001:db8::1 --interface eth0",
		"gmail.com --ip 192.0.2.9",
		"gmail.com --quit-after connect",
		"gmail.com --quit-after banner",
		"gmail.com --quit-after ehlo",
		"gmail.com --quit-after tls",
		"gmail.com -f a@b.example",
		"gmail.com -f <>",
		"gmail.com -f a@b.example -t $me${x}@c.example",
		"me@gmail.com -f a@b.example --tls dane",
		"gmail.com -f a@b.example -t c@d.example --quit-after mail",
		"gmail.com -f a@b.example -t c@d.example --deliver",
		"gmail.com -f a@b.example -t c@d.example --deliver --message "
		"m.eml",
		"gmail.com -f a@b.example -t c@d.example --deliver "
		"--quit-after rcpt",
		"b\xc3\xbc\x63her.example -f "
		"gr\xc3\xbc@b\xc3\xbc\x63her.example",
		"-s mx.example.org:2525",
		"-s [2001:db8::1]:2525 -6",
		"-s 192.0.2.1 -4",
		"[192.0.2.1] -4",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct arena *arena = arena_open();
		struct check_result result;
		struct options options;
		struct span text, why;

		read_line(arena, lines[i], &options);
		if (!ad_hoc_print(arena, &options, &text, &why))
			fail_msg("%s: %.*s", lines[i], SPAN_ARG(why));
		check_text(arena, codebook_embedded(arena), SPAN("f"), text,
			&result);
		if (!result.matrix)
			fail_msg("%s: %.*s", lines[i],
				SPAN_ARG(complaint_print(
					arena, &result.complaints.list[0])));
		check_cells(arena, lines[i], &options, result.matrix);
		arena_close(arena);
	}
}

static void isolation_is_written_down(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;
	struct options options;
	struct span text, why;

	(void)state;
	read_line(arena, "a.example --isolate-max 7", &options);
	assert_true(ad_hoc_print(arena, &options, &text, &why));
	check_text(arena, codebook_embedded(arena), SPAN("f"), text, &result);
	assert_non_null(result.matrix);
	assert_true(result.matrix->on_failure->isolates);
	assert_int_equal(result.matrix->on_failure->max_connections, 7);
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		assert_true(result.matrix->on_failure->varies[i]);
	arena_close(arena);
}

static void every_target_has_its_probe(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;
	struct options options;
	struct span text, why;

	(void)state;
	read_line(arena, "a.example b.example --source6 2001:db8::1", &options);
	assert_true(ad_hoc_print(arena, &options, &text, &why));
	check_text(arena, codebook_embedded(arena), SPAN("f"), text, &result);
	assert_non_null(result.matrix);
	assert_int_equal(result.matrix->cell_count, 4);
	arena_close(arena);
}

static void what_cannot_be_said_is_told(void **state)
{
	static const char *const lines[] = { "a.example --pipelining",
		"a.example --mtu-trial always",
		"a.example --sni b.example", "a.example -s mx.example",
		"a.example -f <> -t c@d.example --deliver --quit-after data" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct arena *arena = arena_open();
		struct options options;
		struct span text, why = SPAN("");

		read_line(arena, lines[i], &options);
		if (ad_hoc_print(arena, &options, &text, &why))
			fail_msg("%s", lines[i]);
		assert_true(why.len != 0);
		arena_close(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_walks_what_the_flags_would),
		cmocka_unit_test(isolation_is_written_down),
		cmocka_unit_test(every_target_has_its_probe),
		cmocka_unit_test(what_cannot_be_said_is_told),
	};

	return cmocka_run_group_tests_name("ad hoc print", tests, NULL, NULL);
}
