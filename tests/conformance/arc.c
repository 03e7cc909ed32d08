/*
 * valimail-validate.jsonl  message, dns, now -> expect: the chain's state
 * valimail-sign.jsonl      message, dns, sign -> expect_AAR, _AMS, _AS
 *
 * A set that is made is compared tag by tag, white space aside, its signatures
 * included; an expectation of nothing means that no set may be added.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "probe/policy/arc_seal.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/zone.h"

enum { MESSAGE_ROOM = 16 * 1024 * 1024 };

static struct span text_of(const json_t *value)
{
	if (!json_is_string(value))
		return SPAN("");
	return (struct span){ json_string_value(value),
		json_string_length(value) };
}

static bool read_message(
	const struct suite_question *question, struct span *message)
{
	struct span name = question_text(question, "message");
	char *room = malloc(MESSAGE_ROOM);
	size_t len = 0;
	FILE *in;

	in = fopen(arena_print(question->arena, "%s/%.*s", question->folder,
			   SPAN_ARG(name))
			   .at,
		"rb");
	if (in) {
		len = fread(room, 1, MESSAGE_ROOM, in);
		fclose(in);
	}
	*message = arena_copy(question->arena, (struct span){ room, len });
	free(room);
	return in != NULL;
}

/* The chain as a receiver finds it. */
static void check(const struct suite_question *question, struct span message,
	struct arc_chain *chain)
{
	struct answers *answers = answers_open(question->arena);
	struct zone *zone = zone_open(
		question->arena, json_object_get(question->line, "dns"));
	struct dkim_keys *keys = dkim_keys_open();
	struct dkim_query query = { question->arena, answers, keys,
		question_has(question, "now")
			? (uint64_t)question_number(question, "now")
			: (uint64_t)time(NULL) };
	const struct dkim_message *read = dkim_message_of(
		question->arena, message);

	while (arc_check(&query, read, chain) == ARC_OPEN &&
		zone_settle(zone, answers))
		;
	dkim_keys_close(keys);
}

static enum verdict judge_validate(struct suite_question *question)
{
	struct arc_chain chain;
	struct span message;

	if (!read_message(question, &message))
		return question_fail(question, "no message");
	check(question, message, &chain);
	if (question_lists(question, "expect", arc_result_word(chain.result)))
		return VERDICT_PASS;
	return question_fail(question, "%s: %.*s",
		arc_result_word(chain.result), SPAN_ARG(chain.why));
}

/* ---- sealing */

static struct span sign_text(
	const struct suite_question *question, const char *key)
{
	return text_of(
		json_object_get(json_object_get(question->line, "sign"), key));
}

static void set_canon(
	const struct suite_question *question, struct arc_sealing *sealing)
{
	struct span body = sign_text(question, "c");
	struct span header = span_cut(&body, '/');

	if (!canon_parse(header, &sealing->header_canon) ||
		!canon_parse(body, &sealing->body_canon))
		sealing->header_canon = sealing->body_canon = CANON_RELAXED;
}

static void set_names(
	const struct suite_question *question, struct arc_sealing *sealing)
{
	const json_t *list = json_object_get(
		json_object_get(question->line, "sign"), "sig_headers");
	size_t count = json_array_size(list);
	struct span *names = arena_take(
		question->arena, (count + 1) * sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = text_of(json_array_get(list, i));
	sealing->names = names;
	sealing->name_count = count;
}

/* The three fields, from the top: seal, message signature, results. */
enum { SEAL, MESSAGE, RESULTS, FIELDS };

static bool seal(struct suite_question *question, struct span values[FIELDS])
{
	struct arc_sealing sealing = {
		.domain = sign_text(question, "domain"),
		.selector = sign_text(question, "selector"),
		.authserv_id = sign_text(question, "authserv_id"),
		.time = (uint64_t)json_integer_value(json_object_get(
			json_object_get(question->line, "sign"), "t")),
	};
	struct dkim_secret *secret;
	struct arc_chain chain;
	struct span message, fields = SPAN("");
	struct header made, header;
	const char *why = "";

	secret = dkim_secret_open(sign_text(question, "privatekey_pem"), &why);
	if (!secret || !read_message(question, &message)) {
		question_fail(question, "no key or message: %s", why);
		return false;
	}
	check(question, message, &chain);
	header = dkim_message_of(question->arena, message)->header;
	set_canon(question, &sealing);
	set_names(question, &sealing);
	sealing.secret = secret;
	sealing.results = arc_results_of(
		question->arena, &header, sealing.authserv_id);
	if (arc_seal(question->arena, &sealing, message, &chain, &fields,
		    &why) == ARC_NOT_SEALED)
		question_fail(question, "%s", why);
	dkim_secret_close(secret);
	header_parse(question->arena, fields, &made);
	for (size_t i = 0; i < made.count && i < FIELDS; i++)
		values[i] = made.fields[i].value;
	return true;
}

static bool has_piece(struct span list, struct span piece)
{
	while (list.len)
		if (span_is(span_cut(&list, ';'), piece))
			return true;
	return false;
}

/* The pieces between semicolons, as sets. */
static bool is_same(struct arena *arena, struct span a, struct span b)
{
	struct span left = tag_squeeze(arena, a), right = tag_squeeze(arena, b);
	struct span rest;

	for (rest = left; rest.len;)
		if (!has_piece(right, span_cut(&rest, ';')))
			return false;
	for (rest = right; rest.len;)
		if (!has_piece(left, span_cut(&rest, ';')))
			return false;
	return true;
}

static enum verdict judge_sign(struct suite_question *question)
{
	static const char *const names[] = { "ARC-Seal",
		"ARC-Message-Signature", "ARC-Authentication-Results" };
	struct span values[FIELDS] = { 0 };
	const json_t *line = question->line;
	const struct span expected[FIELDS] = {
		text_of(json_object_get(
			json_object_get(line, "expect_AS"), "raw")),
		text_of(json_object_get(
			json_object_get(line, "expect_AMS"), "raw")),
		text_of(json_object_get(line, "expect_AAR")),
	};

	if (!seal(question, values))
		return VERDICT_FAIL;
	for (size_t i = 0; i < FIELDS; i++)
		if (!is_same(question->arena, values[i], expected[i]))
			return question_fail(question, "%s is \"%.*s\"",
				names[i], SPAN_ARG(values[i]));
	return VERDICT_PASS;
}

/* The source does not run its own cases of this name. */
static bool is_unused(const struct suite_question *question)
{
	return span_ends_nocase(
		question_text(question, "suite"), SPAN("-unused"));
}

static enum verdict judge(struct suite_question *question)
{
	if (is_unused(question))
		return VERDICT_NOT_SCORED;
	return question_has(question, "sign") ? judge_sign(question)
					      : judge_validate(question);
}

const struct suite suite_arc = {
	.name = "arc",
	.judge = judge,
};
