#include "probe/store/schedule_store.h"

#include "probe/store/sql.h"

/* What stands there stays; seen for the first time, it is due soon. */
static void see(struct ledger_file *file, const struct schedule *schedule,
	int64_t now_ms)
{
	struct sql added = sql_of(file->database,
		"INSERT INTO schedule (scenario, every_ms, due_ms)"
		" VALUES (?, ?, ?) ON CONFLICT (scenario) DO NOTHING");

	sql_put(&added, schedule->scenario);
	sql_put_whole(&added, (int64_t)schedule->every_ms);
	sql_put_whole(&added, now_ms + (int64_t)schedule->delay_ms);
	sql_run(&added);
}

/* Another period than before, or a clock that went back. */
static void put_right(struct ledger_file *file, const struct schedule *schedule,
	int64_t now_ms)
{
	struct sql changed = sql_of(file->database,
		"UPDATE schedule SET every_ms = ?2,"
		" due_ms = MIN(?3 + ?2, CASE WHEN every_ms = ?2 THEN due_ms"
		" ELSE IFNULL(began_ms + ?2, due_ms) END)"
		" WHERE scenario = ?1"
		" AND (every_ms <> ?2 OR due_ms > ?3 + ?2)");

	sql_put(&changed, schedule->scenario);
	sql_put_whole(&changed, (int64_t)schedule->every_ms);
	sql_put_whole(&changed, now_ms);
	sql_run(&changed);
}

static void look(struct ledger_file *file, const struct schedule *schedule,
	int64_t now_ms, struct schedule_state *state)
{
	struct sql asked;

	*state = (struct schedule_state){ .due_ms = now_ms };
	ledger_file_bury(file, now_ms);
	see(file, schedule, now_ms);
	put_right(file, schedule, now_ms);
	asked = sql_of(file->database,
		"SELECT due_ms, began_ms, owner FROM schedule"
		" WHERE scenario = ?");
	sql_put(&asked, schedule->scenario);
	if (sql_step(&asked)) {
		state->due_ms = sql_whole(&asked, 0);
		state->began_ms = sql_whole(&asked, 1);
		state->is_under_way = sql_has(&asked, 2);
	}
	sql_end(&asked);
}

bool schedule_store_look(struct ledger_file *file,
	const struct schedule *schedule, int64_t now_ms,
	struct schedule_state *state)
{
	if (!database_begin(file->database))
		return false;
	look(file, schedule, now_ms, state);
	return database_commit(file->database);
}

static int64_t due_after(
	const struct schedule *schedule, int64_t due_ms, int64_t now_ms)
{
	int64_t every = (int64_t)schedule->every_ms;

	return due_ms + every * ((now_ms - due_ms) / every + 1);
}

static void begin(struct ledger_file *file, const struct schedule *schedule,
	int64_t due_ms, int64_t now_ms)
{
	struct sql begun = sql_of(file->database,
		"UPDATE schedule SET owner = ?, began_ms = ?, ended_ms = NULL,"
		" due_ms = ? WHERE scenario = ?");

	sql_put_whole(&begun, file->owner);
	sql_put_whole(&begun, now_ms);
	sql_put_whole(&begun, due_after(schedule, due_ms, now_ms));
	sql_put(&begun, schedule->scenario);
	sql_run(&begun);
}

bool schedule_store_begin(struct ledger_file *file,
	const struct schedule *schedule, int64_t now_ms)
{
	struct schedule_state state;
	bool is_ours;

	if (!database_begin(file->database))
		return false;
	look(file, schedule, now_ms, &state);
	is_ours = state.due_ms <= now_ms && !state.is_under_way;
	if (is_ours)
		begin(file, schedule, state.due_ms, now_ms);
	return database_commit(file->database) && is_ours;
}

void schedule_store_end(struct ledger_file *file,
	const struct schedule *schedule, int64_t now_ms)
{
	struct sql ended;

	if (!database_begin(file->database))
		return;
	ended = sql_of(file->database,
		"UPDATE schedule SET owner = NULL, ended_ms = ?"
		" WHERE scenario = ? AND owner = ?");
	sql_put_whole(&ended, now_ms);
	sql_put(&ended, schedule->scenario);
	sql_put_whole(&ended, file->owner);
	sql_run(&ended);
	database_commit(file->database);
}
