#include "probe/judge/expectation.h"

#include "probe/base/clock.h"

enum { DAY = 24 * 3600 };

struct bench {
	struct arena *arena;
	const struct cell_question *question;
	const struct visit *visit;
	const struct visit_judgement *judged;
	struct cell_result *result; /* of this visit */
	bool fault_was_expected;
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

/* ---- the facts of one step */

static enum stage stage_of(enum step_verb verb)
{
	static const enum stage stages[] = {
		[STEP_CONNECT] = STAGE_CONNECT,
		[STEP_BANNER] = STAGE_BANNER,
		[STEP_EHLO] = STAGE_EHLO,
		[STEP_STARTTLS] = STAGE_STARTTLS,
		[STEP_MAIL] = STAGE_MAIL,
		[STEP_RCPT] = STAGE_RCPT,
		[STEP_DATA] = STAGE_DATA,
		[STEP_DOT] = STAGE_DOT,
		[STEP_QUIT] = STAGE_QUIT,
	};

	return stages[verb];
}

/*
 * The event that ends a step: its last reply, or the handshake.  EHLO is said
 * again inside TLS; what is expected is expected of the first, in clear.
 */
static const struct event *end_of(
	const struct visit *visit, enum step_verb verb)
{
	const struct transcript *transcript = &visit->transcript;
	enum stage stage = stage_of(verb);
	const struct event *end = NULL;

	for (size_t i = 0; i < transcript->count; i++) {
		const struct event *event = &transcript->events[i];

		if (verb == STEP_EHLO && event->stage == STAGE_STARTTLS)
			break;
		if (verb == STEP_STARTTLS && event->kind == EVENT_TLS)
			end = event;
		if (event->stage == stage &&
			event->kind == (verb == STEP_CONNECT ? EVENT_CONNECTED
							     : EVENT_HEARD))
			end = event;
	}
	return end;
}

/* From what was said before it, or from the connect. */
static uint64_t milliseconds(const struct visit *visit, const struct event *end)
{
	const struct event *event = end;
	uint64_t from = 0;

	while (event > visit->transcript.events) {
		event--;
		from = event->at_ns;
		if (event->kind == EVENT_SAID || event->kind == EVENT_CONNECTED)
			break;
	}
	return event == end ? end->at_ns / 1000000
			    : (end->at_ns - from) / 1000000;
}

static const struct reply *reply_of(const struct event *end)
{
	return end && end->kind == EVENT_HEARD ? end->heard : NULL;
}

static struct span reply_words(
	const struct bench *bench, const struct reply *reply)
{
	if (!reply)
		return SPAN("no reply");
	return arena_print(bench->arena, "%u %.*s", reply->code,
		SPAN_ARG(reply->lines[0]));
}

/* ---- one expectation */

static bool status_fits(
	const struct expected *expected, const struct reply *reply)
{
	if (!expected->status[0])
		return true;
	return expected->status[0] == reply->status.class &&
	       expected->status[1] == reply->status.subject &&
	       expected->status[2] == reply->status.detail;
}

static bool code_fits(
	const struct expected *expected, const struct reply *reply)
{
	return (!expected->code || expected->code == reply->code) &&
	       status_fits(expected, reply);
}

static bool refusal_fits(const struct bench *bench,
	const struct expected *expected, const struct reply *reply,
	enum stage stage)
{
	const struct codebook_row *row;

	if (!code_fits(expected, reply))
		return false;
	if (!expected->reason.len)
		return true;
	row = codebook_find(bench->question->codebook, reply, stage);
	return row && span_is(row->id, expected->reason);
}

static bool reply_holds(const struct bench *bench,
	const struct expected *expected, const struct reply *reply,
	enum stage stage)
{
	if (!reply)
		return false;
	if (expected->kind == EXPECTED_REJECT)
		return reply_is_never(reply) &&
		       refusal_fits(bench, expected, reply, stage);
	if (expected->kind == EXPECTED_DEFER)
		return reply_is_not_now(reply) &&
		       refusal_fits(bench, expected, reply, stage);
	if (expected->kind == EXPECTED_CODE)
		return code_fits(expected, reply);
	return reply_is_yes(reply);
}

static bool announces(const struct bench *bench,
	const struct expected *expected, const struct reply *reply,
	struct span *found)
{
	const struct ehlo_keyword *keyword;
	struct ehlo ehlo = { 0 };
	unsigned long number = 0;

	if (!reply)
		return false;
	ehlo_parse(bench->arena, reply, &ehlo);
	keyword = ehlo_find(&ehlo, expected->name);
	*found = arena_print(bench->arena, "%.*s is not announced",
		SPAN_ARG(expected->name));
	if (!keyword)
		return expected->kind == EXPECTED_LACKS;
	*found = arena_print(bench->arena, "%.*s %.*s", SPAN_ARG(keyword->word),
		SPAN_ARG(keyword->parameters));
	if (expected->kind == EXPECTED_LACKS)
		return false;
	if (expected->sign == SIGN_NONE)
		return true;
	return span_number(keyword->parameters, (unsigned long)-1, &number) &&
	       sign_holds(expected->sign, number, expected->number);
}

/* "TLSv1.2" is 12, and "TLSv1" 10. */
static uint64_t tls_number(const struct session *tls)
{
	struct span rest = span_part(tls->version, 4, tls->version.len);

	if (!span_starts_nocase(tls->version, SPAN("TLSv")) || !rest.len)
		return 0;
	return 10 + (rest.len == 3 ? (uint64_t)(rest.at[2] - '0') : 0);
}

static bool days_hold(const struct bench *bench,
	const struct expected *expected, const struct session *tls,
	struct span *found)
{
	int64_t left = tls->chain_count
			       ? tls->chain[0].not_after - bench->question->now
			       : 0;
	int64_t days = left > 0 ? left / DAY : 0;

	*found = arena_print(bench->arena, "%lld days", (long long)days);
	return sign_holds(expected->sign, (uint64_t)days, expected->number);
}

static bool tls_holds(const struct bench *bench,
	const struct expected *expected, struct span *found)
{
	const struct session *tls = bench->visit->tls;

	*found = SPAN("no TLS");
	if (!tls)
		return false;
	*found = tls->version;
	if (expected->kind == EXPECTED_TLS)
		return sign_holds(
			expected->sign, tls_number(tls), expected->number);
	if (expected->kind == EXPECTED_CERT_DAYS)
		return days_hold(bench, expected, tls, found);
	*found = tls->verify_why.len ? tls->verify_why
				     : SPAN("another certificate");
	if (expected->kind == EXPECTED_CERT_TRUST)
		return tls->is_trusted;
	return tls->checked_name.len && tls->name_matches;
}

static bool in_time(const struct bench *bench, const struct expected *expected,
	const struct event *end, struct span *found)
{
	uint64_t took;

	if (!end)
		return false;
	took = milliseconds(bench->visit, end);
	*found = arena_print(bench->arena, "%llu ms", (unsigned long long)took);
	return took <= expected->number;
}

static bool holds(const struct bench *bench, const struct expected *expected,
	enum step_verb verb, struct span *found)
{
	const struct event *end = end_of(bench->visit, verb);
	const struct reply *reply = reply_of(end);

	if (verb == STEP_STARTTLS && !reply)
		reply = transcript_reply(
			&bench->visit->transcript, STAGE_STARTTLS);
	*found = reply_words(bench, reply);
	switch (expected->kind) {
	case EXPECTED_WITHIN:
		return in_time(bench, expected, end, found);
	case EXPECTED_ACCEPT:
	case EXPECTED_REJECT:
	case EXPECTED_DEFER:
	case EXPECTED_CODE:
		return reply_holds(bench, expected, reply, stage_of(verb));
	case EXPECTED_HAS:
	case EXPECTED_LACKS:
		return announces(bench, expected, reply, found);
	case EXPECTED_TLS:
	case EXPECTED_CERT_NAME:
	case EXPECTED_CERT_TRUST:
	case EXPECTED_CERT_DAYS:
		break;
	}
	return tls_holds(bench, expected, found);
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
	const struct reply *reply = reply_of(end_of(bench->visit, verb));
	uint64_t today = (uint64_t)(bench->question->now / DAY);

	if (!expected->until)
		return is_met;
	if (!is_met) {
		if (!reply || !reply_is_yes(reply))
			return false;
		worsen(bench->result, CELL_FIXED, expected->known);
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
	const struct reply *reply = reply_of(end_of(bench->visit, verb));

	return fault && fault->stage == stage_of(verb) && fault->reply &&
	       reply && fault->reply->code == reply->code;
}

static void judge_expected(struct bench *bench, const struct expected *expected,
	enum step_verb verb)
{
	struct miss miss = { .place = *expected->place,
		.stage = stage_of(verb),
		.wanted = expected->text };
	bool is_met = holds(bench, expected, verb, &miss.found);

	if (is_met && is_of_reply(expected) && is_what_ended(bench, verb))
		bench->fault_was_expected = true;
	if (take_known(bench, expected, verb, is_met))
		return;
	miss_add(bench, &miss);
	worsen(bench->result, CELL_FAIL, SPAN(""));
}

/* Did the walk come so far that this step can be judged? */
static bool was_reached(const struct bench *bench, enum step_verb verb)
{
	const struct fault *fault = bench->visit->fault;

	if (end_of(bench->visit, verb))
		return true;
	/* Left out because the server does not offer it: that is a fact. */
	return verb == STEP_STARTTLS && bench->visit->reached[STAGE_EHLO] &&
	       (!fault || fault->stage > STAGE_TLS);
}

static enum cell_verdict cell_verdict_of(enum verdict verdict)
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

static bool is_told(const struct bench *bench, enum stage stage)
{
	for (size_t i = 0; i < bench->result->miss_count; i++)
		if (bench->result->misses[i].stage == stage)
			return true;
	return false;
}

/* A walk that ended early, and nobody had expected it. */
static void judge_fault(struct bench *bench)
{
	const struct fault *fault = bench->visit->fault;
	const struct scenario *scenario = &bench->question->cell->scenario;
	struct miss miss = { .wanted = SPAN("that the walk goes on") };
	enum cell_verdict verdict = cell_verdict_of(bench->judged->verdict);

	if (!fault || fault->stage == STAGE_QUIT || bench->fault_was_expected)
		return;
	/* Greylisting and the like: nothing is decided by it. */
	if (verdict == CELL_UNKNOWN)
		bench->result->verdict = CELL_UNKNOWN;
	else
		worsen(bench->result, verdict, SPAN(""));
	bench->result->why = fault->why;
	if (is_told(bench, fault->stage))
		return;
	miss.stage = fault->stage;
	miss.found = fault->why;
	for (size_t i = 0; i < scenario->step_count; i++)
		if (stage_of(scenario->steps[i].verb) == fault->stage) {
			miss.place.file = scenario->steps[i].file;
			miss.place.line = scenario->steps[i].line;
			miss.place.column = scenario->steps[i].column;
		}
	miss_add(bench, &miss);
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
	for (size_t i = 0; i < cell->scenario.step_count; i++) {
		const struct matrix_step *step = &cell->steps[i];

		if (!was_reached(bench, step->verb))
			continue;
		for (size_t k = 0; k < step->expected_count; k++)
			judge_expected(bench, &step->expected[k], step->verb);
	}
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
			.result = &one };

		judge_visit(&bench);
		add_result(arena, result, &one);
	}
}
