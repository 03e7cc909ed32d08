#include "probe/judge/expectation.h"

#include "probe/base/clock.h"
#include "probe/judge/holding.h"
#include "probe/judge/step_facts.h"

enum { DAY = 24 * 3600 };

struct bench {
	struct arena *arena;
	const struct cell_question *question;
	const struct visit *visit;
	const struct visit_judgement *judged;
	struct cell_result *result; /* of this visit */
	struct holding holding;     /* the same, for one expectation */
	bool fault_was_expected;
	bool is_fixed; /* a known rejection of this step is none any more */
};

const char *cell_verdict_word(enum cell_verdict verdict)
{
	static const char *const words[] = { "n/a", "pass", "fixed", "known",
		"unknown", "fail" };

	return words[verdict];
}

int cell_exit_status(enum cell_verdict verdict)
{
	switch (verdict) {
	case CELL_PASS:
	case CELL_FIXED:
	case CELL_KNOWN:
		break;
	case CELL_NA:
	case CELL_UNKNOWN:
		return 4;
	case CELL_FAIL:
		return 1;
	}
	return 0;
}

/* ---- one step */

static void miss_add(struct bench *bench, const struct miss *miss)
{
	struct cell_result *result = bench->result;

	result->misses = arena_grow(bench->arena, result->misses,
		result->miss_count, &result->miss_room,
		sizeof(*result->misses));
	result->misses[result->miss_count++] = *miss;
}

static void worsen(
	struct cell_result *result, enum cell_verdict verdict, struct span why)
{
	if (verdict <= result->verdict)
		return;
	result->verdict = verdict;
	result->why = why;
}

static struct span known_words(
	const struct bench *bench, const struct expected *expected)
{
	struct span date = span_part(
		clock_text(bench->arena, (int64_t)expected->until * DAY * 1000),
		0, 10);

	return arena_print(bench->arena, "%.*s%s%.*s, until %.*s",
		SPAN_ARG(expected->known), expected->ticket.len ? ", " : "",
		SPAN_ARG(expected->ticket), SPAN_ARG(date));
}

/* A known rejection: is it one still, and may it be one still? */
static bool take_known(struct bench *bench, const struct expected *expected,
	enum step_verb verb, bool is_met)
{
	const struct reply *reply = step_reply(bench->visit, verb);
	uint64_t today = (uint64_t)(bench->question->now / DAY);

	if (!expected->until)
		return is_met;
	if (!is_met) {
		if (!reply || !reply_is_yes(reply))
			return false;
		worsen(bench->result, CELL_FIXED, expected->known);
		bench->is_fixed = true;
		return true;
	}
	if (today < expected->until)
		worsen(bench->result, CELL_KNOWN, known_words(bench, expected));
	return today < expected->until;
}

static bool is_of_reply(const struct expected *expected)
{
	return expected->kind == EXPECTED_ACCEPT ||
	       expected->kind == EXPECTED_REJECT ||
	       expected->kind == EXPECTED_DEFER ||
	       expected->kind == EXPECTED_CODE;
}

/* Another reply at this stage may have ended the walk: EHLO inside TLS. */
static bool is_what_ended(const struct bench *bench, enum step_verb verb)
{
	const struct fault *fault = bench->visit->fault;
	const struct reply *reply = step_reply(bench->visit, verb);

	return fault && fault->stage == step_stage(verb) && fault->reply &&
	       reply && fault->reply->code == reply->code;
}

static void judge_expected(struct bench *bench, const struct expected *expected,
	enum step_verb verb)
{
	struct miss miss = { .place = *expected->place,
		.stage = step_stage(verb),
		.wanted = expected->text };
	enum held held = expected_held(
		&bench->holding, expected, verb, &miss.found);

	/* The words of a rejection go with it. */
	if (expected->kind == EXPECTED_TEXT && bench->is_fixed)
		return;
	if (held == HELD_UNKNOWN) {
		worsen(bench->result, CELL_UNKNOWN, miss.found);
		return;
	}
	if (held == HELD && is_of_reply(expected) && is_what_ended(bench, verb))
		bench->fault_was_expected = true;
	if (take_known(bench, expected, verb, held == HELD))
		return;
	miss_add(bench, &miss);
	worsen(bench->result, CELL_FAIL, SPAN(""));
}

static bool is_known_one(const struct expected *expected)
{
	return expected->until != 0;
}

/* The known rejection first: what is expected beside it may hang on it. */
static void judge_step(struct bench *bench, const struct matrix_step *step)
{
	bench->is_fixed = false;
	for (size_t i = 0; i < step->expected_count; i++)
		if (is_known_one(&step->expected[i]))
			judge_expected(bench, &step->expected[i], step->verb);
	for (size_t i = 0; i < step->expected_count; i++)
		if (!is_known_one(&step->expected[i]))
			judge_expected(bench, &step->expected[i], step->verb);
}

/* Did the walk come so far that this step can be judged? */
static bool was_reached(const struct bench *bench, enum step_verb verb)
{
	const struct fault *fault = bench->visit->fault;

	if (step_end(bench->visit, verb))
		return true;
	/* Left out because the server does not offer it: that is a fact. */
	return verb == STEP_STARTTLS && bench->visit->reached[STAGE_EHLO] &&
	       (!fault || fault->stage > STAGE_TLS);
}

enum cell_verdict cell_verdict_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_WARN:
		return CELL_PASS;
	case VERDICT_FAIL:
		return CELL_FAIL;
	case VERDICT_UNKNOWN:
		return CELL_UNKNOWN;
	case VERDICT_NA:
		break;
	}
	return CELL_NA;
}

/* What the judge says of the whole cell. */
static enum verdict judged_verdict(const struct cell_question *question)
{
	const struct judgement *judgement = question->judgement;

	return judgement->visit_count
		       ? judgement->families[question->cell->family]
		       : judgement->verdict;
}

static bool verdict_is_wanted(const struct cell_question *question)
{
	static const enum judged_as named[] = {
		[VERDICT_PASS] = JUDGED_PASS,
		[VERDICT_WARN] = JUDGED_WARN,
		[VERDICT_FAIL] = JUDGED_FAIL,
		[VERDICT_UNKNOWN] = JUDGED_UNKNOWN,
	};
	enum verdict verdict = judged_verdict(question);

	return question->cell->verdict && verdict != VERDICT_NA &&
	       question->cell->verdict->is_one_of[named[verdict]];
}

static bool is_told(const struct bench *bench, enum stage stage)
{
	for (size_t i = 0; i < bench->result->miss_count; i++)
		if (bench->result->misses[i].stage == stage)
			return true;
	return false;
}

/* Was something else not as expected, before the walk came to this stage? */
static bool is_told_before(const struct bench *bench, enum stage stage)
{
	for (size_t i = 0; i < bench->result->miss_count; i++)
		if (bench->result->misses[i].stage < stage)
			return true;
	return false;
}

/* The words of a reply alone do not tell 450 from 550. */
static struct span fault_words(struct arena *arena, const struct fault *fault)
{
	if (!fault->reply)
		return fault->why;
	return arena_print(arena, "%u %.*s", fault->reply->code,
		SPAN_ARG(fault->reply->lines[0]));
}

/* A walk that ended early, and nobody had expected it. */
static void judge_fault(struct bench *bench)
{
	const struct fault *fault = bench->visit->fault;
	const struct scenario *scenario = &bench->question->cell->scenario;
	struct miss miss = { .wanted = SPAN("that the walk goes on") };
	enum cell_verdict verdict = cell_verdict_of(bench->judged->verdict);

	if (!fault || fault->stage == STAGE_QUIT || bench->fault_was_expected ||
		verdict_is_wanted(bench->question))
		return;
	/* Greylisting and the like: nothing is decided by it. */
	if (verdict == CELL_UNKNOWN && !is_told_before(bench, fault->stage))
		bench->result->verdict = CELL_UNKNOWN;
	else
		worsen(bench->result, verdict, SPAN(""));
	bench->result->why = fault->why;
	if (is_told(bench, fault->stage))
		return;
	miss.stage = fault->stage;
	miss.found = fault_words(bench->arena, fault);
	for (size_t i = 0; i < scenario->step_count; i++)
		if (step_stage(scenario->steps[i].verb) == fault->stage) {
			miss.place.file = scenario->steps[i].file;
			miss.place.line = scenario->steps[i].line;
			miss.place.column = scenario->steps[i].column;
		}
	miss_add(bench, &miss);
}

/* A temporary address, which the path refuses to leave from. */
static void judge_source(struct bench *bench)
{
	const struct egress *egress = bench->question->cell->egress;
	const struct source *source = &bench->visit->source;
	struct miss miss = { .stage = STAGE_CONNECT,
		.wanted = SPAN("transient refuse") };

	if (!egress->refuses_transient || !source->is_known ||
		!source->is_temporary)
		return;
	miss.place = *egress->refuses_place;
	miss.found = arena_print(bench->arena,
		"%.*s is a temporary address (RFC 8981)",
		SPAN_ARG(ip_text(bench->arena, &source->ip)));
	miss_add(bench, &miss);
	worsen(bench->result, CELL_FAIL, SPAN(""));
}

static void judge_visit(struct bench *bench)
{
	const struct matrix_cell *cell = bench->question->cell;

	if (bench->visit->state != VISIT_WALKED) {
		/* One that Ctrl-C came before has its reason in the family. */
		worsen(bench->result, cell_verdict_of(bench->judged->verdict),
			bench->visit->why_not.len
				? bench->visit->why_not
				: bench->question->judgement
					  ->family_why[cell->family]);
		return;
	}
	worsen(bench->result, CELL_PASS, SPAN(""));
	judge_source(bench);
	for (size_t i = 0; i < cell->scenario.step_count; i++)
		if (was_reached(bench, cell->steps[i].verb))
			judge_step(bench, &cell->steps[i]);
	judge_fault(bench);
}

/* ---- the cell */

static void add_result(struct arena *arena, struct cell_result *all,
	const struct cell_result *one)
{
	struct bench bench = { .arena = arena, .result = all };

	if (one->verdict > all->verdict || !all->why.len)
		all->why = one->why;
	if (one->verdict > all->verdict)
		all->verdict = one->verdict;
	for (size_t i = 0; i < one->miss_count; i++)
		miss_add(&bench, &one->misses[i]);
}

static enum stage last_stage(const struct cell_question *question)
{
	const struct judgement *judgement = question->judgement;

	for (size_t i = 0; i < judgement->visit_count; i++)
		if (judgement->visits[i].visit->fault)
			return judgement->visits[i].visit->fault->stage;
	return judgement->visit_count ? STAGE_QUIT : STAGE_RESOLVE;
}

/* verdict under probe: what the judge is to say of the cell. */
static void judge_judged(struct arena *arena,
	const struct cell_question *question, struct cell_result *result)
{
	const struct verdict_wanted *wanted = question->cell->verdict;
	enum verdict verdict = judged_verdict(question);
	struct bench bench = { .arena = arena, .result = result };
	struct miss miss = { .stage = last_stage(question) };

	if (!wanted || verdict == VERDICT_NA)
		return;
	if (verdict_is_wanted(question)) {
		if (!question->judgement->visit_count)
			result->verdict = CELL_PASS;
		return;
	}
	if (verdict == VERDICT_UNKNOWN) {
		worsen(result, CELL_UNKNOWN, result->why);
		return;
	}
	miss.place = *wanted->place;
	miss.wanted = wanted->text;
	miss.found = arena_print(arena, "verdict %s", verdict_word(verdict));
	miss_add(&bench, &miss);
	worsen(result, CELL_FAIL, SPAN(""));
}

void cell_judge(struct arena *arena, const struct cell_question *question,
	struct cell_result *result)
{
	const struct judgement *judgement = question->judgement;
	enum family family = question->cell->family;

	*result = (struct cell_result){ .why = SPAN("") };
	if (question->outcome->fault)
		result->why = question->outcome->fault->why;
	else if (judgement->family_why[family].len)
		result->why = judgement->family_why[family];
	if (!judgement->visit_count)
		result->verdict = cell_verdict_of(judgement->verdict);
	for (size_t i = 0; i < judgement->visit_count; i++) {
		struct cell_result one = { .why = SPAN("") };
		struct bench bench = { .arena = arena,
			.question = question,
			.visit = judgement->visits[i].visit,
			.judged = &judgement->visits[i],
			.holding = { .arena = arena,
				.codebook = question->codebook,
				.visit = judgement->visits[i].visit,
				.now = question->now },
			.result = &one };

		judge_visit(&bench);
		add_result(arena, result, &one);
	}
	judge_judged(arena, question, result);
}
