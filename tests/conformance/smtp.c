/*
 * replies.jsonl    input_b64, ehlo, max_size -> valid, status, enhanced, lines
 * addresses.jsonl  kind, input_b64, flags -> valid, localpart, domain
 *
 * Our parsers read what real servers send and note what is odd about it; here
 * what the RFC forbids counts as invalid.
 */
#include "probe/smtp/address.h"
#include "probe/smtp/reply_parser.h"
#include "tests/conformance/conformance.h"

static bool is_ehlo_yes(
	const struct suite_question *question, const struct reply *reply)
{
	return question_bool(question, "ehlo") && reply->code == 250;
}

static bool is_control(char c)
{
	unsigned char byte = (unsigned char)c;

	return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_control(text.at[i]))
			return true;
	return false;
}

/*
 *      ehlo-ok-rsp = ( "250" SP Domain [ SP ehlo-greet ] CRLF ) / ...
 *      ehlo-greet  = 1*(%d0-9 / %d11-12 / %d14-127)
 *      textstring  = 1*(%d09 / %d32-126)
 *
 * RFC 5321 sections 4.1.1.1 and 4.2: control characters have a place only in
 * the greeting behind the domain, and a CR never has one.
 */
static bool has_forbidden_control(
	const struct suite_question *question, const struct reply *reply)
{
	if (reply->oddities & REPLY_BARE_CR)
		return true;
	for (size_t i = 0; i < reply->line_count; i++) {
		struct span text = reply->lines[i];

		if (i == 0 && is_ehlo_yes(question, reply))
			text = span_cut(&text, ' ');
		if (has_control(text))
			return true;
	}
	return false;
}

static bool is_valid_reply(
	const struct suite_question *question, const struct reply *reply)
{
	json_int_t most = question_number(question, "max_size");

	if (most > 0 && reply->bytes.len > (size_t)most)
		return false;
	if (reply->oddities & REPLY_NOT_UTF8)
		return false;
	return !has_forbidden_control(question, reply);
}

static const struct reply *read_reply(const struct suite_question *question)
{
	struct span in = question_bytes(question, "input_b64");
	const struct reply *reply = NULL;
	struct reply_parser parser;
	const char *why;

	reply_parser_init(&parser, question->arena);
	if (reply_parse(&parser, &in, &reply, &why) != PARSE_DONE)
		return NULL;
	return is_valid_reply(question, reply) ? reply : NULL;
}

/* A reply to EHLO has no enhanced status: RFC 2034 section 4. */
static struct span shown_text(const struct suite_question *question,
	const struct reply *reply, size_t i)
{
	bool is_ehlo = is_ehlo_yes(question, reply);
	struct span text = is_ehlo ? reply->lines[i] : reply_text(reply, i);
	char *shown;

	if (!is_ehlo || i > 0)
		return text;
	text = arena_copy(question->arena, text);
	shown = arena_take(question->arena, text.len + 1);
	for (size_t at = 0; at < text.len; at++)
		shown[at] = (char)(is_control(text.at[at]) ? ' ' : text.at[at]);
	return (struct span){ shown, text.len };
}

static bool is_status_right(
	const struct suite_question *question, const struct reply *reply)
{
	const json_t *want = json_object_get(question->line, "enhanced");
	const unsigned got[] = { reply->status.class, reply->status.subject,
		reply->status.detail };

	if (!json_array_size(want))
		return !reply_has_status(reply) || is_ehlo_yes(question, reply);
	for (size_t i = 0; i < 3; i++)
		if (json_integer_value(json_array_get(want, i)) !=
			(json_int_t)got[i])
			return false;
	return true;
}

static enum verdict judge_lines(
	struct suite_question *question, const struct reply *reply)
{
	const json_t *want = json_object_get(question->line, "lines");

	if (json_array_size(want) != reply->line_count)
		return question_fail(question, "%zu lines", reply->line_count);
	for (size_t i = 0; i < reply->line_count; i++) {
		const json_t *line = json_array_get(want, i);
		struct span text = shown_text(question, reply, i);

		if (!span_is(text, (struct span){ json_string_value(line),
					   json_string_length(line) }))
			return question_fail(question, "line %zu is \"%.*s\"",
				i + 1, SPAN_ARG(text));
	}
	return VERDICT_PASS;
}

static enum verdict judge_reply(struct suite_question *question)
{
	const struct reply *reply = read_reply(question);

	if (!question_has(question, "valid"))
		return question_fail(question, "the data has no verdict");
	if (question_bool(question, "valid") != (reply != NULL))
		return question_fail(question, reply ? "taken" : "refused");
	if (!reply)
		return VERDICT_PASS;
	if (question_number(question, "status") != (json_int_t)reply->code)
		return question_fail(question, "code %u", reply->code);
	if (!is_status_right(question, reply))
		return question_fail(question, "enhanced status %u.%u.%u",
			reply->status.class, reply->status.subject,
			reply->status.detail);
	return judge_lines(question, reply);
}

/*
 * PRESERVE_RAW asks for the text of a broken address, which our callers have
 * themselves.  The same text stands in the data as valid and as invalid: what
 * is only valid by leniency says so in its note.
 */
static unsigned address_flags(const struct suite_question *question)
{
	static const struct {
		const char *word;
		unsigned flag;
	} flags[] = {
		{ "ALLOW_EMPTY", ADDRESS_ALLOW_EMPTY },
		{ "ALLOW_LOCALPART", ADDRESS_ALLOW_LOCAL },
		{ "BRACKETS_OPTIONAL", ADDRESS_OPTIONAL_BRACKETS },
	};
	struct span note = question_text(question, "note");
	unsigned all = 0;

	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (question_lists(question, "flags", flags[i].word))
			all |= flags[i].flag;
	if (span_find_nocase(note, SPAN("lenient")) < note.len)
		all |= ADDRESS_LENIENT;
	return all;
}

/* The data writes a byte over 0x7f as the code point of the same number. */
static struct span as_latin1(struct arena *arena, struct span bytes)
{
	char *room = arena_take(arena, 2 * bytes.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.at[i];

		if (c >= 0x80)
			room[len++] = (char)(0xc0 | c >> 6);
		room[len++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	return (struct span){ room, len };
}

static bool is_part(
	const struct suite_question *question, const char *key, struct span got)
{
	struct span want = question_text(question, key);

	return span_is(got, want) ||
	       span_is(as_latin1(question->arena, got), want);
}

static enum verdict judge_address(struct suite_question *question)
{
	bool is_path = span_is(question_text(question, "kind"), SPAN("path"));
	struct span text = question_bytes(question, "input_b64");
	unsigned flags = address_flags(question);
	struct address address;
	const char *why = "";
	bool is_valid = is_path ? address_parse_path(question->arena, text,
					  flags, &address, &why)
				: address_parse(question->arena, text, flags,
					  &address, &why);

	if (!question_has(question, "valid"))
		return question_fail(question, "the data has no verdict");
	if (question_bool(question, "valid") != is_valid)
		return question_fail(question, "%s%s",
			is_valid ? "taken" : "refused: ", why);
	if (!is_valid)
		return VERDICT_PASS;
	if (!is_part(question, "localpart", address.local))
		return question_fail(question, "local part \"%.*s\"",
			SPAN_ARG(address.local));
	if (!is_part(question, "domain", address.domain))
		return question_fail(
			question, "domain \"%.*s\"", SPAN_ARG(address.domain));
	return VERDICT_PASS;
}

static enum verdict judge(struct suite_question *question)
{
	return question_has(question, "kind") ? judge_address(question)
					      : judge_reply(question);
}

const struct suite suite_smtp = {
	.name = "smtp",
	.judge = judge,
};
