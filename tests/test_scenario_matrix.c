#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/ad_hoc.h"
#include "probe/cell_options.h"
#include "probe/check_run.h"

static const struct matrix *matrix_of(struct arena *arena, const char *text)
{
	struct check_result result;

	check_text(arena, codebook_embedded(arena), SPAN("dir/f.mxp"),
		span_of(text), &result);
	if (!result.matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &result.complaints.list[0])));
	return result.matrix;
}

/* "transport/mx a best/4/office transport/..." */
static struct span cells_of(struct arena *arena, const struct matrix *matrix)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < matrix->cell_count; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];

		all = arena_print(arena, "%.*s%.*s/%.*s/%c/%.*s%s\n",
			SPAN_ARG(all), SPAN_ARG(cell->probe),
			SPAN_ARG(aim_text(arena, cell->aim)),
			cell->family == FAMILY_IPV4 ? '4' : '6',
			SPAN_ARG(cell->egress->name),
			cell->left_out.len ? " -" : "");
	}
	return all;
}

static struct span steps_of(struct arena *arena, const struct matrix_cell *cell)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < cell->scenario.step_count; i++) {
		const struct step *step = &cell->scenario.steps[i];

		all = arena_print(arena, "%.*s%s%s%.*s%s%.*s", SPAN_ARG(all),
			i ? " " : "", step_word(step->verb),
			SPAN_ARG(step->argument.len ? SPAN("=") : SPAN("")), "",
			SPAN_ARG(step->argument));
	}
	return all;
}

static void every_cell_of_the_three_axes_is_there(void **state)
{
	struct arena *arena = arena_open();
	const struct matrix *matrix = matrix_of(arena,
		"mxprobe 1\n"
		"scenario \"x y\"\n  tags a, b.c\n"
		"path p\n  source4 192.0.2.1\n"
		"path q\n"
		"probe t\n"
		"  target mx a.example first 2 port 26 only 192.0.2.9, host "
		"h.example\n"
		"  target address 2001:db8::1\n"
		"  path p, q\n"
		"  step connect\n"
		"probe u\n"
		"  target mx a.example all\n"
		"  family 6\n"
		"  step connect\n");

	(void)state;
	assert_true(span_is(matrix->name, SPAN("x y")));
	assert_int_equal(matrix->tag_count, 2);
	assert_string_equal(cells_of(arena, matrix).at,
		"t/mx a.example first 2 port 26 only 192.0.2.9/4/p\n"
		"t/mx a.example first 2 port 26 only 192.0.2.9/6/p -\n"
		"t/host h.example/4/p\n"
		"t/host h.example/6/p -\n"
		"t/address 2001:db8::1/4/p -\n"
		"t/address 2001:db8::1/6/p -\n"
		"t/mx a.example first 2 port 26 only 192.0.2.9/4/q\n"
		"t/mx a.example first 2 port 26 only 192.0.2.9/6/q\n"
		"t/host h.example/4/q\n"
		"t/host h.example/6/q\n"
		"t/address 2001:db8::1/4/q -\n"
		"t/address 2001:db8::1/6/q\n"
		"u/mx a.example all/6/\n");
	arena_close(arena);
}

static void steps_that_must_come_before_are_added(void **state)
{
	static const struct row {
		const char *steps, *all;
	} rows[] = {
		{ "  step connect\n", "connect" },
		{ "  step banner\n", "connect banner quit" },
		{ "  step ehlo\n", "connect banner ehlo=h.example quit" },
		{ "  step starttls\n",
			"connect banner ehlo=h.example starttls ehlo=h.example "
			"quit" },
		{ "  step starttls none\n",
			"connect banner ehlo=h.example quit" },
		{ "  step mail <>\n", "connect banner ehlo=h.example starttls "
				      "ehlo=h.example mail "
				      "quit" },
		{ "  step starttls none\n  step mail b@b.example\n",
			"connect banner ehlo=h.example mail=b@b.example quit" },
		{ "  step mail <b@b.example>\n  step rcpt a@a.example\n"
		  "  step data\n",
			"connect banner ehlo=h.example starttls ehlo=h.example "
			"mail=b@b.example rcpt=a@a.example data dot quit" },
		{ "  step connect\n  step quit => 221\n", "connect" },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span text = arena_print(arena,
			"mxprobe 1\nowns a@a.example\npath p\n"
			"  ehlo h.example\n  ehlo4 four.example\nprobe t\n"
			"  path p\n  target mx a.example\n  family 6\n%s",
			rows[i].steps);
		const struct matrix *matrix = matrix_of(arena, text.at);

		assert_string_equal(
			steps_of(arena, &matrix->cells[0]).at, rows[i].all);
	}
	arena_close(arena);
}

/* The steps of the ad hoc run that a cell's options mean. */
static struct span ad_hoc_steps(
	struct arena *arena, const struct matrix_cell *cell)
{
	struct options base, options;
	struct matrix_cell again = *cell;
	static const char *const words[] = { "mxprobe", "run", "f" };
	struct target target;
	struct span why = SPAN(""), text;

	assert_int_equal(
		options_parse(arena, 3, words, &base, &text), OPTIONS_RUN);
	if (!cell_options(arena, &base, cell, &options, &why))
		fail_msg("%.*s", SPAN_ARG(why));
	assert_true(ad_hoc_target(
		arena, &options, options.targets[0], &target, &why));
	again.scenario = *ad_hoc_scenario(
		arena, &options, &target, cell->family);
	for (size_t i = 0; i < again.scenario.step_count; i++)
		if (again.scenario.steps[i].verb == STEP_STARTTLS)
			assert_int_equal(again.scenario.steps[i].tls,
				cell->scenario.steps[i].tls);
	return steps_of(arena, &again);
}

static void a_cell_is_the_ad_hoc_run_of_its_options(void **state)
{
	static const char *const steps[] = { "  step connect\n",
		"  step banner\n", "  step ehlo\n", "  step starttls\n",
		"  step starttls none\n", "  step starttls secure\n",
		"  step mail <>\n", "  step starttls none\n  step mail <>\n",
		"  step starttls dane\n  step mail b@b.example\n",
		"  step mail b@b.example\n  step rcpt a@a.example\n",
		"  step mail <>\n  step rcpt a@a.example\n  step data\n" };
	static const char *const targets[] = { "mx a.example",
		"host h.example port 26", "address 192.0.2.1",
		"address 2001:db8::1", "mx b\xc3\xbc\x63her.example all" };
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps) * COUNT_OF(targets); i++) {
		struct span text = arena_print(arena,
			"mxprobe 1\nowns a@a.example\npath p\n"
			"  ehlo h.example\nprobe t\n  path p\n  target %s\n%s",
			targets[i % COUNT_OF(targets)],
			steps[i / COUNT_OF(targets)]);
		const struct matrix *matrix = matrix_of(arena, text.at);

		for (size_t k = 0; k < matrix->cell_count; k++)
			assert_string_equal(
				steps_of(arena, &matrix->cells[k]).at,
				ad_hoc_steps(arena, &matrix->cells[k]).at);
	}
	arena_close(arena);
}

static void the_name_for_one_family_stands_above_the_other(void **state)
{
	struct arena *arena = arena_open();
	const struct matrix *matrix = matrix_of(arena,
		"mxprobe 1\npath p\n  ehlo both.example\n  ehlo6 six.example\n"
		"  interface eth0\n  source6 2001:db8::7\n  source4 192.0.2.7\n"
		"probe t\n  target mx a.example\n  path p\n  step ehlo\n");
	const struct egress *egress = matrix->cells[0].egress;

	(void)state;
	assert_true(span_is(egress->ehlo[FAMILY_IPV4], SPAN("both.example")));
	assert_true(span_is(egress->ehlo[FAMILY_IPV6], SPAN("six.example")));
	assert_true(span_is(egress->interface, SPAN("eth0")));
	assert_true(egress->binds[FAMILY_IPV4] && egress->binds[FAMILY_IPV6]);
	assert_string_equal(
		ip_text(arena, &egress->source[FAMILY_IPV6]).at, "2001:db8::7");
	arena_close(arena);
}

static const struct matrix_step *step_at(
	const struct matrix_cell *cell, enum step_verb verb)
{
	for (size_t i = 0; i < cell->scenario.step_count; i++)
		if (cell->steps[i].verb == verb)
			return &cell->steps[i];
	return NULL;
}

static void the_particular_stands_above_the_general(void **state)
{
	struct arena *arena = arena_open();
	const struct matrix *matrix = matrix_of(arena,
		"mxprobe 1\nowns a@a.example\nprobe t\n"
		"  target mx a.example, mx b.example\n"
		"  step mail b@b.example\n  step rcpt a@a.example\n"
		"  step data file m/probe.eml => accept\n"
		"  when family 6, target b.example: step data => reject 550 "
		"5.7.1 reason google.not-authorized known \"listed\" ticket "
		"N-1 "
		"until 2027-01-31\n"
		"  when family 6: step data => defer 4.7.28\n");
	const struct matrix_cell *cells = matrix->cells;
	const struct expected *expected;

	(void)state;
	assert_int_equal(matrix->cell_count, 4);
	assert_true(cells[0].delivers);
	assert_true(span_is(cells[0].message_file, SPAN("dir/m/probe.eml")));
	assert_int_equal(step_at(&cells[0], STEP_DOT)->expected[0].kind,
		EXPECTED_ACCEPT);
	expected = &step_at(&cells[1], STEP_DOT)->expected[0];
	assert_int_equal(expected->kind, EXPECTED_DEFER);
	assert_int_equal(expected->status[2], 28);
	assert_int_equal(expected->code, 0);
	assert_int_equal(step_at(&cells[2], STEP_DOT)->expected[0].kind,
		EXPECTED_ACCEPT);
	expected = &step_at(&cells[3], STEP_DOT)->expected[0];
	assert_int_equal(expected->kind, EXPECTED_REJECT);
	assert_int_equal(expected->code, 550);
	assert_int_equal(expected->status[0], 5);
	assert_true(span_is(expected->reason, SPAN("google.not-authorized")));
	assert_true(span_is(expected->known, SPAN("listed")));
	assert_true(span_is(expected->ticket, SPAN("N-1")));
	assert_int_equal(expected->until, 20849);
	assert_int_equal(expected->place->line, 8);
	assert_int_equal(cells[3].message_file.len, 0);
	arena_close(arena);
}

static void what_is_expected_is_kept_as_numbers(void **state)
{
	struct arena *arena = arena_open();
	const struct matrix *matrix = matrix_of(arena,
		"mxprobe 1\nprobe t\n  target mx a.example\n"
		"  step ehlo => 250, has SIZE >= 25M, has STARTTLS, lacks "
		"CHUNKING, within 1.5s\n"
		"  step starttls secure => tls > 1.1, cert name-ok, cert days "
		">= 14, cert trusted\n");
	static const struct {
		enum expected_kind kind;
		enum comparison_sign sign;
		uint64_t number;
	} ehlo[] = { { EXPECTED_CODE, SIGN_NONE, 0 },
		{ EXPECTED_HAS, SIGN_AT_LEAST, 25000000 },
		{ EXPECTED_HAS, SIGN_NONE, 0 },
		{ EXPECTED_LACKS, SIGN_NONE, 0 },
		{ EXPECTED_WITHIN, SIGN_NONE, 1500 } },
	  tls[] = { { EXPECTED_TLS, SIGN_MORE, 11 },
		  { EXPECTED_CERT_NAME, SIGN_NONE, 0 },
		  { EXPECTED_CERT_DAYS, SIGN_AT_LEAST, 14 },
		  { EXPECTED_CERT_TRUST, SIGN_NONE, 0 } };
	const struct matrix_step *step = step_at(&matrix->cells[0], STEP_EHLO);

	(void)state;
	assert_int_equal(step->expected_count, COUNT_OF(ehlo));
	for (size_t i = 0; i < COUNT_OF(ehlo); i++) {
		assert_int_equal(step->expected[i].kind, ehlo[i].kind);
		assert_int_equal(step->expected[i].sign, ehlo[i].sign);
		assert_int_equal(step->expected[i].number, ehlo[i].number);
	}
	assert_int_equal(step->expected[0].code, 250);
	assert_true(span_is(step->expected[1].name, SPAN("SIZE")));
	step = step_at(&matrix->cells[0], STEP_STARTTLS);
	assert_int_equal(step->expected_count, COUNT_OF(tls));
	for (size_t i = 0; i < COUNT_OF(tls); i++) {
		assert_int_equal(step->expected[i].kind, tls[i].kind);
		assert_int_equal(step->expected[i].sign, tls[i].sign);
		assert_int_equal(step->expected[i].number, tls[i].number);
	}
	assert_int_equal(
		matrix->cells[0].scenario.steps[3].tls, STEP_TLS_SECURE);
	assert_int_equal(matrix->cells[0].scenario.steps[3].line, 5);
	arena_close(arena);
}

static void numbers_are_compared_as_written(void **state)
{
	(void)state;
	assert_true(sign_holds(SIGN_LESS, 1, 2));
	assert_false(sign_holds(SIGN_LESS, 2, 2));
	assert_true(sign_holds(SIGN_AT_MOST, 2, 2));
	assert_false(sign_holds(SIGN_AT_MOST, 3, 2));
	assert_true(sign_holds(SIGN_EQUAL, 2, 2));
	assert_false(sign_holds(SIGN_EQUAL, 1, 2));
	assert_true(sign_holds(SIGN_AT_LEAST, 2, 2));
	assert_false(sign_holds(SIGN_AT_LEAST, 1, 2));
	assert_true(sign_holds(SIGN_MORE, 3, 2));
	assert_false(sign_holds(SIGN_MORE, 2, 2));
	assert_true(sign_holds(SIGN_NONE, 0, 1));
}

/* Targets times paths: a short file can ask for very many cells. */
static void too_many_cells_are_refused(void **state)
{
	struct arena *arena = arena_open();
	struct span text = SPAN("mxprobe 1\n"), targets = SPAN(""),
		    paths = SPAN("");
	struct check_result result;

	(void)state;
	for (unsigned i = 0; i < 101; i++) {
		text = arena_print(arena, "%.*spath p%u\n", SPAN_ARG(text), i);
		paths = arena_print(
			arena, "%.*s%sp%u", SPAN_ARG(paths), i ? ", " : "", i);
		targets = arena_print(arena, "%.*s%smx d%u.example",
			SPAN_ARG(targets), i ? ", " : "", i);
	}
	text = arena_print(arena,
		"%.*sprobe t\n  target %.*s\n  path %.*s\n  family 4\n"
		"  step connect\n",
		SPAN_ARG(text), SPAN_ARG(targets), SPAN_ARG(paths));
	check_text(arena, codebook_embedded(arena), SPAN("f"), text, &result);
	assert_null(result.matrix);
	assert_int_equal(result.complaints.total, 1);
	assert_true(span_is(result.complaints.list[0].what,
		SPAN("its probes have more than 10000 cells")));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_of_the_three_axes_is_there),
		cmocka_unit_test(steps_that_must_come_before_are_added),
		cmocka_unit_test(
			the_name_for_one_family_stands_above_the_other),
		cmocka_unit_test(a_cell_is_the_ad_hoc_run_of_its_options),
		cmocka_unit_test(the_particular_stands_above_the_general),
		cmocka_unit_test(what_is_expected_is_kept_as_numbers),
		cmocka_unit_test(numbers_are_compared_as_written),
		cmocka_unit_test(too_many_cells_are_refused),
	};

	return cmocka_run_group_tests_name(
		"scenario matrix", tests, NULL, NULL);
}
