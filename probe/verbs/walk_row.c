#include "probe/verbs/walk_row.h"

#include "probe/base/clock.h"
#include "probe/judge/isolation.h"

struct making {
	struct arena *arena;
	const struct outcome *outcome;
	const struct judgement *judgement;
	struct walk_rows *rows;
};

static struct aim aim_of(
	const struct options *options, const struct outcome *outcome)
{
	const struct target *target = outcome->target;
	struct aim aim = { .kind = AIM_MX,
		.name = target->domain_shown,
		.choice = options->mx_choice == MX_ALL     ? AIM_ALL
			  : options->mx_choice == MX_FIRST ? AIM_FIRST
							   : AIM_BEST,
		.first = options->mx_first };

	if (target->is_literal)
		aim = (struct aim){ .kind = AIM_ADDRESS,
			.name = target->text,
			.ip = target->literal };
	else if (target->host.len)
		aim = (struct aim){ .kind = AIM_HOST, .name = target->host };
	aim.port = target->port == 25 ? 0 : target->port;
	return aim;
}

/* ---- why */

static const struct fault *fault_of(
	const struct making *making, enum family family)
{
	const struct outcome *outcome = making->outcome;

	for (size_t i = 0; i < outcome->visit_count; i++)
		if (outcome->visits[i]->path->family == family &&
			outcome->visits[i]->fault)
			return outcome->visits[i]->fault;
	return outcome->fault;
}

static struct span fault_text(struct arena *arena, const struct fault *fault)
{
	if (fault->reply)
		return arena_print(arena, "%s: %u %.*s",
			stage_phrase(fault->stage), fault->reply->code,
			SPAN_ARG(fault->reply->lines[0]));
	return arena_print(arena, "%s: %s%s%.*s", stage_phrase(fault->stage),
		failure_word(fault->failure), fault->why.len ? ": " : "",
		SPAN_ARG(fault->why));
}

static struct span title_of(const struct making *making, enum family family)
{
	const struct judgement *judgement = making->judgement;

	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];

		if (finding->severity != SEVERITY_INFO &&
			(!finding->has_family || finding->family == family))
			return finding->title;
	}
	return SPAN("");
}

static struct span why_of(const struct making *making, enum family family)
{
	const struct judgement *judgement = making->judgement;
	const struct fault *fault = fault_of(making, family);

	switch (judgement->families[family]) {
	case VERDICT_PASS:
		return SPAN("");
	case VERDICT_WARN:
		return title_of(making, family);
	case VERDICT_FAIL:
	case VERDICT_UNKNOWN:
	case VERDICT_NA:
		break;
	}
	if (judgement->family_why[family].len)
		return judgement->family_why[family];
	return fault ? fault_text(making->arena, fault) : SPAN("");
}

/* ---- when */

static void take_times(const struct making *making, struct result_row *row)
{
	uint64_t first = UINT64_MAX, last = 0;

	row->began_ms = clock_wall_ms();
	for (size_t i = 0; i < making->outcome->visit_count; i++) {
		const struct visit *visit = making->outcome->visits[i];

		if (visit->state != VISIT_WALKED ||
			visit->path->family != row->family)
			continue;
		if (visit->wall_ms < row->began_ms)
			row->began_ms = visit->wall_ms;
		if (visit->began_ns < first)
			first = visit->began_ns;
		if (visit->ended_ns > last)
			last = visit->ended_ns;
	}
	row->took_ns = last > first ? last - first : 0;
}

static void add(struct making *making, enum family family)
{
	struct walk_rows *rows = making->rows;
	size_t at = rows->count++;

	rows->cells[at] = (struct matrix_cell){ .probe = SPAN("walk"),
		.aim = &rows->aim,
		.family = family,
		.egress = &rows->egress };
	rows->results[at] = (struct cell_result){
		.verdict = cell_verdict_of(making->judgement->families[family]),
		.why = why_of(making, family)
	};
	rows->rows[at] = (struct result_row){ .kind = ROW_CELL,
		.matrix = &rows->matrix,
		.variables = &rows->variables,
		.cell = &rows->cells[at],
		.has_family = true,
		.family = family,
		.result = &rows->results[at],
		.outcome = making->outcome,
		.judgement = making->judgement,
		.isolation = isolation_over(making->judgement, family) };
	take_times(making, &rows->rows[at]);
}

const struct walk_rows *walk_rows_of(struct arena *arena,
	const struct options *options, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct walk_rows *rows = arena_new(arena, struct walk_rows);
	struct making making = { arena, outcome, judgement, rows };

	rows->aim = aim_of(options, outcome);
	rows->matrix.name = SPAN("mxprobe");
	for (int family = 0; family < FAMILY_COUNT; family++)
		if (outcome->wanted[family])
			add(&making, (enum family)family);
	rows->matrix.cells = rows->cells;
	rows->matrix.cell_count = rows->count;
	return rows;
}
