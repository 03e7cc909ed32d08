#include "probe/judge/isolation.h"

const char *varied_phrase(enum varied varied)
{
	static const char *const phrases[] = { "family", "source address",
		"EHLO name", "mail exchanger", "TLS", "sender" };

	return phrases[varied];
}

const char *trial_verdict_word(enum trial_verdict verdict)
{
	static const char *const words[] = { "well", "same", "otherwise",
		"unknown" };

	return words[verdict];
}

const char *varied_state_word(enum varied_state state)
{
	static const char *const words[] = { "held", "makes-the-difference",
		"no-difference", "unclear", "said-later", "no-other",
		"not-tried", "brings-the-source" };

	return words[state];
}

const char *isolation_end_word(enum isolation_end end)
{
	static const char *const words[] = { "single", "together", "nothing",
		"unstable", "untold" };

	return words[end];
}

struct span setting_text(
	struct arena *arena, const struct setting *setting, enum varied varied)
{
	switch (varied) {
	case VARIED_FAMILY:
		return span_of(family_word(setting->family));
	case VARIED_SOURCE:
		return setting->has_source ? ip_text(arena, &setting->source)
					   : SPAN("the kernel's choice");
	case VARIED_EHLO:
		return setting->ehlo.len ? setting->ehlo
					 : SPAN("our address as a literal");
	case VARIED_MX:
		return arena_print(arena, "%.*s [%.*s]",
			SPAN_ARG(setting->host),
			SPAN_ARG(ip_text(arena, &setting->remote)));
	case VARIED_TLS:
		return setting->has_tls ? SPAN("with STARTTLS")
					: SPAN("without TLS");
	case VARIED_MAIL_FROM:
		break;
	}
	return arena_print(arena, "<%.*s>", SPAN_ARG(setting->mail_from));
}

struct span setting_phrase(
	struct arena *arena, const struct setting *setting, enum varied varied)
{
	struct span text = setting_text(arena, setting, varied);

	if (varied == VARIED_TLS)
		return text;
	return arena_print(
		arena, "%s %.*s", varied_phrase(varied), SPAN_ARG(text));
}

/* ---- sentences */

static void say(const struct isolation *isolation, struct span *text,
	struct span sentence)
{
	*text = arena_print(isolation->arena, "%.*s%s%.*s", SPAN_ARG(*text),
		text->len ? "  " : "", SPAN_ARG(sentence));
}

static struct span change_text(const struct isolation *isolation,
	const struct trial *trial, enum varied varied)
{
	struct arena *arena = isolation->arena;
	const struct setting *failing = &isolation->question->failing.setting;

	return arena_print(arena, "%.*s instead of %.*s",
		SPAN_ARG(setting_text(arena, &trial->setting, varied)),
		SPAN_ARG(setting_text(arena, failing, varied)));
}

static struct span list_add(
	struct arena *arena, struct span list, struct span one)
{
	return arena_print(arena, "%.*s%s%.*s", SPAN_ARG(list),
		list.len ? ", " : "", SPAN_ARG(one));
}

/* "family, EHLO name" of those in this state. */
static struct span phrases_of(
	const struct isolation *isolation, enum varied_state state)
{
	struct span list = SPAN("");

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (isolation->states[i] == state)
			list = list_add(isolation->arena, list,
				span_of(varied_phrase((enum varied)i)));
	return list;
}

static size_t flip_count(const struct isolation *isolation)
{
	size_t count = 0;

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		count += isolation->flips[i] != NULL;
	return count;
}

static void say_single(const struct isolation *isolation, struct span *text)
{
	struct arena *arena = isolation->arena;
	struct span list = SPAN("");
	unsigned last = 0;

	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		if (!isolation->flips[i])
			continue;
		last = i;
		list = list_add(arena, list,
			arena_print(arena, "%s (%.*s)",
				varied_phrase((enum varied)i),
				SPAN_ARG(change_text(isolation,
					isolation->flips[i], (enum varied)i))));
	}
	if (flip_count(isolation) > 1)
		list = arena_print(arena,
			"Each of these alone makes the difference: %.*s.",
			SPAN_ARG(list));
	else
		list = arena_print(arena,
			"%s%s makes the difference: it goes well %s%.*s.",
			last == VARIED_TLS ? "" : "The ",
			varied_phrase((enum varied)last),
			last == VARIED_TLS ? "" : "with ",
			SPAN_ARG(change_text(isolation, isolation->flips[last],
				(enum varied)last)));
	say(isolation, text, list);
}

/* The family brings a source address with it. */
static void say_source(const struct isolation *isolation, struct span *text)
{
	const struct setting *failing = &isolation->question->failing.setting;
	const char *family = family_word(failing->family);

	if (isolation->states[VARIED_FAMILY] == VARIED_ALONG)
		say(isolation, text,
			arena_print(isolation->arena,
				"So it does with another family than %s, "
				"which brings another source address with it.",
				family));
	if (!isolation->flips[VARIED_FAMILY])
		return;
	switch (isolation->states[VARIED_SOURCE]) {
	case VARIED_INNOCENT:
		say(isolation, text,
			arena_print(isolation->arena,
				"Another %s source address fares no better.",
				family));
		return;
	case VARIED_CHOICELESS:
		say(isolation, text,
			arena_print(isolation->arena,
				"The family and the source address cannot be "
				"told apart: there is no other %s source "
				"address to use.",
				family));
		return;
	case VARIED_HELD:
	case VARIED_UNTRIED:
	case VARIED_UNCLEAR:
		say(isolation, text,
			SPAN("The source address goes with the family, and "
			     "was not changed for itself."));
		return;
	case VARIED_FLIPS:
	case VARIED_LATER:
	case VARIED_ALONG:
		break;
	}
}

static void say_together(const struct isolation *isolation, struct span *text)
{
	struct arena *arena = isolation->arena;
	unsigned mask = isolation_difference(
		isolation->question, &isolation->together->setting);
	struct span list = SPAN("");

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if ((mask & 1u << i) && isolation->states[i] != VARIED_LATER)
			list = list_add(arena, list,
				change_text(isolation, isolation->together,
					(enum varied)i));
	say(isolation, text,
		isolation->end == ISOLATED_TOGETHER
			? arena_print(arena,
				  "No change alone makes the difference; "
				  "these together do: %.*s.",
				  SPAN_ARG(list))
			: arena_print(arena,
				  "It goes well with %.*s, and which of them "
				  "makes the difference could not be told "
				  "apart.",
				  SPAN_ARG(list)));
}

static void say_untold(const struct isolation *isolation, struct span *text)
{
	if (isolation->together)
		say_together(isolation, text);
	else
		say(isolation, text,
			SPAN("What makes the difference could not be told "
			     "apart."));
}

/* One sentence for the things in each state. */
static void say_states(const struct isolation *isolation, struct span *text)
{
	static const struct {
		enum varied_state state;
		const char *sentence;
	} rows[] = {
		{ VARIED_INNOCENT, "Makes no difference when changed alone" },
		{ VARIED_UNCLEAR, "Changed, but not decided by it" },
		{ VARIED_CHOICELESS, "Nothing to change it to" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span list = phrases_of(isolation, rows[i].state);

		if (list.len)
			say(isolation, text,
				arena_print(isolation->arena, "%s: %.*s.",
					rows[i].sentence, SPAN_ARG(list)));
	}
}

/* What was not tried, and why not. */
static void say_limit(const struct isolation *isolation, struct span *text)
{
	const struct isolation_question *question = isolation->question;
	struct span list = phrases_of(isolation, VARIED_UNTRIED);
	const char *why = "a difference was found before";

	if (isolation->is_interrupted)
		why = "it was interrupted";
	else if (isolation->connections >= question->max_connections)
		why = arena_print(isolation->arena,
			"no more than %u connections were to be made",
			question->max_connections)
			      .at;
	if (list.len)
		say(isolation, text,
			arena_print(isolation->arena, "Not tried, as %s: %.*s.",
				why, SPAN_ARG(list)));
	else if (isolation->is_interrupted)
		say(isolation, text, SPAN("It was interrupted."));
}

/* The end of the same dialogue, asked for once more. */
static void say_repeat(const struct isolation *isolation, struct span *text)
{
	static const char *const sentences[] = {
		[TRIAL_WELL] = NULL, /* it is the conclusion itself */
		[TRIAL_ALIKE] = "Asked for once more, it failed in the same "
				"way.",
		[TRIAL_OTHERWISE] = "Asked for once more, it failed in "
				    "another way: it may not be stable.",
		[TRIAL_OPEN] = "Asked for once more, it was not decided.",
	};

	for (size_t i = 0; i < isolation->trial_count; i++) {
		const struct trial *trial = &isolation->trials[i];
		const char *sentence = sentences[trial_verdict_of(
			&isolation->question->failing.end, &trial->end)];

		if (trial->is_repeat && sentence)
			say(isolation, text, span_of(sentence));
	}
}

static void say_findings(const struct isolation *isolation, struct span *text)
{
	struct arena *arena = isolation->arena;
	struct span list = SPAN("");

	for (size_t i = 0; i < isolation->finding_count; i++) {
		const struct finding *finding = isolation->findings[i];

		list = list_add(arena, list,
			arena_print(arena, "%.*s (%.*s)",
				SPAN_ARG(finding->title),
				SPAN_ARG(finding->id)));
	}
	if (list.len)
		say(isolation, text,
			arena_print(arena,
				"What was found of the one that failed: %.*s.",
				SPAN_ARG(list)));
}

struct span isolation_words(const struct isolation *isolation)
{
	struct span text = SPAN("");

	switch (isolation->end) {
	case ISOLATED_SINGLE:
		say_single(isolation, &text);
		say_source(isolation, &text);
		break;
	case ISOLATED_TOGETHER:
		say_together(isolation, &text);
		break;
	case ISOLATED_NOTHING:
		say(isolation, &text,
			SPAN("No change makes a difference: it is refused "
			     "whatever was tried."));
		break;
	case ISOLATED_UNSTABLE:
		say(isolation, &text,
			SPAN("The failure comes and goes: the same dialogue "
			     "went well when it was repeated, so that no "
			     "difference can be blamed."));
		break;
	case ISOLATED_UNTOLD:
		say_untold(isolation, &text);
		break;
	}
	if (isolation->end != ISOLATED_UNSTABLE)
		say_states(isolation, &text);
	say_limit(isolation, &text);
	say_repeat(isolation, &text);
	say_findings(isolation, &text);
	return text;
}
