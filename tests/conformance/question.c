#include "tests/conformance/conformance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const json_t *field(
	const struct suite_question *question, const char *key)
{
	return json_object_get(question->line, key);
}

bool question_has(const struct suite_question *question, const char *key)
{
	const json_t *value = field(question, key);

	return value && !json_is_null(value);
}

bool question_bool(const struct suite_question *question, const char *key)
{
	return json_is_true(field(question, key));
}

json_int_t question_number(
	const struct suite_question *question, const char *key)
{
	return json_integer_value(field(question, key));
}

struct span question_text(
	const struct suite_question *question, const char *key)
{
	const json_t *value = field(question, key);

	if (!json_is_string(value))
		return SPAN("");
	return (struct span){ json_string_value(value),
		json_string_length(value) };
}

/* The six bits of a digit, or -1: RFC 4648 section 4. */
static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct span question_bytes(
	const struct suite_question *question, const char *key)
{
	struct span text = question_text(question, key);
	char *room = arena_take(question->arena, text.len + 1);
	unsigned bits = 0, held = 0;
	size_t len = 0;

	while (text.len && text.at[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		int digit = base64_digit(text.at[i]);

		if (digit < 0) {
			fprintf(stderr, "conformance: %s is not base64\n", key);
			exit(2);
		}
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			room[len++] = (char)(bits >> held & 0xff);
		}
	}
	return (struct span){ room, len };
}

bool question_lists(const struct suite_question *question, const char *key,
	const char *word)
{
	const json_t *list = field(question, key);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (text && strcmp(text, word) == 0)
			return true;
	}
	return false;
}

bool share_count(struct share *share, bool met)
{
	share->asked++;
	share->met += met;
	return met;
}

void question_note(struct suite_question *question, const char *fmt, ...)
{
	char text[1024];
	va_list list;

	va_start(list, fmt);
	vsnprintf(text, sizeof(text), fmt, list);
	va_end(list);
	question->why = arena_print(question->arena, "%.*s%s%s",
		SPAN_ARG(question->why), question->why.len ? "; " : "", text);
}

enum verdict question_fail(
	struct suite_question *question, const char *fmt, ...)
{
	va_list args;
	char room[512];

	va_start(args, fmt);
	vsnprintf(room, sizeof(room), fmt, args);
	va_end(args);
	question->why = arena_copy(question->arena, span_of(room));
	return VERDICT_FAIL;
}
