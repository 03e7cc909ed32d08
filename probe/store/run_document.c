#include "probe/store/run_document.h"

#include <time.h>

#include "probe/base/escape.h"
#include "probe/store/database_inside.h"
#include "probe/store/sql.h"

/* SQLite reads JSON, too: a database without a file holds the document. */
struct reading {
	struct arena *arena;
	struct database database;
	struct recorded_run *run;
};

enum { LINES_MAX = 128, HOSTS_MAX = 256 };

static struct recorded *add_row(struct reading *reading)
{
	struct recorded_run *run = reading->run;
	struct recorded *row;

	run->rows = arena_grow(reading->arena, run->rows, run->row_count,
		&run->row_room, sizeof(*row));
	row = &run->rows[run->row_count++];
	*row = (struct recorded){ .kind = SPAN("cell"), .stages = SPAN("") };
	return row;
}

/* "2026-11-21T17:03:05.123Z"; 0: it is none. */
static int64_t time_of(struct arena *arena, struct span text)
{
	struct tm date = { 0 };
	unsigned long ms = 0;
	const char *rest = strptime(
		arena_copy(arena, text).at, "%Y-%m-%dT%H:%M:%S", &date);

	if (!rest)
		return 0;
	if (*rest == '.' && strlen(rest) >= 4)
		span_number((struct span){ rest + 1, 3 }, 999, &ms);
	return (int64_t)timegm(&date) * 1000 + (int64_t)ms;
}

static bool take_family(struct span word, struct recorded *row)
{
	row->has_family = span_is(word, SPAN("ipv4")) ||
			  span_is(word, SPAN("ipv6"));
	row->family = span_is(word, SPAN("ipv6")) ? FAMILY_IPV6 : FAMILY_IPV4;
	return row->has_family;
}

static void put_time(struct reading *reading, struct recorded *row,
	struct span stage, uint64_t us)
{
	row->stages = arena_print(reading->arena, "%.*s%s%.*s %llu",
		SPAN_ARG(row->stages), row->stages.len ? " " : "",
		SPAN_ARG(stage), (unsigned long long)us);
	if (!span_is(stage, SPAN("connect")))
		return;
	row->has_connect = true;
	row->connect_us = us;
}

/* ---- mxprobe run --json */

static void take_kept_stages(
	struct reading *reading, struct recorded *row, struct span json)
{
	struct sql asked = sql_of(&reading->database,
		"SELECT key, value FROM json_each(?) WHERE type = 'integer' "
		"AND value > 0");

	sql_put(&asked, json.len ? json : SPAN("{}"));
	while (sql_step(&asked))
		put_time(reading, row, sql_text(reading->arena, &asked, 0),
			(uint64_t)sql_whole(&asked, 1));
	sql_end(&asked);
}

/*
 * A trait is safe for a terminal when it was written, and stays as it is; in a
 * file that others wrote it need not be.  A backslash is part of what made it
 * safe.
 */
static struct span safe_trait(struct arena *arena, struct span text)
{
	struct span safe = SPAN("");
	bool is_first = true;

	while (text.len) {
		struct span part = span_cut(&text, '\\');

		safe = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(safe),
			is_first ? "" : "\\",
			SPAN_ARG(escape_text(arena, part)));
		is_first = false;
	}
	return safe;
}

static void take_kept_traits(
	struct reading *reading, struct recorded *row, struct span json)
{
	struct sql asked = sql_of(&reading->database,
		"SELECT key, value FROM json_each(?) WHERE type = 'text'");

	sql_put(&asked, json.len ? json : SPAN("{}"));
	while (sql_step(&asked)) {
		struct span word = sql_text(reading->arena, &asked, 0);

		for (int i = 0; i < TRAIT_COUNT; i++)
			if (span_is(word, span_of(trait_word((enum trait)i))))
				row->traits.of[i] = safe_trait(reading->arena,
					sql_text(reading->arena, &asked, 1));
	}
	sql_end(&asked);
}

static void read_cells(struct reading *reading)
{
	struct arena *arena = reading->arena;
	struct sql asked = sql_of(&reading->database,
		"SELECT value->>'$.key', value->>'$.name', value->>'$.kind', "
		"value->>'$.target', value->>'$.family', value->>'$.path', "
		"value->>'$.verdict', value->>'$.why', value->>'$.started', "
		"value->>'$.took_us', value->'$.stages', value->'$.traits' "
		"FROM document, json_each(text, '$.cells') "
		"WHERE json_each.type = 'object'");

	while (sql_step(&asked)) {
		struct recorded *row = add_row(reading);

		row->key = sql_text(arena, &asked, 0);
		row->name = sql_text(arena, &asked, 1);
		row->kind = sql_text(arena, &asked, 2);
		row->target = sql_text(arena, &asked, 3);
		take_family(sql_text(arena, &asked, 4), row);
		row->path = sql_text(arena, &asked, 5);
		row->verdict = sql_text(arena, &asked, 6);
		row->why = sql_text(arena, &asked, 7);
		row->began_ms = time_of(arena, sql_text(arena, &asked, 8));
		row->took_us = (uint64_t)sql_whole(&asked, 9);
		take_kept_stages(reading, row, sql_text(arena, &asked, 10));
		take_kept_traits(reading, row, sql_text(arena, &asked, 11));
	}
	sql_end(&asked);
}

/* ---- mxprobe --json: one visit */

static size_t texts_of(struct reading *reading, const char *question,
	struct span json, struct span *texts, size_t most)
{
	struct sql asked = sql_of(&reading->database, question);
	size_t count = 0;

	sql_put(&asked, json.len ? json : SPAN("[]"));
	while (count < most && sql_step(&asked))
		texts[count++] = sql_text(reading->arena, &asked, 0);
	sql_end(&asked);
	return count;
}

static void take_status(struct span text, struct reply *reply)
{
	unsigned *parts[] = { &reply->status.class, &reply->status.subject,
		&reply->status.detail };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		unsigned long part = 0;

		if (span_number(span_cut(&text, '.'), 999, &part))
			*parts[i] = (unsigned)part;
	}
}

static enum stage stage_of(struct span word)
{
	for (int i = 0; i < STAGE_COUNT; i++)
		if (span_is(word, span_of(stage_word((enum stage)i))))
			return (enum stage)i;
	return STAGE_RESOLVE;
}

/* Of each stage the last reply, as transcript_reply() has it. */
static void take_replies(
	struct reading *reading, struct recorded *row, struct span visit)
{
	struct arena *arena = reading->arena;
	struct sql asked = sql_of(&reading->database,
		"SELECT value->>'$.stage', value->>'$.code', "
		"value->>'$.status', value->'$.lines' "
		"FROM json_each(?, '$.transcript') "
		"WHERE value->>'$.event' = 'heard' ORDER BY key DESC");
	bool is_taken[STAGE_COUNT] = { false };

	sql_put(&asked, visit);
	while (sql_step(&asked)) {
		enum stage stage = stage_of(sql_text(arena, &asked, 0));
		struct span lines[LINES_MAX];
		struct reply reply = { .lines = lines,
			.code = (unsigned)sql_whole(&asked, 1) % 1000 };

		if (is_taken[stage])
			continue;
		is_taken[stage] = true;
		take_status(sql_text(arena, &asked, 2), &reply);
		reply.line_count = texts_of(reading,
			"SELECT value FROM json_each(?) WHERE type = 'text'",
			sql_text(arena, &asked, 3), lines, LINES_MAX);
		traits_add_reply(arena, &row->traits, stage, &reply);
	}
	sql_end(&asked);
}

static void take_ehlo(
	struct reading *reading, struct recorded *row, struct span visit)
{
	struct span words[LINES_MAX];
	struct ehlo_keyword keywords[LINES_MAX] = { 0 };
	struct ehlo ehlo = { .keywords = keywords };
	struct sql asked = sql_of(&reading->database,
		"SELECT value->>'$.domain', value->>'$.greeting' "
		"FROM json_each(?) WHERE key = 'ehlo' AND type = 'object'");

	sql_put(&asked, visit);
	if (sql_step(&asked)) {
		ehlo.domain = sql_text(reading->arena, &asked, 0);
		ehlo.greeting = sql_text(reading->arena, &asked, 1);
		ehlo.keyword_count = texts_of(reading,
			"SELECT value->>'$.word' FROM "
			"json_each(?, '$.ehlo.keywords')",
			visit, words, LINES_MAX);
		for (size_t i = 0; i < ehlo.keyword_count; i++)
			keywords[i].word = words[i];
		traits_add_ehlo(reading->arena, &row->traits, &ehlo);
	}
	sql_end(&asked);
}

static void take_tls_and_fault(
	struct reading *reading, struct recorded *row, struct span visit)
{
	struct arena *arena = reading->arena;
	struct sql asked = sql_of(&reading->database,
		"SELECT text->>'$.tls.version', "
		"text->>'$.tls.chain[0].spki_sha256', "
		"text->>'$.tls.chain[0].issuer', text->>'$.fault.failure', "
		"text->>'$.fault.stage', text->>'$.duration_us' "
		"FROM (SELECT ? AS text)");

	sql_put(&asked, visit);
	if (sql_step(&asked)) {
		traits_add(arena, &row->traits, TRAIT_TLS_VERSION,
			sql_text(arena, &asked, 0));
		traits_add(arena, &row->traits, TRAIT_CERT_KEY,
			sql_text(arena, &asked, 1));
		traits_add(arena, &row->traits, TRAIT_CERT_ISSUER,
			sql_text(arena, &asked, 2));
		if (sql_has(&asked, 3))
			traits_add_fault(arena, &row->traits,
				sql_text(arena, &asked, 3),
				sql_text(arena, &asked, 4));
		row->took_us += (uint64_t)sql_whole(&asked, 5);
	}
	sql_end(&asked);
}

/* ---- mxprobe --json: one family of a target */

static void take_visits(
	struct reading *reading, struct recorded *row, struct span target)
{
	struct arena *arena = reading->arena;
	struct sql asked = sql_of(&reading->database,
		"SELECT value, value->>'$.started' "
		"FROM json_each(?, '$.visits') "
		"WHERE value->>'$.state' = 'walked' "
		"AND value->>'$.family' = ?");

	sql_put(&asked, target);
	sql_put_word(&asked, row->family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	while (sql_step(&asked)) {
		struct span visit = sql_text(arena, &asked, 0);

		if (!row->began_ms)
			row->began_ms = time_of(
				arena, sql_text(arena, &asked, 1));
		take_replies(reading, row, visit);
		take_ehlo(reading, row, visit);
		take_tls_and_fault(reading, row, visit);
	}
	sql_end(&asked);
}

static void take_times(
	struct reading *reading, struct recorded *row, struct span target)
{
	struct sql asked = sql_of(&reading->database,
		"SELECT stage.key, MIN(stage.value->>'$.us') FROM "
		"json_each(?, '$.visits') AS visit, "
		"json_each(visit.value, '$.stages') AS stage "
		"WHERE visit.value->>'$.family' = ? "
		"AND stage.value->>'$.ok' AND stage.value->>'$.us' > 0 "
		"GROUP BY stage.key");

	sql_put(&asked, target);
	sql_put_word(&asked, row->family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	while (sql_step(&asked))
		put_time(reading, row, sql_text(reading->arena, &asked, 0),
			(uint64_t)sql_whole(&asked, 1));
	sql_end(&asked);
}

static void take_target_facts(
	struct reading *reading, struct recorded *row, struct span target)
{
	struct arena *arena = reading->arena;
	struct span hosts[HOSTS_MAX];
	size_t count = texts_of(reading,
		"SELECT value->>'$.host' FROM "
		"json_each(?, '$.dns.exchangers')",
		target, hosts, HOSTS_MAX);
	struct sql asked = sql_of(&reading->database,
		"SELECT text->>'$.fault.failure', text->>'$.fault.stage', "
		"text->>'$.dns.mx' FROM (SELECT ? AS text)");

	sql_put(&asked, target);
	if (sql_step(&asked)) {
		if (sql_has(&asked, 0))
			traits_add_fault(arena, &row->traits,
				sql_text(arena, &asked, 0),
				sql_text(arena, &asked, 1));
		if (sql_has(&asked, 2))
			traits_add_hosts(arena, &row->traits, hosts, count);
	}
	sql_end(&asked);
}

static void read_family(struct reading *reading, const struct sql *asked)
{
	struct arena *arena = reading->arena;
	struct span target = sql_text(arena, asked, 4);
	struct recorded row = { .kind = SPAN("cell"), .stages = SPAN("") };

	if (!take_family(sql_text(arena, asked, 1), &row))
		return;
	row.target = sql_text(arena, asked, 0);
	row.verdict = sql_text(arena, asked, 2);
	row.why = sql_text(arena, asked, 3);
	row.name = arena_print(arena, "%.*s, %s", SPAN_ARG(row.target),
		family_word(row.family));
	row.key = arena_print(arena, "ad hoc/cell/%.*s", SPAN_ARG(row.name));
	take_target_facts(reading, &row, target);
	take_visits(reading, &row, target);
	take_times(reading, &row, target);
	row.traits.of[TRAIT_VERDICT] = trait_of_verdict(row.verdict);
	*add_row(reading) = row;
}

static void read_targets(struct reading *reading)
{
	struct sql asked = sql_of(&reading->database,
		"SELECT coalesce(nullif(target.value->>'$.domain', ''), "
		"target.value->>'$.target'), family.key, "
		"family.value->>'$.verdict', family.value->>'$.why', "
		"target.value FROM document, "
		"json_each(text, '$.targets') AS target, "
		"json_each(target.value, '$.families') AS family "
		"WHERE target.type = 'object' AND family.type = 'object'");

	while (sql_step(&asked))
		read_family(reading, &asked);
	sql_end(&asked);
}

/* ---- the document */

static void read_head(struct reading *reading)
{
	struct recorded_run *run = reading->run;
	struct sql asked = sql_of(&reading->database,
		"SELECT text->>'$.exit_status', text->>'$.started' "
		"FROM document");

	if (sql_step(&asked)) {
		run->has_ended = sql_has(&asked, 0);
		run->exit_status = (int)sql_whole(&asked, 0);
		run->began_ms = time_of(
			reading->arena, sql_text(reading->arena, &asked, 1));
	}
	sql_end(&asked);
}

/* What it is by its members: 'c'ells, 't'argets, or nothing of ours. */
static char form_of(struct reading *reading, struct span text)
{
	struct sql asked = sql_of(&reading->database,
		"SELECT json_type(text, '$.cells'), "
		"json_type(text, '$.targets') FROM (SELECT ? AS text) "
		"WHERE json_valid(text)");
	char form = '\0';

	sql_put(&asked, text);
	if (sql_step(&asked)) {
		if (span_is(sql_text(reading->arena, &asked, 0), SPAN("array")))
			form = 'c';
		else if (span_is(sql_text(reading->arena, &asked, 1),
				 SPAN("array")))
			form = 't';
	}
	sql_end(&asked);
	return form;
}

static void hold(struct reading *reading, struct span text)
{
	struct sql asked = sql_of(
		&reading->database, "CREATE TABLE document (text TEXT)");

	sql_run(&asked);
	asked = sql_of(&reading->database, "INSERT INTO document VALUES (?)");
	sql_put(&asked, text);
	sql_run(&asked);
}

static void read_document(
	struct reading *reading, struct span text, struct span *why)
{
	char form = form_of(reading, text);

	*why = form ? SPAN("")
		    : SPAN("this is no document that mxprobe --json or "
			   "mxprobe run --json wrote");
	if (!form)
		return;
	hold(reading, text);
	read_head(reading);
	if (form == 'c')
		read_cells(reading);
	else
		read_targets(reading);
	if (reading->database.has_failed)
		*why = arena_print(reading->arena, "%s", reading->database.why);
}

bool run_document_read(struct arena *arena, struct span text,
	struct recorded_run *run, struct span *why)
{
	struct reading reading = { .arena = arena, .run = run };

	*run = (struct recorded_run){ .kind = SPAN("") };
	if (sqlite3_open_v2(":memory:", &reading.database.handle,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		    NULL) != SQLITE_OK)
		database_fail(&reading.database);
	read_document(&reading, text, why);
	sqlite3_close_v2(reading.database.handle);
	return why->len == 0;
}
