#include "probe/judge/baseline.h"

static bool is_accepted(struct span accepted, struct span value)
{
	while (accepted.len)
		if (span_is(span_cut(&accepted, '\n'), value))
			return true;
	return false;
}

static void settle(struct baseline_state *state)
{
	state->seen = SPAN("");
	state->times = 0;
	state->since_ms = 0;
	state->is_alarm = false;
}

/* ---- verdicts, which can be better and worse */

static int rank_of(struct span verdict)
{
	if (span_is(verdict, SPAN("pass")))
		return 0;
	return span_is(verdict, SPAN("known")) ? 1 : 2;
}

/* A verdict that is taken for good at once, or BASELINE_NOT_SEEN. */
static enum baseline_news judge_verdict(
	const struct baseline_question *question, struct baseline_state *state)
{
	int before = rank_of(state->accepted);
	int now = rank_of(question->value);
	bool is_better = now < before;

	if (!is_better && !(before == 0 && now == 1))
		return BASELINE_NOT_SEEN;
	settle(state);
	state->accepted = question->value;
	return is_better && now == 0 ? BASELINE_FIXED : BASELINE_SAME;
}

/* ---- all */

static enum baseline_news see_change(
	const struct baseline_question *question, struct baseline_state *state)
{
	if (!state->times)
		state->since_ms = question->now_ms;
	state->times++;
	state->seen = question->value;
	if (state->times >= question->confirm)
		state->is_alarm = true;
	return state->is_alarm ? BASELINE_CHANGED : BASELINE_PENDING;
}

enum baseline_news baseline_judge(
	const struct baseline_question *question, struct baseline_state *state)
{
	enum baseline_news news = BASELINE_SAME;

	if (!question->value.len)
		return BASELINE_NOT_SEEN;
	if (!state->accepted.len) {
		state->accepted = question->value;
		return BASELINE_LEARNED;
	}
	if (is_accepted(state->accepted, question->value)) {
		news = state->is_alarm ? BASELINE_FIXED : BASELINE_SAME;
		settle(state);
		return news;
	}
	if (question->trait == TRAIT_VERDICT)
		news = judge_verdict(question, state);
	if (question->trait == TRAIT_VERDICT && news != BASELINE_NOT_SEEN)
		return news;
	return see_change(question, state);
}

static struct span newest(struct span accepted)
{
	size_t lines = 1;

	for (size_t i = 0; i < accepted.len; i++)
		lines += accepted.at[i] == '\n';
	for (; lines > BASELINE_VALUES_MAX; lines--)
		span_cut(&accepted, '\n');
	return accepted;
}

bool baseline_state_accept(
	struct arena *arena, enum trait trait, struct baseline_state *state)
{
	if (!state->seen.len)
		return false;
	if (trait == TRAIT_VERDICT || !state->accepted.len)
		state->accepted = state->seen;
	else
		state->accepted = newest(arena_print(arena, "%.*s\n%.*s",
			SPAN_ARG(state->accepted), SPAN_ARG(state->seen)));
	settle(state);
	return true;
}

struct span baseline_accepted_text(
	struct arena *arena, const struct baseline_state *state)
{
	struct span rest = state->accepted, text = SPAN("");

	while (rest.len) {
		struct span value = span_cut(&rest, '\n');

		text = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(text),
			text.len ? " | " : "", SPAN_ARG(value));
	}
	return text;
}
