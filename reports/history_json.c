#include "reports/history_json.h"

#include "reports/json_member.h"
#include "reports/recorded_json.h"

static void begin(struct json_writer *json, FILE *out)
{
	writer_open(json, out, true, 0);
	writer_begin_object(json);
	writer_put_count(json, "schema", 1);
}

static void end(struct json_writer *json)
{
	writer_end_object(json);
	writer_newline(json);
	writer_close(json);
}

/* Members, not an object. */
static void put_run(struct json_writer *json, const struct recorded_run *run)
{
	writer_put_count(json, "run", (uint64_t)run->id);
	writer_put(json, "kind", run->kind);
	writer_put(json, "what", run->what);
	recorded_json_date(json, "began", run->began_ms);
	recorded_json_date(json, "ended", run->has_ended ? run->ended_ms : 0);
}

static void put_exit(struct json_writer *json, const struct recorded_run *run)
{
	if (!run->has_ended) {
		writer_put_nothing(json, "exit_status");
		return;
	}
	writer_key(json, "exit_status");
	writer_whole(json, run->exit_status);
}

/* ---- runs */

static void put_line(struct json_writer *json, const struct history_line *line)
{
	writer_begin_object(json);
	put_run(json, &line->run);
	put_exit(json, &line->run);
	writer_put_count(json, "rows", line->row_count);
	writer_key(json, "verdicts");
	writer_begin_object(json);
	for (int i = 0; i < CELL_VERDICTS; i++)
		if (line->of[i])
			writer_put_count(json,
				cell_verdict_word((enum cell_verdict)i),
				line->of[i]);
	if (line->warned)
		writer_put_count(
			json, verdict_word(VERDICT_WARN), line->warned);
	if (line->skipped)
		writer_put_count(json, "skipped", line->skipped);
	writer_end_object(json);
	writer_end_object(json);
}

void history_json_runs(FILE *out, const struct history_lines *lines)
{
	struct json_writer json;

	begin(&json, out);
	writer_key(&json, "runs");
	writer_begin_array(&json);
	for (size_t i = 0; i < lines->count; i++)
		put_line(&json, &lines->list[i]);
	writer_end_array(&json);
	end(&json);
}

/* ---- the past of a target */

static void put_moment(
	struct json_writer *json, const struct history_moment *moment)
{
	writer_begin_object(json);
	writer_put_count(json, "run", (uint64_t)moment->run);
	writer_put(json, "verdict", moment->verdict);
	recorded_json_date(json, "started", moment->began_ms);
	if (moment->has_connect)
		writer_put_count(json, "connect_us", moment->connect_us);
	else
		writer_put_nothing(json, "connect_us");
	writer_put_maybe(json, "isolation", moment->conclusion);
	writer_end_object(json);
}

static void put_subject(
	struct json_writer *json, const struct history_subject *subject)
{
	writer_begin_object(json);
	writer_put(json, "key", subject->key);
	writer_put(json, "name", subject->name);
	writer_put(json, "kind", subject->kind);
	writer_put_maybe(json, "target", subject->target);
	json_put_family(json, subject->has_family, subject->family);
	writer_key(json, "past");
	writer_begin_array(json);
	for (size_t i = 0; i < subject->past_count; i++)
		put_moment(json, &subject->past[i]);
	writer_end_array(json);
	writer_end_object(json);
}

void history_json_subjects(FILE *out, const struct history_subjects *subjects)
{
	struct json_writer json;

	begin(&json, out);
	writer_key(&json, "subjects");
	writer_begin_array(&json);
	for (size_t i = 0; i < subjects->count; i++)
		put_subject(&json, &subjects->list[i]);
	writer_end_array(&json);
	end(&json);
}

/* ---- one run */

static void put_findings(struct arena *arena, struct json_writer *json,
	struct database *database, int64_t result)
{
	struct history_finding *findings;
	size_t count = history_findings(arena, database, result, &findings);

	writer_key(json, "findings");
	writer_begin_array(json);
	for (size_t i = 0; i < count; i++) {
		writer_begin_object(json);
		writer_put(json, "id", findings[i].code);
		writer_put(json, "severity", findings[i].severity);
		writer_put(json, "blame", findings[i].blame);
		writer_put(json, "confidence", findings[i].confidence);
		writer_put(json, "stage", findings[i].stage);
		writer_put(json, "title", findings[i].title);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_row(struct json_writer *json, struct database *database,
	const struct recorded *row)
{
	struct arena *arena = arena_open();
	struct span outcome = history_outcome(arena, database, row->id);
	struct history_isolation isolation;

	history_isolation(arena, database, row->id, &isolation);
	writer_begin_object(json);
	recorded_json(json, row);
	put_findings(arena, json, database, row->id);
	writer_key(json, "isolation");
	if (isolation.json.len)
		writer_written(json, isolation.json);
	else
		writer_nothing(json);
	writer_key(json, "outcome");
	if (outcome.len)
		writer_written(json, outcome);
	else
		writer_nothing(json);
	writer_end_object(json);
	arena_close(arena);
}

void history_json_run(
	FILE *out, struct database *database, const struct recorded_run *run)
{
	struct json_writer json;

	begin(&json, out);
	put_run(&json, run);
	writer_key(&json, "cells");
	writer_begin_array(&json);
	for (size_t i = 0; i < run->row_count; i++)
		put_row(&json, database, &run->rows[i]);
	writer_end_array(&json);
	put_exit(&json, run);
	end(&json);
}

/* ---- what was done */

static void put_deed(FILE *out, const char *key, long long count)
{
	struct json_writer json;

	begin(&json, out);
	writer_key(&json, key);
	writer_whole(&json, count);
	end(&json);
}

void history_json_accepted(FILE *out, long long count)
{
	put_deed(out, "accepted", count);
}

void history_json_forgotten(FILE *out, long long count)
{
	put_deed(out, "forgotten", count);
}

void history_json_check(FILE *out, bool is_whole, struct span why)
{
	struct json_writer json;

	begin(&json, out);
	writer_put_claim(&json, "whole", is_whole);
	writer_put_maybe(&json, "damage", is_whole ? SPAN("") : why);
	end(&json);
}
