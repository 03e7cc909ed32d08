#ifndef MXP_TESTS_SPF_ZONE_H
#define MXP_TESTS_SPF_ZONE_H

#include "probe/dns/answers_file.h"

/* A zone as text: what it does not have is no name at all. */
static inline struct saved_answers *spf_zone(
	struct arena *arena, const char *text)
{
	struct answers_file_errors errors;
	struct saved_answers *saved = answers_file_load(arena, SPAN("zone"),
		arena_print(arena, "mxprobe-answers 1\n%s", text), &errors);

	for (size_t i = 0; i < errors.count; i++)
		print_error("%.*s\n", SPAN_ARG(errors.texts[i]));
	assert_int_equal(errors.total, 0);
	return saved;
}

static inline void spf_zone_settle(
	const struct saved_answers *zone, struct answers *answers)
{
	static const struct answer no_name = { .kind = ANSWER_NO_NAME };
	struct question *first = answers_open_question(answers);

	saved_answers_settle(zone, answers);
	for (struct question *q = first; q; q = q->next)
		if (q->answer->kind == ANSWER_UNSAVED)
			question_settle(q, &no_name);
}

#endif
