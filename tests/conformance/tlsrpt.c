/* record.jsonl    record -> valid */
#include "probe/policy/tls_rpt.h"
#include "tests/conformance/conformance.h"

static enum verdict judge(struct suite_question *question)
{
	struct tls_rpt_record record;
	struct span why;
	bool is_valid;

	if (!question_has(question, "valid"))
		return VERDICT_NOT_SCORED;
	is_valid = tls_rpt_parse(question->arena,
		question_text(question, "record"), &record, &why);
	if (is_valid == question_bool(question, "valid"))
		return VERDICT_PASS;
	if (is_valid)
		return question_fail(question, "taken");
	return question_fail(question, "refused: %.*s", SPAN_ARG(why));
}

const struct suite suite_tlsrpt = {
	.name = "tlsrpt",
	.judge = judge,
};
