#include "probe/verbs/due.h"

#include "probe/base/clock.h"
#include "probe/verbs/scenario_set.h"

void due_open(
	struct arena *arena, struct due *due, const struct scenario_set *set)
{
	struct span host = schedule_host(arena);

	*due = (struct due){ .ledger = set->ledger,
		.schedules = arena_take(
			arena, set->count * sizeof(struct schedule)),
		.is_due = arena_take(arena, set->count * sizeof(bool)),
		.is_begun = arena_take(arena, set->count * sizeof(bool)),
		.count = set->count };
	for (size_t i = 0; i < set->count; i++) {
		const struct check_result *result = &set->results[i];
		struct schedule *schedule = &due->schedules[i];

		if (!schedule_of(arena, result->file, result->matrix, host,
			    schedule))
			continue;
		if (matrix_has_tag(
			    result->matrix, set->program->options.check.tag))
			due->scheduled++;
		else
			schedule->every_ms = 0;
	}
}

static bool look_at(
	struct due *due, size_t i, int64_t now_ms, struct schedule_state *state)
{
	struct ledger_file *file = ledger_shared(due->ledger);

	return due->schedules[i].every_ms && file &&
	       schedule_store_look(file, &due->schedules[i], now_ms, state);
}

bool due_look(struct due *due)
{
	int64_t now_ms = ledger_wall_ms();
	struct schedule_state state;
	bool has_any = false;

	due->next_ms = INT64_MAX;
	for (size_t i = 0; i < due->count; i++) {
		due->is_due[i] = false;
		if (!look_at(due, i, now_ms, &state))
			continue;
		due->is_due[i] = state.due_ms <= now_ms && !state.is_under_way;
		has_any |= due->is_due[i];
		if (state.due_ms > now_ms && state.due_ms < due->next_ms)
			due->next_ms = state.due_ms;
	}
	return has_any;
}

bool due_begin(struct due *due, size_t i)
{
	struct ledger_file *file = ledger_shared(due->ledger);

	if (!due->is_begun[i])
		due->is_begun[i] = due->is_due[i] && file &&
				   schedule_store_begin(file,
					   &due->schedules[i],
					   ledger_wall_ms());
	return due->is_begun[i];
}

bool due_begin_any(struct due *due)
{
	for (size_t i = 0; i < due->count; i++)
		if (due_begin(due, i))
			return true;
	return false;
}

void due_end(struct due *due, size_t i)
{
	struct ledger_file *file = ledger_shared(due->ledger);

	due->is_begun[i] = false;
	if (file)
		schedule_store_end(file, &due->schedules[i], ledger_wall_ms());
}

/* ---- words */

static struct span period_text(struct arena *arena, uint64_t ms)
{
	static const struct {
		uint64_t ms;
		const char *word;
	} units[] = { { 24 * 3600 * 1000, "d" }, { 3600 * 1000, "h" },
		{ 60 * 1000, "min" }, { 1000, "s" }, { 1, "ms" } };
	size_t i = 0;

	while (ms % units[i].ms)
		i++;
	return arena_print(arena, "%llu %s",
		(unsigned long long)(ms / units[i].ms), units[i].word);
}

struct span due_text(struct arena *arena, struct due *due, size_t i)
{
	int64_t now_ms = ledger_wall_ms();
	struct schedule_state state;
	struct span every, at;

	if (!look_at(due, i, now_ms, &state))
		return SPAN("");
	every = period_text(arena, due->schedules[i].every_ms);
	at = clock_text(arena, state.due_ms);
	if (state.is_under_way)
		return arena_print(arena,
			"every %.*s; another mxprobe is at it",
			SPAN_ARG(every));
	if (state.due_ms <= now_ms)
		return arena_print(
			arena, "every %.*s; it is due", SPAN_ARG(every));
	return arena_print(arena, "every %.*s, next at %.*s %.*s UTC",
		SPAN_ARG(every), SPAN_ARG(span_part(at, 0, 10)),
		SPAN_ARG(span_part(at, 11, 5)));
}
