#include "probe/store/history.h"

#include "probe/judge/isolation.h"

/* ---- how long it took */

static void put_stage(
	struct arena *arena, struct span *text, enum stage stage, uint64_t us)
{
	*text = arena_print(arena, "%.*s%s%s %llu", SPAN_ARG(*text),
		text->len ? " " : "", stage_word(stage),
		(unsigned long long)us);
}

/* The quickest visit of a family: what a network can do at its best. */
static uint64_t least_ns(
	const struct outcome *outcome, enum family family, enum stage stage)
{
	uint64_t least = 0;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];
		uint64_t ns;

		if (visit->path->family != family || !visit->reached[stage])
			continue;
		ns = visit_stage_ns(visit, stage);
		if (ns && (!least || ns < least))
			least = ns;
	}
	return least;
}

static void take_times(struct arena *arena, const struct outcome *outcome,
	enum family family, struct history_row *kept)
{
	kept->row.stages = SPAN("");
	for (int i = STAGE_CONNECT; i < STAGE_COUNT; i++) {
		uint64_t us = least_ns(outcome, family, (enum stage)i) / 1000;

		if (us)
			put_stage(arena, &kept->row.stages, (enum stage)i, us);
		if (i != STAGE_CONNECT)
			continue;
		kept->row.has_connect = us != 0;
		kept->row.connect_us = us;
	}
}

/* ---- what was found */

static void take_findings(struct arena *arena,
	const struct judgement *judgement, struct history_row *kept)
{
	struct finding *findings = arena_take(
		arena, (judgement->finding_count + 1) * sizeof(*findings));

	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];

		if (!kept->row.has_family || !finding->has_family ||
			finding->family == kept->row.family)
			findings[kept->finding_count++] = *finding;
	}
	kept->findings = findings;
}

static struct span aim_target(struct arena *arena, const struct aim *aim)
{
	switch (aim->kind) {
	case AIM_MX:
	case AIM_HOST:
		return aim->name;
	case AIM_ADDRESS:
		break;
	}
	return ip_text(arena, &aim->ip);
}

/* ---- whole rows */

void history_row_of(struct arena *arena, const struct result_row *row,
	struct history_row *kept)
{
	const struct variables *secrets = row->variables;

	*kept = (struct history_row){ .json = SPAN(""),
		.conclusion = SPAN(""),
		.isolation_json = SPAN("") };
	kept->row = (struct recorded){ .key = row_key(arena, row),
		.kind = span_of(row_kind_word(row->kind)),
		.name = row_name(arena, row),
		.target = SPAN(""),
		.path = SPAN(""),
		.has_family = row->has_family,
		.family = row->family,
		.verdict = span_of(row_word(row)),
		.why = variables_hide(arena, secrets, row->result->why),
		.began_ms = row->began_ms,
		.took_us = row->took_ns / 1000,
		.stages = SPAN("") };
	if (row->cell) {
		kept->row.target = variables_hide(
			arena, secrets, aim_target(arena, row->cell->aim));
		kept->row.path = variables_hide(
			arena, secrets, row->cell->egress->name);
	}
	if (row->outcome && row->has_family)
		take_times(arena, row->outcome, row->family, kept);
	if (row->judgement)
		take_findings(arena, row->judgement, kept);
	if (row->isolation)
		kept->conclusion = variables_hide(
			arena, secrets, row->isolation->text);
	traits_of_row(arena, row, &kept->row.traits);
}

/* When the first of its visits began; 0: there was none. */
static int64_t began_ms(const struct outcome *outcome, enum family family,
	struct history_row *kept)
{
	int64_t first = 0;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];

		if (visit->path->family != family ||
			visit->state != VISIT_WALKED)
			continue;
		if (!first || visit->wall_ms < first)
			first = visit->wall_ms;
		kept->row.took_us += (visit->ended_ns - visit->began_ns) / 1000;
	}
	return first;
}

void history_row_of_walk(struct arena *arena, const struct outcome *outcome,
	const struct judgement *judgement, enum family family,
	struct history_row *kept)
{
	const struct target *target = outcome->target;
	struct span name = target->domain.len ? target->domain : target->text;
	const struct isolation *isolation = isolation_over(judgement, family);

	*kept = (struct history_row){ .json = SPAN(""),
		.conclusion = isolation ? isolation->text : SPAN(""),
		.isolation_json = SPAN("") };
	kept->row = (struct recorded){ .kind = SPAN("cell"),
		.name = arena_print(
			arena, "%.*s, %s", SPAN_ARG(name), family_word(family)),
		.target = name,
		.has_family = true,
		.family = family,
		.path = SPAN(""),
		.verdict = span_of(verdict_word(judgement->families[family])),
		.why = judgement->family_why[family] };
	kept->row.key = arena_print(
		arena, "ad hoc/cell/%.*s", SPAN_ARG(kept->row.name));
	kept->row.began_ms = began_ms(outcome, family, kept);
	take_times(arena, outcome, family, kept);
	take_findings(arena, judgement, kept);
	traits_of_family(arena, outcome, family, &kept->row.traits);
	kept->row.traits.of[TRAIT_VERDICT] = trait_of_verdict(
		kept->row.verdict);
}
