/*
 * *.jsonl      message, dns, now, sig_index -> expect
 *
 * What counts is whether the signature passes; that there is none, and that
 * the DNS failed, are verdicts of their own.
 */
#include "probe/policy/dkim.h"

#include <time.h>

#include "probe/base/file.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/zone.h"

enum { MESSAGE_OCTETS_MAX = 64 * 1024 * 1024 };

static bool is_expected(
	const struct suite_question *question, enum dkim_result result)
{
	static const enum dkim_result no[] = { DKIM_FAIL, DKIM_NEUTRAL,
		DKIM_POLICY, DKIM_PERMERROR };
	bool is_no = result == DKIM_FAIL || result == DKIM_NEUTRAL ||
		     result == DKIM_POLICY || result == DKIM_PERMERROR;

	if (question_lists(question, "expect", dkim_result_word(result)))
		return true;
	for (size_t i = 0; is_no && i < COUNT_OF(no); i++)
		if (question_lists(question, "expect", dkim_result_word(no[i])))
			return true;
	return false;
}

static enum verdict judge_checks(
	struct suite_question *question, const struct dkim_checks *checks)
{
	enum dkim_result result = checks->result;
	struct span why = SPAN("");

	if (checks->count)
		why = checks->checks[0].why;
	if (question_has(question, "sig_index")) {
		json_int_t at = question_number(question, "sig_index");

		if (at < 0 || (size_t)at >= checks->count)
			return question_fail(
				question, "%zu signatures", checks->count);
		result = checks->checks[at].result;
		why = checks->checks[at].why;
	}
	if (is_expected(question, result))
		return VERDICT_PASS;
	return question_fail(
		question, "%s: %.*s", dkim_result_word(result), SPAN_ARG(why));
}

static enum verdict judge(struct suite_question *question)
{
	struct arena *arena = question->arena;
	struct zone *zone = zone_open(
		arena, json_object_get(question->line, "dns"));
	struct dkim_query query = {
		.arena = arena,
		.answers = answers_open(arena),
		.now = question_has(question, "now")
			       ? (uint64_t)question_number(question, "now")
			       : (uint64_t)time(NULL),
	};
	struct span path = arena_print(arena, "%s/%.*s", question->folder,
		SPAN_ARG(question_text(question, "message")));
	const struct dkim_message *message;
	struct dkim_checks checks;
	struct span bytes, why;
	enum verdict verdict;

	if (!file_read(arena, path.at, MESSAGE_OCTETS_MAX, &bytes, &why))
		return question_fail(question, "%.*s", SPAN_ARG(why));
	query.keys = dkim_keys_open();
	message = dkim_message_of(arena, bytes);
	while (dkim_check(&query, message, &checks) == DKIM_OPEN &&
		zone_settle(zone, query.answers))
		;
	verdict = judge_checks(question, &checks);
	dkim_keys_close(query.keys);
	return verdict;
}

const struct suite suite_dkim = {
	.name = "dkim",
	.judge = judge,
};
