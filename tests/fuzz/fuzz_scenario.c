#include <stddef.h>
#include <stdint.h>

#include "probe/check_run.h"
#include "probe/rehearsal.h"
#include "scenarios/parser.h"
#include "tests/fuzz/must.h"

/*
 * Any bytes as a scenario that includes itself by other names.
 *
 * Reading ends; every token and every complaint lies in the text.  What could
 * be read prints to a text that reads back the same and prints the same.  What
 * has no complaint makes a matrix within its limits, and a world to rehearse it
 * in.
 */
static struct arena *scenario_book_arena;
static const struct codebook *scenario_book;

static struct span scenario_text;

static bool scenario_read(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why)
{
	(void)owner;
	(void)arena;
	*why = SPAN("there is only one");
	*bytes = scenario_text;
	return name.len < 3;
}

static void scenario_lex(void)
{
	struct lexer lexer;
	struct token token = { .kind = TOKEN_WORD };
	size_t at = 0, count = 0;

	lexer_init(&lexer, SPAN("fuzz"), scenario_text);
	while (token.kind != TOKEN_EOF) {
		token = lexer_next(&lexer);
		MUST(token.from >= at && token.from <= scenario_text.len);
		MUST(token.raw.len <= scenario_text.len - token.from);
		MUST(token.place.line >= 1 && token.place.column >= 1);
		MUST(token.place.column <= token.place.text.len + 1 ||
			token.kind >= TOKEN_BAD);
		MUST((token.kind == TOKEN_BAD) == (token.why != NULL));
		MUST(count++ <= 2 * scenario_text.len + 1);
		at = token.from;
	}
}

static const struct sheet *scenario_sheet(
	struct arena *arena, struct span text, struct complaints *complaints)
{
	struct variables variables = { .arena = arena };
	struct reading_orders orders = { .arena = arena,
		.complaints = complaints,
		.variables = &variables,
		.read = scenario_read };

	*complaints = (struct complaints){ .arena = arena };
	return sheet_parse(&orders, SPAN("fuzz"), text);
}

static void scenario_complaints(
	struct arena *arena, struct complaints *complaints)
{
	complaints_sort(complaints);
	MUST(complaints->count <= COMPLAINTS_MAX);
	for (size_t i = 0; i < complaints->count; i++) {
		const struct complaint *complaint = &complaints->list[i];
		struct span text = complaint_print(arena, complaint);

		MUST(complaint->what.len && complaint->place.line);
		for (size_t k = 0; k < text.len; k++)
			MUST((unsigned char)text.at[k] >= ' ' ||
				text.at[k] == '\n');
	}
}

static void scenario_round_trip(struct arena *arena, const struct sheet *sheet)
{
	struct complaints complaints;
	struct span printed = sheet_print(arena, sheet);
	const struct sheet *again = scenario_sheet(arena, printed, &complaints);

	MUST(sheet_is_same(sheet, again));
	MUST(span_is(printed, sheet_print(arena, again)));
}

/* What could be walked can be rehearsed, or it is told why not. */
static void scenario_rehearse(
	struct arena *arena, const struct check_result *result)
{
	static struct throwaway *throwaway;
	const struct play *play = play_make(arena, result->sheet);
	const struct matrix *matrix = rehearsal_matrix(arena, result->matrix);
	struct performance performance;
	struct span why;

	if (!throwaway)
		throwaway = throwaway_open();
	if (play->server_count > 8 || matrix->cell_count > 100)
		return;
	if (!performance_make(arena, throwaway, play, matrix,
		    play->twin_count ? play->twins[0].name : SPAN(""),
		    &performance, &why)) {
		MUST(why.len);
		return;
	}
	for (size_t i = 0; i < performance.cast.address_count; i++)
		MUST(performance.cast.addresses[i].member <
			performance.cast.member_count);
	performance_close(&performance);
}

/* What it includes would be read from this machine. */
static void scenario_check(struct arena *arena)
{
	struct check_result result;

	if (span_find_nocase(scenario_text, SPAN("include")) <
		scenario_text.len)
		return;
	check_text(arena, scenario_book, SPAN("fuzz"), scenario_text, &result);
	MUST((result.matrix == NULL) == (result.complaints.total != 0));
	if (!result.matrix)
		return;
	MUST(result.matrix->cell_count <= MATRIX_CELLS_MAX);
	for (size_t i = 0; i < result.matrix->cell_count; i++) {
		const struct matrix_cell *cell = &result.matrix->cells[i];

		MUST(cell->scenario.step_count >= 1);
		MUST(cell->scenario.step_count <= MATRIX_STEPS_MAX);
		MUST(cell->scenario.steps[0].verb == STEP_CONNECT);
	}
	scenario_rehearse(arena, &result);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct complaints complaints;
	const struct sheet *sheet;

	if (!scenario_book) {
		scenario_book_arena = arena_open();
		scenario_book = codebook_embedded(scenario_book_arena);
	}
	scenario_text = (struct span){ (const char *)bytes, size };
	scenario_lex();
	sheet = scenario_sheet(arena, scenario_text, &complaints);
	/* A variable of a broken line would be missing in the rest. */
	if (!complaints.total)
		scenario_round_trip(arena, sheet);
	scenario_complaints(arena, &complaints);
	scenario_check(arena);
	arena_close(arena);
	return 0;
}
