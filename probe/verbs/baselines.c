#include "probe/verbs/baselines.h"

#include "probe/base/clock.h"
#include "probe/store/baseline_store.h"
#include "probe/store/history_read.h"

/* What one baseline says of one cell. */
struct news {
	const struct matrix_cell *cell;
	bool is_known; /* a rejection the scenario knows */
	struct baseline_findings findings;
};

struct telling {
	struct arena *arena;
	struct record *record;
	const struct check_result *scenario;
	const struct matrix_baseline *baseline;
	row_told *told;
	void *receiver;
	int64_t now_ms;
	struct news *list;
	size_t count, room;
	size_t cells, learned; /* that were seen; values */
};

/* ---- what there is to tell */

static struct result_row row_of(
	const struct telling *telling, const struct matrix_cell *cell)
{
	return (struct result_row){ .kind = ROW_CELL,
		.file = telling->scenario->file,
		.matrix = telling->scenario->matrix,
		.variables = &telling->scenario->variables,
		.cell = cell,
		.subject = SPAN(""),
		.has_family = cell != NULL,
		.family = cell ? cell->family : FAMILY_IPV4,
		.began_ms = telling->now_ms };
}

static void see_cell(struct telling *telling, const struct matrix_cell *cell)
{
	struct database *database = telling->record->database;
	struct result_row row = row_of(telling, cell);
	struct news news = { .cell = cell };
	struct recorded seen;

	if (!history_row_read(telling->arena, database, telling->record->run,
		    row_key(telling->arena, &row), &seen))
		return;
	baseline_see(telling->arena, database, telling->baseline, seen.key,
		&seen.traits, telling->now_ms, &news.findings);
	news.is_known = span_is(seen.verdict, SPAN("known"));
	telling->cells += news.findings.seen != 0;
	telling->learned += news.findings.learned;
	if (!news.findings.change_count)
		return;
	telling->list = arena_grow(telling->arena, telling->list,
		telling->count, &telling->room, sizeof(news));
	telling->list[telling->count++] = news;
}

static void see_cells(struct telling *telling)
{
	const struct matrix *matrix = telling->scenario->matrix;

	for (size_t i = 0; i < matrix->cell_count; i++)
		see_cell(telling, &matrix->cells[i]);
}

/* ---- a row for a cell */

static bool is_of(const struct news *news, enum baseline_news kind)
{
	for (size_t i = 0; i < news->findings.change_count; i++)
		if (news->findings.changes[i].news == kind)
			return true;
	return false;
}

static enum cell_verdict verdict_of(const struct news *news)
{
	if (is_of(news, BASELINE_CHANGED))
		return news->is_known ? CELL_KNOWN : CELL_FAIL;
	return is_of(news, BASELINE_FIXED) ? CELL_FIXED : CELL_PASS;
}

static struct span text_of(
	struct telling *telling, const struct baseline_change *change)
{
	const char *word = trait_word(change->trait);

	if (change->news == BASELINE_FIXED)
		return arena_print(
			telling->arena, "%s is as it should be again", word);
	if (change->news == BASELINE_CHANGED)
		return arena_print(telling->arena, "%s changed", word);
	return arena_print(telling->arena,
		"%s differs, in %u of %u runs that tell", word, change->times,
		telling->baseline->confirm);
}

static struct span why_of(struct telling *telling, const struct news *news)
{
	struct span why = SPAN("");

	for (size_t i = 0; i < news->findings.change_count; i++)
		why = arena_print(telling->arena, "%.*s%s%.*s", SPAN_ARG(why),
			i ? "; " : "",
			SPAN_ARG(text_of(telling, &news->findings.changes[i])));
	return why;
}

static void add_misses(struct telling *telling, const struct news *news,
	struct cell_result *result)
{
	for (size_t i = 0; i < news->findings.change_count; i++) {
		const struct baseline_change *change =
			&news->findings.changes[i];
		struct miss *miss;

		if (change->news != BASELINE_CHANGED)
			continue;
		result->misses = arena_grow(telling->arena, result->misses,
			result->miss_count, &result->miss_room, sizeof(*miss));
		miss = &result->misses[result->miss_count++];
		*miss = (struct miss){ .stage = trait_stage(change->trait),
			.wanted = arena_print(telling->arena, "%s %.*s",
				trait_word(change->trait),
				SPAN_ARG(change->wanted)),
			.found = change->found };
		if (telling->baseline->place)
			miss->place = *telling->baseline->place;
	}
}

static void tell(struct telling *telling, struct result_row *row,
	const struct cell_result *result)
{
	row->kind = ROW_BASELINE;
	row->result = result;
	row->subject = arena_print(telling->arena, "baseline %.*s",
		SPAN_ARG(telling->baseline->name));
	if (row->cell)
		row->subject = arena_print(telling->arena, "%.*s of %.*s",
			SPAN_ARG(row->subject), SPAN_ARG(row->cell->probe));
	telling->told(telling->receiver, telling->arena, row);
}

static void tell_news(struct telling *telling, const struct news *news)
{
	struct result_row row = row_of(telling, news->cell);
	struct cell_result result = { .verdict = verdict_of(news),
		.why = why_of(telling, news) };

	add_misses(telling, news, &result);
	tell(telling, &row, &result);
}

/* ---- a row for all */

static bool has_change(const struct telling *telling)
{
	for (size_t i = 0; i < telling->count; i++)
		if (is_of(&telling->list[i], BASELINE_CHANGED))
			return true;
	return false;
}

static void tell_rest(struct telling *telling)
{
	struct result_row row = row_of(telling, NULL);
	struct cell_result result = { .verdict = CELL_PASS };

	if (!telling->cells)
		result = (struct cell_result){ .verdict = CELL_NA,
			.why = SPAN("nothing that it watches was seen") };
	else if (telling->learned)
		result.why = arena_print(telling->arena,
			"%zu value%s seen for the first time, and kept",
			telling->learned, telling->learned == 1 ? "" : "s");
	else
		result.why = arena_print(telling->arena,
			"%zu cell%s, and nothing changed", telling->cells,
			telling->cells == 1 ? "" : "s");
	tell(telling, &row, &result);
}

static void tell_nothing(struct telling *telling, bool is_off)
{
	struct result_row row = row_of(telling, NULL);
	struct cell_result result = { .verdict = CELL_UNKNOWN,
		.why = SPAN("there is no history to compare with") };

	if (is_off)
		result = (struct cell_result){ .verdict = CELL_NA,
			.why = SPAN("no history is kept of this run") };
	tell(telling, &row, &result);
}

static void tell_baseline(struct telling *telling)
{
	struct database *database = telling->record->database;

	if (!database || !database_begin(database)) {
		tell_nothing(telling, telling->record->is_off);
		return;
	}
	see_cells(telling);
	if (!database_commit(database)) {
		tell_nothing(telling, false);
		return;
	}
	for (size_t i = 0; i < telling->count; i++)
		tell_news(telling, &telling->list[i]);
	if (!has_change(telling))
		tell_rest(telling);
}

void baselines_tell(struct record *record, const struct check_result *scenario,
	row_told *told, void *receiver)
{
	for (size_t i = 0; i < scenario->matrix->baseline_count; i++) {
		struct telling telling = { .arena = arena_open(),
			.record = record,
			.scenario = scenario,
			.baseline = &scenario->matrix->baselines[i],
			.told = told,
			.receiver = receiver,
			.now_ms = clock_wall_ms() };

		tell_baseline(&telling);
		arena_close(telling.arena);
	}
}
