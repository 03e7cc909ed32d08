/*
 * *.jsonl      message -> accept, faults
 *
 * The form of a message alone.  A fault is some words and the name of a field:
 * "duplicate reply-to".  Messages are years old, so no date is too old here.
 */
#include "probe/mail/form.h"

#include "probe/base/file.h"
#include "tests/conformance/conformance.h"

enum { MESSAGE_OCTETS_MAX = 64 * 1024 * 1024 };

/* clang-format off */
static const struct fault_word {
	const char *words;
	enum form_kind kind;
} fault_words[] = {
	{ "missing",     FORM_MISSING },
	{ "duplicate",   FORM_DUPLICATE },
	{ "multiple",    FORM_DUPLICATE },
	{ "empty",       FORM_EMPTY },
	{ "raw 8-bit in", FORM_RAW_8BIT },
	{ "malformed",   FORM_ADDRESS },
	{ "invalid",     FORM_ADDRESS },
	{ "malformed",   FORM_MESSAGE_ID },
	{ "invalid",     FORM_MESSAGE_ID },
	{ "malformed",   FORM_DATE },
	{ "invalid",     FORM_DATE },
};
/* clang-format on */

/* The last word is the field, those before it the kind. */
static bool says(struct span text, const struct form_fault *fault)
{
	size_t at = text.len;
	struct span field;

	while (at > 0 && text.at[at - 1] != ' ')
		at--;
	field = span_part(text, at, text.len);
	text = span_trim(span_part(text, 0, at));
	if (!span_is_nocase(field, fault->field))
		return false;
	for (size_t i = 0; i < COUNT_OF(fault_words); i++)
		if (fault_words[i].kind == fault->kind &&
			span_is(text, span_of(fault_words[i].words)))
			return true;
	return false;
}

static struct span text_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? span_of(text) : SPAN("");
}

/* Is every fault of the data one of ours? */
static enum verdict judge_told(
	struct suite_question *question, const struct form *form)
{
	const json_t *list = json_object_get(question->line, "faults");

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct span text = text_of(json_array_get(list, i));
		size_t j = 0;

		while (j < form->fault_count && !says(text, &form->faults[j]))
			j++;
		if (j == form->fault_count)
			return question_fail(
				question, "%.*s: not found", SPAN_ARG(text));
	}
	return VERDICT_PASS;
}

/* And is every fault of ours for which mail is refused one of the data's? */
static enum verdict judge_found(
	struct suite_question *question, const struct form *form)
{
	const json_t *list = json_object_get(question->line, "faults");

	for (size_t i = 0; i < form->fault_count; i++) {
		const struct form_fault *fault = &form->faults[i];
		size_t j = 0;

		if (fault->weight != FORM_BROKEN)
			continue;
		while (j < json_array_size(list) &&
			!says(text_of(json_array_get(list, j)), fault))
			j++;
		if (j == json_array_size(list))
			return question_fail(
				question, "found: %.*s", SPAN_ARG(fault->why));
	}
	return VERDICT_PASS;
}

static enum verdict judge(struct suite_question *question)
{
	struct arena *arena = question->arena;
	struct span path = arena_print(arena, "%s/%.*s", question->folder,
		SPAN_ARG(question_text(question, "message")));
	const struct form *form;
	struct span bytes, why;
	enum verdict verdict;

	if (!file_read(arena, path.at, MESSAGE_OCTETS_MAX, &bytes, &why))
		return question_fail(question, "%.*s", SPAN_ARG(why));
	form = form_of(arena, bytes, 0);
	if (form->is_broken == question_bool(question, "accept"))
		return question_fail(question, "%s",
			form->is_broken ? "refused" : "accepted");
	verdict = judge_told(question, form);
	return verdict == VERDICT_PASS ? judge_found(question, form) : verdict;
}

const struct suite suite_preflight = {
	.name = "preflight",
	.judge = judge,
};
