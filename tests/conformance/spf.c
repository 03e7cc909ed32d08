/*
 * openspf-rfc7208.jsonl    helo, mailfrom, host, zone -> expect, explanation
 *
 * The suite of RFC 4408, which is superseded, is left out.
 */
#include "probe/policy/spf.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/zone.h"

/* Of the rounds an evaluation needs; more mean that it does not end. */
enum { ROUNDS_MAX = 50 };

static bool evaluate(const struct suite_question *question,
	const struct spf_query *query, struct spf_check *check)
{
	const struct zone *zone = zone_open(
		question->arena, json_object_get(question->line, "zone"));
	struct answers *answers = answers_open(question->arena);

	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		if (spf_check(question->arena, answers, query, check) !=
			SPF_OPEN)
			return true;
		if (!zone_settle(zone, answers))
			return false;
	}
	return false;
}

/* The suite's own word for what an implementation says without an exp=. */
static enum verdict judge_explanation(
	struct suite_question *question, const struct spf_check *check)
{
	struct span want = question_text(question, "explanation");
	struct span got = check->explanation;

	if (check->result != SPF_FAIL ||
		!question_bool(question, "explanation_counts"))
		return VERDICT_PASS;
	if (!got.len)
		got = SPAN("DEFAULT");
	if (!span_is_nocase(want, got))
		return question_fail(
			question, "the explanation is \"%.*s\"", SPAN_ARG(got));
	return VERDICT_PASS;
}

static enum verdict judge_check(struct suite_question *question)
{
	struct spf_query query = {
		.helo = question_text(question, "helo"),
		.mail_from = question_text(question, "mailfrom"),
	};
	struct spf_check check;

	if (!ip_parse(question_text(question, "host"), &query.ip))
		return question_fail(question, "host is no address");
	if (!evaluate(question, &query, &check))
		return question_fail(question, "it stays open");
	if (!question_lists(question, "expect", spf_result_word(check.result)))
		return question_fail(question, "%s: %.*s",
			spf_result_word(check.result), SPAN_ARG(check.why));
	return judge_explanation(question, &check);
}

const struct suite suite_spf = {
	.name = "spf",
	.judge = judge_check,
	.left_out = "openspf-rfc4408.jsonl", /* superseded */
};
