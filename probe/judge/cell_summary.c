#include "probe/judge/cell_summary.h"

#include <stdlib.h>
#include <string.h>

#include "probe/judge/normal_reply.h"
#include "probe/judge/step_facts.h"

static struct span kept(struct arena *arena, struct span text)
{
	return arena_copy(arena, span_part(text, 0, SUMMARY_TEXT_MAX));
}

/* The last thing that was said to us, but for goodbye. */
static const struct reply *last_reply(const struct visit *visit)
{
	const struct reply *last = NULL;

	if (visit->fault && visit->fault->reply)
		return visit->fault->reply;
	for (size_t i = 0; i < visit->transcript.count; i++) {
		const struct event *event = &visit->transcript.events[i];

		if (event->kind == EVENT_HEARD && event->stage != STAGE_QUIT)
			last = event->heard;
	}
	return last;
}

static int by_word(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *in_capitals(struct arena *arena, struct span word)
{
	char *capitals = arena_take(arena, word.len + 1);

	for (size_t i = 0; i < word.len; i++)
		capitals[i] = word.at[i] >= 'a' && word.at[i] <= 'z'
				      ? (char)(word.at[i] - 'a' + 'A')
				      : word.at[i];
	return capitals;
}

/* Whatever their order, and whatever the case. */
static struct span keywords_of(struct arena *arena, const struct reply *reply)
{
	struct arena *scratch = arena_open();
	struct ehlo ehlo = { .keyword_count = 0 };
	struct span text = SPAN("");
	char **words;

	ehlo_parse(scratch, reply, &ehlo);
	words = arena_take(scratch, (ehlo.keyword_count + 1) * sizeof(*words));
	for (size_t i = 0; i < ehlo.keyword_count; i++)
		words[i] = in_capitals(scratch, ehlo.keywords[i].word);
	qsort(words, ehlo.keyword_count, sizeof(*words), by_word);
	for (size_t i = 0;
		i < ehlo.keyword_count && text.len < SUMMARY_TEXT_MAX; i++)
		if (!i || strcmp(words[i], words[i - 1]) != 0)
			text = arena_print(scratch, "%.*s%s%s", SPAN_ARG(text),
				text.len ? " " : "", words[i]);
	text = kept(arena, text);
	arena_close(scratch);
	return text;
}

static struct span normal_of(struct arena *arena, const struct reply *reply)
{
	struct arena *scratch = arena_open();
	struct span text = kept(arena, normal_reply(scratch, reply));

	arena_close(scratch);
	return text;
}

static void take_tls(struct arena *arena, struct visit_summary *summary,
	const struct session *tls)
{
	summary->tls_version = SPAN("");
	if (!tls)
		return;
	summary->tls_version = kept(arena, tls->version);
	summary->has_certificate = tls->chain_count != 0;
	if (summary->has_certificate)
		memcpy(summary->key, tls->chain[0].spki_sha256,
			sizeof(summary->key));
}

static void take_visit(struct arena *arena, struct visit_summary *summary,
	const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;
	const struct reply *reply = last_reply(visit);
	const struct reply *banner = step_reply(visit, STEP_BANNER);
	const struct reply *ehlo = step_reply(visit, STEP_EHLO);

	summary->ending = ending_of(judged);
	summary->ending.host = kept(arena, summary->ending.host);
	summary->ending.policy = kept(arena, summary->ending.policy);
	if (step_end(visit, STEP_CONNECT))
		summary->connect_ns = visit_stage_ns(visit, STAGE_CONNECT);
	summary->code = reply ? reply->code : 0;
	summary->reply = reply ? normal_of(arena, reply) : SPAN("");
	summary->banner = banner ? normal_of(arena, banner) : SPAN("");
	summary->keywords = ehlo ? keywords_of(arena, ehlo) : SPAN("");
	take_tls(arena, summary, visit->tls);
}

/* Nothing led to a host: that is an ending, too. */
static struct visit_summary unresolved(const struct fault *fault)
{
	return (struct visit_summary){
		.ending = { .host = SPAN(""),
			.is_decided = !failure_is_ours(fault->failure),
			.failure = fault->failure,
			.stage = fault->stage,
			.policy = SPAN("") },
		.reply = SPAN(""),
		.banner = SPAN(""),
		.keywords = SPAN(""),
		.tls_version = SPAN(""),
	};
}

static void take_visits(struct arena *arena, struct cell_summary *summary,
	const struct judgement *judgement)
{
	struct visit_summary *visits = arena_take(
		arena, SUMMARY_VISITS_MAX * sizeof(*visits));

	summary->visits = visits;
	for (size_t i = 0; i < judgement->visit_count &&
			   summary->visit_count < SUMMARY_VISITS_MAX;
		i++)
		if (judgement->visits[i].visit->state == VISIT_WALKED)
			take_visit(arena, &visits[summary->visit_count++],
				&judgement->visits[i]);
}

void cell_summary_take(struct arena *arena, struct cell_summary *summary,
	const struct cell_result *result, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct visit_summary *visit;

	*summary = (struct cell_summary){ .is_there = true,
		.why = kept(arena, result->why) };
	take_visits(arena, summary, judgement);
	if (outcome->fault && !summary->visit_count) {
		visit = arena_new(arena, struct visit_summary);
		*visit = unresolved(outcome->fault);
		summary->visits = visit;
		summary->visit_count = 1;
	}
	summary->was_walked = summary->visit_count != 0;
}

void cell_summary_skip(
	struct arena *arena, struct cell_summary *summary, struct span why)
{
	*summary = (struct cell_summary){ .is_there = true,
		.why = kept(arena, why) };
}
