#include "probe/store/history_read.h"

#include <time.h>

#include "probe/store/sql.h"

/* ---- runs as lines */

static const int64_t second_ms = 1000;

#define RUN_COLUMNS "id, kind, what, began_ms, ended_ms, exit_status"

static void take_run(
	struct arena *arena, const struct sql *asked, struct recorded_run *run)
{
	*run = (struct recorded_run){ .id = sql_whole(asked, 0),
		.kind = sql_text(arena, asked, 1),
		.what = sql_text(arena, asked, 2),
		.began_ms = sql_whole(asked, 3),
		.has_ended = sql_has(asked, 4),
		.ended_ms = sql_whole(asked, 4),
		.exit_status = (int)sql_whole(asked, 5) };
}

static void take_count(
	struct history_line *line, struct span verdict, size_t count)
{
	line->row_count += count;
	if (span_is(verdict, span_of(verdict_word(VERDICT_WARN))))
		line->warned = count;
	if (span_is(verdict, SPAN("skipped")))
		line->skipped = count;
	for (int i = 0; i < CELL_VERDICTS; i++)
		if (span_is(verdict,
			    span_of(cell_verdict_word((enum cell_verdict)i))))
			line->of[i] = count;
}

static void count_rows(struct arena *arena, struct database *database,
	struct history_line *line)
{
	struct sql asked = sql_of(database,
		"SELECT verdict, COUNT(*) FROM result WHERE run = ? "
		"GROUP BY verdict");

	sql_put_whole(&asked, line->run.id);
	while (sql_step(&asked))
		take_count(line, sql_text(arena, &asked, 0),
			(size_t)sql_whole(&asked, 1));
	sql_end(&asked);
}

void history_lines(struct arena *arena, struct database *database,
	int64_t since_ms, size_t limit, struct history_lines *lines)
{
	struct sql asked = sql_of(database,
		"SELECT " RUN_COLUMNS " FROM run WHERE began_ms >= ? "
		"ORDER BY began_ms DESC, id DESC LIMIT ?");

	*lines = (struct history_lines){ 0 };
	sql_put_whole(&asked, since_ms);
	sql_put_whole(&asked, (int64_t)limit);
	while (sql_step(&asked)) {
		struct history_line *line;

		lines->list = arena_grow(arena, lines->list, lines->count,
			&lines->room, sizeof(*line));
		line = &lines->list[lines->count++];
		*line = (struct history_line){ 0 };
		take_run(arena, &asked, &line->run);
	}
	sql_end(&asked);
	for (size_t i = 0; i < lines->count; i++)
		count_rows(arena, database, &lines->list[i]);
}

/* ---- subjects */

static void turn_round(struct history_moment *past, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct history_moment moment = past[i];

		past[i] = past[count - 1 - i];
		past[count - 1 - i] = moment;
	}
}

static size_t read_past(struct arena *arena, struct sql *asked,
	int64_t since_ms, struct history_moment **past)
{
	size_t count = 0, room = 0;

	*past = NULL;
	while (sql_step(asked)) {
		struct history_moment *moment;

		/* From the newest on: what follows is older. */
		if (sql_whole(asked, 3) < since_ms)
			break;
		*past = arena_grow(arena, *past, count, &room, sizeof(*moment));
		moment = &(*past)[count++];
		*moment = (struct history_moment){
			.result = sql_whole(asked, 0),
			.run = sql_whole(asked, 1),
			.verdict = sql_text(arena, asked, 2),
			.began_ms = sql_whole(asked, 3),
			.has_connect = sql_has(asked, 4),
			.connect_us = (uint64_t)sql_whole(asked, 4),
			.conclusion = sql_text(arena, asked, 5),
		};
	}
	turn_round(*past, count);
	return count;
}

/* Only what failed is isolated. */
#define MOMENT_COLUMNS                                                         \
	"id, run, verdict, began_ms, connect_us, CASE verdict WHEN 'fail' "    \
	"THEN (SELECT conclusion FROM isolation WHERE isolation.result = "     \
	"result.id) END"

static const char past_of_subject[] =
	"SELECT " MOMENT_COLUMNS " FROM result "
	"WHERE subject = ? ORDER BY id DESC LIMIT ?";

static void put_subject(struct sql *asked, int64_t subject, size_t limit)
{
	if (limit > HISTORY_PAST_MAX)
		limit = HISTORY_PAST_MAX;
	sql_put_whole(asked, subject);
	sql_put_whole(asked, (int64_t)limit);
}

static void take_subject(struct arena *arena, const struct sql *asked,
	struct history_subject *subject)
{
	*subject = (struct history_subject){ .key = sql_text(arena, asked, 1),
		.kind = sql_text(arena, asked, 2),
		.name = sql_text(arena, asked, 3),
		.target = sql_text(arena, asked, 4),
		.has_family = sql_has(asked, 5),
		.family = sql_whole(asked, 5) == 6 ? FAMILY_IPV6
						   : FAMILY_IPV4 };
}

static bool is_target(struct database *database, struct span target)
{
	struct sql asked = sql_of(
		database, "SELECT 1 FROM subject WHERE target = ? LIMIT 1");
	bool is_one;

	sql_put(&asked, target);
	is_one = target.len && sql_step(&asked);
	sql_end(&asked);
	return is_one;
}

void history_subjects(struct arena *arena, struct database *database,
	struct span target, int64_t since_ms, size_t limit,
	struct history_subjects *subjects)
{
	struct sql past = sql_of(database, past_of_subject);
	struct sql asked = sql_of(database,
		is_target(database, target)
			? "SELECT id, key, kind, name, target, family FROM "
			  "subject WHERE target = ? ORDER BY key"
			: "SELECT id, key, kind, name, target, family FROM "
			  "subject WHERE instr(lower(CAST(key AS TEXT)), "
			  "lower(?)) > 0 ORDER BY key");

	*subjects = (struct history_subjects){ 0 };
	sql_put(&asked, target);
	while (sql_step(&asked)) {
		struct history_subject subject;

		take_subject(arena, &asked, &subject);
		sql_again(&past);
		put_subject(&past, sql_whole(&asked, 0), limit);
		subject.past_count = read_past(
			arena, &past, since_ms, &subject.past);
		if (!subject.past_count)
			continue;
		subjects->list = arena_grow(arena, subjects->list,
			subjects->count, &subjects->room, sizeof(subject));
		subjects->list[subjects->count++] = subject;
	}
	sql_end(&asked);
	sql_end(&past);
}

size_t history_past(struct arena *arena, struct database *database,
	struct span key, size_t limit, struct history_moment **past)
{
	struct sql asked = sql_of(database,
		"SELECT " MOMENT_COLUMNS " FROM result "
		"WHERE subject = (SELECT id FROM subject WHERE key = ?) "
		"ORDER BY id DESC LIMIT ?");
	size_t count;

	sql_put(&asked, key);
	sql_put_whole(&asked, (int64_t)limit);
	count = read_past(arena, &asked, 0, past);
	sql_end(&asked);
	return count;
}

/* ---- one run */

static int64_t number_of(struct sql *asked)
{
	int64_t id = sql_step(asked) ? sql_whole(asked, 0) : 0;

	sql_end(asked);
	return id;
}

static int64_t last_but(struct database *database, unsigned long back)
{
	struct sql asked = sql_of(database,
		"SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET ?");

	sql_put_whole(&asked, (int64_t)back);
	return number_of(&asked);
}

static int64_t last_before(struct database *database, int64_t end_ms)
{
	struct sql asked = sql_of(database,
		"SELECT id FROM run WHERE began_ms < ? "
		"ORDER BY began_ms DESC, id DESC LIMIT 1");

	sql_put_whole(&asked, end_ms);
	return number_of(&asked);
}

/* The end of the day or the second that is named. */
static bool end_of_date(struct arena *arena, struct span name, int64_t *end_ms)
{
	const char *text = arena_copy(arena, name).at, *rest;
	struct tm date = { 0 };

	rest = strptime(text, "%Y-%m-%d", &date);
	if (rest && !*rest) {
		*end_ms = ((int64_t)timegm(&date) + 24 * 60 * 60) * second_ms;
		return true;
	}
	date = (struct tm){ 0 };
	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &date);
	if (!rest || !(*rest == '\0' || (rest[0] == 'Z' && !rest[1])))
		return false;
	*end_ms = ((int64_t)timegm(&date) + 1) * second_ms;
	return true;
}

static int64_t id_named(struct arena *arena, struct database *database,
	struct span name, struct span *why)
{
	unsigned long number = 0;
	int64_t end_ms;

	if (span_is(name, SPAN("last")))
		return last_but(database, 0);
	if (span_starts_nocase(name, SPAN("last-")) &&
		span_number(span_part(name, 5, name.len), 1000000, &number))
		return last_but(database, number);
	if (end_of_date(arena, name, &end_ms))
		return last_before(database, end_ms);
	if (span_number(name, (unsigned long)INT64_MAX, &number))
		return (int64_t)number;
	*why = SPAN("a run is wanted: its number, last, last-1, or a date "
		    "such as 2026-11-21");
	return 0;
}

int64_t history_run_named(struct arena *arena, struct database *database,
	struct span name, struct span *why)
{
	struct sql asked;
	int64_t id;

	*why = SPAN("there is no such run in the history");
	id = id_named(arena, database, name, why);
	if (!id)
		return 0;
	asked = sql_of(database, "SELECT id FROM run WHERE id = ?");
	sql_put_whole(&asked, id);
	return number_of(&asked);
}

int64_t history_run_before(struct database *database, int64_t id)
{
	struct sql asked = sql_of(database,
		"SELECT MAX(run.id) FROM run JOIN run AS this "
		"ON run.kind = this.kind AND run.what = this.what "
		"AND run.id < this.id WHERE this.id = ?");

	sql_put_whole(&asked, id);
	return number_of(&asked);
}

static void take_row(
	struct arena *arena, const struct sql *asked, struct recorded *row)
{
	*row = (struct recorded){ .id = sql_whole(asked, 0),
		.verdict = sql_text(arena, asked, 1),
		.why = sql_text(arena, asked, 2),
		.began_ms = sql_whole(asked, 3),
		.took_us = (uint64_t)sql_whole(asked, 4),
		.has_connect = sql_has(asked, 5),
		.connect_us = (uint64_t)sql_whole(asked, 5),
		.stages = sql_text(arena, asked, 6),
		.key = sql_text(arena, asked, 7),
		.kind = sql_text(arena, asked, 8),
		.name = sql_text(arena, asked, 9),
		.target = sql_text(arena, asked, 10),
		.has_family = sql_has(asked, 11),
		.family = sql_whole(asked, 11) == 6 ? FAMILY_IPV6 : FAMILY_IPV4,
		.path = sql_text(arena, asked, 12) };
	traits_parse(sql_text(arena, asked, 13), &row->traits);
}

static void read_rows(struct arena *arena, struct database *database,
	struct recorded_run *run)
{
	struct sql asked = sql_of(database,
		"SELECT result.id, verdict, why, began_ms, took_us, "
		"connect_us, stages, key, kind, name, target, family, path, "
		"traits.text FROM result "
		"JOIN subject ON subject.id = result.subject "
		"LEFT JOIN traits ON traits.id = result.traits "
		"WHERE run = ? ORDER BY key, result.id");

	sql_put_whole(&asked, run->id);
	while (sql_step(&asked)) {
		run->rows = arena_grow(arena, run->rows, run->row_count,
			&run->row_room, sizeof(*run->rows));
		take_row(arena, &asked, &run->rows[run->row_count++]);
	}
	sql_end(&asked);
}

bool history_run_read(struct arena *arena, struct database *database,
	int64_t id, struct recorded_run *run)
{
	struct sql asked = sql_of(
		database, "SELECT " RUN_COLUMNS " FROM run WHERE id = ?");
	bool is_there;

	sql_put_whole(&asked, id);
	is_there = sql_step(&asked);
	if (is_there)
		take_run(arena, &asked, run);
	sql_end(&asked);
	if (is_there)
		read_rows(arena, database, run);
	return is_there;
}

bool history_row_read(struct arena *arena, struct database *database,
	int64_t run, struct span key, struct recorded *row)
{
	struct sql asked = sql_of(database,
		"SELECT result.id, verdict, traits.text FROM result "
		"LEFT JOIN traits ON traits.id = result.traits "
		"WHERE subject = (SELECT id FROM subject WHERE key = ?) "
		"AND run = ? ORDER BY result.id DESC LIMIT 1");
	bool is_there;

	*row = (struct recorded){ .key = key };
	sql_put(&asked, key);
	sql_put_whole(&asked, run);
	is_there = sql_step(&asked);
	if (is_there) {
		row->id = sql_whole(&asked, 0);
		row->verdict = sql_text(arena, &asked, 1);
		traits_parse(sql_text(arena, &asked, 2), &row->traits);
	}
	sql_end(&asked);
	return is_there;
}

/* ---- beside a row */

struct span history_outcome(
	struct arena *arena, struct database *database, int64_t result)
{
	struct sql asked = sql_of(database,
		"SELECT json FROM document WHERE result = ? "
		"AND json_valid(json)");
	struct span json = SPAN("");

	sql_put_whole(&asked, result);
	if (sql_step(&asked))
		json = sql_text(arena, &asked, 0);
	sql_end(&asked);
	return json;
}

void history_isolation(struct arena *arena, struct database *database,
	int64_t result, struct history_isolation *isolation)
{
	struct sql asked = sql_of(database,
		"SELECT conclusion, CASE WHEN json_valid(json) THEN json END "
		"FROM isolation WHERE result = ?");

	*isolation = (struct history_isolation){ SPAN(""), SPAN("") };
	sql_put_whole(&asked, result);
	if (sql_step(&asked))
		*isolation = (struct history_isolation){
			.conclusion = sql_text(arena, &asked, 0),
			.json = sql_text(arena, &asked, 1),
		};
	sql_end(&asked);
}

size_t history_findings(struct arena *arena, struct database *database,
	int64_t result, struct history_finding **findings)
{
	struct sql asked = sql_of(database,
		"SELECT code, severity, blame, confidence, stage, title FROM "
		"finding WHERE result = ? ORDER BY position");
	size_t count = 0, room = 0;

	*findings = NULL;
	sql_put_whole(&asked, result);
	while (sql_step(&asked)) {
		*findings = arena_grow(
			arena, *findings, count, &room, sizeof(**findings));
		(*findings)[count++] = (struct history_finding){
			.code = sql_text(arena, &asked, 0),
			.severity = sql_text(arena, &asked, 1),
			.blame = sql_text(arena, &asked, 2),
			.confidence = sql_text(arena, &asked, 3),
			.stage = sql_text(arena, &asked, 4),
			.title = sql_text(arena, &asked, 5),
		};
	}
	sql_end(&asked);
	return count;
}
