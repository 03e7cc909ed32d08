#include "reports/isolation_account.h"

static struct span hidden(
	const struct isolation_account *account, struct span text)
{
	return account->secrets
		       ? variables_hide(account->arena, account->secrets, text)
		       : text;
}

static struct span joined(struct arena *arena, struct span list,
	const char *between, struct span one)
{
	return arena_print(arena, "%.*s%s%.*s", SPAN_ARG(list),
		list.len ? between : "", SPAN_ARG(one));
}

/* What is hidden is hidden before a cut could leave a part of it. */
static struct span told_of(
	const struct isolation_account *account, const struct trial *trial)
{
	struct span told = hidden(account, trial->end.told);
	bool is_cut = told.len > ISOLATION_REPLY_SHOWN;

	if (!is_cut)
		return told;
	return arena_print(account->arena, "%.*s ...",
		SPAN_ARG(span_part(told, 0, ISOLATION_REPLY_SHOWN)));
}

struct span account_failing(const struct isolation_account *account)
{
	const struct isolation_question *question =
		account->isolation->question;
	const struct setting *setting = &question->failing.setting;
	struct arena *arena = account->arena;
	struct span told = told_of(account, &question->failing);
	struct span place = arena_print(arena, "%s from %.*s to %.*s, %s",
		family_word(setting->family),
		SPAN_ARG(setting_text(arena, setting, VARIED_SOURCE)),
		SPAN_ARG(setting_text(arena, setting, VARIED_MX)),
		stage_phrase(question->stage));

	place = hidden(account, place);
	return told.len ? joined(arena, place, ": ", told) : place;
}

/* ---- experiments */

struct span account_changes(
	const struct isolation_account *account, const struct trial *trial)
{
	unsigned mask = isolation_difference(
		account->isolation->question, &trial->setting);
	struct span list = SPAN("");

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (mask & 1u << i)
			list = joined(account->arena, list, ", ",
				setting_phrase(account->arena, &trial->setting,
					(enum varied)i));
	return list.len ? hidden(account, list)
			: SPAN("nothing, the same once more");
}

static enum trial_verdict verdict_of(
	const struct isolation_account *account, const struct trial *trial)
{
	return trial_verdict_of(
		&account->isolation->question->failing.end, &trial->end);
}

const char *account_verdict(
	const struct isolation_account *account, const struct trial *trial)
{
	switch (verdict_of(account, trial)) {
	case TRIAL_WELL:
		return "goes well";
	case TRIAL_ALIKE:
		return "fails in the same way";
	case TRIAL_OTHERWISE:
		return "fails in another way";
	case TRIAL_OPEN:
		break;
	}
	return "is not decided";
}

struct span account_reply(
	const struct isolation_account *account, const struct trial *trial)
{
	enum trial_verdict verdict = verdict_of(account, trial);

	return verdict == TRIAL_OTHERWISE || verdict == TRIAL_OPEN
		       ? told_of(account, trial)
		       : SPAN("");
}

static struct span line_of(const struct isolation_account *account, size_t i)
{
	const struct trial *trial = &account->isolation->trials[i];
	struct span changes = account_changes(account, trial);
	struct span reply = account_reply(account, trial);

	return arena_print(account->arena, "%zu. changed: %.*s%s: %s%s%.*s",
		i + 1, SPAN_ARG(changes),
		trial->is_known ? " (walked before)" : "",
		account_verdict(account, trial), reply.len ? ": " : "",
		SPAN_ARG(reply));
}

/* ---- what was held still */

static bool is_held(
	const struct isolation *isolation, unsigned changed, enum varied varied)
{
	/* Another family brings another source with it. */
	if (varied == VARIED_SOURCE && (changed & 1u << VARIED_FAMILY))
		return false;
	return !(changed & 1u << varied) &&
	       isolation->states[varied] != VARIED_LATER;
}

/* Over another family, a host has another address. */
static struct span held_phrase(struct arena *arena,
	const struct setting *setting, unsigned changed, enum varied varied)
{
	if (varied == VARIED_MX && (changed & 1u << VARIED_FAMILY))
		return arena_print(arena, "%s %.*s", varied_phrase(varied),
			SPAN_ARG(setting->host));
	return setting_phrase(arena, setting, varied);
}

struct span account_held(const struct isolation_account *account)
{
	const struct isolation *isolation = account->isolation;
	const struct setting *setting = &isolation->question->failing.setting;
	struct arena *arena = account->arena;
	struct span list = SPAN("target");
	unsigned changed = 0;

	for (size_t i = 0; i < isolation->trial_count; i++)
		changed |= isolation_difference(
			isolation->question, &isolation->trials[i].setting);
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (is_held(isolation, changed, (enum varied)i))
			list = joined(arena, list, ", ",
				held_phrase(arena, setting, changed,
					(enum varied)i));
	if (isolation->question->delivers)
		list = joined(arena, list, ", ", SPAN("message"));
	return hidden(account, list);
}

/* ---- the end of it */

struct span account_cost(const struct isolation_account *account)
{
	const struct isolation *isolation = account->isolation;

	return arena_print(account->arena,
		"%u of at most %u more connections%s", isolation->connections,
		isolation->question->max_connections,
		isolation->question->delivers ? ", each with the message" : "");
}

struct span account_conclusion(const struct isolation_account *account)
{
	return hidden(account, account->isolation->text);
}

struct span account_gist(const struct isolation_account *account)
{
	struct span text = account_conclusion(account);
	size_t end = span_find_nocase(text, SPAN(".  "));

	return span_part(text, 0, end < text.len ? end + 1 : text.len);
}

size_t account_lines(
	const struct isolation_account *account, struct span **lines)
{
	size_t count = account->isolation->trial_count, at = 0;
	struct arena *arena = account->arena;
	struct span *all = arena_take(arena, (count + 4) * sizeof(*all));

	all[at++] = arena_print(
		arena, "failed: %.*s", SPAN_ARG(account_failing(account)));
	for (size_t i = 0; i < count; i++)
		all[at++] = line_of(account, i);
	all[at++] = arena_print(arena,
		"held still in all: %.*s; in each, all that it does not name",
		SPAN_ARG(account_held(account)));
	all[at++] = account_cost(account);
	all[at++] = arena_print(arena, "conclusion: %.*s",
		SPAN_ARG(account_conclusion(account)));
	*lines = all;
	return at;
}
