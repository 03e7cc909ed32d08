#include "scenarios/meaning.h"

#include "probe/base/nearest.h"
#include "scenarios/block_check.h"
#include "scenarios/server_script.h"

struct meaning {
	const struct meaning_orders *orders;
	struct arena *arena;
	struct statements all;
	bool has_lost_names;
};

static void tell(const struct meaning *meaning, const struct place *place,
	struct span what, struct span hint)
{
	complain(meaning->orders->complaints, place, what, hint);
}

/* ---- names */

/* The name that a statement gives, if it is of this verb. */
static const struct value *name_given(
	const struct statement *statement, enum verb_word id)
{
	return statement->verb->id == id
		       ? statement_value(statement, VALUE_NAME, 0)
		       : NULL;
}

static const struct statement *named(
	const struct meaning *meaning, enum verb_word id, struct span name)
{
	for (size_t i = 0; i < meaning->all.count; i++) {
		const struct statement *statement = meaning->all.list[i];
		const struct value *given = name_given(statement, id);

		if (given && span_is(given->text, name))
			return statement;
	}
	return NULL;
}

static void check_name(
	const struct meaning *meaning, const struct statement *statement)
{
	const struct value *name = name_given(statement, statement->verb->id);
	const struct statement *first;

	if (!name || statement->verb->id == VERB_VAR)
		return;
	first = named(meaning, statement->verb->id, name->text);
	if (first == statement)
		return;
	tell(meaning, &name->place,
		arena_print(meaning->arena,
			"another %s has this name: %.*s, line %u",
			statement->verb->word, SPAN_ARG(first->place.file),
			first->place.line),
		SPAN(""));
}

static const char *verb_word_of(enum verb_word id)
{
	size_t i = 0;

	while (verb_at(i)->id != id)
		i++;
	return verb_at(i)->word;
}

static void check_leads(const struct meaning *meaning, enum verb_word id,
	const struct value *name)
{
	struct nearest nearest = nearest_begin(name->text);

	if (named(meaning, id, name->text) || meaning->has_lost_names)
		return;
	for (size_t i = 0; i < meaning->all.count; i++) {
		const struct value *given = name_given(
			meaning->all.list[i], id);

		if (given)
			nearest_offer(&nearest, given->text);
	}
	tell(meaning, &name->place,
		arena_print(meaning->arena, "there is no %s \"%.*s\"",
			verb_word_of(id), SPAN_ARG(name->text)),
		nearest.best);
}

static void check_reason(
	const struct meaning *meaning, const struct value *name)
{
	struct span hint = SPAN("");

	if (!meaning->orders->knows_reason ||
		meaning->orders->knows_reason(
			meaning->orders->owner, name->text, &hint))
		return;
	tell(meaning, &name->place, SPAN("the codebook has no such reason"),
		hint);
}

/* The caret stands within the slashes. */
static void check_pattern(
	const struct meaning *meaning, const struct value *pattern)
{
	struct place place = pattern->place;
	struct span why;
	size_t at;

	if (!meaning->orders->knows_pattern ||
		meaning->orders->knows_pattern(meaning->arena, pattern->text,
			pattern->ignores_case, &at, &why))
		return;
	place.column += (unsigned)at + 1;
	place.width = 1;
	tell(meaning, &place, why, SPAN(""));
}

/* Every name in a statement and its clauses, and every pattern. */
static void check_names(
	const struct meaning *meaning, const struct statement *statement)
{
	for (size_t i = 0; i < statement->element_count; i++) {
		const struct element *element = &statement->elements[i];

		if (element->kind == ELEMENT_CLAUSE)
			check_names(meaning, element->clause);
		if (element->kind != ELEMENT_VALUE)
			continue;
		if (element->value.kind == VALUE_PATH)
			check_leads(meaning, VERB_PATH, &element->value);
		if (element->value.kind == VALUE_PROBE)
			check_leads(meaning, VERB_PROBE, &element->value);
		if (element->value.kind == VALUE_SERVER)
			check_leads(meaning, VERB_SERVER, &element->value);
		if (element->value.kind == VALUE_TWIN)
			check_leads(meaning, VERB_TWIN, &element->value);
		if (element->value.kind == VALUE_REASON)
			check_reason(meaning, &element->value);
		if (element->value.kind == VALUE_REGEX)
			check_pattern(meaning, &element->value);
	}
}

/* The same path, family or target twice is the same cell twice. */
static void check_twice(
	const struct meaning *meaning, const struct statement *statement)
{
	for (size_t i = 0; i < statement->element_count; i++) {
		const struct element *later = &statement->elements[i];

		if (later->kind != ELEMENT_VALUE)
			continue;
		for (size_t k = 0; k < i; k++) {
			const struct element *first = &statement->elements[k];

			if (first->kind != ELEMENT_VALUE ||
				!span_is(first->value.text, later->value.text))
				continue;
			tell(meaning, &later->value.place,
				SPAN("this is said twice in one line"),
				SPAN(""));
			break;
		}
	}
}

/* ---- what is expected of a step */

static bool is_reply_class(const struct statement *clause)
{
	return clause->verb->id == VERB_ACCEPT ||
	       clause->verb->id == VERB_REJECT ||
	       clause->verb->id == VERB_DEFER || clause->verb->id == VERB_CODE;
}

static bool code_fits_class(
	const struct statement *clause, const struct value *value)
{
	char digit = value->text.len ? value->text.at[0] : '\0';

	return clause->verb->id == VERB_REJECT ? digit == '5' : digit == '4';
}

/* "reject 450" and "reject 4.7.1" can never come true. */
static void check_refusal(
	const struct meaning *meaning, const struct statement *clause)
{
	const struct value *code = statement_value(clause, VALUE_CODE, 0);
	const struct value *status = statement_value(clause, VALUE_STATUS, 0);
	const char *what = clause->verb->id == VERB_REJECT
				   ? "a rejection is 5xx; 4xx is \"defer\""
				   : "to be deferred is 4xx; 5xx is \"reject\"";

	if (code && !code_fits_class(clause, code))
		tell(meaning, &code->place, span_of(what), SPAN(""));
	else if (status && !code_fits_class(clause, status))
		tell(meaning, &status->place, span_of(what), SPAN(""));
}

static void check_code(
	const struct meaning *meaning, const struct statement *clause)
{
	const struct value *code = statement_value(clause, VALUE_CODE, 0);
	const struct value *status = statement_value(clause, VALUE_STATUS, 0);

	if (status && status->text.at[0] != code->text.at[0])
		tell(meaning, &status->place,
			SPAN("code and enhanced status begin with the same "
			     "digit (RFC 2034)"),
			SPAN(""));
}

static void check_expectations(
	const struct meaning *meaning, const struct statement *step)
{
	const struct statement *clause, *said = NULL;

	for (size_t i = 0; (clause = statement_clause(step, i)); i++) {
		if (clause->verb->id == VERB_REJECT ||
			clause->verb->id == VERB_DEFER)
			check_refusal(meaning, clause);
		if (clause->verb->id == VERB_CODE)
			check_code(meaning, clause);
		if (!is_reply_class(clause))
			continue;
		if (said && (said->verb->id != VERB_ACCEPT ||
				    clause->verb->id != VERB_CODE))
			tell(meaning, &clause->place,
				SPAN("one reply cannot be both of these"),
				SPAN(""));
		said = clause;
	}
}

/* ---- probes */

unsigned step_rank(const struct statement *step)
{
	return (unsigned)step->verb->id - VERB_DO_CONNECT;
}

struct script {
	const struct statement *steps[VERB_DO_QUIT - VERB_DO_CONNECT + 1];
};

static bool is_owned(const struct meaning *meaning, const struct value *mailbox)
{
	const struct value *owned;

	for (size_t i = 0; i < meaning->all.count; i++) {
		if (meaning->all.list[i]->verb->id != VERB_OWNS)
			continue;
		for (size_t n = 0;
			(owned = statement_value(
				 meaning->all.list[i], VALUE_MAILBOX, n));
			n++)
			if (mailbox->has_secret
					? span_is(owned->raw, mailbox->raw)
					: span_is_nocase(
						  owned->text, mailbox->text))
				return true;
	}
	return false;
}

enum { OWN_MESSAGE_MAX = 10 * 1000 * 1000 };

static void check_delivery(const struct meaning *meaning,
	const struct statement *data, const struct statement *rcpt)
{
	const struct value *mailbox;
	const struct value *size = statement_value(data, VALUE_SIZE, 0);

	if (size && size->number > OWN_MESSAGE_MAX)
		tell(meaning, &size->place,
			SPAN("a message of our own has at most 10M"), SPAN(""));

	if (!rcpt) {
		tell(meaning, &data->place,
			SPAN("a message has a recipient: \"step rcpt\" is "
			     "wanted before it"),
			SPAN(""));
		return;
	}
	mailbox = statement_value(rcpt, VALUE_MAILBOX, 0);
	if (mailbox && !is_owned(meaning, mailbox))
		tell(meaning, &mailbox->place,
			SPAN("a message is sent only to a mailbox of your own: "
			     "\"owns\" does not name this one"),
			SPAN(""));
}

static void check_script(
	const struct meaning *meaning, const struct script *script)
{
	const struct statement *mail =
		script->steps[VERB_DO_MAIL - VERB_DO_CONNECT];
	const struct statement *rcpt =
		script->steps[VERB_DO_RCPT - VERB_DO_CONNECT];
	const struct statement *data =
		script->steps[VERB_DO_DATA - VERB_DO_CONNECT];
	const struct value *mailbox = rcpt ? statement_value(
						     rcpt, VALUE_MAILBOX, 0)
					   : NULL;

	if (rcpt && !mail)
		tell(meaning, &rcpt->place,
			SPAN("\"step mail\" is wanted before it"), SPAN(""));
	if (mailbox && !mailbox->text.len)
		tell(meaning, &mailbox->place,
			SPAN("nobody is <>: a mailbox is wanted"), SPAN(""));
	if (data)
		check_delivery(meaning, data, rcpt);
}

/* Steps without a condition stand in their order, each once. */
static void check_order(const struct meaning *meaning,
	const struct statement *step, const struct statement *before)
{
	if (!before || step_rank(before) < step_rank(step))
		return;
	tell(meaning, &step->place,
		arena_print(meaning->arena,
			step_rank(before) == step_rank(step)
				? "there is a step %s already"
				: "this comes before step %s in a dialogue",
			before->verb->word),
		SPAN(""));
}

/* Is the value on this axis?  Without a word of it, both families are. */
static bool has_value(
	const struct statement *probe, enum verb_word id, struct span text)
{
	enum value_kind kind = id == VERB_FAMILY ? VALUE_FAMILY : VALUE_PATH;
	bool is_said = false;

	for (size_t i = 0; i < probe->body_count; i++) {
		const struct statement *line = probe->body[i];
		const struct value *value;

		if (line->verb->id != id)
			continue;
		is_said = true;
		for (size_t n = 0; (value = statement_value(line, kind, n));
			n++)
			if (span_is(value->text, text))
				return true;
	}
	return !is_said && id == VERB_FAMILY;
}

static bool has_target(const struct statement *probe, struct span text)
{
	const struct statement *clause;

	for (size_t i = 0; i < probe->body_count; i++) {
		if (probe->body[i]->verb->id != VERB_TARGET)
			continue;
		for (size_t n = 0;
			(clause = statement_clause(probe->body[i], n)); n++)
			if (clause->element_count &&
				span_is_nocase(
					clause->elements[0].value.text, text))
				return true;
	}
	return false;
}

/* A condition that no cell can meet is a mistake. */
static void check_condition(const struct meaning *meaning,
	const struct statement *probe, const struct statement *condition)
{
	const struct value *value = &condition->elements[0].value;
	bool is_met = true;

	if (condition->verb->id == VERB_IF_FAMILY)
		is_met = has_value(probe, VERB_FAMILY, value->text);
	if (condition->verb->id == VERB_IF_PATH)
		is_met = has_value(probe, VERB_USE_PATH, value->text);
	if (condition->verb->id == VERB_IF_TARGET)
		is_met = has_target(probe, value->text);
	if (!is_met)
		tell(meaning, &value->place,
			SPAN("no cell of this probe is like that"), SPAN(""));
}

static void take_step(const struct meaning *meaning, struct script *script,
	const struct statement *step)
{
	check_expectations(meaning, step);
	if (!script->steps[step_rank(step)])
		script->steps[step_rank(step)] = step;
}

static void take_line(const struct meaning *meaning,
	const struct statement *probe, const struct statement *line,
	struct script *script)
{
	const struct statement *clause;

	if (line->verb->id == VERB_STEP)
		take_step(meaning, script, statement_clause(line, 0));
	else if (line->verb->id != VERB_WHEN)
		check_twice(meaning, line);
	if (line->verb->id != VERB_WHEN)
		return;
	for (size_t n = 0; (clause = statement_clause(line, n)); n++)
		if (verb_stands_in(clause->verb, ROOM_CONDITION))
			check_condition(meaning, probe, clause);
		else
			take_step(meaning, script, clause);
}

/* Where nobody is, or only we are: no server, and no sender. */
static void check_address(const struct meaning *meaning,
	const struct value *value, const char *deed)
{
	enum ip_kind kind = ip_kind(&value->ip);

	if (kind == IP_MULTICAST || kind == IP_UNSPECIFIED)
		tell(meaning, &value->place,
			arena_print(meaning->arena, "%s: the address is %s",
				deed, ip_kind_word(kind)),
			SPAN(""));
}

static void check_targets(
	const struct meaning *meaning, const struct statement *line)
{
	const struct statement *clause;

	for (size_t n = 0; (clause = statement_clause(line, n)); n++) {
		const struct value *value = statement_value(
			clause, VALUE_ADDRESS, 0);

		if (value)
			check_address(
				meaning, value, "no server is reached at it");
	}
}

static void check_probe(
	const struct meaning *meaning, const struct statement *probe)
{
	const struct statement *before = NULL;
	struct script script = { .steps = { NULL } };
	bool has_targets = false, has_steps = false;

	for (size_t i = 0; i < probe->body_count; i++) {
		const struct statement *line = probe->body[i];

		if (line->verb->id == VERB_TARGET) {
			has_targets = true;
			check_targets(meaning, line);
		}
		has_steps |= line->verb->id == VERB_STEP ||
			     line->verb->id == VERB_WHEN;
		if (line->verb->id == VERB_STEP) {
			const struct statement *step = statement_clause(
				line, 0);

			check_order(meaning, step, before);
			before = step;
		}
		take_line(meaning, probe, line, &script);
	}
	if (!has_targets && !probe->is_broken)
		tell(meaning, &probe->place,
			SPAN("a probe has at least one \"target\""), SPAN(""));
	if (!has_steps && !probe->is_broken)
		tell(meaning, &probe->place,
			SPAN("a probe has at least one \"step\""), SPAN(""));
	if (!probe->is_broken)
		check_script(meaning, &script);
}

/* ---- other blocks */

static void check_path(
	const struct meaning *meaning, const struct statement *path)
{
	for (size_t i = 0; i < path->body_count; i++) {
		const struct element *element = path->body[i]->elements;

		if (path->body[i]->element_count &&
			(element->value.kind == VALUE_IPV4 ||
				element->value.kind == VALUE_IPV6))
			check_address(meaning, &element->value,
				"nothing is sent from it");
	}
}

static void check_compare(
	const struct meaning *meaning, const struct statement *compare)
{
	const struct value *a = statement_value(compare, VALUE_FAMILY, 0);
	const struct value *b = statement_value(compare, VALUE_FAMILY, 1);
	const struct value *name = statement_value(compare, VALUE_PROBE, 0);
	const struct statement *probe;

	if (!a || !b || !name)
		return;
	if (a->number == b->number)
		tell(meaning, &b->place, SPAN("the other family is wanted"),
			SPAN(""));
	probe = named(meaning, VERB_PROBE, name->text);
	if (probe && (!has_value(probe, VERB_FAMILY, a->text) ||
			     !has_value(probe, VERB_FAMILY, b->text)))
		tell(meaning, &name->place,
			SPAN("this probe does not walk over both families"),
			SPAN(""));
}

/* What is said once in a file is said once in all files. */
static void check_once(
	const struct meaning *meaning, const struct statement *statement)
{
	size_t i = 0;

	while (meaning->all.list[i]->verb != statement->verb)
		i++;
	if (!statement->verb->once || statement->verb->id == VERB_MXPROBE ||
		meaning->all.list[i] == statement ||
		span_is(meaning->all.list[i]->place.file,
			statement->place.file))
		return;
	tell(meaning, &statement->place,
		arena_print(meaning->arena,
			"this was said already: %.*s, line %u",
			SPAN_ARG(meaning->all.list[i]->place.file),
			meaning->all.list[i]->place.line),
		SPAN(""));
}

static void check_statement(
	const struct meaning *meaning, const struct statement *statement)
{
	check_once(meaning, statement);
	check_name(meaning, statement);
	check_names(meaning, statement);
	for (size_t i = 0; i < statement->body_count; i++)
		check_names(meaning, statement->body[i]);
	if (statement->verb->id == VERB_PROBE)
		check_probe(meaning, statement);
	if (statement->verb->id == VERB_PATH)
		check_path(meaning, statement);
	if (statement->verb->id == VERB_COMPARE)
		check_compare(meaning, statement);
	if (statement->verb->id == VERB_OWNS)
		check_twice(meaning, statement);
}

static bool has_lost_names(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++)
		if (sheet->statements[i]->included &&
			has_lost_names(sheet->statements[i]->included))
			return true;
	return sheet->has_lost_names;
}

static bool does_something(const struct meaning *meaning)
{
	for (size_t i = 0; i < meaning->all.count; i++)
		if (meaning->all.list[i]->verb->id == VERB_PROBE ||
			meaning->all.list[i]->verb->id == VERB_IDENTITY)
			return true;
	return false;
}

void meaning_check(
	const struct meaning_orders *orders, const struct sheet *sheet)
{
	struct meaning meaning = { .orders = orders,
		.arena = orders->arena,
		.all = sheet_flatten(orders->arena, sheet),
		.has_lost_names = has_lost_names(sheet) };
	struct place place = { .file = sheet->file, .line = 1, .column = 1 };

	for (size_t i = 0; i < meaning.all.count; i++)
		check_statement(&meaning, meaning.all.list[i]);
	block_check(orders->arena, orders->complaints, &meaning.all);
	play_check(orders->arena, orders->complaints, &meaning.all);
	if (sheet->count)
		place = sheet->statements[sheet->count - 1]->place;
	/* A file that did not even parse is told of already. */
	if (!does_something(&meaning) && !orders->complaints->total)
		tell(&meaning, &place,
			SPAN("there is nothing to do: a \"probe\" is wanted"),
			SPAN(""));
}
