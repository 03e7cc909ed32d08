#include "probe/store/baseline_store.h"

#include "probe/base/nearest.h"
#include "probe/store/sql.h"

/* For a name and, twice, a target. */
#define ROWS_OF_BASELINE                                                       \
	"FROM baseline JOIN subject ON subject.id = baseline.subject "         \
	"WHERE baseline.name = ? AND (target = ? OR "                          \
	"instr(lower(CAST(key AS TEXT)), lower(?)) > 0)"

static bool is_watched(const struct matrix_baseline *baseline, enum trait trait)
{
	for (int i = 0; i < WATCHED_COUNT; i++)
		if (baseline->watches[i] &&
			trait_is_watched(trait, (enum watched)i))
			return true;
	return false;
}

static int64_t subject_of(struct database *database, struct span key)
{
	struct sql asked = sql_of(
		database, "SELECT id FROM subject WHERE key = ?");
	int64_t id = 0;

	sql_put(&asked, key);
	if (sql_step(&asked))
		id = sql_whole(&asked, 0);
	sql_end(&asked);
	return id;
}

/* ---- states */

struct place_of_state {
	struct span name;
	int64_t subject;
	enum trait trait;
};

static void put_place(struct sql *asked, const struct place_of_state *place)
{
	sql_put(asked, place->name);
	sql_put_whole(asked, place->subject);
	sql_put_word(asked, trait_word(place->trait));
}

static void load(struct arena *arena, struct database *database,
	const struct place_of_state *place, struct baseline_state *state)
{
	struct sql asked = sql_of(database,
		"SELECT accepted, seen, times, since_ms, is_alarm FROM "
		"baseline WHERE name = ? AND subject = ? AND trait = ?");

	*state = (struct baseline_state){ .accepted = SPAN(""),
		.seen = SPAN("") };
	put_place(&asked, place);
	if (sql_step(&asked))
		*state = (struct baseline_state){
			.accepted = sql_text(arena, &asked, 0),
			.seen = sql_text(arena, &asked, 1),
			.times = (unsigned)sql_whole(&asked, 2),
			.since_ms = sql_whole(&asked, 3),
			.is_alarm = sql_whole(&asked, 4) != 0,
		};
	sql_end(&asked);
}

static void save(struct database *database, const struct place_of_state *place,
	const struct baseline_state *state)
{
	struct sql put = sql_of(database,
		"INSERT OR REPLACE INTO baseline (name, subject, trait, "
		"accepted, seen, times, since_ms, is_alarm) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

	put_place(&put, place);
	sql_put(&put, state->accepted);
	sql_put(&put, state->seen);
	sql_put_whole(&put, state->times);
	sql_put_whole(&put, state->since_ms);
	sql_put_whole(&put, state->is_alarm);
	sql_run(&put);
}

/* ---- what is seen */

static void note_change(struct arena *arena, enum baseline_news news,
	const struct place_of_state *place, const struct baseline_state *state,
	struct baseline_findings *findings)
{
	findings->changes[findings->change_count++] = (struct baseline_change){
		.trait = place->trait,
		.news = news,
		.wanted = baseline_accepted_text(arena, state),
		.found = state->seen,
		.times = state->times,
		.since_ms = state->since_ms,
	};
}

static void see_trait(struct arena *arena, struct database *database,
	const struct place_of_state *place,
	const struct baseline_question *question,
	struct baseline_findings *findings)
{
	struct baseline_state state;
	enum baseline_news news;
	bool was_quiet;

	load(arena, database, place, &state);
	was_quiet = state.times == 0;
	news = baseline_judge(question, &state);
	switch (news) {
	case BASELINE_NOT_SEEN:
		return;
	case BASELINE_LEARNED:
		findings->learned++;
		break;
	case BASELINE_FIXED:
	case BASELINE_PENDING:
	case BASELINE_CHANGED:
		note_change(arena, news, place, &state, findings);
		break;
	case BASELINE_SAME:
		break;
	}
	findings->seen++;
	/* Nothing new: most traits of most runs. */
	if (news != BASELINE_SAME || !was_quiet ||
		question->trait == TRAIT_VERDICT)
		save(database, place, &state);
}

void baseline_see(struct arena *arena, struct database *database,
	const struct matrix_baseline *baseline, struct span key,
	const struct traits *traits, int64_t now_ms,
	struct baseline_findings *findings)
{
	int64_t subject = subject_of(database, key);

	*findings = (struct baseline_findings){ 0 };
	for (int i = 0; i < TRAIT_COUNT && subject; i++) {
		struct place_of_state place = { .name = baseline->name,
			.subject = subject,
			.trait = (enum trait)i };
		struct baseline_question question = { .trait = place.trait,
			.value = traits->of[i],
			.confirm = baseline->confirm ? baseline->confirm : 1,
			.now_ms = now_ms };

		if (is_watched(baseline, place.trait))
			see_trait(arena, database, &place, &question, findings);
	}
}

/* ---- what is kept */

static void put_rows(struct sql *asked, struct span name, struct span target)
{
	sql_put(asked, name);
	sql_put(asked, target);
	sql_put(asked, target);
}

bool baseline_is_kept(
	struct database *database, struct span name, struct span target)
{
	struct sql asked = sql_of(
		database, "SELECT 1 " ROWS_OF_BASELINE " LIMIT 1");
	bool is_kept;

	put_rows(&asked, name, target);
	is_kept = sql_step(&asked);
	sql_end(&asked);
	return is_kept;
}

struct span baseline_nearest(
	struct arena *arena, struct database *database, struct span name)
{
	struct sql asked = sql_of(
		database, "SELECT DISTINCT name FROM baseline ORDER BY name");
	struct nearest nearest = nearest_begin(name);

	while (sql_step(&asked))
		nearest_offer(&nearest, sql_text(arena, &asked, 0));
	sql_end(&asked);
	return nearest.best;
}

/* ---- what is accepted */

static bool trait_of(struct span word, enum trait *trait)
{
	for (int i = 0; i < TRAIT_COUNT; i++) {
		*trait = (enum trait)i;
		if (span_is(word, span_of(trait_word(*trait))))
			return true;
	}
	return false;
}

struct places {
	struct place_of_state *list;
	size_t count, room;
};

static void places_of(struct arena *arena, struct database *database,
	struct span name, struct span target, struct places *places)
{
	struct sql asked = sql_of(database,
		"SELECT subject, trait " ROWS_OF_BASELINE " AND seen <> ''");

	put_rows(&asked, name, target);
	while (sql_step(&asked)) {
		struct place_of_state place = { .name = name,
			.subject = sql_whole(&asked, 0) };

		if (!trait_of(sql_text(arena, &asked, 1), &place.trait))
			continue;
		places->list = arena_grow(arena, places->list, places->count,
			&places->room, sizeof(place));
		places->list[places->count++] = place;
	}
	sql_end(&asked);
}

long long baseline_accept(
	struct database *database, struct span name, struct span target)
{
	struct arena *arena;
	struct places places = { 0 };
	struct baseline_state state;
	bool is_done;

	if (!database_begin(database))
		return 0;
	arena = arena_open();
	places_of(arena, database, name, target, &places);
	for (size_t i = 0; i < places.count; i++) {
		load(arena, database, &places.list[i], &state);
		if (baseline_state_accept(arena, places.list[i].trait, &state))
			save(database, &places.list[i], &state);
	}
	is_done = database_commit(database);
	arena_close(arena);
	return is_done ? (long long)places.count : 0;
}
