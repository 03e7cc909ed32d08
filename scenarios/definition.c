#include "scenarios/definition.h"

/* For a run; a check never reads them. */
static void reveal(
	const struct reading_orders *orders, struct variable *variable)
{
	struct span text, why;

	if (variable->kind == VARIABLE_TEXT || !orders->reveal)
		return;
	if (!orders->reveal(
		    orders->owner, orders->arena, variable, &text, &why)) {
		complain(orders->complaints, &variable->place, why, SPAN(""));
		return;
	}
	variable->kind = VARIABLE_TEXT;
	variable->text = text;
	variable->has_secret = variable->is_revealed = true;
}

/* env ENV or TEXT: no secret, and a check takes the text. */
static void take_environment(const struct reading_orders *orders,
	struct variable *variable, const struct value *env)
{
	struct variable asked = {
		.kind = VARIABLE_ENV, .text = env->text, .has_default = true
	};
	struct span text, why;

	if (!orders->reveal)
		return;
	if (!orders->reveal(
		    orders->owner, orders->arena, &asked, &text, &why)) {
		variable->not_set = env->text;
		return;
	}
	variable->text = text;
	variable->has_secret = false;
}

void definition_take(const struct reading_orders *orders, struct span from,
	const struct statement *statement)
{
	const struct value *name = statement_value(statement, VALUE_NAME, 0);
	const struct value *env = statement_value(statement, VALUE_ENV, 0);
	const struct value *file = statement_value(statement, VALUE_FILE, 0);
	const struct value *text = statement_value(statement, VALUE_TEXT, 0);
	struct variable variable = { .name = name->text,
		.place = name->place,
		.kind = VARIABLE_TEXT,
		.not_set = SPAN("") };

	if (text) {
		variable.text = text->text;
		variable.has_secret = text->has_secret;
		if (env)
			take_environment(orders, &variable, env);
	} else {
		variable.kind = env ? VARIABLE_ENV : VARIABLE_FILE;
		variable.text = env ? env->text
				    : name_from(
					      orders->arena, from, file->text);
	}
	/* One that cannot be read stands for itself in the lines below. */
	reveal(orders, &variable);
	if (!variable_add(orders->variables, &variable))
		complain(orders->complaints, &name->place,
			SPAN("another variable has this name, or there are "
			     "more than 1000"),
			SPAN(""));
}
