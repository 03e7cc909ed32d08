#include "probe/store/history.h"

#include "probe/store/sql.h"

#ifndef MXP_VERSION
#	define MXP_VERSION "0"
#endif

static const int64_t day_ms = 24 * 60 * 60 * 1000;

const char *history_kind_word(enum history_kind kind)
{
	switch (kind) {
	case HISTORY_RUN:
		return "run";
	case HISTORY_AD_HOC:
		break;
	}
	return "ad hoc";
}

/* ---- runs */

int64_t history_begin(struct database *database, const struct history_run *run)
{
	struct sql added = sql_of(database,
		"INSERT INTO run (kind, what, version, began_ms) "
		"VALUES (?, ?, ?, ?)");

	sql_put_word(&added, history_kind_word(run->kind));
	sql_put(&added, run->what);
	sql_put_word(&added, MXP_VERSION);
	sql_put_whole(&added, run->began_ms);
	return sql_run(&added) ? sql_new_id(&added) : 0;
}

void history_end(struct database *database, int64_t run, int64_t ended_ms,
	int exit_status)
{
	struct sql ended = sql_of(database,
		"UPDATE run SET ended_ms = ?, exit_status = ? WHERE id = ?");

	sql_put_whole(&ended, ended_ms);
	sql_put_whole(&ended, exit_status);
	sql_put_whole(&ended, run);
	sql_run(&ended);
}

void history_forget(struct database *database, int64_t run)
{
	struct sql gone = sql_of(database, "DELETE FROM run WHERE id = ?");

	sql_put_whole(&gone, run);
	sql_run(&gone);
}

/* ---- rows */

static int64_t id_of(
	struct database *database, const char *question, struct span text)
{
	struct sql asked = sql_of(database, question);
	int64_t id = 0;

	sql_put(&asked, text);
	if (sql_step(&asked))
		id = sql_whole(&asked, 0);
	sql_end(&asked);
	return id;
}

static void put_family(struct sql *sql, bool has_family, enum family family)
{
	if (has_family)
		sql_put_whole(sql, family == FAMILY_IPV4 ? 4 : 6);
	else
		sql_put_nothing(sql);
}

static int64_t subject_id(struct database *database, const struct recorded *row)
{
	int64_t id = id_of(
		database, "SELECT id FROM subject WHERE key = ?", row->key);
	struct sql added;

	if (id)
		return id;
	added = sql_of(database,
		"INSERT INTO subject (key, kind, name, target, family, path) "
		"VALUES (?, ?, ?, ?, ?, ?)");
	sql_put(&added, row->key);
	sql_put(&added, row->kind);
	sql_put(&added, row->name);
	sql_put(&added, row->target);
	put_family(&added, row->has_family, row->family);
	sql_put(&added, row->path);
	return sql_run(&added) ? sql_new_id(&added) : 0;
}

static int64_t traits_id(struct arena *arena, struct database *database,
	const struct traits *traits)
{
	struct span text = traits_print(arena, traits);
	int64_t id = id_of(
		database, "SELECT id FROM traits WHERE text = ?", text);
	struct sql added;

	if (id)
		return id;
	added = sql_of(database, "INSERT INTO traits (text) VALUES (?)");
	sql_put(&added, text);
	return sql_run(&added) ? sql_new_id(&added) : 0;
}

static int64_t add_result(struct arena *arena, struct database *database,
	int64_t run, const struct recorded *row)
{
	int64_t subject = subject_id(database, row);
	int64_t traits = traits_id(arena, database, &row->traits);
	struct sql added = sql_of(database,
		"INSERT INTO result (run, subject, verdict, why, began_ms, "
		"took_us, connect_us, stages, traits) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

	sql_put_whole(&added, run);
	sql_put_whole(&added, subject);
	sql_put(&added, row->verdict);
	sql_put(&added, row->why);
	sql_put_whole(&added, row->began_ms);
	sql_put_whole(&added, (int64_t)row->took_us);
	if (row->has_connect)
		sql_put_whole(&added, (int64_t)row->connect_us);
	else
		sql_put_nothing(&added);
	sql_put(&added, row->stages);
	sql_put_whole(&added, traits);
	return sql_run(&added) ? sql_new_id(&added) : 0;
}

static void add_finding(struct database *database, int64_t result,
	size_t position, const struct finding *finding)
{
	struct sql added = sql_of(database,
		"INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");

	sql_put_whole(&added, result);
	sql_put_whole(&added, (int64_t)position);
	sql_put(&added, finding->id);
	sql_put_word(&added, severity_word(finding->severity));
	sql_put_word(&added, blame_word(finding->blame));
	sql_put_word(&added, confidence_word(finding->confidence));
	put_family(&added, finding->has_family, finding->family);
	sql_put_word(&added, stage_word(finding->stage));
	sql_put(&added, finding->title);
	sql_run(&added);
}

static void add_outcome(
	struct database *database, int64_t result, struct span json)
{
	struct sql added = sql_of(
		database, "INSERT INTO document VALUES (?, ?)");

	sql_put_whole(&added, result);
	sql_put(&added, json);
	sql_run(&added);
}

static void add_isolation(struct database *database, int64_t result,
	const struct history_row *row)
{
	struct sql added = sql_of(
		database, "INSERT INTO isolation VALUES (?, ?, ?)");

	sql_put_whole(&added, result);
	sql_put(&added, row->conclusion);
	sql_put(&added, row->isolation_json);
	sql_run(&added);
}

void history_add(struct arena *arena, struct database *database, int64_t run,
	const struct history_row *row)
{
	struct arena *own = arena_open();
	struct span why;
	int64_t result;

	if (database_begin(database)) {
		result = add_result(own, database, run, &row->row);
		for (size_t i = 0; i < row->finding_count; i++)
			add_finding(database, result, i, &row->findings[i]);
		if (row->json.len)
			add_outcome(database, result, row->json);
		if (row->conclusion.len)
			add_isolation(database, result, row);
		if (database_failed(arena, database, &why))
			database_abandon(database);
		else
			database_commit(database);
	}
	arena_close(own);
}

/* ---- letting go */

/* The first results are the oldest: so many of them are looked at. */
static int64_t last_looked_at(struct database *database, int64_t most)
{
	struct sql asked = sql_of(database,
		"SELECT MAX(id) FROM (SELECT id FROM result ORDER BY id "
		"LIMIT ?)");
	int64_t last = 0;

	sql_put_whole(&asked, most);
	if (sql_step(&asked))
		last = sql_whole(&asked, 0);
	sql_end(&asked);
	return last;
}

/* A clock may have been wrong once: the date of each decides. */
static int64_t delete_of(struct database *database, const char *text,
	int64_t last, int64_t older_than_ms)
{
	struct sql gone = sql_of(database, text);

	sql_put_whole(&gone, last);
	sql_put_whole(&gone, older_than_ms);
	return sql_run(&gone) ? sql_changed(&gone) : 0;
}

static void delete_idle(struct database *database, const char *text)
{
	struct sql gone = sql_of(database, text);

	sql_run(&gone);
}

static int64_t prune(
	struct database *database, int64_t older_than_ms, int64_t most)
{
	int64_t last = last_looked_at(database, most), gone;

	delete_of(database,
		"DELETE FROM document WHERE result IN (SELECT id FROM result "
		"WHERE id <= ? AND began_ms < ?)",
		last, older_than_ms);
	delete_of(database,
		"DELETE FROM finding WHERE result IN (SELECT id FROM result "
		"WHERE id <= ? AND began_ms < ?)",
		last, older_than_ms);
	delete_of(database,
		"DELETE FROM isolation WHERE result IN (SELECT id FROM result "
		"WHERE id <= ? AND began_ms < ?)",
		last, older_than_ms);
	gone = delete_of(database,
		"DELETE FROM result WHERE id <= ? AND began_ms < ?", last,
		older_than_ms);
	delete_of(database,
		"DELETE FROM run WHERE id IN (SELECT id FROM run ORDER BY id "
		"LIMIT ?) AND began_ms < ? AND NOT EXISTS (SELECT 1 FROM "
		"result WHERE result.run = run.id)",
		most, older_than_ms);
	if (!gone)
		return 0;
	delete_idle(database,
		"DELETE FROM traits WHERE NOT EXISTS (SELECT 1 FROM result "
		"WHERE result.traits = traits.id)");
	delete_idle(database,
		"DELETE FROM subject WHERE NOT EXISTS (SELECT 1 FROM result "
		"WHERE result.subject = subject.id) AND NOT EXISTS (SELECT 1 "
		"FROM baseline WHERE baseline.subject = subject.id)");
	return gone;
}

int64_t history_prune(
	struct database *database, int64_t older_than_ms, int64_t most)
{
	int64_t gone = 0;

	if (!database_begin(database))
		return 0;
	gone = prune(database, older_than_ms, most);
	return database_commit(database) ? gone : 0;
}

static void prune_outcomes(struct database *database, int64_t older_than_ms)
{
	struct sql gone = sql_of(database,
		"DELETE FROM document WHERE result IN (SELECT document.result "
		"FROM document JOIN result ON result.id = document.result "
		"WHERE began_ms < ? ORDER BY document.result LIMIT ?)");

	sql_put_whole(&gone, older_than_ms);
	sql_put_whole(&gone, HISTORY_PRUNED_AT_ONCE);
	sql_run(&gone);
}

static bool is_tidy(struct database *database, int64_t now_ms)
{
	struct sql asked = sql_of(database,
		"SELECT 1 FROM chore WHERE name = 'tidy' AND "
		"done_ms BETWEEN ? AND ?");
	bool is_done;

	sql_put_whole(&asked, now_ms - day_ms);
	sql_put_whole(&asked, now_ms);
	is_done = sql_step(&asked);
	sql_end(&asked);
	return is_done;
}

void history_tidy(struct database *database, int64_t now_ms)
{
	struct sql done;

	if (is_tidy(database, now_ms) || !database_begin(database))
		return;
	prune(database, now_ms - HISTORY_ROWS_DAYS * day_ms,
		HISTORY_PRUNED_AT_ONCE);
	prune_outcomes(database, now_ms - HISTORY_OUTCOMES_DAYS * day_ms);
	done = sql_of(
		database, "INSERT OR REPLACE INTO chore VALUES ('tidy', ?)");
	sql_put_whole(&done, now_ms);
	sql_run(&done);
	database_commit(database);
}
