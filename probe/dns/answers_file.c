#include "probe/dns/answers_file.h"

#include <inttypes.h>

#include "probe/dns/name.h"

/*
 *	file   = "mxprobe-answers 1" LF *( line LF )
 *	line   = *blank [ answer *blank ] [ "#" *any ]
 *	answer = text blanks type blanks kind *( blanks field )
 *	         *( blanks quoted )                     ; the values
 *	type   = "A" / "AAAA" / "MX" / ...              ; rr_type_word()
 *	kind   = "found" / "no-data" / "nxdomain" ...   ; answer_word()
 *	field  = "ttl=" number / "rtt=" number / "secure" /
 *	         "canonical=" text / "server=" text / "why=" text
 *	text   = 1*bare / quoted
 *	bare   = letter / digit / one of - . _ : / * [ ]
 *	quoted = DQUOTE *( printable / "\" DQUOTE / "\\" / "\x" 2hex ) DQUOTE
 *
 * The first text is a name; values stand only behind "found", which needs
 * one.  A carriage return before the LF is dropped.
 */
static const char first_line[] = "mxprobe-answers 1";

static bool is_bare(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (c && strchr("-._:/*[]", c));
}

/* ---- save */

static void put_quoted(FILE *file, struct span text)
{
	putc('"', file);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.at[i];

		if (byte == '"' || byte == '\\')
			fprintf(file, "\\%c", byte);
		else if (byte >= ' ' && byte < 0x7f)
			putc(byte, file);
		else
			fprintf(file, "\\x%02x", byte);
	}
	putc('"', file);
}

static void put_text(FILE *file, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_bare(text.at[i])) {
			put_quoted(file, text);
			return;
		}
	}
	if (text.len)
		fwrite(text.at, 1, text.len, file);
	else
		put_quoted(file, text);
}

static void put_field(FILE *file, const char *key, struct span text)
{
	if (!text.len)
		return;
	fprintf(file, " %s=", key);
	put_text(file, text);
}

static void put_question(FILE *file, const struct question *question)
{
	const struct answer *answer = question->answer;

	put_text(file, question->name);
	fprintf(file, " %s %s", rr_type_word(question->type),
		answer_word(answer->kind));
	if (answer->ttl)
		fprintf(file, " ttl=%" PRIu32, answer->ttl);
	if (answer->secure)
		fputs(" secure", file);
	if (answer->rtt_us)
		fprintf(file, " rtt=%" PRIu32, answer->rtt_us);
	put_field(file, "canonical", answer->canonical);
	put_field(file, "server", answer->server);
	put_field(file, "why", answer->why);
	if (answer->kind == ANSWER_DATA) {
		for (size_t i = 0; i < answer->value_count; i++) {
			putc(' ', file);
			put_quoted(file, answer->values[i]);
		}
	}
	putc('\n', file);
}

void answers_file_begin(FILE *file)
{
	fprintf(file, "%s\n", first_line);
}

void answers_file_save(FILE *file, struct answers *answers)
{
	struct question *question = answers_first(answers);

	for (; question; question = question->next)
		if (question->answer &&
			question->answer->kind != ANSWER_UNSAVED)
			put_question(file, question);
}

/* ---- load */

struct saved_answers {
	struct answers *answers;
	bool is_whole; /* what it lacks does not exist */
};

struct loading {
	struct arena *arena;
	struct span file;
	struct saved_answers *saved;
	struct answers_file_errors *errors;
	size_t error_room;
	size_t line;
	struct span rest; /* of the line */
	struct span name;
	enum rr_type type;
	struct answer *answer;
	struct span *values;
	size_t value_room;
	unsigned seen; /* fields: a bit for each row */
};

static bool wrong(struct loading *loading, const char *what)
{
	struct answers_file_errors *errors = loading->errors;

	errors->total++;
	if (errors->count == ANSWERS_FILE_ERRORS_MAX)
		return false;
	errors->texts = arena_grow(loading->arena, errors->texts, errors->count,
		&loading->error_room, sizeof(*errors->texts));
	errors->texts[errors->count++] = arena_print(loading->arena,
		"%.*s:%zu: %s", SPAN_ARG(loading->file), loading->line, what);
	return false;
}

/* At the next word; false at the end of the line or at a comment. */
static bool has_more(struct loading *loading)
{
	loading->rest = span_trim(loading->rest);
	return loading->rest.len && loading->rest.at[0] != '#';
}

/* What stands behind a backslash; false when that is nothing we write. */
static bool take_escape(struct span *rest, char *byte)
{
	int high, low;

	if (!rest->len)
		return false;
	*byte = rest->at[0];
	if (*byte == '"' || *byte == '\\') {
		*rest = span_part(*rest, 1, rest->len);
		return true;
	}
	if (*byte != 'x' || rest->len < 3)
		return false;
	high = ascii_hex_digit(rest->at[1]);
	low = ascii_hex_digit(rest->at[2]);
	*byte = (char)(high * 16 + low);
	*rest = span_part(*rest, 3, rest->len);
	return high >= 0 && low >= 0;
}

/* Between words stand blanks: a quote that ends inside a word is an error. */
static bool is_at_end_of_word(struct span rest)
{
	return !rest.len || ascii_is_blank(rest.at[0]);
}

/* How many bytes stand before the closing quote, escapes as they are. */
static size_t quoted_len(struct span rest)
{
	size_t at = 0;

	while (at < rest.len && rest.at[at] != '"')
		at += rest.at[at] == '\\' ? 2 : 1;
	return at;
}

static bool take_quoted(struct loading *loading, struct span *text)
{
	struct span rest = span_part(loading->rest, 1, loading->rest.len);
	char *room = arena_take(loading->arena, quoted_len(rest) + 1);
	size_t at = 0;

	while (rest.len && rest.at[0] != '"') {
		char c = rest.at[0];

		rest = span_part(rest, 1, rest.len);
		if (c == '\\' && !take_escape(&rest, &c))
			return wrong(loading,
				"expected \\\", \\\\ or \\xHH after \\");
		room[at++] = c;
	}
	if (!rest.len)
		return wrong(loading, "expected a closing quote");
	rest = span_part(rest, 1, rest.len);
	if (!is_at_end_of_word(rest))
		return wrong(loading, "expected a space after the quote");
	loading->rest = rest;
	*text = (struct span){ room, at };
	return true;
}

static struct span take_bare(struct loading *loading)
{
	struct span word = loading->rest;
	size_t len = 0;

	while (len < word.len && is_bare(word.at[len]))
		len++;
	loading->rest = span_part(word, len, word.len);
	return span_part(word, 0, len);
}

static bool take_text(
	struct loading *loading, const char *expected, struct span *text)
{
	if (loading->rest.len && loading->rest.at[0] == '"')
		return take_quoted(loading, text);
	*text = take_bare(loading);
	if (!text->len || !is_at_end_of_word(loading->rest))
		return wrong(loading, expected);
	return true;
}

static bool take_number(
	struct loading *loading, const char *expected, uint32_t *number)
{
	unsigned long sum;

	if (!span_number(take_bare(loading), UINT32_MAX, &sum) ||
		!is_at_end_of_word(loading->rest))
		return wrong(loading, expected);
	*number = (uint32_t)sum;
	return true;
}

enum field {
	FIELD_TTL,
	FIELD_RTT,
	FIELD_SECURE,
	FIELD_CANONICAL,
	FIELD_SERVER,
	FIELD_WHY,
};

static const char *const field_words[] = {
	[FIELD_TTL] = "ttl=",
	[FIELD_RTT] = "rtt=",
	[FIELD_SECURE] = "secure",
	[FIELD_CANONICAL] = "canonical=",
	[FIELD_SERVER] = "server=",
	[FIELD_WHY] = "why=",
};

static bool take_field_value(struct loading *loading, enum field field)
{
	struct answer *answer = loading->answer;

	switch (field) {
	case FIELD_TTL:
		return take_number(loading,
			"expected a number of seconds after ttl=",
			&answer->ttl);
	case FIELD_RTT:
		return take_number(loading,
			"expected a number of microseconds after rtt=",
			&answer->rtt_us);
	case FIELD_SECURE:
		answer->secure = true;
		return is_at_end_of_word(loading->rest) ||
		       wrong(loading, "expected a space after secure");
	case FIELD_CANONICAL:
		return take_text(loading,
			"expected a name after canonical=", &answer->canonical);
	case FIELD_SERVER:
		return take_text(loading,
			"expected an address after server=", &answer->server);
	case FIELD_WHY:
		return take_text(loading,
			"expected a quoted text after why=", &answer->why);
	}
	return false;
}

static bool take_field(struct loading *loading)
{
	for (unsigned i = FIELD_TTL; i <= FIELD_WHY; i++) {
		struct span word = span_of(field_words[i]);

		if (!span_is(span_part(loading->rest, 0, word.len), word))
			continue;
		if (loading->seen & 1u << i)
			return wrong(loading, "expected each field once");
		loading->seen |= 1u << i;
		loading->rest = span_part(
			loading->rest, word.len, loading->rest.len);
		return take_field_value(loading, (enum field)i);
	}
	return wrong(loading, "expected ttl=, rtt=, secure, canonical=, "
			      "server=, why= or a quoted value");
}

static bool take_value(struct loading *loading)
{
	struct answer *answer = loading->answer;
	struct span value;

	if (answer->kind != ANSWER_DATA)
		return wrong(loading, "expected no value: only found has some");
	if (answer->value_count == ANSWERS_FILE_VALUES_MAX)
		return wrong(loading, "expected no more than 256 values");
	if (!take_quoted(loading, &value))
		return false;
	loading->values = arena_grow(loading->arena, loading->values,
		answer->value_count, &loading->value_room, sizeof(value));
	loading->values[answer->value_count++] = value;
	answer->values = loading->values;
	return true;
}

static bool take_name(struct loading *loading)
{
	struct span text;
	const char *why;

	if (!take_text(loading, "expected a name", &text))
		return false;
	if (name_normalise(loading->arena, text, &loading->name, &why))
		return true;
	return wrong(loading,
		arena_print(loading->arena, "expected a name: %s", why).at);
}

static bool take_type(struct loading *loading)
{
	if (!has_more(loading) ||
		!rr_type_parse(take_bare(loading), &loading->type) ||
		!is_at_end_of_word(loading->rest))
		return wrong(loading, "expected a record type: A, AAAA, "
				      "CNAME, MX, POLICY, PTR, SOA, "
				      "TLSA or TXT");
	return true;
}

static bool take_kind(struct loading *loading)
{
	enum answer_kind *kind = &loading->answer->kind;

	if (!has_more(loading) ||
		!answer_kind_parse(take_bare(loading), kind) ||
		*kind == ANSWER_UNSAVED || !is_at_end_of_word(loading->rest))
		return wrong(loading,
			"expected how it was answered: found, "
			"no-data, nxdomain, servfail, timeout, refused, "
			"unreachable, malformed or untrusted");
	return true;
}

static bool take_answer(struct loading *loading)
{
	if (!take_name(loading) || !take_type(loading) || !take_kind(loading))
		return false;
	while (has_more(loading) && loading->rest.at[0] != '"')
		if (!take_field(loading))
			return false;
	while (has_more(loading)) {
		if (loading->rest.at[0] != '"')
			return wrong(loading, "expected a quoted value: fields "
					      "stand before the values");
		if (!take_value(loading))
			return false;
	}
	if (loading->answer->kind == ANSWER_DATA &&
		!loading->answer->value_count)
		return wrong(loading, "expected a value: found needs one");
	return true;
}

static void load_line(struct loading *loading, struct span line)
{
	loading->rest = line;
	if (!has_more(loading))
		return;
	loading->answer = arena_new(loading->arena, struct answer);
	loading->values = NULL;
	loading->value_room = 0;
	loading->seen = 0;
	if (take_answer(loading))
		answers_put(loading->saved->answers, loading->name,
			loading->type, loading->answer);
}

static struct span cut_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

struct saved_answers *answers_file_load(struct arena *arena, struct span file,
	struct span text, struct answers_file_errors *errors)
{
	struct loading loading = {
		.arena = arena, .file = file, .errors = errors, .line = 1
	};
	struct span rest = text;

	*errors = (struct answers_file_errors){ 0 };
	if (!span_is(cut_line(&rest), span_of(first_line))) {
		wrong(&loading, "expected the line \"mxprobe-answers 1\"");
		return NULL;
	}
	loading.saved = arena_new(arena, struct saved_answers);
	loading.saved->answers = answers_open(arena);
	while (rest.len) {
		loading.line++;
		load_line(&loading, cut_line(&rest));
	}
	return loading.saved;
}

struct saved_answers *saved_answers_of(
	struct arena *arena, struct answers *whole)
{
	struct saved_answers *saved = arena_new(arena, struct saved_answers);

	saved->answers = whole;
	saved->is_whole = true;
	return saved;
}

static bool has_name(const struct answers *answers, struct span name)
{
	static const enum rr_type types[] = { RR_A, RR_AAAA, RR_MX, RR_PTR,
		RR_TXT, RR_TLSA, RR_CNAME, RR_SOA };

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (answers_known(answers, name, types[i]))
			return true;
	return false;
}

static const struct answer *answer_lacking(
	const struct saved_answers *saved, struct span name)
{
	static const struct answer unsaved = { .kind = ANSWER_UNSAVED },
				   none = { .kind = ANSWER_NONE },
				   no_name = { .kind = ANSWER_NO_NAME };

	if (!saved->is_whole)
		return &unsaved;
	return has_name(saved->answers, name) ? &none : &no_name;
}

void saved_answers_settle(
	const struct saved_answers *saved, struct answers *answers)
{
	struct question *question = answers_open_question(answers);

	for (; question; question = question_next_open(question)) {
		const struct answer *answer = answers_known(
			saved->answers, question->name, question->type);

		question_settle(question,
			answer ? answer
			       : answer_lacking(saved, question->name));
	}
}
