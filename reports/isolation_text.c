#include "reports/isolation_text.h"

#include "probe/base/escape.h"

enum { REPLY_SHOWN = 120 /* octets of a reply in a line */ };

/* Nothing in it is escaped yet. */
struct account {
	struct arena *arena;
	struct span *lines;
	size_t count, room;
};

static void tell(struct account *account, struct span line)
{
	account->lines = arena_grow(account->arena, account->lines,
		account->count, &account->room, sizeof(*account->lines));
	account->lines[account->count++] = line;
}

static struct span joined(struct arena *arena, struct span list,
	const char *between, struct span one)
{
	return arena_print(arena, "%.*s%s%.*s", SPAN_ARG(list),
		list.len ? between : "", SPAN_ARG(one));
}

/* ": 550 5.7.1 no", as much of it as a line has room for. */
static struct span reply_of(struct arena *arena, const struct trial *trial)
{
	struct span told = span_part(trial->end.told, 0, REPLY_SHOWN);

	if (!told.len)
		return told;
	return arena_print(arena, ": %.*s%s", SPAN_ARG(told),
		told.len < trial->end.told.len ? " ..." : "");
}

static void tell_failing(
	struct account *account, const struct isolation_question *question)
{
	const struct setting *setting = &question->failing.setting;
	struct arena *arena = account->arena;

	tell(account,
		arena_print(arena, "failed: %s from %.*s to %.*s, %s%.*s",
			family_word(setting->family),
			SPAN_ARG(setting_text(arena, setting, VARIED_SOURCE)),
			SPAN_ARG(setting_text(arena, setting, VARIED_MX)),
			stage_phrase(question->stage),
			SPAN_ARG(reply_of(arena, &question->failing))));
}

static struct span changes_of(struct arena *arena,
	const struct isolation_question *question, const struct trial *trial)
{
	unsigned mask = isolation_difference(question, &trial->setting);
	struct span list = SPAN("");

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (mask & 1u << i)
			list = joined(arena, list, ", ",
				setting_phrase(arena, &trial->setting,
					(enum varied)i));
	return list.len ? list : SPAN("nothing, the same once more");
}

static const char *verdict_phrase(enum trial_verdict verdict)
{
	switch (verdict) {
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

static void tell_trial(
	struct account *account, const struct isolation *isolation, size_t i)
{
	const struct isolation_question *question = isolation->question;
	const struct trial *trial = &isolation->trials[i];
	struct arena *arena = account->arena;
	enum trial_verdict verdict = trial_verdict_of(
		&question->failing.end, &trial->end);
	struct span known = SPAN(""), reply = SPAN("");

	if (trial->is_known)
		known = SPAN(" (walked before)");
	if (verdict == TRIAL_OTHERWISE || verdict == TRIAL_OPEN)
		reply = reply_of(arena, trial);
	tell(account,
		arena_print(arena, "%zu. changed: %.*s%.*s: %s%.*s", i + 1,
			SPAN_ARG(changes_of(arena, question, trial)),
			SPAN_ARG(known), verdict_phrase(verdict),
			SPAN_ARG(reply)));
}

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

/* What no experiment changed. */
static void tell_held(
	struct account *account, const struct isolation *isolation)
{
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
	tell(account,
		arena_print(arena,
			"held still in all: %.*s%s; in each, all that it does "
			"not name",
			SPAN_ARG(list),
			isolation->question->delivers ? ", message" : ""));
}

static struct account account_of(
	struct arena *arena, const struct isolation *isolation)
{
	struct account account = { .arena = arena };
	const struct isolation_question *question = isolation->question;

	tell_failing(&account, question);
	for (size_t i = 0; i < isolation->trial_count; i++)
		tell_trial(&account, isolation, i);
	tell_held(&account, isolation);
	tell(&account,
		arena_print(arena, "%u of at most %u more connections%s",
			isolation->connections, question->max_connections,
			question->delivers ? ", each with the message" : ""));
	tell(&account, arena_print(arena, "conclusion: %.*s",
			       SPAN_ARG(isolation->text)));
	return account;
}

void isolation_text_screen(
	struct screen *screen, const struct isolation *isolation)
{
	static const struct mark none = { "", TONE_PLAIN };
	struct account account = account_of(screen->arena, isolation);

	screen_paragraph(screen, 0, none, 0, SPAN("isolation"));
	for (size_t i = 0; i < account.count; i++)
		screen_paragraph(screen, 2, none, 2,
			screen_safe(screen, account.lines[i]));
}

void isolation_text_row(FILE *out, const struct isolation *isolation,
	const struct variables *secrets)
{
	struct arena *arena = arena_open();
	struct account account = account_of(arena, isolation);

	for (size_t i = 0; i < account.count; i++) {
		struct span line = account.lines[i];

		if (secrets)
			line = variables_hide(arena, secrets, line);
		fprintf(out, "           %s%.*s\n", i ? "  " : "isolation: ",
			SPAN_ARG(escape_text(arena, line)));
	}
	arena_close(arena);
}
