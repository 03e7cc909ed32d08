/*
 * *.jsonl      kind body|header, algo, l, input_b64 -> output_b64, bh_sha256,
 *              bh_sha1
 */
#include "probe/mail/canon.h"
#include "probe/mail/header.h"
#include "probe/policy/dkim_key.h"
#include "tests/conformance/conformance.h"

struct gatherer {
	struct canon_sink sink;
	char *room;
	size_t len;
};

static void gather(struct canon_sink *sink, struct span bytes)
{
	struct gatherer *gatherer = OWNER_OF(sink, struct gatherer, sink);

	memcpy(gatherer->room + gatherer->len, bytes.at, bytes.len);
	gatherer->len += bytes.len;
}

static struct span canon_of_body(const struct suite_question *question,
	enum canon canon, struct span input)
{
	struct gatherer gatherer = {
		.sink = { gather },
		.room = arena_take(question->arena, 2 * input.len + 3),
	};
	struct body_canon body;
	uint64_t limit = CANON_WHOLE;

	if (question_has(question, "l"))
		limit = (uint64_t)question_number(question, "l");
	body_canon_init(&body, canon, limit, &gatherer.sink);
	body_canon_take(&body, input);
	body_canon_end(&body);
	return (struct span){ gatherer.room, gatherer.len };
}

/* The input is one field or several, without the empty line. */
static struct span canon_of_header(
	struct arena *arena, enum canon canon, struct span input)
{
	struct span all = SPAN("");
	struct header header;

	header_parse(arena, input, &header);
	for (size_t i = 0; i < header.count; i++) {
		struct span one = canon_field(
			arena, canon, header.fields[i].raw);

		all = arena_print(
			arena, "%.*s%.*s\r\n", SPAN_ARG(all), SPAN_ARG(one));
	}
	return all;
}

static bool is_hash(const struct suite_question *question, const char *key,
	enum dkim_digest digest, struct span text)
{
	unsigned char room[DKIM_DIGEST_MAX];
	size_t len = dkim_hash(digest, text, room);

	return !question_has(question, key) ||
	       span_is(question_bytes(question, key),
		       (struct span){ (const char *)room, len });
}

static enum verdict judge(struct suite_question *question)
{
	bool is_body = span_is(question_text(question, "kind"), SPAN("body"));
	struct span input = question_bytes(question, "input_b64");
	enum canon canon;
	struct span output;

	if (!canon_parse(question_text(question, "algo"), &canon))
		return question_fail(question, "no such form");
	output = is_body ? canon_of_body(question, canon, input)
			 : canon_of_header(question->arena, canon, input);
	if (!span_is(output, question_bytes(question, "output_b64")))
		return question_fail(
			question, "it became \"%.*s\"", SPAN_ARG(output));
	if (!is_hash(question, "bh_sha256", DKIM_SHA256, output))
		return question_fail(question, "another SHA-256");
	if (!is_hash(question, "bh_sha1", DKIM_SHA1, output))
		return question_fail(question, "another SHA-1");
	return VERDICT_PASS;
}

const struct suite suite_canon = {
	.name = "canon",
	.judge = judge,
};
