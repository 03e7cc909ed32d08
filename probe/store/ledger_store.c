#include "probe/store/ledger_store.h"

#include <stdio.h>

#include "probe/base/clock.h"
#include "probe/store/sql.h"

/* ---- the rows that a limit is about */

#define UNDER(column)                                                          \
	"(" column " = ?3 OR substr(" column ", -length(?3) - 1) = '.' || ?3)"

static const char host_only[] = "host = ?3";
static const char address_only[] = "address = ?3";
static const char organisation_only[] = "organisation = ?3";
static const char domain_only[] = UNDER("host") " OR " UNDER("domain");

static const char *const rows_of[] = {
	[LIMITED_BY_HOST] = host_only,
	[LIMITED_BY_ADDRESS] = address_only,
	[LIMITED_BY_ORGANISATION] = organisation_only,
	[LIMITED_BY_DOMAIN] = domain_only,
};

static struct sql ask(struct ledger_file *file, struct arena *arena,
	const char *what, const struct ledger_limit *limit, const char *order)
{
	return sql_of(file->database,
		arena_print(arena, "SELECT %s FROM visit WHERE (%s)%s", what,
			rows_of[limit->by], order)
			.at);
}

/* What is known of them. */
struct seen {
	int64_t connected, of_others;
	int64_t last_ms; /* one began or ended; 0: none did */
	int64_t in_a_day;
};

static struct seen look_at(struct ledger_file *file, struct arena *arena,
	const struct ledger_limit *limit, int64_t now_ms)
{
	static const char what[] =
		"COUNT(*) FILTER (WHERE ended_ms IS NULL),"
		"COUNT(*) FILTER (WHERE ended_ms IS NULL AND owner <> ?1),"
		"MAX(MAX(began_ms, IFNULL(ended_ms, 0))),"
		"COUNT(*) FILTER (WHERE began_ms > ?2)";
	struct sql asked = ask(file, arena, what, limit, "");
	struct seen seen = { 0 };

	sql_put_whole(&asked, file->owner);
	sql_put_whole(&asked, now_ms - LEDGER_DAY_MS);
	sql_put(&asked, limit->name);
	if (sql_step(&asked))
		seen = (struct seen){ .connected = sql_whole(&asked, 0),
			.of_others = sql_whole(&asked, 1),
			.last_ms = sql_whole(&asked, 2),
			.in_a_day = sql_whole(&asked, 3) };
	sql_end(&asked);
	return seen;
}

/* When the day of the one has passed that makes one too many. */
static int64_t spent_until(struct ledger_file *file, struct arena *arena,
	const struct ledger_limit *limit, int64_t now_ms, int64_t in_a_day)
{
	struct sql asked = ask(file, arena, "began_ms", limit,
		" AND ?1 IS NOT NULL AND began_ms > ?2"
		" ORDER BY began_ms LIMIT 1 OFFSET ?4");
	int64_t began_ms = now_ms;

	sql_put_whole(&asked, file->owner);
	sql_put_whole(&asked, now_ms - LEDGER_DAY_MS);
	sql_put(&asked, limit->name);
	sql_put_whole(&asked, in_a_day - limit->per_day);
	if (sql_step(&asked))
		began_ms = sql_whole(&asked, 0);
	sql_end(&asked);
	return began_ms + LEDGER_DAY_MS;
}

/* ---- words */

static struct span minute_of(struct arena *arena, int64_t ms)
{
	struct span text = clock_text(arena, ms);

	return arena_print(arena, "%.*s %.*s UTC",
		SPAN_ARG(span_part(text, 0, 10)),
		SPAN_ARG(span_part(text, 11, 5)));
}

/* A minute that is over when it comes. */
static struct span when(struct arena *arena, int64_t until_ms)
{
	return minute_of(arena, until_ms + 59999);
}

static struct span connected_words(struct arena *arena,
	const struct ledger_limit *limit, const struct seen *seen)
{
	return arena_print(arena, "%s to %.*s already, and no more than %u may",
		seen->connected == 1 ? "one connection is open"
				     : "connections are open",
		SPAN_ARG(limit->name), limit->connections);
}

static struct span pause_words(
	struct arena *arena, const struct ledger_limit *limit)
{
	return arena_print(arena,
		"a pause of %llu.%llu s lies between two connections to %.*s",
		(unsigned long long)limit->pause_ms / 1000,
		(unsigned long long)limit->pause_ms % 1000 / 100,
		SPAN_ARG(limit->name));
}

static struct span spent_words(
	struct arena *arena, const struct ledger_limit *limit, int64_t until_ms)
{
	return arena_print(arena,
		"the budget for %.*s is spent, which is %u connection%s in 24 "
		"hours; it may go again at %.*s",
		SPAN_ARG(limit->name), limit->per_day,
		limit->per_day == 1 ? "" : "s",
		SPAN_ARG(when(arena, until_ms)));
}

/* What takes longest stands before the others. */
static void tell(struct ledger_word *word, enum ledger_state state,
	int64_t until_ms, struct span why)
{
	if (state < word->state ||
		(state == word->state && until_ms < word->until_ms))
		return;
	word->state = state;
	word->until_ms = until_ms;
	snprintf(word->why, sizeof(word->why), "%.*s", SPAN_ARG(why));
}

/* ---- one limit, and the rest that was asked for */

static void hold_limit(struct ledger_file *file, struct arena *arena,
	const struct ledger_limit *limit, int64_t now_ms,
	struct ledger_word *word)
{
	struct seen seen = look_at(file, arena, limit, now_ms);
	int64_t until_ms = seen.last_ms + (int64_t)limit->pause_ms;

	if (limit->connections && seen.connected >= limit->connections) {
		word->waits_for_others |= seen.of_others != 0;
		tell(word, LEDGER_BUSY, 0,
			connected_words(arena, limit, &seen));
	}
	if (seen.last_ms && until_ms > now_ms)
		tell(word, LEDGER_PAUSES, until_ms, pause_words(arena, limit));
	if (!limit->per_day || seen.in_a_day < limit->per_day)
		return;
	until_ms = spent_until(file, arena, limit, now_ms, seen.in_a_day);
	tell(word, LEDGER_SPENT, until_ms, spent_words(arena, limit, until_ms));
}

static void hold_rest(struct ledger_file *file, struct arena *arena,
	const struct ledger_claim *claim, int64_t now_ms,
	struct ledger_word *word)
{
	struct sql asked = sql_of(file->database,
		"SELECT until_ms, why FROM rest"
		" WHERE organisation = ? AND until_ms > ?");
	struct span why;
	int64_t until_ms;

	sql_put(&asked, claim->organisation);
	sql_put_whole(&asked, now_ms);
	if (sql_step(&asked)) {
		until_ms = sql_whole(&asked, 0);
		why = sql_text(arena, &asked, 1);
		tell(word, LEDGER_RESTS, until_ms,
			arena_print(arena, "%.*s; it may go again at %.*s",
				SPAN_ARG(why),
				SPAN_ARG(when(arena, until_ms))));
	}
	sql_end(&asked);
}

/* ---- what is over, and what never was */

static void run_at(struct ledger_file *file, const char *text, int64_t ms)
{
	struct sql sql = sql_of(file->database, text);

	sql_put_whole(&sql, ms);
	sql_run(&sql);
}

static void tidy(struct ledger_file *file, int64_t now_ms)
{
	ledger_file_bury(file, now_ms);
	run_at(file,
		"DELETE FROM visit WHERE began_ms < ?"
		" AND ended_ms IS NOT NULL",
		now_ms - LEDGER_DAY_MS);
	run_at(file, "DELETE FROM rest WHERE until_ms < ?", now_ms);
	run_at(file, "UPDATE visit SET began_ms = ?1 WHERE began_ms > ?1",
		now_ms);
	run_at(file, "UPDATE visit SET ended_ms = ?1 WHERE ended_ms > ?1",
		now_ms);
	run_at(file,
		"UPDATE rest SET until_ms = ?1 + until_ms - since_ms,"
		" since_ms = ?1 WHERE since_ms > ?1",
		now_ms);
}

static void hold(struct ledger_file *file, const struct ledger_claim *claim,
	int64_t now_ms, struct ledger_word *word)
{
	struct arena *arena = arena_open();

	*word = (struct ledger_word){ .state = LEDGER_FREE };
	tidy(file, now_ms);
	hold_rest(file, arena, claim, now_ms, word);
	for (size_t i = 0; i < claim->limit_count; i++)
		hold_limit(file, arena, &claim->limits[i], now_ms, word);
	arena_close(arena);
}

/* ---- */

bool ledger_store_look(struct ledger_file *file,
	const struct ledger_claim *claim, int64_t now_ms,
	struct ledger_word *word)
{
	if (!database_begin(file->database))
		return false;
	hold(file, claim, now_ms, word);
	return database_commit(file->database);
}

static int64_t add_visit(struct ledger_file *file,
	const struct ledger_claim *claim, int64_t now_ms)
{
	struct sql added = sql_of(file->database,
		"INSERT INTO visit"
		" (owner, organisation, host, address, domain, began_ms)"
		" VALUES (?, ?, ?, ?, ?, ?)");
	int64_t visit;

	sql_put_whole(&added, file->owner);
	sql_put(&added, claim->organisation);
	sql_put(&added, claim->host);
	sql_put(&added, claim->address);
	sql_put(&added, claim->domain);
	sql_put_whole(&added, now_ms);
	sql_step(&added);
	visit = sql_new_id(&added);
	return sql_end(&added) ? visit : 0;
}

int64_t ledger_store_take(struct ledger_file *file,
	const struct ledger_claim *claim, int64_t now_ms,
	struct ledger_word *word)
{
	int64_t visit = 0;

	*word = (struct ledger_word){ .state = LEDGER_FREE };
	if (!database_begin(file->database))
		return 0;
	hold(file, claim, now_ms, word);
	if (word->state == LEDGER_FREE)
		visit = add_visit(file, claim, now_ms);
	return database_commit(file->database) ? visit : 0;
}

void ledger_store_release(
	struct ledger_file *file, int64_t visit, int64_t now_ms)
{
	struct sql ended;

	if (!database_begin(file->database))
		return;
	ended = sql_of(file->database,
		"UPDATE visit SET ended_ms = MAX(began_ms, ?) WHERE id = ?");
	sql_put_whole(&ended, now_ms);
	sql_put_whole(&ended, visit);
	sql_run(&ended);
	database_commit(file->database);
}

void ledger_store_rest(struct ledger_file *file, struct span organisation,
	struct span why, int64_t now_ms, int64_t until_ms)
{
	struct sql added;

	if (!database_begin(file->database))
		return;
	added = sql_of(file->database,
		"INSERT INTO rest (organisation, why, since_ms, until_ms)"
		" VALUES (?, ?, ?, ?) ON CONFLICT (organisation) DO UPDATE"
		" SET why = excluded.why, since_ms = excluded.since_ms,"
		" until_ms = excluded.until_ms");
	sql_put(&added, organisation);
	sql_put(&added, why);
	sql_put_whole(&added, now_ms);
	sql_put_whole(&added, until_ms);
	sql_run(&added);
	database_commit(file->database);
}
