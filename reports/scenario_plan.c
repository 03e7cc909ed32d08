#include "reports/scenario_plan.h"

#include "probe/base/escape.h"
#include "probe/judge/cell_comparison.h"
#include "probe/judge/identity_check.h"
#include "probe/judge/isolation.h"

struct planning {
	FILE *out;
	struct arena *arena; /* of one line */
};

static struct span joined(struct planning *planning, struct span list,
	const char *between, struct span one)
{
	if (!one.len)
		return list;
	return arena_print(planning->arena, "%.*s%s%.*s", SPAN_ARG(list),
		list.len ? between : "", SPAN_ARG(one));
}

static void put_rule(
	struct planning *planning, struct span subject, struct span rule)
{
	struct arena *arena = planning->arena;

	fprintf(planning->out, "  %.*s%s%.*s\n",
		SPAN_ARG(escape_text(arena, subject)), rule.len ? ": " : "",
		SPAN_ARG(escape_text(arena, rule)));
	arena_empty(arena);
}

static struct span time_text(struct planning *planning, uint64_t ms)
{
	if (ms % 1000)
		return arena_print(
			planning->arena, "%llu ms", (unsigned long long)ms);
	return arena_print(
		planning->arena, "%llu s", (unsigned long long)ms / 1000);
}

static struct span counted(
	struct planning *planning, unsigned long count, const char *noun)
{
	return arena_print(planning->arena, "%lu %s%s", count, noun,
		count == 1 ? "" : "s");
}

/* ---- what is found out beside the cells, without a connection */

static void put_identity(
	struct planning *planning, const struct matrix_identity *identity)
{
	struct span rule = SPAN("");

	for (size_t i = 0; i < identity->line_count; i++)
		rule = joined(planning, rule, "; ", identity->lines[i].text);
	put_rule(planning, identity_subject(planning->arena, identity), rule);
}

static void put_comparison(
	struct planning *planning, const struct matrix_comparison *comparison)
{
	struct span rule = SPAN("");

	for (int i = 0; i < SAME_KINDS; i++)
		if (comparison->same[i])
			rule = joined(planning, rule, ", ",
				span_of(same_word((enum same_kind)i)));
	if (rule.len)
		rule = joined(planning, SPAN("same "), "", rule);
	if (comparison->has_ratio)
		rule = joined(planning, rule, "; ", comparison->ratio_text);
	if (comparison->has_verdict)
		rule = joined(planning, rule, "; ",
			arena_print(planning->arena, "verdict %s",
				compared_word(comparison->verdict)));
	put_rule(planning, comparison_subject(planning->arena, comparison),
		rule);
}

static void put_baseline(
	struct planning *planning, const struct matrix_baseline *baseline)
{
	struct span rule = SPAN("");

	for (int i = 0; i < WATCHED_COUNT; i++)
		if (baseline->watches[i])
			rule = joined(planning, rule, ", ",
				span_of(watched_word((enum watched)i)));
	put_rule(planning,
		arena_print(planning->arena, "baseline %.*s",
			SPAN_ARG(baseline->name)),
		arena_print(planning->arena,
			"watches %.*s; told after %u run%s", SPAN_ARG(rule),
			baseline->confirm, baseline->confirm == 1 ? "" : "s"));
}

/* ---- what holds of the connections */

static void put_limit(struct planning *planning, const struct limit *limit)
{
	struct arena *arena = planning->arena;
	struct span rule = SPAN("");

	if (limit->connections)
		rule = arena_print(arena, "%u at once", limit->connections);
	if (limit->has_pause)
		rule = joined(planning, rule, ", ",
			arena_print(arena, "%.*s between two",
				SPAN_ARG(
					time_text(planning, limit->pause_ms))));
	if (limit->per_day)
		rule = joined(planning, rule, ", ",
			arena_print(arena, "%u in 24 hours", limit->per_day));
	put_rule(planning,
		arena_print(arena, "limit of hosts of %.*s",
			SPAN_ARG(limit->domain)),
		rule);
}

static struct span isolation_text(
	struct planning *planning, const struct on_failure *on_failure)
{
	struct span list = SPAN("");

	for (int i = 0; i < VARIED_COUNT; i++)
		if (on_failure->varies[i])
			list = joined(planning, list, ", ",
				span_of(varied_word((enum varied)i)));
	return arena_print(planning->arena,
		"isolate %.*s, with at most %u more connections for each cell "
		"that fails",
		SPAN_ARG(list),
		on_failure->max_connections ? on_failure->max_connections
					    : ISOLATION_CONNECTIONS);
}

static void put_on_failure(
	struct planning *planning, const struct on_failure *on_failure)
{
	struct span rule = SPAN("");

	if (on_failure->isolates)
		rule = isolation_text(planning, on_failure);
	if (on_failure->keeps_packets)
		rule = joined(planning, rule, "; ",
			on_failure->keeps_keys
				? SPAN("keep the packets, and keys of TLS")
				: SPAN("keep the packets"));
	put_rule(planning, SPAN("on failure"), rule);
}

void scenario_plan_rules(FILE *out, const struct matrix *matrix)
{
	struct planning planning = { .out = out, .arena = arena_open() };

	for (size_t i = 0; i < matrix->identity_count; i++)
		put_identity(&planning, &matrix->identities[i]);
	for (size_t i = 0; i < matrix->comparison_count; i++)
		put_comparison(&planning, &matrix->comparisons[i]);
	for (size_t i = 0; i < matrix->baseline_count; i++)
		put_baseline(&planning, &matrix->baselines[i]);
	for (size_t i = 0; i < matrix->limit_count; i++)
		put_limit(&planning, &matrix->limits[i]);
	if (matrix->on_failure)
		put_on_failure(&planning, matrix->on_failure);
	arena_close(planning.arena);
}

/* ---- what it comes to */

/* "2 connections, and 2 with --deliver; 16 more if all of them fail" */
static struct span cost_text(
	struct planning *planning, const struct destination_cost *cost)
{
	struct arena *arena = planning->arena;
	struct span text = SPAN("");

	if (cost->all)
		text = arena_print(arena,
			"for each of %.*s one connection to each address of "
			"its hosts",
			SPAN_ARG(counted(planning, cost->all, "cell")));
	if (cost->connections || (!cost->delivering && !cost->all))
		text = joined(planning, text, ", and ",
			counted(planning, cost->connections, "connection"));
	if (cost->delivering)
		text = joined(planning, text, ", and ",
			arena_print(arena, "%.*s with --deliver",
				SPAN_ARG(counted(planning, cost->delivering,
					"connection"))));
	if (cost->isolating)
		text = joined(planning, text, "; ",
			arena_print(arena, "%lu more if all of them fail",
				cost->isolating));
	return text;
}

static struct span place_text(struct arena *arena, const struct aim *aim)
{
	static const char *const kinds[] = { "mx", "host", "address" };

	if (!aim->port)
		return arena_print(arena, "%s %.*s", kinds[aim->kind],
			SPAN_ARG(aim->name));
	return arena_print(arena, "%s %.*s port %u", kinds[aim->kind],
		SPAN_ARG(aim->name), aim->port);
}

void scenario_plan_cost(FILE *out, const struct matrix *matrix)
{
	struct planning planning = { .out = out, .arena = arena_open() };
	struct arena *arena = arena_open();
	struct scenario_cost cost;

	scenario_cost(arena, matrix, &cost);
	fputs("  at most, in one run:\n", out);
	for (size_t i = 0; i < cost.count; i++) {
		fputs("  ", out);
		put_rule(&planning,
			place_text(planning.arena, cost.list[i].aim),
			cost_text(&planning, &cost.list[i]));
	}
	if (cost.count != 1) {
		fputs("  ", out);
		put_rule(&planning, SPAN("in all"),
			cost_text(&planning, &cost.sum));
	}
	arena_close(arena);
	arena_close(planning.arena);
}
