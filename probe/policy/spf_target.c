#include "probe/policy/spf_target.h"

#include "probe/dns/name.h"
#include "probe/policy/spf_lookup.h"
#include "probe/policy/spf_names.h"

/* Brings %{p} and %{d} to what they are in this record. */
enum spf_outcome spf_target_values(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, uint32_t letters)
{
	const struct answer *answer;
	struct spf_names names = { .count = 0 };

	evaluation->values.domain = frame->domain.raw;
	if (!(letters & SPF_LETTER('p')))
		return SPF_TERM_MATCH;
	answer = spf_lookup_ask(evaluation,
		ip_reverse_name(evaluation->arena, &evaluation->ip), RR_PTR);
	if (!answer)
		return SPF_TERM_OPEN;
	if (answer->kind == ANSWER_DATA &&
		spf_names_validate(evaluation, answer, &names) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	evaluation->values.validated_name = spf_names_best(
		&names, frame->domain.name);
	return SPF_TERM_MATCH;
}

static enum spf_outcome expand_target(struct spf_spot *spot)
{
	struct spf_evaluation *evaluation = spot->evaluation;
	struct span raw;

	if (spf_target_values(evaluation, spot->frame, spot->term->letters) ==
		SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	raw = spf_macro_name(
		evaluation->arena, spot->term->spec, &evaluation->values);
	spot->target = (struct spf_target){ raw,
		spf_name(evaluation->arena, raw) };
	return SPF_TERM_MATCH;
}

enum spf_outcome spf_target_find(struct spf_spot *spot)
{
	const struct spf_term *term = spot->term;

	if (!term->spec.len)
		spot->target = spot->frame->domain;
	else if (term->is_plain)
		spot->target = (struct spf_target){
			name_without_dot(
				spf_frame_part(spot->frame, term->spec)),
			term->name
		};
	else if (expand_target(spot) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	if (spot->evaluation->step)
		spot->evaluation->step->target = spot->target.raw;
	return SPF_TERM_MATCH;
}
