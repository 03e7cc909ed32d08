#include "probe/policy/spf_lookup.h"

#include "probe/policy/spf_trace.h"

const struct answer *spf_lookup_ask(
	struct spf_evaluation *evaluation, struct span name, enum rr_type type)
{
	const struct answer *answer = answers_get(
		evaluation->answers, name, type);

	if (evaluation->step)
		spf_trace_lookup(evaluation, name, type, answer);
	return answer;
}

struct span spf_lookup_failure(struct arena *arena, struct span name,
	enum rr_type type, const struct answer *answer)
{
	if (answer->kind == ANSWER_UNSAVED)
		return arena_print(arena,
			"the saved answers do not have %.*s %s", SPAN_ARG(name),
			rr_type_word(type));
	return arena_print(arena, "the DNS did not tell %.*s %s (%s%s%.*s)",
		SPAN_ARG(name), rr_type_word(type), answer_word(answer->kind),
		answer->why.len ? ": " : "", SPAN_ARG(answer->why));
}

static enum spf_outcome too_many_voids(const struct spf_spot *spot)
{
	struct arena *arena = spot->evaluation->arena;
	const struct spf_check *check = spot->evaluation->check;
	struct span list = SPAN("");

	for (unsigned i = 0; i < check->void_count; i++)
		list = arena_print(arena, "%.*s%s%.*s %s", SPAN_ARG(list),
			i ? ", " : "", SPAN_ARG(check->voids[i].name),
			rr_type_word(check->voids[i].type));
	spf_trace_why(spot->evaluation, spot->frame, spot->term,
		arena_print(arena, "more than %d lookups found nothing: %.*s",
			SPF_VOIDS_MAX, SPAN_ARG(list)));
	return SPF_TERM_PERMERROR;
}

/* RFC 7208, 4.6.4: both "no such name" and "no such record". */
enum spf_outcome spf_void_count(
	const struct spf_spot *spot, struct span name, enum rr_type type)
{
	struct spf_check *check = spot->evaluation->check;

	if (check->void_count > SPF_VOIDS_MAX)
		return SPF_TERM_PERMERROR;
	check->voids[check->void_count++] = (struct spf_void){
		.name = arena_copy(spot->evaluation->arena, name),
		.type = type,
		.domain = spot->frame->domain.raw,
		.term = spf_frame_part(spot->frame, spot->term->text),
	};
	if (check->void_count > SPF_VOIDS_MAX)
		return too_many_voids(spot);
	return SPF_TERM_NO_MATCH;
}

/* False, and told, when this is one term too many (RFC 7208, 4.6.4). */
bool spf_lookup_count(const struct spf_spot *spot)
{
	struct spf_evaluation *evaluation = spot->evaluation;

	if (++evaluation->check->lookups <= SPF_LOOKUPS_MAX)
		return true;
	spf_trace_why(evaluation, spot->frame, spot->term,
		arena_print(evaluation->arena,
			"more than %d terms need a lookup", SPF_LOOKUPS_MAX));
	return false;
}

/* SPF_TERM_MATCH: there is something to look at in *answer. */
enum spf_outcome spf_lookup_make(const struct spf_spot *spot, struct span name,
	enum rr_type type, const struct answer **answer)
{
	struct spf_evaluation *evaluation = spot->evaluation;

	*answer = spf_lookup_ask(evaluation, name, type);
	if (!*answer)
		return SPF_TERM_OPEN;
	if ((*answer)->kind == ANSWER_DATA)
		return SPF_TERM_MATCH;
	if (!answer_failed(*answer))
		return spf_void_count(spot, name, type);
	spf_trace_why(evaluation, spot->frame, spot->term,
		spf_lookup_failure(evaluation->arena, name, type, *answer));
	return SPF_TERM_TEMPERROR;
}

enum rr_type spf_address_type(const struct spf_evaluation *evaluation)
{
	return evaluation->ip.family == FAMILY_IPV4 ? RR_A : RR_AAAA;
}

bool spf_address_found(const struct spf_evaluation *evaluation,
	const struct answer *answer, unsigned prefix)
{
	enum family family = evaluation->ip.family;
	struct spf_bits mask = spf_mask(family, prefix);

	for (size_t i = 0; i < answer->value_count; i++) {
		struct ip one;

		if (ip_parse(answer->values[i], &one) && one.family == family &&
			spf_bits_fit(evaluation->bits, spf_bits_of(&one), mask))
			return true;
	}
	return false;
}
