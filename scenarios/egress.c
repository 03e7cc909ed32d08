#include "scenarios/egress.h"

static void take_line(struct egress *egress, const struct statement *line)
{
	const struct value *value = &line->elements[0].value;
	enum family family = line->verb->id == VERB_SOURCE6 ||
					     line->verb->id == VERB_EHLO_NAME6
				     ? FAMILY_IPV6
				     : FAMILY_IPV4;

	if (line->verb->id == VERB_SOURCE4 || line->verb->id == VERB_SOURCE6) {
		egress->binds[family] = true;
		egress->source[family] = value->ip;
	}
	if (line->verb->id == VERB_INTERFACE)
		egress->interface = value->text;
	if (line->verb->id == VERB_TRANSIENT) {
		egress->refuses_transient = statement_has_word(line, "refuse");
		egress->refuses_place = &line->place;
	}
	if (line->verb->id == VERB_EHLO_NAME4 ||
		line->verb->id == VERB_EHLO_NAME6)
		egress->ehlo[family] = value->text;
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		if (line->verb->id == VERB_EHLO_NAME && !egress->ehlo[i].len)
			egress->ehlo[i] = value->text;
}

/* The name for one family stands above the name for both. */
const struct egress *egress_of(
	struct arena *arena, const struct statements *all, struct span name)
{
	struct egress *egress = arena_new(arena, struct egress);

	egress->name = name;
	for (size_t i = 0; name.len && i < all->count; i++) {
		const struct statement *path = all->list[i];

		if (path->verb->id != VERB_PATH ||
			!span_is(path->elements[0].value.text, name))
			continue;
		for (size_t k = 0; k < path->body_count; k++)
			take_line(egress, path->body[k]);
	}
	return egress;
}

struct span egress_lacks(
	struct arena *arena, const struct egress *egress, enum family family)
{
	enum family other = family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;

	if (!egress->binds[other] || egress->binds[family])
		return SPAN("");
	return arena_print(arena, "path %.*s has no %s source",
		SPAN_ARG(egress->name), family_word(family));
}
