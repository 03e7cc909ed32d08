#include "scenarios/expected.h"

enum comparison_sign comparison_sign_of(const struct statement *line)
{
	static const struct {
		struct span word;
		enum comparison_sign sign;
	} signs[] = { { { "<", 1 }, SIGN_LESS }, { { "<=", 2 }, SIGN_AT_MOST },
		{ { "=", 1 }, SIGN_EQUAL }, { { ">=", 2 }, SIGN_AT_LEAST },
		{ { ">", 1 }, SIGN_MORE } };
	const struct value *value = statement_value(line, VALUE_OPERATOR, 0);

	for (size_t i = 0; value && i < COUNT_OF(signs); i++)
		if (span_is(value->text, signs[i].word))
			return signs[i].sign;
	return SIGN_NONE;
}

bool sign_holds(enum comparison_sign sign, uint64_t found, uint64_t wanted)
{
	switch (sign) {
	case SIGN_NONE:
		break;
	case SIGN_LESS:
		return found < wanted;
	case SIGN_AT_MOST:
		return found <= wanted;
	case SIGN_EQUAL:
		return found == wanted;
	case SIGN_AT_LEAST:
		return found >= wanted;
	case SIGN_MORE:
		return found > wanted;
	}
	return true;
}

static enum expected_kind kind_of(const struct statement *clause)
{
	static const struct {
		enum verb_word verb;
		enum expected_kind kind;
	} kinds[] = { { VERB_WITHIN, EXPECTED_WITHIN },
		{ VERB_REJECT, EXPECTED_REJECT },
		{ VERB_DEFER, EXPECTED_DEFER }, { VERB_CODE, EXPECTED_CODE },
		{ VERB_HAS, EXPECTED_HAS }, { VERB_LACKS, EXPECTED_LACKS },
		{ VERB_TLS, EXPECTED_TLS }, { VERB_TEXT, EXPECTED_TEXT } };

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (clause->verb->id == kinds[i].verb)
			return kinds[i].kind;
	if (statement_has_word(clause, "name-ok"))
		return EXPECTED_CERT_NAME;
	if (statement_has_word(clause, "trusted"))
		return EXPECTED_CERT_TRUST;
	return statement_has_word(clause, "days") ? EXPECTED_CERT_DAYS
						  : EXPECTED_ACCEPT;
}

static uint64_t number_of(const struct statement *clause, enum value_kind kind,
	uint64_t otherwise)
{
	const struct value *value = statement_value(clause, kind, 0);

	return value ? value->number : otherwise;
}

static struct span text_of(
	const struct statement *clause, enum value_kind kind, size_t n)
{
	const struct value *value = statement_value(clause, kind, n);

	return value ? value->text : SPAN("");
}

static void take_refusal(
	struct expected *expected, const struct statement *clause)
{
	uint64_t status = number_of(clause, VALUE_STATUS, 0);
	bool has_ticket = statement_has_word(clause, "ticket");

	expected->code = (unsigned)number_of(clause, VALUE_CODE, 0);
	expected->status[0] = (unsigned)(status / 1000000);
	expected->status[1] = (unsigned)(status / 1000 % 1000);
	expected->status[2] = (unsigned)(status % 1000);
	expected->reason = text_of(clause, VALUE_REASON, 0);
	expected->known = text_of(clause, VALUE_TEXT, 0);
	expected->ticket = has_ticket ? text_of(clause, VALUE_TEXT, 1)
				      : SPAN("");
	expected->until = number_of(clause, VALUE_DATE, 0);
}

static void take_clause(struct expected *expected,
	const struct statement *clause, struct span text)
{
	const struct value *pattern = statement_value(clause, VALUE_REGEX, 0);
	uint64_t number = 0;

	number = number_of(clause, VALUE_DURATION, number);
	number = number_of(clause, VALUE_SIZE, number);
	number = number_of(clause, VALUE_NUMBER, number);
	number = number_of(clause, VALUE_TLS_VERSION, number);
	*expected = (struct expected){ .kind = kind_of(clause),
		.sign = comparison_sign_of(clause),
		.number = number,
		.name = text_of(clause, VALUE_KEYWORD, 0),
		.pattern = pattern ? pattern->text : SPAN(""),
		.ignores_case = pattern && pattern->ignores_case,
		.place = &clause->place,
		.text = text };
	take_refusal(expected, clause);
}

const struct expected *expected_of(
	struct arena *arena, const struct statement *step, size_t *count)
{
	struct expected *list = NULL;
	size_t room = 0;
	const struct statement *clause;

	*count = 0;
	for (size_t i = 0; (clause = statement_clause(step, i)); i++) {
		list = arena_grow(arena, list, *count, &room, sizeof(*list));
		take_clause(&list[(*count)++], clause,
			statement_print(arena, clause));
	}
	return list;
}
