#include "probe/judge/isolation.h"

#include "probe/judge/isolation_tried.h"
#include "probe/judge/setting_change.h"

static bool has_choice(
	const struct isolation_question *question, enum varied varied)
{
	struct setting setting;

	return change_choice(question, varied, 0, &setting);
}

static enum varied_state state_of(
	const struct isolation *isolation, enum varied varied)
{
	const struct isolation_question *question = isolation->question;

	if (!question->varies[varied])
		return VARIED_HELD;
	if (!change_can_matter(question, varied))
		return VARIED_LATER;
	if (isolation_trial_of(isolation, varied, TRIAL_WELL))
		return VARIED_FLIPS;
	if (isolation_trial_of(isolation, varied, TRIAL_ALIKE))
		return VARIED_INNOCENT;
	if (isolation_trial_of(isolation, varied, TRIAL_OTHERWISE) ||
		isolation_trial_of(isolation, varied, TRIAL_OPEN))
		return VARIED_UNCLEAR;
	return has_choice(question, varied) ? VARIED_UNTRIED
					    : VARIED_CHOICELESS;
}

/* The well one that several changes led to, in the least of them. */
static const struct trial *together_of(const struct isolation *isolation)
{
	const struct trial *well = isolation_nearest_well(isolation);

	return well && change_size(isolation_change_of(isolation, well)) > 1
		       ? well
		       : NULL;
}

/* Was each difference of it tried alone, and made none? */
static bool is_told_apart(
	const struct isolation *isolation, const struct trial *together)
{
	unsigned mask = isolation_change_of(isolation, together);

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if ((mask & change_bit((enum varied)i)) &&
			isolation->states[i] != VARIED_INNOCENT)
			return false;
	return true;
}

static bool has_state(
	const struct isolation *isolation, enum varied_state state)
{
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (isolation->states[i] == state)
			return true;
	return false;
}

static enum isolation_end end_of(struct isolation *isolation)
{
	const struct trial *again = isolation_repeat_of(isolation);
	const struct trial *together = together_of(isolation);

	if (again && isolation_verdict_of(isolation, again) == TRIAL_WELL)
		return ISOLATED_UNSTABLE;
	if (has_state(isolation, VARIED_FLIPS))
		return ISOLATED_SINGLE;
	isolation->together = together;
	if (together)
		return is_told_apart(isolation, together) ? ISOLATED_TOGETHER
							  : ISOLATED_UNTOLD;
	if (has_state(isolation, VARIED_UNTRIED) ||
		has_state(isolation, VARIED_UNCLEAR) ||
		!has_state(isolation, VARIED_INNOCENT))
		return ISOLATED_UNTOLD;
	return ISOLATED_NOTHING;
}

/* A finding that holds for what failed: for its family, or for all. */
static bool bears_on(const struct finding *finding, const struct visit *visit)
{
	if (finding->severity == SEVERITY_INFO)
		return false;
	for (size_t i = 0; i < finding->for_count; i++)
		if (finding->for_it[i].visit == visit)
			return true;
	return finding->has_family && finding->family == visit->path->family;
}

static void take_findings(struct isolation *isolation,
	const struct judgement *judgement, const struct visit *visit)
{
	const struct finding **list = arena_take(isolation->arena,
		(judgement->finding_count + 1) * sizeof(*list));

	isolation->findings = list;
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (bears_on(&judgement->findings[i], visit))
			list[isolation->finding_count++] =
				&judgement->findings[i];
}

void isolation_conclude(struct isolation *isolation,
	const struct judgement *judgement, const struct visit *visit)
{
	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		isolation->states[i] = state_of(isolation, (enum varied)i);
		isolation->flips[i] = isolation_trial_of(
			isolation, (enum varied)i, TRIAL_WELL);
	}
	isolation->end = end_of(isolation);
	if (isolation->flips[VARIED_SOURCE] &&
		isolation->flips[VARIED_FAMILY]) {
		isolation->states[VARIED_FAMILY] = VARIED_ALONG;
		isolation->flips[VARIED_FAMILY] = NULL;
	}
	take_findings(isolation, judgement, visit);
	isolation->text = isolation_words(isolation);
}

const struct isolation *isolation_over(
	const struct judgement *judgement, enum family family)
{
	for (size_t i = 0; i < judgement->isolation_count; i++) {
		const struct isolation *one = judgement->isolations[i];

		if (one->question->failing.setting.family == family)
			return one;
	}
	return NULL;
}
