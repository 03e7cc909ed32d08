#include "scenarios/server_script.h"

struct building {
	struct arena *arena;
	const struct statements *all;
};

/* ---- what a line says */

static size_t texts_of(struct arena *arena, const struct statement *line,
	const struct span **texts)
{
	struct span *list = NULL;
	const struct value *value;
	size_t count = 0, room = 0;

	while ((value = statement_value(line, VALUE_TEXT, count))) {
		list = arena_grow(arena, list, count, &room, sizeof(*list));
		list[count++] = value->text;
	}
	*texts = list;
	return count;
}

static struct span joined(struct arena *arena, const struct statement *line)
{
	const struct span *texts;
	size_t count = texts_of(arena, line, &texts);
	struct span all = SPAN("");

	for (size_t i = 0; i < count; i++)
		all = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(all),
			i ? " " : "", SPAN_ARG(texts[i]));
	return all;
}

static void take_offers(struct arena *arena, struct server_script *script,
	const struct statement *line)
{
	struct script_offer *offers = NULL;
	const struct statement *clause;
	size_t room = 0;

	script->has_offers = true;
	script->offer_count = 0;
	while ((clause = statement_clause(line, script->offer_count))) {
		offers = arena_grow(arena, offers, script->offer_count, &room,
			sizeof(*offers));
		offers[script->offer_count++] = (struct script_offer){
			.keyword =
				statement_value(clause, VALUE_KEYWORD, 0)->text,
			.parameters = joined(arena, clause)
		};
	}
	script->offers = offers;
}

static enum script_stage stage_of(const struct statement *line)
{
	static const char *const words[SCRIPT_STAGES] = { "connect", "early",
		"banner", "ehlo", "starttls", "mail", "rcpt", "pipelining",
		"data", "dot", "quit" };
	unsigned stage = 0;

	while (!span_is(line->elements[0].word, span_of(words[stage])))
		stage++;
	return (enum script_stage)stage;
}

static enum script_act act_of(const struct statement *line)
{
	if (statement_has_word(line, "reply"))
		return SCRIPT_REPLIES;
	if (statement_has_word(line, "close"))
		return SCRIPT_CLOSES;
	return statement_has_word(line, "reset") ? SCRIPT_RESETS : SCRIPT_HANGS;
}

static struct script_turn *particular_of(struct arena *arena,
	struct server_script *script, enum script_stage stage, struct span of)
{
	size_t count = script->particular_count;
	struct script_turn *list = arena_take(
		arena, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = script->particular[i];
	script->particular = list;
	for (size_t i = 0; i < count; i++)
		if (list[i].stage == stage && span_is(list[i].of, of))
			return &list[i];
	list[count] = (struct script_turn){ .stage = stage, .of = of };
	script->particular_count++;
	return &list[count];
}

static const struct value *of_what(const struct statement *line)
{
	return statement_has_word(line, "of")
		       ? statement_value(line, VALUE_TEXT, 0)
		       : NULL;
}

static void take_turn(struct arena *arena, struct server_script *script,
	const struct statement *line)
{
	const struct value *of = of_what(line);
	enum script_stage stage = stage_of(line);
	struct script_turn *turn = of ? particular_of(
						arena, script, stage, of->text)
				      : &script->turns[stage];
	const struct value *delay = statement_value(line, VALUE_DURATION, 0);

	turn->stage = stage;
	if (delay) {
		turn->delay_ms = delay->number;
		return;
	}
	turn->act = act_of(line);
	turn->line_count = texts_of(arena, line, &turn->lines);
	if (of) {
		turn->lines++;
		turn->line_count--;
	}
}

const struct script_turn *script_turn_at(const struct server_script *script,
	enum script_stage stage, struct span line)
{
	for (size_t i = 0; i < script->particular_count; i++) {
		const struct script_turn *turn = &script->particular[i];

		if (turn->stage == stage &&
			span_find_nocase(line, turn->of) < line.len)
			return turn;
	}
	return &script->turns[stage];
}

static void take_certificate(
	struct server_script *script, const struct statement *line)
{
	const struct value *days = statement_value(line, VALUE_NUMBER, 0);

	script->certificate_days = days ? days->number : 0;
	script->certificate = SCRIPT_CERT_GOOD;
	if (statement_has_word(line, "expired"))
		script->certificate = SCRIPT_CERT_EXPIRED;
	if (statement_has_word(line, "other-name"))
		script->certificate = SCRIPT_CERT_OTHER_NAME;
	if (statement_has_word(line, "self-signed"))
		script->certificate = SCRIPT_CERT_SELF_SIGNED;
}

static void take_roles(struct arena *arena, struct server_script *script,
	const struct statement *line)
{
	struct script_role *roles = NULL;
	size_t room = 0;

	script->role_count = 0;
	for (size_t i = 0; i < line->element_count; i++) {
		const struct value *value = &line->elements[i].value;
		struct script_role role = { .kind = AIM_MX,
			.name = value->text };

		if (line->elements[i].kind != ELEMENT_VALUE)
			continue;
		if (value->kind == VALUE_HOST)
			role.kind = AIM_HOST;
		if (value->kind == VALUE_ADDRESS) {
			role.kind = AIM_ADDRESS;
			role.ip = value->ip;
		}
		roles = arena_grow(arena, roles, script->role_count, &room,
			sizeof(*roles));
		roles[script->role_count++] = role;
	}
	script->roles = roles;
}

static void take_line(struct arena *arena, struct server_script *script,
	const struct statement *line)
{
	if (line->verb->id == VERB_FOR)
		take_roles(arena, script, line);
	if (line->verb->id == VERB_CALLED)
		script->called = line->elements[0].value.text;
	if (line->verb->id == VERB_SAY_BANNER)
		script->banner_count = texts_of(arena, line, &script->banner);
	if (line->verb->id == VERB_SAY_EHLO)
		take_offers(arena, script, line);
	if (line->verb->id == VERB_CERTIFICATE)
		take_certificate(script, line);
	if (line->verb->id == VERB_AFTER)
		take_turn(arena, script, line);
}

/* ---- servers */

static const struct statement *server_named(
	const struct statements *all, struct span name)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i]->verb->id == VERB_SERVER &&
			span_is(all->list[i]->elements[0].value.text, name))
			return all->list[i];
	return NULL;
}

static const struct statement *line_of(
	const struct statement *block, enum verb_word id)
{
	for (size_t i = 0; i < block->body_count; i++)
		if (block->body[i]->verb->id == id)
			return block->body[i];
	return NULL;
}

/* The server that this one is like; NULL: none. */
static const struct statement *model_of(
	const struct statements *all, const struct statement *server)
{
	const struct statement *like = line_of(server, VERB_LIKE);

	return like ? server_named(all, like->elements[0].value.text) : NULL;
}

enum { LIKENESS_MAX = 8 };

static void forget_stage(struct arena *arena, struct server_script *script,
	enum script_stage stage)
{
	struct script_turn *kept = arena_take(
		arena, (script->particular_count + 1) * sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < script->particular_count; i++)
		if (script->particular[i].stage != stage)
			kept[count++] = script->particular[i];
	script->particular = kept;
	script->particular_count = count;
	script->turns[stage] = (struct script_turn){ .stage = stage };
}

/* What is said of a stage replaces all that the model does there. */
static void forget_turns(struct arena *arena, struct server_script *script,
	const struct statement *server)
{
	for (size_t i = 0; i < server->body_count; i++)
		if (server->body[i]->verb->id == VERB_AFTER)
			forget_stage(arena, script, stage_of(server->body[i]));
}

/* First what it is like, farthest first, then what it says itself. */
static void take_server(const struct building *building,
	struct server_script *script, const struct statement *server)
{
	const struct statement *models[LIKENESS_MAX];
	size_t count = 0;

	while (server && count < LIKENESS_MAX) {
		models[count++] = server;
		server = model_of(building->all, server);
	}
	while (count--) {
		forget_turns(building->arena, script, models[count]);
		for (size_t i = 0; i < models[count]->body_count; i++)
			take_line(building->arena, script,
				models[count]->body[i]);
	}
}

static void make_server(const struct building *building,
	struct server_script *script, const struct statement *server)
{
	const struct value *twin = statement_value(server, VALUE_TWIN, 0);

	*script =
		(struct server_script){ .name = server->elements[0].value.text,
			.twin = twin ? twin->text : SPAN(""),
			.called = SPAN(""),
			.place = &server->place };
	script->on[FAMILY_IPV4] = !statement_has_word(server, "loopback6");
	script->on[FAMILY_IPV6] = !statement_has_word(server, "loopback4");
	take_server(building, script, server);
}

/* ---- what the DNS says, and twins */

static void make_dns(struct arena *arena, struct script_dns *dns,
	const struct statement *line)
{
	const struct value *twin = statement_value(line, VALUE_TWIN, 0);

	*dns = (struct script_dns){ .twin = twin ? twin->text : SPAN(""),
		.name = statement_value(line, VALUE_DOMAIN, 0)->text,
		.type = statement_value(line, VALUE_RECORD_TYPE, 0)->text };
	dns->value_count = texts_of(arena, line, &dns->values);
	if (!dns->value_count)
		dns->kind = statement_has_word(line, "none")
				    ? SCRIPT_DNS_NONE
				    : SCRIPT_DNS_FAILED;
}

static void make_expected(struct arena *arena, struct twin_expected *expected,
	const struct statement *line)
{
	const struct value *path = statement_value(line, VALUE_PATH, 0);
	const struct value *probe = statement_value(line, VALUE_PROBE, 0);
	const struct value *family = statement_value(line, VALUE_FAMILY, 0);
	const struct value *to = statement_value(line, VALUE_TEXT, 0);

	*expected = (struct twin_expected){ .verdict = line->elements[0].word,
		.name = path ? path->text : probe->text,
		.row = path ? TWIN_IDENTITY : TWIN_CELL,
		.has_family = family != NULL,
		.to = to ? to->text : SPAN(""),
		.place = &line->place,
		.text = statement_print(arena, line) };
	if (statement_has_word(line, "compare"))
		expected->row = TWIN_COMPARE;
	if (family && family->number == 6)
		expected->family = FAMILY_IPV6;
}

static void make_twin(
	struct arena *arena, struct twin *twin, const struct statement *block)
{
	struct twin_expected *expected = arena_take(
		arena, (block->body_count + 1) * sizeof(*expected));

	*twin = (struct twin){ .name = block->elements[0].value.text,
		.expected = expected,
		.expected_count = block->body_count,
		.place = &block->place };
	for (size_t i = 0; i < block->body_count; i++)
		make_expected(arena, &expected[i], block->body[i]);
}

const struct play *play_make(struct arena *arena, const struct sheet *sheet)
{
	struct statements all = sheet_flatten(arena, sheet);
	struct building building = { .arena = arena, .all = &all };
	struct play *play = arena_new(arena, struct play);
	struct server_script *servers = arena_take(
		arena, (all.count + 1) * sizeof(*servers));
	struct script_dns *dns = arena_take(
		arena, (all.count + 1) * sizeof(*dns));
	struct twin *twins = arena_take(
		arena, (all.count + 1) * sizeof(*twins));

	for (size_t i = 0; i < all.count; i++) {
		const struct statement *line = all.list[i];

		if (line->verb->id == VERB_SERVER)
			make_server(&building, &servers[play->server_count++],
				line);
		if (line->verb->id == VERB_DNS)
			make_dns(arena, &dns[play->dns_count++], line);
		if (line->verb->id == VERB_TWIN)
			make_twin(arena, &twins[play->twin_count++], line);
	}
	play->servers = servers;
	play->dns = dns;
	play->twins = twins;
	return play;
}
