#include "reports/json.h"

#include "probe/base/clock.h"
#include "reports/isolation_json.h"
#include "reports/json_domain.h"
#include "reports/json_finding.h"
#include "reports/json_visit.h"

/* ---- the DNS */

/* "Found, nothing" is what a question that was never asked looks like. */
static void put_address_answer(struct json_writer *json, const char *key,
	enum answer_kind kind, size_t count)
{
	if (kind == ANSWER_DATA && count == 0)
		writer_put_nothing(json, key);
	else
		writer_put_word(json, key, answer_word(kind));
}

static void put_exchanger(struct json_writer *json,
	const struct exchanger *exchanger)
{
	writer_begin_object(json);
	writer_put_count(json, "preference", exchanger->preference);
	writer_put(json, "host", exchanger->host);
	writer_put_claim(json, "implicit", exchanger->is_implicit);
	writer_put_maybe(json, "canonical", exchanger->canonical);
	writer_put_claim(json, "literal", exchanger->is_literal);
	writer_put_claim(json, "loopback", exchanger->is_loopback);
	writer_put_claim(json, "private", exchanger->is_private);
	put_address_answer(json, "a", exchanger->a, exchanger->a_count);
	put_address_answer(json, "aaaa", exchanger->aaaa,
		exchanger->aaaa_count);
	writer_put_count(json, "a_count", exchanger->a_count);
	writer_put_count(json, "aaaa_count", exchanger->aaaa_count);
	writer_end_object(json);
}

static void put_answer(struct json_writer *json,
	const struct question *question)
{
	const struct answer *answer = question->answer;

	writer_begin_object(json);
	writer_put(json, "name", question->name);
	writer_put_word(json, "type", rr_type_word(question->type));
	writer_put_word(json, "status", answer_word(answer->kind));
	writer_put_claim(json, "secure", answer->secure);
	writer_key(json, "values");
	writer_begin_array(json);
	for (size_t i = 0; i < answer->value_count; i++)
		writer_string(json, answer->values[i]);
	writer_end_array(json);
	writer_put_maybe(json, "canonical", answer->canonical);
	writer_put_count(json, "ttl", answer->ttl);
	writer_put_count(json, "rtt_us", answer->rtt_us);
	writer_put(json, "server", answer->server);
	writer_put(json, "why", answer->why);
	writer_end_object(json);
}

static void put_dns(struct json_writer *json, const struct outcome *outcome)
{
	const struct question *question = NULL;

	writer_key(json, "dns");
	writer_begin_object(json);
	if (outcome->mx_asked)
		writer_put_word(json, "mx", answer_word(outcome->mx_answer));
	else
		writer_put_nothing(json, "mx");
	writer_key(json, "exchangers");
	writer_begin_array(json);
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		put_exchanger(json, &outcome->exchangers[i]);
	writer_end_array(json);
	writer_key(json, "answers");
	writer_begin_array(json);
	if (outcome->answers)
		question = answers_first(outcome->answers);
	for (; question; question = question->next)
		if (question->answer)
			put_answer(json, question);
	writer_end_array(json);
	writer_end_object(json);
}

/* ---- paths and visits */

static void put_path(struct json_writer *json, const struct path *path)
{
	char room[IP_TEXT_MAX];

	writer_begin_object(json);
	writer_put(json, "host", path->host);
	writer_put_count(json, "preference", path->preference);
	writer_put_word(json, "family", json_family(path->family));
	writer_put_word(json, "address", ip_print(&path->remote, room));
	writer_put_count(json, "port", path->port);
	writer_put_claim(json, "secure", path->secure);
	writer_put_maybe(json, "left_out", path->left_out);
	writer_end_object(json);
}

static void put_ways(struct json_writer *json, const struct outcome *outcome,
	const struct judgement *judgement)
{
	writer_key(json, "paths");
	writer_begin_array(json);
	for (size_t i = 0; i < outcome->path_count; i++)
		put_path(json, &outcome->paths[i]);
	writer_end_array(json);
	writer_key(json, "visits");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->visit_count; i++)
		json_visit(json, &judgement->visits[i]);
	writer_end_array(json);
}

/* ---- the judgement */

static void put_families(struct json_writer *json,
	const struct outcome *outcome, const struct judgement *judgement)
{
	writer_key(json, "families");
	writer_begin_object(json);
	for (int i = 0; i < FAMILY_COUNT; i++) {
		if (!outcome->wanted[i])
			continue;
		writer_key(json, json_family((enum family)i));
		writer_begin_object(json);
		writer_put_word(json, "verdict",
			verdict_word(judgement->families[i]));
		writer_put(json, "why", judgement->family_why[i]);
		writer_end_object(json);
	}
	writer_end_object(json);
}

static void put_comparison(struct json_writer *json,
	const struct judgement *judgement)
{
	writer_key(json, "comparison");
	writer_begin_object(json);
	writer_put_word(json, "result",
		comparison_word(judgement->comparison));
	writer_put(json, "why", judgement->comparison_why);
	if (judgement->is_parted) {
		writer_put_word(json, "parted", stage_word(judgement->parted));
		writer_put_word(json, "worse", json_family(judgement->worse));
	} else {
		writer_put_nothing(json, "parted");
		writer_put_nothing(json, "worse");
	}
	writer_end_object(json);
}

/* ---- the target */

/* Somebody read a message of ours: only then do all its policies apply. */
static bool reached_policy(const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->visit_count; i++)
		if (transcript_reply(&outcome->visits[i]->transcript,
			STAGE_DOT))
			return true;
	return false;
}

static void put_isolations(
	struct json_writer *json, const struct judgement *judgement)
{
	writer_key(json, "isolations");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->isolation_count; i++)
		isolation_json(json, judgement->isolations[i], NULL);
	writer_end_array(json);
}

void json_target(struct json_writer *json,
	const struct outcome *outcome, const struct judgement *judgement)
{
	const struct target *target = outcome->target;

	writer_begin_object(json);
	writer_put_word(json, "type", "target");
	writer_put(json, "target", target->text);
	writer_put(json, "domain", target->domain);
	writer_put(json, "domain_shown", target->domain_shown);
	writer_put_word(json, "verdict", verdict_word(judgement->verdict));
	put_families(json, outcome, judgement);
	put_comparison(json, judgement);
	writer_put_word(json, "goal", stage_word(outcome->goal));
	writer_put_claim(json, "policy_stage_reached",
		reached_policy(outcome));
	writer_key(json, "fault");
	json_fault(json, outcome->fault);
	put_dns(json, outcome);
	writer_key(json, "domain_policies");
	json_domain_policies(json, outcome);
	put_ways(json, outcome, judgement);
	writer_key(json, "findings");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->finding_count; i++)
		json_finding(json, &judgement->findings[i]);
	writer_end_array(json);
	if (judgement->isolation_count)
		put_isolations(json, judgement);
	writer_end_object(json);
}

void json_target_line(FILE *out, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct json_writer json;

	writer_open(&json, out, false, 0);
	json_target(&json, outcome, judgement);
	writer_newline(&json);
	writer_close(&json);
}

void json_visit_line(FILE *out, const struct visit_judgement *visit)
{
	struct json_writer json;

	writer_open(&json, out, false, 0);
	json_visit(&json, visit);
	writer_newline(&json);
	writer_close(&json);
}

/* ---- the run */

/* clang-format off */
static const char run_head[] =
	"{\n"
	"  \"mxprobe\": {\n"
	"    \"version\": \"" MXP_VERSION "\",\n"
	"    \"schema\": %d\n"
	"  },\n"
	"  \"started\": ";
/* clang-format on */

/* A single value of the document, at its depth. */
static void put_alone(FILE *out, struct span text)
{
	struct json_writer json;

	writer_open(&json, out, true, 1);
	writer_string(&json, text);
	writer_close(&json);
}

void json_run_begin(struct json_run *run, FILE *out, struct span codebook,
	int64_t started_ms)
{
	struct arena *arena = arena_open();

	*run = (struct json_run){ .out = out };
	fprintf(out, run_head, JSON_SCHEMA);
	put_alone(out, clock_text(arena, started_ms));
	fputs(",\n  \"codebook\": ", out);
	put_alone(out, codebook);
	fputs(",\n  \"targets\": [", out);
	arena_close(arena);
}

void json_run_target(struct json_run *run, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct json_writer json;

	fputs(run->target_count++ ? ",\n    " : "\n    ", run->out);
	writer_open(&json, run->out, true, 2);
	json_target(&json, outcome, judgement);
	writer_close(&json);
}

void json_run_end(struct json_run *run, enum verdict verdict,
	int exit_status)
{
	fputs(run->target_count ? "\n  ],\n" : "],\n", run->out);
	fprintf(run->out, "  \"verdict\": \"%s\",\n", verdict_word(verdict));
	fprintf(run->out, "  \"exit_status\": %d\n}\n", exit_status);
}
