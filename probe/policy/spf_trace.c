#include "probe/policy/spf_trace.h"

void spf_trace_place(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term)
{
	struct spf_check *check = evaluation->check;
	struct span *path = arena_take(
		evaluation->arena, (frame->depth + 1) * sizeof(*path));

	check->term = term ? spf_frame_part(frame, term->text) : SPAN("");
	check->term_domain = frame->domain.raw;
	check->path = path;
	check->path_count = frame->depth + 1;
	for (; frame; frame = frame->outer)
		path[frame->depth] = frame->domain.raw;
}

/* The first error is the one that counts. */
void spf_trace_why(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term,
	struct span why)
{
	if (evaluation->check->why.len)
		return;
	spf_trace_place(evaluation, frame, term);
	evaluation->check->why = why;
}

void spf_trace_begin(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term)
{
	struct spf_step *step = arena_new(evaluation->arena, struct spf_step);

	step->depth = frame->depth;
	step->domain = frame->domain.raw;
	step->term = term ? spf_frame_part(frame, term->text) : SPAN("");
	*evaluation->steps_end = step;
	evaluation->steps_end = &step->next;
	evaluation->step = step;
}

void spf_trace_end(struct spf_evaluation *evaluation, struct spf_step *step,
	enum spf_outcome outcome)
{
	step->outcome = outcome;
	step->lookups_used = evaluation->check->lookups;
	step->voids_used = evaluation->check->void_count;
}

void spf_trace_lookup(struct spf_evaluation *evaluation, struct span name,
	enum rr_type type, const struct answer *answer)
{
	struct spf_lookup **end = &evaluation->step->lookups;
	struct spf_lookup *lookup = arena_new(
		evaluation->arena, struct spf_lookup);

	lookup->name = arena_copy(evaluation->arena, name);
	lookup->type = type;
	lookup->answer = answer;
	while (*end)
		end = &(*end)->next;
	*end = lookup;
}
