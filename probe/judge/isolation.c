#include "probe/judge/isolation.h"

/*
 * The search, in words: a dialogue that went well and differs from the one
 * that failed in one thing ends it.  One that differs in more is walked
 * towards, first by each difference alone, then by more and more of them.
 * Without any, each thing is changed alone to what there is.  A change of the
 * family, or of the host, brings other things with it: where it makes the
 * difference, the finer ones are tried as well, and then the other of the two.
 */
enum { CHOICES_EACH = 4 };

static unsigned bit(enum varied varied)
{
	return 1u << varied;
}

static unsigned bits_in(unsigned mask)
{
	unsigned count = 0;

	for (; mask; mask &= mask - 1)
		count++;
	return count;
}

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

/* What was not said yet when it failed cannot be why. */
static bool can_matter(
	const struct isolation_question *question, enum varied varied)
{
	switch (varied) {
	case VARIED_FAMILY:
	case VARIED_SOURCE:
	case VARIED_MX:
		break;
	case VARIED_EHLO:
		return question->stage >= STAGE_EHLO;
	case VARIED_TLS:
		return question->stage >= STAGE_STARTTLS;
	case VARIED_MAIL_FROM:
		return question->stage >= STAGE_MAIL;
	}
	return true;
}

static bool is_open_to_change(
	const struct isolation_question *question, enum varied varied)
{
	return question->varies[varied] && can_matter(question, varied);
}

/* ---- differences */

static bool source_differs(const struct isolation_question *question,
	const struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;
	enum family family = setting->family;

	if (!setting->has_source)
		return false;
	if (family == failing->family)
		return failing->has_source &&
		       !ip_is(&setting->source, &failing->source);
	return question->has_home[family] &&
	       !ip_is(&setting->source, &question->home[family]);
}

unsigned isolation_difference(const struct isolation_question *question,
	const struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;
	bool is_family = setting->family != failing->family;
	unsigned mask = 0;

	if (is_family)
		mask |= bit(VARIED_FAMILY);
	if (source_differs(question, setting))
		mask |= bit(VARIED_SOURCE);
	if (!span_is_nocase(setting->ehlo, failing->ehlo))
		mask |= bit(VARIED_EHLO);
	if (!span_is_nocase(setting->host, failing->host) ||
		(!is_family && !ip_is(&setting->remote, &failing->remote)))
		mask |= bit(VARIED_MX);
	if (setting->has_tls != failing->has_tls)
		mask |= bit(VARIED_TLS);
	if (!span_is(setting->mail_from, failing->mail_from))
		mask |= bit(VARIED_MAIL_FROM);
	return mask;
}

/* Of those that can matter; *is_fit: all of them may be changed. */
static unsigned telling_difference(const struct isolation_question *question,
	const struct setting *setting, bool *is_fit)
{
	unsigned mask = isolation_difference(question, setting);

	*is_fit = true;
	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		if (!can_matter(question, (enum varied)i))
			mask &= ~bit((enum varied)i);
		if ((mask & bit((enum varied)i)) && !question->varies[i])
			*is_fit = false;
	}
	return mask;
}

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

static enum trial_verdict verdict_of(
	const struct isolation *isolation, const struct trial *trial)
{
	return trial_verdict_of(&isolation->question->failing.end, &trial->end);
}

/* What one trial changed that can matter; 0: nothing that counts here. */
static unsigned change_of(
	const struct isolation *isolation, const struct trial *trial)
{
	bool is_fit;
	unsigned mask = telling_difference(
		isolation->question, &trial->setting, &is_fit);

	return is_fit ? mask : 0;
}

static bool setting_is(const struct setting *a, const struct setting *b)
{
	return a->family == b->family && ip_is(&a->remote, &b->remote) &&
	       span_is_nocase(a->host, b->host) &&
	       span_is_nocase(a->ehlo, b->ehlo) && a->has_tls == b->has_tls &&
	       span_is(a->mail_from, b->mail_from) &&
	       (!a->has_source || !b->has_source ||
		       ip_is(&a->source, &b->source));
}

static bool was_tried(
	const struct isolation *isolation, const struct setting *setting)
{
	for (size_t i = 0; i < isolation->trial_count; i++)
		if (setting_is(&isolation->trials[i].setting, setting))
			return true;
	return false;
}

/* ---- from what failed towards another setting */

static bool remote_of(const struct isolation_question *question,
	struct span host, enum family family, struct ip *remote)
{
	for (size_t i = 0; i < question->host_count; i++) {
		const struct isolation_host *one = &question->hosts[i];

		if (!span_is_nocase(one->name, host) || !one->has[family])
			continue;
		*remote = one->remote[family];
		return true;
	}
	return false;
}

static bool place_source(const struct isolation_question *question,
	const struct setting *to, unsigned mask, struct setting *setting)
{
	if (mask & bit(VARIED_SOURCE)) {
		setting->has_source = to->has_source;
		setting->source = to->source;
		return to->source.family == setting->family;
	}
	if (!(mask & bit(VARIED_FAMILY)))
		return true;
	setting->has_source = question->has_home[setting->family];
	setting->source = question->home[setting->family];
	return true;
}

static bool place_remote(const struct isolation_question *question,
	const struct setting *to, unsigned mask, struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;

	if (mask & bit(VARIED_MX))
		setting->host = to->host;
	if (span_is_nocase(setting->host, to->host) &&
		setting->family == to->family &&
		(mask & (bit(VARIED_MX) | bit(VARIED_FAMILY)))) {
		setting->remote = to->remote;
		return true;
	}
	if (span_is_nocase(setting->host, failing->host) &&
		setting->family == failing->family)
		return true;
	return remote_of(
		question, setting->host, setting->family, &setting->remote);
}

/* Changed in these alone; false: that cannot be. */
static bool place(const struct isolation_question *question,
	const struct setting *to, unsigned mask, struct setting *setting)
{
	*setting = question->failing.setting;
	if (mask & bit(VARIED_FAMILY))
		setting->family = to->family;
	if (mask & bit(VARIED_EHLO))
		setting->ehlo = to->ehlo;
	if (mask & bit(VARIED_TLS))
		setting->has_tls = to->has_tls;
	if (mask & bit(VARIED_MAIL_FROM))
		setting->mail_from = to->mail_from;
	return place_source(question, to, mask, setting) &&
	       place_remote(question, to, mask, setting);
}

/* ---- what there is to change one thing to */

static bool nth_source(const struct isolation_question *question, size_t n,
	struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;

	/* Which one the kernel took is not known: what is another? */
	if (!failing->has_source)
		return false;
	for (size_t i = 0; i < question->source_count; i++) {
		const struct ip *ip = &question->sources[i];

		if (ip->family != failing->family ||
			ip_is(ip, &failing->source))
			continue;
		if (n-- > 0)
			continue;
		setting->has_source = true;
		setting->source = *ip;
		return true;
	}
	return false;
}

static bool nth_host(const struct isolation_question *question, size_t n,
	struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;

	for (size_t i = 0; i < question->host_count; i++) {
		const struct isolation_host *host = &question->hosts[i];

		if (!host->has[failing->family] ||
			span_is_nocase(host->name, failing->host))
			continue;
		if (n-- > 0)
			continue;
		setting->host = host->name;
		setting->remote = host->remote[failing->family];
		return true;
	}
	return false;
}

/* The n-th text that is not the one in use. */
static bool nth_text(
	const struct span *texts, size_t count, size_t n, struct span *text)
{
	for (size_t i = 0; i < count; i++) {
		if (span_is_nocase(texts[i], *text))
			continue;
		if (n-- > 0)
			continue;
		*text = texts[i];
		return true;
	}
	return false;
}

static bool other_family(
	const struct isolation_question *question, struct setting *setting)
{
	enum family other = setting->family == FAMILY_IPV4 ? FAMILY_IPV6
							   : FAMILY_IPV4;

	setting->family = other;
	setting->has_source = question->has_home[other];
	setting->source = question->home[other];
	return remote_of(question, setting->host, other, &setting->remote);
}

static bool choice(const struct isolation_question *question,
	enum varied varied, size_t n, struct setting *setting)
{
	*setting = question->failing.setting;
	switch (varied) {
	case VARIED_FAMILY:
		return n == 0 && other_family(question, setting);
	case VARIED_SOURCE:
		return nth_source(question, n, setting);
	case VARIED_EHLO:
		return nth_text(question->names, question->name_count, n,
			&setting->ehlo);
	case VARIED_MX:
		return nth_host(question, n, setting);
	case VARIED_TLS:
		if (n > 0 || !setting->has_tls || question->was_in_clear)
			return false;
		setting->has_tls = false;
		return true;
	case VARIED_MAIL_FROM:
		break;
	}
	return nth_text(question->senders, question->sender_count, n,
		&setting->mail_from);
}

/* ---- which is next */

/* What brings other things with it. */
static unsigned bundles(void)
{
	return bit(VARIED_FAMILY) | bit(VARIED_MX);
}

/* Did a trial that changed this alone go well? */
static const struct trial *trial_of(const struct isolation *isolation,
	enum varied varied, enum trial_verdict verdict)
{
	for (size_t i = 0; i < isolation->trial_count; i++) {
		const struct trial *trial = &isolation->trials[i];

		if (change_of(isolation, trial) == bit(varied) &&
			verdict_of(isolation, trial) == verdict)
			return trial;
	}
	return NULL;
}

static unsigned flips_of(const struct isolation *isolation)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (trial_of(isolation, (enum varied)i, TRIAL_WELL))
			mask |= bit((enum varied)i);
	return mask;
}

/* The one that went well and differs in the least. */
static const struct trial *nearest_well(const struct isolation *isolation)
{
	const struct trial *nearest = NULL;

	for (size_t i = 0; i < isolation->trial_count; i++) {
		const struct trial *trial = &isolation->trials[i];
		unsigned count = bits_in(change_of(isolation, trial));

		if (!count || verdict_of(isolation, trial) != TRIAL_WELL)
			continue;
		if (!nearest || count < bits_in(change_of(isolation, nearest)))
			nearest = trial;
	}
	return nearest;
}

static bool propose(const struct isolation *isolation,
	const struct setting *setting, struct trial *next)
{
	if (was_tried(isolation, setting))
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
	unsigned all = change_of(isolation, well), sum = 0;
	struct setting setting;

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if ((all & bit(order[i])) &&
			place(question, &well->setting, bit(order[i]),
				&setting) &&
			propose(isolation, &setting, next))
			return true;
	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		if (!(all & bit(order[i])))
			continue;
		sum |= bit(order[i]);
		if (bits_in(sum) > 1 && sum != all &&
			place(question, &well->setting, sum, &setting) &&
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
				(among & bit(order[i])) &&
				choice(question, order[i], n, &setting) &&
				propose(isolation, &setting, next))
				return true;
	return false;
}

static const struct trial *repeat_of(const struct isolation *isolation)
{
	for (size_t i = 0; i < isolation->trial_count; i++)
		if (isolation->trials[i].is_repeat)
			return &isolation->trials[i];
	return NULL;
}

static bool repeat(const struct isolation *isolation, struct trial *next)
{
	if (repeat_of(isolation))
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
	const struct trial *well = nearest_well(isolation);

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

		if (!change_of(isolation, &trial) ||
			was_tried(isolation, &trial.setting))
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

/* ---- the conclusion */

static bool has_choice(
	const struct isolation_question *question, enum varied varied)
{
	struct setting setting;

	return choice(question, varied, 0, &setting);
}

static enum varied_state state_of(
	const struct isolation *isolation, enum varied varied)
{
	const struct isolation_question *question = isolation->question;

	if (!question->varies[varied])
		return VARIED_HELD;
	if (!can_matter(question, varied))
		return VARIED_LATER;
	if (trial_of(isolation, varied, TRIAL_WELL))
		return VARIED_FLIPS;
	if (trial_of(isolation, varied, TRIAL_ALIKE))
		return VARIED_INNOCENT;
	if (trial_of(isolation, varied, TRIAL_OTHERWISE) ||
		trial_of(isolation, varied, TRIAL_OPEN))
		return VARIED_UNCLEAR;
	return has_choice(question, varied) ? VARIED_UNTRIED
					    : VARIED_CHOICELESS;
}

/* The well one that several changes led to, in the least of them. */
static const struct trial *together_of(const struct isolation *isolation)
{
	const struct trial *well = nearest_well(isolation);

	return well && bits_in(change_of(isolation, well)) > 1 ? well : NULL;
}

/* Was each difference of it tried alone, and made none? */
static bool is_told_apart(
	const struct isolation *isolation, const struct trial *together)
{
	unsigned mask = change_of(isolation, together);

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if ((mask & bit((enum varied)i)) &&
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
	const struct trial *again = repeat_of(isolation);
	const struct trial *together = together_of(isolation);

	if (again && verdict_of(isolation, again) == TRIAL_WELL)
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
		isolation->flips[i] = trial_of(
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
