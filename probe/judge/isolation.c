#include "probe/judge/isolation.h"

#include "probe/judge/isolation_tried.h"
#include "probe/judge/setting_change.h"

/*
 * The search, in words: a dialogue that went well and differs from the one
 * that failed in one thing ends it.  One that differs in more is walked
 * towards, first by each difference alone, then by more and more of them.
 * Without any, each thing is changed alone to what there is.  A change of the
 * family, or of the host, brings other things with it: where it makes the
 * difference, the finer ones are tried as well, and then the other of the two.
 */
enum { CHOICES_EACH = 4 };

/* ---- the order: most telling first, by where it failed */

static const enum varied *order_of(enum stage stage)
{
	/* clang-format off */
	static const enum varied connecting[] = { VARIED_FAMILY, VARIED_MX,
		VARIED_SOURCE, VARIED_EHLO, VARIED_TLS, VARIED_MAIL_FROM };
	static const enum varied greeting[] = { VARIED_EHLO, VARIED_FAMILY,
		VARIED_SOURCE, VARIED_MX, VARIED_TLS, VARIED_MAIL_FROM };
	static const enum varied encrypting[] = { VARIED_TLS, VARIED_FAMILY,
		VARIED_MX, VARIED_SOURCE, VARIED_EHLO, VARIED_MAIL_FROM };
	static const enum varied mailing[] = { VARIED_FAMILY, VARIED_EHLO,
		VARIED_SOURCE, VARIED_MAIL_FROM, VARIED_MX, VARIED_TLS };
	/* clang-format on */

	if (stage <= STAGE_BANNER)
		return connecting;
	if (stage == STAGE_EHLO)
		return greeting;
	return stage <= STAGE_TLS ? encrypting : mailing;
}

static bool is_open_to_change(
	const struct isolation_question *question, enum varied varied)
{
	return question->varies[varied] && change_can_matter(question, varied);
}

/* ---- which is next */

/* What brings other things with it. */
static unsigned bundles(void)
{
	return change_bit(VARIED_FAMILY) | change_bit(VARIED_MX);
}

static unsigned flips_of(const struct isolation *isolation)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (isolation_trial_of(isolation, (enum varied)i, TRIAL_WELL))
			mask |= change_bit((enum varied)i);
	return mask;
}

static bool propose(const struct isolation *isolation,
	const struct setting *setting, struct trial *next)
{
	if (isolation_was_tried(isolation, setting))
		return false;
	*next = (struct trial){ .setting = *setting,
		.end = { .missed = SPAN(""), .told = SPAN("") },
		.name = SPAN("") };
	return true;
}

/* Each difference alone, then the first two of them, three ... */
static bool step_towards(const struct isolation *isolation,
	const struct trial *well, struct trial *next)
{
	const struct isolation_question *question = isolation->question;
	const enum varied *order = order_of(question->stage);
	unsigned all = isolation_change_of(isolation, well), sum = 0;
	struct setting setting;

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if ((all & change_bit(order[i])) &&
			change_apply(question, &well->setting,
				change_bit(order[i]), &setting) &&
			propose(isolation, &setting, next))
			return true;
	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		if (!(all & change_bit(order[i])))
			continue;
		sum |= change_bit(order[i]);
		if (change_size(sum) > 1 && sum != all &&
			change_apply(question, &well->setting, sum, &setting) &&
			propose(isolation, &setting, next))
			return true;
	}
	return false;
}

/* The first choice of each, then the second of each ... */
static bool sweep(const struct isolation *isolation, unsigned among,
	size_t most, struct trial *next)
{
	const struct isolation_question *question = isolation->question;
	const enum varied *order = order_of(question->stage);
	struct setting setting;

	for (size_t n = 0; n < most; n++)
		for (unsigned i = 0; i < VARIED_COUNT; i++)
			if (is_open_to_change(question, order[i]) &&
				(among & change_bit(order[i])) &&
				change_choice(
					question, order[i], n, &setting) &&
				propose(isolation, &setting, next))
				return true;
	return false;
}

static bool repeat(const struct isolation *isolation, struct trial *next)
{
	if (isolation_repeat_of(isolation))
		return false;
	*next = isolation->question->failing;
	next->is_known = false;
	next->is_repeat = true;
	return true;
}

bool isolation_next(const struct isolation *isolation, struct trial *next)
{
	unsigned left = isolation->question->max_connections -
			isolation->connections;
	unsigned flips = flips_of(isolation);
	const struct trial *well = isolation_nearest_well(isolation);

	if (isolation->connections >= isolation->question->max_connections ||
		isolation->is_interrupted)
		return false;
	if (!flips && well && step_towards(isolation, well, next))
		return true;
	if (!flips && sweep(isolation, ~0u, CHOICES_EACH, next))
		return true;
	/* One is kept to see the refusal again. */
	if (flips && !(flips & ~bundles()) && left > 1 &&
		(sweep(isolation, ~bundles(), 1, next) ||
			sweep(isolation, bundles(), 1, next)))
		return true;
	return repeat(isolation, next);
}

/* ---- what is known */

static void trial_add(struct isolation *isolation, const struct trial *trial)
{
	isolation->trials = arena_grow(isolation->arena, isolation->trials,
		isolation->trial_count, &isolation->trial_room,
		sizeof(*isolation->trials));
	isolation->trials[isolation->trial_count++] = *trial;
}

/* Of those that are known, the ones that changed only what may change. */
void isolation_open(struct isolation *isolation, struct arena *arena,
	const struct isolation_question *question)
{
	*isolation = (struct isolation){
		.arena = arena, .question = question, .text = SPAN("")
	};
	for (size_t i = 0; i < question->known_count; i++) {
		struct trial trial = question->known[i];

		if (!isolation_change_of(isolation, &trial) ||
			isolation_was_tried(isolation, &trial.setting))
			continue;
		trial.is_known = true;
		trial_add(isolation, &trial);
	}
}

void isolation_take(struct isolation *isolation, const struct trial *made)
{
	trial_add(isolation, made);
	isolation->connections++;
}
