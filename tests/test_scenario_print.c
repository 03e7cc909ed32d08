#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "probe/base/file.h"
#include "scenarios/parser.h"

/*
 * What is read, printed and read again says the same.  The scenarios are made
 * from the table of verbs itself, so that a new word is tried as soon as it
 * stands there.
 */
#if defined(__has_feature)
#	if __has_feature(address_sanitizer)
#		define SLOW
#	endif
#elif defined(__SANITIZE_ADDRESS__)
#	define SLOW
#endif
#ifdef SLOW
enum { TIMES = 4000 };
#else
enum { TIMES = 100 * 1000 };
#endif
enum { STATEMENTS = 6, LINES = 4 };

struct maker {
	struct arena *arena;
	uint64_t seed;
	char *text;
	size_t len, room;
};

static unsigned any(struct maker *maker, unsigned below)
{
	maker->seed ^= maker->seed << 13;
	maker->seed ^= maker->seed >> 7;
	maker->seed ^= maker->seed << 17;
	return (unsigned)(maker->seed >> 33) % below;
}

static void put(struct maker *maker, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		maker->text = arena_grow(
			maker->arena, maker->text, maker->len, &maker->room, 1);
		maker->text[maker->len++] = text.at[i];
	}
}

static void put_gap(struct maker *maker)
{
	static const char *const gaps[] = { " ", " ", " ", "\t", "   ",
		" \\\n  ", " \t " };

	put(maker, span_of(gaps[any(maker, COUNT_OF(gaps))]));
}

/* Two or three of each kind; a variable where text may stand. */
static const char *const samples[VALUE_KINDS][3] = {
	[VALUE_NAME] = { "office", "a-b_9", "\"max\"" },
	[VALUE_PATH] = { "office", "a-b_9", "home" },
	[VALUE_PROBE] = { "transport", "delivery", "\"of\"" },
	[VALUE_SERVER] = { "gmailish", "b", "\"like\"" },
	[VALUE_TWIN] = { "refused", "no-ptr", "\"in\"" },
	[VALUE_TAG] = { "nightly", "v1.2", "a" },
	[VALUE_TEXT] = { "\"a \\\"b\\\" \\x41 # , ${known}\"",
		"2001:db8::", "\"\"" },
	[VALUE_FILE] = { "mail/probe.eml", "\"a b\"", "/etc/x" },
	[VALUE_ENV] = { "MXP_A", "_B", "C9" },
	[VALUE_MAILBOX] = { "a@b.example", "<>", "${secret}" },
	[VALUE_DOMAIN] = { "example.org", "b\xc3\xbc\x63her.example", "a." },
	[VALUE_HOST] = { "mx.example.org", "${known}.example", "h" },
	[VALUE_INTERFACE] = { "eth0", "lo", "eth0.100" },
	[VALUE_SELECTOR] = { "s2026", "a.b", "bits" },
	[VALUE_IPV4] = { "192.0.2.1", "127.0.0.1", "[192.0.2.9]" },
	[VALUE_IPV6] = { "2001:db8::1", "2001:db8::", "::1" },
	[VALUE_ADDRESS] = { "192.0.2.1", "[2001:db8::1]", "2001:db8::" },
	[VALUE_FAMILY] = { "4", "6", "\"4\"" },
	[VALUE_NUMBER] = { "0", "4", "999999999" },
	[VALUE_RATIO] = { "3", "1.5", "0.001" },
	[VALUE_PORT] = { "25", "2525", "65535" },
	[VALUE_DURATION] = { "500ms", "1.5s", "6h" },
	[VALUE_SIZE] = { "0", "25M", "35882577" },
	[VALUE_DATE] = { "2027-01-31", "2028-02-29", "1970-01-01" },
	[VALUE_CODE] = { "220", "550", "\"451\"" },
	[VALUE_STATUS] = { "5.7.1", "4.7.28", "2.0.0" },
	[VALUE_REASON] = { "google.not-authorized", "a.b", "x.y-1" },
	[VALUE_RECORD_TYPE] = { "A", "aaaa", "\"TXT\"" },
	[VALUE_KEYWORD] = { "SIZE", "X-EXPS", "8BITMIME" },
	[VALUE_TLS_VERSION] = { "1.0", "1.2", "1.3" },
	[VALUE_OPERATOR] = { "<=", ">", "=" },
	[VALUE_REGEX] = { "/mx\\.a, \"b\" #/", "/^2\\/0/i", "/ /" },
};

static void put_form(struct maker *maker, struct span form);

static bool fits_first(const struct scenario_verb *verb, struct maker *maker)
{
	return any(maker, 4) == 0 || verb->word;
}

/* Some clause of the room; `said` has a bit for each that was there. */
static void put_clause(struct maker *maker, enum verb_room room, unsigned *said)
{
	const struct scenario_verb *verb, *found = NULL;
	unsigned count = 0, at = 0, found_at = 0;

	for (size_t i = 0; (verb = verb_at(i)); i++) {
		if (!verb_stands_in(verb, room))
			continue;
		at++;
		if (verb->once && (*said & 1u << at))
			continue;
		if (any(maker, ++count) == 0 || !found ||
			(!fits_first(found, maker) && any(maker, 2))) {
			found = verb;
			found_at = at;
		}
	}
	*said |= 1u << found_at;
	if (found->word) {
		put(maker, span_of(found->word));
		put_gap(maker);
	}
	put_form(maker, span_of(found->form));
}

static void put_choice(struct maker *maker, struct span forms)
{
	struct span all = forms;
	unsigned count = 0, chosen;

	while (forms.len) {
		form_alternative(&forms);
		count++;
	}
	chosen = any(maker, count);
	while (chosen--)
		form_alternative(&all);
	put_form(maker, form_alternative(&all));
}

static void put_item(
	struct maker *maker, const struct form_item *item, unsigned *said)
{
	switch (item->kind) {
	case FORM_WORD:
		put(maker, item->text);
		break;
	case FORM_VALUE:
		put(maker, span_of(samples[item->value][any(maker, 3)]));
		break;
	case FORM_CLAUSE:
		put_clause(maker, item->room, said);
		break;
	case FORM_MAYBE:
		if (any(maker, 2))
			put_form(maker, item->text);
		break;
	case FORM_CHOICE:
		put_choice(maker, item->text);
		break;
	}
	put_gap(maker);
}

/* How many clauses of a room may stand in one list: some stand but once. */
static unsigned room_for(const struct form_item *item)
{
	const struct scenario_verb *verb;
	unsigned count = 0;

	if (item->kind != FORM_CLAUSE)
		return 3;
	for (size_t i = 0; (verb = verb_at(i)); i++)
		count += verb_stands_in(verb, item->room);
	return count < 3 ? count : 3;
}

static void put_form(struct maker *maker, struct span form)
{
	struct form_item item;

	while (form_next(&form, &item)) {
		unsigned said = 0,
			 more = item.repeats ? any(maker, room_for(&item)) : 0;

		put_item(maker, &item, &said);
		while (more--) {
			if (item.by_commas)
				put(maker, any(maker, 2) ? SPAN(",")
							 : SPAN(" , "));
			put_item(maker, &item, &said);
		}
	}
}

static void put_end(struct maker *maker)
{
	static const char *const ends[] = { "\n", "\n", "\r\n", " # a, \"b\n",
		"\n\n  \n" };

	put(maker, span_of(ends[any(maker, COUNT_OF(ends))]));
}

static void put_line(struct maker *maker, const struct scenario_verb *verb,
	const char *before)
{
	put(maker, span_of(before));
	put(maker, span_of(verb->word));
	put_gap(maker);
	put_form(maker, span_of(verb->form));
	put_end(maker);
}

static void put_body(struct maker *maker, enum verb_room room)
{
	const struct scenario_verb *verb;
	unsigned lines = 0;

	for (size_t i = 0; lines < LINES && (verb = verb_at(i)); i++) {
		if (!verb_stands_in(verb, room) || any(maker, 2))
			continue;
		put_line(maker, verb, any(maker, 2) ? "  " : "\t");
		lines++;
	}
}

/* VERB_VAR would need another name each time, VERB_INCLUDE a file. */
static void put_file(struct maker *maker)
{
	const struct scenario_verb *verb;
	unsigned statements = 0;

	put(maker,
		SPAN("mxprobe 1\nvar known = kn\nvar secret = secret env S\n"));
	for (size_t i = 0; statements < STATEMENTS && (verb = verb_at(i));
		i++) {
		if (!verb_stands_in(verb, ROOM_FILE) || any(maker, 2) ||
			verb->id == VERB_MXPROBE || verb->id == VERB_VAR ||
			verb->id == VERB_INCLUDE)
			continue;
		put_line(maker, verb, "");
		if (verb->opens)
			put_body(maker, verb->inside);
		statements++;
	}
}

static const struct sheet *read_sheet(
	struct arena *arena, struct span text, size_t *wrong)
{
	struct complaints complaints = { .arena = arena };
	struct variables variables = { .arena = arena };
	struct reading_orders orders = { .arena = arena,
		.complaints = &complaints,
		.variables = &variables,
		.read = sheet_read_file };
	const struct sheet *sheet = sheet_parse(&orders, SPAN("f"), text);

	*wrong = complaints.total;
	if (*wrong)
		print_error("%.*s",
			SPAN_ARG(complaint_print(arena, &complaints.list[0])));
	return sheet;
}

static void a_sheet_that_is_printed_reads_back_the_same(void **state)
{
	struct arena *arena = arena_open();
	uint64_t seed = 0x9e3779b97f4a7c15u;

	(void)state;
	for (unsigned i = 0; i < TIMES; i++) {
		struct maker maker = { .arena = arena, .seed = seed };
		const struct sheet *first, *second;
		struct span text, printed;
		size_t wrong, wrong_again;

		put_file(&maker);
		text = (struct span){ maker.text, maker.len };
		first = read_sheet(arena, text, &wrong);
		printed = sheet_print(arena, first);
		second = read_sheet(arena, printed, &wrong_again);
		if (wrong || wrong_again || !sheet_is_same(first, second) ||
			!span_is(printed, sheet_print(arena, second)))
			fail_msg("%.*s\n----\n%.*s", SPAN_ARG(text),
				SPAN_ARG(printed));
		seed = maker.seed;
		arena_empty(arena);
	}
	arena_close(arena);
}

static void two_sheets_that_differ_are_not_the_same(void **state)
{
	static const char *const texts[] = {
		"mxprobe 1\npath a\n",
		"mxprobe 1\npath b\n",
		"mxprobe 1\nprobe a\n",
		"mxprobe 1\npath a\n  source4 192.0.2.1\n",
		"mxprobe 1\npath a\n  source4 192.0.2.2\n",
		"mxprobe 1\nprobe a\n  step banner => accept\n",
		"mxprobe 1\nprobe a\n  step banner => 220\n",
		"mxprobe 1\nprobe a\n  step banner => within 1s\n",
		"mxprobe 1\nprobe a\n  step banner => within 2s\n",
		"mxprobe 1\nprobe a\n  step starttls may\n",
		"mxprobe 1\nprobe a\n  step starttls dane\n",
		"mxprobe 1\nowns a@b.example\n",
		"mxprobe 1\nowns a@b.example, c@b.example\n",
	};
	struct arena *arena = arena_open();
	size_t wrong;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		for (size_t k = 0; k < COUNT_OF(texts); k++)
			assert_int_equal(
				sheet_is_same(
					read_sheet(arena, span_of(texts[i]),
						&wrong),
					read_sheet(arena, span_of(texts[k]),
						&wrong)),
				i == k);
	arena_close(arena);
}

static void what_is_printed_is_as_a_user_would_write_it(void **state)
{
	struct arena *arena = arena_open();
	size_t wrong;
	const struct sheet *sheet = read_sheet(arena,
		SPAN("mxprobe 1 # a\n\nvar a =\"b\\x41\"\nprobe p\n\n\t"
		     "family 4 , 6\n   when family 4,path q :step banner=>220"
		     ",text /a,b/i\n"),
		&wrong);

	(void)state;
	assert_int_equal(wrong, 0);
	assert_true(span_is(sheet_print(arena, sheet),
		SPAN("mxprobe 1\nvar a = \"b\\x41\"\nprobe p\n"
		     "  family 4, 6\n  when family 4, path q : step banner => "
		     "220, text /a,b/i\n")));
	arena_close(arena);
}

/* ---- the table itself */

static void check_form(struct span form, bool is_first)
{
	struct form_item item;

	while (form_next(&form, &item)) {
		struct span inner = item.text;

		assert_true(!is_first || item.kind != FORM_MAYBE);
		is_first = false;
		if (item.kind == FORM_MAYBE)
			check_form(inner, true);
		while (item.kind == FORM_CHOICE && inner.len)
			check_form(form_alternative(&inner), true);
		for (size_t i = 0; item.kind == FORM_WORD && i < item.text.len;
			i++)
			assert_false(item.text.at[i] >= 'A' &&
				     item.text.at[i] <= 'Z');
	}
}

static void every_row_of_the_table_is_well_formed(void **state)
{
	const struct scenario_verb *verb;
	bool seen[VERB_WORDS] = { false };

	(void)state;
	for (size_t i = 0; (verb = verb_at(i)); i++) {
		assert_false(seen[verb->id]);
		seen[verb->id] = true;
		assert_true(verb->rooms && verb->manual && *verb->manual);
		check_form(span_of(verb->form), false);
	}
	for (size_t i = 0; i < VERB_WORDS; i++)
		assert_true(seen[i]);
}

static void no_word_has_two_rows_in_one_room(void **state)
{
	const struct scenario_verb *verb;

	(void)state;
	for (size_t i = 0; (verb = verb_at(i)); i++)
		for (unsigned room = 0; verb->word && room < VERB_ROOMS; room++)
			if (verb_stands_in(verb, (enum verb_room)room))
				assert_ptr_equal(verb_find((enum verb_room)room,
							 span_of(verb->word)),
					verb);
}

static void every_word_is_in_the_manual(void **state)
{
	struct arena *arena = arena_open();
	struct span manual = verb_manual(arena);
	const struct scenario_verb *verb;

	(void)state;
	for (size_t i = 0; (verb = verb_at(i)); i++) {
		struct span line = arena_print(arena, " %s%s%s\n",
			verb->word ? verb->word : "",
			verb->word && *verb->form ? " " : "", verb->form);
		bool is_there = span_find_nocase(manual, line) < manual.len;

		if (!is_there && verb->word)
			fail_msg("%s", line.at);
	}
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_is_well_formed),
		cmocka_unit_test(no_word_has_two_rows_in_one_room),
		cmocka_unit_test(every_word_is_in_the_manual),
		cmocka_unit_test(two_sheets_that_differ_are_not_the_same),
		cmocka_unit_test(what_is_printed_is_as_a_user_would_write_it),
		cmocka_unit_test(a_sheet_that_is_printed_reads_back_the_same),
	};

	return cmocka_run_group_tests_name("scenario print", tests, NULL, NULL);
}
