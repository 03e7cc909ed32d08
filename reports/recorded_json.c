#include "reports/recorded_json.h"

#include "probe/base/clock.h"
#include "probe/store/history.h"
#include "reports/json_member.h"

void recorded_json_date(
	struct json_writer *json, const char *key, int64_t wall_ms)
{
	struct arena *arena;

	if (!wall_ms) {
		writer_put_nothing(json, key);
		return;
	}
	arena = arena_open();
	writer_put(json, key, clock_text(arena, wall_ms));
	arena_close(arena);
}

static void put_stages(struct json_writer *json, const struct recorded *row)
{
	writer_key(json, "stages");
	writer_begin_object(json);
	for (int i = STAGE_CONNECT; i < STAGE_COUNT; i++) {
		enum stage stage = (enum stage)i;
		uint64_t us;

		if (recorded_stage(row, stage, &us))
			writer_put_count(json, stage_word(stage), us);
	}
	writer_end_object(json);
}

static void put_traits(struct json_writer *json, const struct traits *traits)
{
	writer_key(json, "traits");
	writer_begin_object(json);
	for (int i = 0; i < TRAIT_COUNT; i++)
		if (traits->of[i].len)
			writer_put(
				json, trait_word((enum trait)i), traits->of[i]);
	writer_end_object(json);
}

static void put_course(struct json_writer *json, const struct recorded *row)
{
	recorded_json_date(json, "started", row->began_ms);
	writer_put_count(json, "took_us", row->took_us);
	put_stages(json, row);
	put_traits(json, &row->traits);
}

void recorded_json(struct json_writer *json, const struct recorded *row)
{
	writer_put(json, "key", row->key);
	writer_put(json, "name", row->name);
	writer_put(json, "kind", row->kind);
	writer_put_maybe(json, "target", row->target);
	json_put_family(json, row->has_family, row->family);
	writer_put_maybe(json, "path", row->path);
	writer_put(json, "verdict", row->verdict);
	writer_put_maybe(json, "why", row->why);
	put_course(json, row);
}

void recorded_json_of_row(
	struct json_writer *json, const struct result_row *row)
{
	struct arena *arena = arena_open();
	struct history_row kept;

	history_row_of(arena, row, &kept);
	writer_put(json, "key", kept.row.key);
	writer_put(json, "name", kept.row.name);
	put_course(json, &kept.row);
	arena_close(arena);
}
