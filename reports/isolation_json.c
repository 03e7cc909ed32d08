#include "reports/isolation_json.h"

#include "reports/json_visit.h"

struct writing {
	struct arena *arena;
	struct json_writer *json;
	const struct isolation *isolation;
	const struct variables *secrets;
};

static struct span hidden(const struct writing *writing, struct span text)
{
	return writing->secrets
		       ? variables_hide(writing->arena, writing->secrets, text)
		       : text;
}

static void put_setting(
	const struct writing *writing, const struct setting *setting)
{
	struct json_writer *json = writing->json;

	writer_key(json, "setting");
	writer_begin_object(json);
	writer_put_word(json, "family", json_family(setting->family));
	writer_put_maybe(json, "source",
		setting->has_source ? ip_text(writing->arena, &setting->source)
				    : SPAN(""));
	writer_put_maybe(json, "ehlo", hidden(writing, setting->ehlo));
	writer_put(json, "host", hidden(writing, setting->host));
	writer_put(json, "address", ip_text(writing->arena, &setting->remote));
	writer_put_claim(json, "tls", setting->has_tls);
	writer_put(json, "mail_from", hidden(writing, setting->mail_from));
	writer_end_object(json);
}

static void put_words(
	const struct writing *writing, const char *key, unsigned mask)
{
	writer_key(writing->json, key);
	writer_begin_array(writing->json);
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (mask & 1u << i)
			writer_word(writing->json, varied_word((enum varied)i));
	writer_end_array(writing->json);
}

static void put_failing(const struct writing *writing)
{
	const struct isolation_question *question =
		writing->isolation->question;

	writer_key(writing->json, "failing");
	writer_begin_object(writing->json);
	put_setting(writing, &question->failing.setting);
	writer_put_word(writing->json, "stage", stage_word(question->stage));
	writer_put_maybe(writing->json, "told",
		hidden(writing, question->failing.end.told));
	writer_end_object(writing->json);
}

static void put_trial(const struct writing *writing, const struct trial *trial)
{
	const struct isolation_question *question =
		writing->isolation->question;
	struct json_writer *json = writing->json;

	writer_begin_object(json);
	put_words(writing, "changed",
		isolation_difference(question, &trial->setting));
	put_setting(writing, &trial->setting);
	writer_put_word(json, "verdict",
		trial_verdict_word(
			trial_verdict_of(&question->failing.end, &trial->end)));
	writer_put_claim(json, "walked_before", trial->is_known);
	writer_put_claim(json, "repeat", trial->is_repeat);
	writer_put_maybe(json, "told", hidden(writing, trial->end.told));
	writer_end_object(json);
}

static void put_variables(const struct writing *writing)
{
	writer_key(writing->json, "variables");
	writer_begin_object(writing->json);
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		writer_put_word(writing->json, varied_word((enum varied)i),
			varied_state_word(writing->isolation->states[i]));
	writer_end_object(writing->json);
}

/* What makes the difference: each alone, or all at once. */
static unsigned difference_of(const struct isolation *isolation)
{
	unsigned mask = 0;

	if (isolation->end == ISOLATED_TOGETHER)
		return isolation_difference(
			isolation->question, &isolation->together->setting);
	if (isolation->end != ISOLATED_SINGLE)
		return 0;
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (isolation->flips[i])
			mask |= 1u << i;
	return mask;
}

static void put_conclusion(const struct writing *writing)
{
	const struct isolation *isolation = writing->isolation;
	struct json_writer *json = writing->json;

	writer_put_count(json, "connections", isolation->connections);
	writer_put_count(
		json, "max_connections", isolation->question->max_connections);
	writer_put_claim(json, "delivers", isolation->question->delivers);
	writer_put_word(json, "result", isolation_end_word(isolation->end));
	put_words(writing, "difference", difference_of(isolation));
	put_variables(writing);
	writer_key(json, "findings");
	writer_begin_array(json);
	for (size_t i = 0; i < isolation->finding_count; i++)
		writer_string(json, isolation->findings[i]->id);
	writer_end_array(json);
	writer_put(json, "conclusion", hidden(writing, isolation->text));
}

void isolation_json(struct json_writer *json, const struct isolation *isolation,
	const struct variables *secrets)
{
	struct writing writing = { .arena = arena_open(),
		.json = json,
		.isolation = isolation,
		.secrets = secrets };

	writer_begin_object(json);
	put_failing(&writing);
	writer_key(json, "experiments");
	writer_begin_array(json);
	for (size_t i = 0; i < isolation->trial_count; i++)
		put_trial(&writing, &isolation->trials[i]);
	writer_end_array(json);
	put_conclusion(&writing);
	writer_end_object(json);
	arena_close(writing.arena);
}
