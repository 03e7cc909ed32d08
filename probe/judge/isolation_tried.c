#include "probe/judge/isolation_tried.h"

#include "probe/judge/setting_change.h"

enum trial_verdict trial_verdict_of(
	const struct trial_end *failing, const struct trial_end *end)
{
	if (!end->is_decided)
		return TRIAL_OPEN;
	if (end->is_well)
		return TRIAL_WELL;
	/* Put off, where the other was refused: another day it may go well. */
	if (end->ending.code / 100 == 4 && failing->ending.code / 100 != 4)
		return TRIAL_OPEN;
	if (ending_is_like(&failing->ending, &end->ending) &&
		span_is(failing->missed, end->missed))
		return TRIAL_ALIKE;
	return TRIAL_OTHERWISE;
}

enum trial_verdict isolation_verdict_of(
	const struct isolation *isolation, const struct trial *trial)
{
	return trial_verdict_of(&isolation->question->failing.end, &trial->end);
}

unsigned isolation_change_of(
	const struct isolation *isolation, const struct trial *trial)
{
	bool is_fit;
	unsigned mask = change_telling(
		isolation->question, &trial->setting, &is_fit);

	return is_fit ? mask : 0;
}

bool isolation_was_tried(
	const struct isolation *isolation, const struct setting *setting)
{
	for (size_t i = 0; i < isolation->trial_count; i++)
		if (setting_is(&isolation->trials[i].setting, setting))
			return true;
	return false;
}

const struct trial *isolation_trial_of(const struct isolation *isolation,
	enum varied varied, enum trial_verdict verdict)
{
	for (size_t i = 0; i < isolation->trial_count; i++) {
		const struct trial *trial = &isolation->trials[i];

		if (isolation_change_of(isolation, trial) ==
				change_bit(varied) &&
			isolation_verdict_of(isolation, trial) == verdict)
			return trial;
	}
	return NULL;
}

const struct trial *isolation_nearest_well(const struct isolation *isolation)
{
	const struct trial *nearest = NULL;

	for (size_t i = 0; i < isolation->trial_count; i++) {
		const struct trial *trial = &isolation->trials[i];
		unsigned count = change_size(
			isolation_change_of(isolation, trial));

		if (!count ||
			isolation_verdict_of(isolation, trial) != TRIAL_WELL)
			continue;
		if (!nearest || count < change_size(isolation_change_of(
						isolation, nearest)))
			nearest = trial;
	}
	return nearest;
}

const struct trial *isolation_repeat_of(const struct isolation *isolation)
{
	for (size_t i = 0; i < isolation->trial_count; i++)
		if (isolation->trials[i].is_repeat)
			return &isolation->trials[i];
	return NULL;
}
