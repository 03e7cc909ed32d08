#include "scenarios/matrix.h"

#include "scenarios/egress.h"
#include "scenarios/expected.h"
#include "scenarios/matrix_blocks.h"
#include "scenarios/sheet_file.h"

struct building {
	struct arena *arena;
	struct statements all;
	struct matrix *matrix;
	struct matrix_cell *cells;
	size_t room;
};

/* One of the three axes of a probe, at one place. */
struct spot {
	const struct statement *probe;
	const struct aim *aim;
	enum family family;
	const struct egress *egress;
};

/* ---- targets */

static const struct aim *aim_of(
	struct arena *arena, const struct statement *clause)
{
	struct aim *aim = arena_new(arena, struct aim);
	const struct value *first = &clause->elements[0].value;
	const struct value *port = statement_value(clause, VALUE_PORT, 0);
	const struct value *count = statement_value(clause, VALUE_NUMBER, 0);
	const struct value *only = statement_value(clause, VALUE_ADDRESS, 0);

	aim->name = first->text;
	aim->port = port ? (unsigned)port->number : 0;
	if (clause->verb->id == VERB_HOST)
		aim->kind = AIM_HOST;
	if (clause->verb->id == VERB_ADDRESS) {
		aim->kind = AIM_ADDRESS;
		aim->ip = first->ip;
	}
	if (aim->kind != AIM_MX)
		return aim;
	if (statement_has_word(clause, "all"))
		aim->choice = AIM_ALL;
	if (count) {
		aim->choice = AIM_FIRST;
		aim->first = (unsigned)count->number;
	}
	aim->has_only = only != NULL;
	if (only)
		aim->only = only->ip;
	return aim;
}

bool aim_is_same(const struct aim *a, const struct aim *b)
{
	return a->kind == b->kind && span_is_nocase(a->name, b->name) &&
	       ip_is(&a->ip, &b->ip) && a->choice == b->choice &&
	       a->first == b->first && a->port == b->port &&
	       a->has_only == b->has_only && ip_is(&a->only, &b->only);
}

struct span aim_text(struct arena *arena, const struct aim *aim)
{
	static const char *const kinds[] = { "mx", "host", "address" };
	static const char *const choices[] = { " best", " all", " first" };
	struct span text = arena_print(arena, "%s %.*s%s", kinds[aim->kind],
		SPAN_ARG(aim->name),
		aim->kind == AIM_MX ? choices[aim->choice] : "");

	if (aim->kind == AIM_MX && aim->choice == AIM_FIRST)
		text = arena_print(
			arena, "%.*s %u", SPAN_ARG(text), aim->first);
	if (aim->port)
		text = arena_print(
			arena, "%.*s port %u", SPAN_ARG(text), aim->port);
	if (aim->has_only)
		text = arena_print(arena, "%.*s only %.*s", SPAN_ARG(text),
			SPAN_ARG(ip_text(arena, &aim->only)));
	return text;
}

/* ---- cells that are left out */

static struct span why_left_out(
	const struct building *building, const struct spot *spot)
{
	if (spot->aim->kind == AIM_ADDRESS &&
		spot->aim->ip.family != spot->family)
		return arena_print(building->arena, "the address is not %s",
			family_word(spot->family));
	return egress_lacks(building->arena, spot->egress, spot->family);
}

/* ---- steps */

static bool condition_is_met(
	const struct statement *condition, const struct spot *spot)
{
	const struct value *value = &condition->elements[0].value;

	if (condition->verb->id == VERB_IF_FAMILY)
		return value->number == (spot->family == FAMILY_IPV4 ? 4 : 6);
	if (condition->verb->id == VERB_IF_PATH)
		return span_is(value->text, spot->egress->name);
	return span_is_nocase(value->text, spot->aim->name);
}

static bool line_is_met(const struct statement *line, const struct spot *spot)
{
	const struct statement *clause;

	for (size_t i = 0; (clause = statement_clause(line, i)); i++)
		if (verb_stands_in(clause->verb, ROOM_CONDITION) &&
			!condition_is_met(clause, spot))
			return false;
	return true;
}

static const struct statement *step_of(const struct statement *line)
{
	const struct statement *clause;

	for (size_t i = 0; (clause = statement_clause(line, i)); i++)
		if (verb_stands_in(clause->verb, ROOM_STEP))
			return clause;
	return NULL;
}

/* What this cell does at this step: the particular above the general. */
static const struct statement *step_for(
	const struct spot *spot, enum verb_word id)
{
	const struct statement *found = NULL;
	bool is_particular = false;

	for (size_t i = 0; i < spot->probe->body_count; i++) {
		const struct statement *line = spot->probe->body[i];
		bool is_when = line->verb->id == VERB_WHEN;
		const struct statement *step;

		if (!is_when && line->verb->id != VERB_STEP)
			continue;
		step = step_of(line);
		if (step->verb->id != id || is_particular ||
			(is_when && !line_is_met(line, spot)))
			continue;
		is_particular = is_when;
		found = step;
	}
	return found;
}

struct writing {
	struct arena *arena;
	struct step *steps;
	struct matrix_step *more;
	size_t count;
};

static struct step *step_add(struct writing *writing, enum step_verb verb,
	const struct statement *statement)
{
	struct step *step = &writing->steps[writing->count];
	struct matrix_step *more = &writing->more[writing->count++];

	*step = (struct step){
		.verb = verb, .file = SPAN(""), .argument = SPAN("")
	};
	*more = (struct matrix_step){ .verb = verb };
	if (!statement)
		return step;
	step->file = statement->place.file;
	step->line = statement->place.line;
	step->column = statement->place.column;
	more->expected = expected_of(
		writing->arena, statement, &more->expected_count);
	return step;
}

static enum step_tls tls_of(const struct statement *statement)
{
	if (!statement || statement_has_word(statement, "may"))
		return STEP_TLS_MAY;
	if (statement_has_word(statement, "dane"))
		return STEP_TLS_DANE;
	return statement_has_word(statement, "secure") ? STEP_TLS_SECURE
						       : STEP_TLS_ENCRYPT;
}

/* The last step that is written; those before it are implied. */
static enum verb_word last_of(const struct spot *spot)
{
	unsigned last = VERB_DO_CONNECT;

	for (unsigned id = VERB_DO_CONNECT; id < VERB_DO_QUIT; id++)
		if (step_for(spot, (enum verb_word)id))
			last = id;
	return (enum verb_word)last;
}

static void write_opening(
	struct writing *writing, const struct spot *spot, struct span name)
{
	enum verb_word last = last_of(spot);
	const struct statement *tls = step_for(spot, VERB_DO_STARTTLS);
	bool wants_tls = tls || last > VERB_DO_STARTTLS;

	step_add(writing, STEP_CONNECT, step_for(spot, VERB_DO_CONNECT));
	if (last >= VERB_DO_BANNER)
		step_add(writing, STEP_BANNER, step_for(spot, VERB_DO_BANNER));
	if (last >= VERB_DO_EHLO)
		step_add(writing, STEP_EHLO, step_for(spot, VERB_DO_EHLO))
			->argument = name;
	if (!wants_tls || (tls && statement_has_word(tls, "none")))
		return;
	step_add(writing, STEP_STARTTLS, tls)->tls = tls_of(tls);
	step_add(writing, STEP_EHLO, NULL)->argument = name;
}

static void write_mailbox(struct writing *writing, enum step_verb verb,
	const struct statement *statement)
{
	if (statement)
		step_add(writing, verb, statement)->argument =
			statement_value(statement, VALUE_MAILBOX, 0)->text;
}

/* What is expected of a message is expected of the reply to its last dot. */
static void write_message(struct writing *writing, struct matrix_cell *cell,
	const struct statement *data)
{
	const struct value *file = statement_value(data, VALUE_FILE, 0);
	const struct value *size = statement_value(data, VALUE_SIZE, 0);

	cell->message_size = size ? (size_t)size->number : 0;
	step_add(writing, STEP_DATA, NULL);
	step_add(writing, STEP_DOT, data);
	cell->delivers = true;
	if (file)
		cell->message_file = name_from(
			writing->arena, data->place.file, file->text);
}

/* How it talks, where that is not as the RFCs want it. */
static void take_manners(struct matrix_cell *cell, const struct spot *spot)
{
	const struct statement *ehlo = step_for(spot, VERB_DO_EHLO);

	cell->scenario.talks_early = ehlo && statement_has_word(ehlo, "early");
	for (size_t i = 0; i < spot->probe->body_count; i++) {
		const struct statement *line = spot->probe->body[i];

		if (line->verb->id != VERB_PIPELINING)
			continue;
		cell->scenario.pipelines = true;
		cell->scenario.pipelines_always = statement_has_word(
			line, "always");
	}
}

static void write_steps(const struct building *building,
	const struct spot *spot, struct matrix_cell *cell)
{
	struct writing writing = { .arena = building->arena,
		.steps = arena_take(building->arena,
			MATRIX_STEPS_MAX * sizeof(struct step)),
		.more = arena_take(building->arena,
			MATRIX_STEPS_MAX * sizeof(struct matrix_step)) };
	const struct statement *data = step_for(spot, VERB_DO_DATA);
	const struct statement *quit = step_for(spot, VERB_DO_QUIT);

	write_opening(&writing, spot, spot->egress->ehlo[spot->family]);
	write_mailbox(&writing, STEP_MAIL, step_for(spot, VERB_DO_MAIL));
	write_mailbox(&writing, STEP_RCPT, step_for(spot, VERB_DO_RCPT));
	if (data)
		write_message(&writing, cell, data);
	/* Before the banner it would be early talking. */
	if (last_of(spot) >= VERB_DO_BANNER)
		step_add(&writing, STEP_QUIT, quit);
	cell->scenario = (struct scenario){ .name = cell->probe,
		.steps = writing.steps,
		.step_count = writing.count };
	take_manners(cell, spot);
	cell->steps = writing.more;
}

/* ---- cells */

static void cell_add(struct building *building, const struct spot *spot)
{
	struct matrix *matrix = building->matrix;
	struct matrix_cell *cell;

	matrix->is_cut |= matrix->cell_count == MATRIX_CELLS_MAX;
	if (matrix->is_cut)
		return;
	building->cells = arena_grow(building->arena, building->cells,
		matrix->cell_count, &building->room, sizeof(*cell));
	cell = &building->cells[matrix->cell_count++];
	*cell = (struct matrix_cell){
		.probe = spot->probe->elements[0].value.text,
		.aim = spot->aim,
		.family = spot->family,
		.egress = spot->egress,
		.message_file = SPAN(""),
		.left_out = why_left_out(building, spot),
		.verdict = verdict_wanted_of(building->arena, spot->probe),
	};
	write_steps(building, spot, cell);
}

static bool walks_over(const struct statement *probe, enum family family)
{
	uint64_t number = family == FAMILY_IPV4 ? 4 : 6;
	const struct value *value;

	for (size_t i = 0; i < probe->body_count; i++) {
		if (probe->body[i]->verb->id != VERB_FAMILY)
			continue;
		for (size_t n = 0; (value = statement_value(
					    probe->body[i], VALUE_FAMILY, n));
			n++)
			if (value->number == number)
				return true;
		return false;
	}
	return true;
}

/* The family turns fastest: what is compared stands side by side. */
static void aim_at(struct building *building, const struct statement *probe,
	const struct aim *aim, const struct egress *egress)
{
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		struct spot spot = { .probe = probe,
			.aim = aim,
			.family = (enum family)i,
			.egress = egress };

		if (walks_over(probe, spot.family))
			cell_add(building, &spot);
	}
}

static void leave_by(struct building *building, const struct statement *probe,
	struct span path)
{
	const struct egress *egress = egress_of(
		building->arena, &building->all, path);
	const struct statement *clause;

	for (size_t i = 0; i < probe->body_count; i++) {
		if (probe->body[i]->verb->id != VERB_TARGET)
			continue;
		for (size_t n = 0;
			!building->matrix->is_cut &&
			(clause = statement_clause(probe->body[i], n));
			n++)
			aim_at(building, probe, aim_of(building->arena, clause),
				egress);
	}
}

static void unfold(struct building *building, const struct statement *probe)
{
	const struct value *path;
	bool has_paths = false;

	for (size_t i = 0; i < probe->body_count; i++) {
		if (probe->body[i]->verb->id != VERB_USE_PATH)
			continue;
		for (size_t n = 0;
			(path = statement_value(probe->body[i], VALUE_PATH, n));
			n++)
			leave_by(building, probe, path->text);
		has_paths = true;
	}
	if (!has_paths)
		leave_by(building, probe, SPAN(""));
}

const struct matrix *matrix_make(struct arena *arena, const struct sheet *sheet)
{
	struct building building = { .arena = arena,
		.all = sheet_flatten(arena, sheet),
		.matrix = arena_new(arena, struct matrix) };

	building.matrix->name = sheet->file;
	for (size_t i = 0; i < building.all.count; i++) {
		const struct statement *statement = building.all.list[i];

		if (statement->verb->id == VERB_SCENARIO)
			matrix_take_header(arena, building.matrix, statement);
		if (statement->verb->id == VERB_PROBE)
			unfold(&building, statement);
	}
	building.matrix->cells = building.cells;
	matrix_take_blocks(arena, building.matrix, &building.all);
	return building.matrix;
}
