/*
 * record.jsonl     record -> valid
 * policy.jsonl     policy -> valid
 * mx-match.jsonl   pattern, mx -> valid
 *
 * Each line says by its kind what it is.  Our parser of policies lets through
 * what senders do and notes it as an oddity; here that is invalid.
 */
#include "probe/policy/mta_sts.h"
#include "tests/conformance/conformance.h"

static bool record_is_valid(struct suite_question *question, struct span *why)
{
	struct span id;

	return mta_sts_record_parse(
		question->arena, question_text(question, "record"), &id, why);
}

static bool policy_is_valid(struct suite_question *question, struct span *why)
{
	struct mta_sts_policy policy;

	if (!mta_sts_policy_parse(question->arena,
		    question_text(question, "policy"), &policy, why))
		return false;
	*why = policy.oddity;
	return !policy.oddity.len;
}

static bool mx_is_valid(struct suite_question *question, struct span *why)
{
	*why = SPAN("no match");
	return mta_sts_match(question_text(question, "pattern"),
		question_text(question, "mx"));
}

static const struct {
	const char *kind;
	bool (*is_valid)(struct suite_question *question, struct span *why);
} kinds[] = {
	{ "record", record_is_valid },
	{ "policy", policy_is_valid },
	{ "mx_match", mx_is_valid },
};

static enum verdict judge(struct suite_question *question)
{
	struct span kind = question_text(question, "kind");
	struct span why = SPAN("");

	if (!question_has(question, "valid"))
		return VERDICT_NOT_SCORED;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		bool is_valid;

		if (!span_is(kind, span_of(kinds[i].kind)))
			continue;
		is_valid = kinds[i].is_valid(question, &why);
		if (is_valid == question_bool(question, "valid"))
			return VERDICT_PASS;
		return question_fail(question, "%s%.*s",
			is_valid ? "taken" : "refused: ",
			SPAN_ARG(is_valid ? SPAN("") : why));
	}
	return question_fail(question, "a kind that nobody knows");
}

const struct suite suite_mtasts = {
	.name = "mtasts",
	.judge = judge,
};
