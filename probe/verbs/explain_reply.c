#include "probe/verbs/witness.h"
#include "reports/codebook_json.h"
#include "reports/codebook_text.h"

static void keep_reply(struct explanation *explanation, struct span text)
{
	explanation->replies = arena_grow(explanation->arena,
		explanation->replies, explanation->reply_count,
		&explanation->reply_room, sizeof(text));
	explanation->replies[explanation->reply_count++] = arena_copy(
		explanation->arena, text);
}

void explain_reply(struct witness *source)
{
	struct explanation *explanation = source->explanation;
	const struct program *program = explanation->program;
	struct codebook_question question = { .text = span_trim(source->head) };
	struct codebook_answer answer;

	while (question.text.len &&
		ascii_is_space(question.text.at[question.text.len - 1]))
		question.text.len--;
	answer = codebook_find_text(program->codebook, &question);
	explanation->has_told = true;
	explanation->has_refusal |= answer.code / 100 == 5;
	if (program->options.quiet)
		return;
	switch (program->options.format) {
	case FORMAT_TEXT:
		codebook_text_reply(
			stdout, &program->style, program->codebook, &question);
		break;
	case FORMAT_JSONL:
		codebook_json_reply(stdout, program->codebook, &question);
		break;
	case FORMAT_JSON:
		keep_reply(explanation, question.text);
		break;
	}
}
