#include "probe/requirements.h"

#include <stdlib.h>

#include "probe/net/source.h"

/* An address that mail can leave from. */
static bool has_family(struct arena *arena, enum family family)
{
	struct ip *ips;
	size_t count = source_list_usable(source_list_open(arena), arena, &ips);

	for (size_t i = 0; i < count; i++)
		if (ips[i].family == family)
			return true;
	return false;
}

static bool has_variable(struct arena *arena, struct span name)
{
	const char *value = getenv(arena_copy(arena, name).at);

	return value && *value;
}

static bool is_met(struct arena *arena, const struct options *options,
	const struct requirement *requirement, struct span *why)
{
	switch (requirement->kind) {
	case REQUIRES_FAMILY:
		*why = arena_print(arena,
			"it requires %s, and this host has no such address",
			family_word(requirement->family));
		return has_family(arena, requirement->family);
	case REQUIRES_ENV:
		*why = arena_print(arena,
			"it requires the environment to have %.*s",
			SPAN_ARG(requirement->env));
		return has_variable(arena, requirement->env);
	case REQUIRES_DELIVER:
		break;
	}
	*why = SPAN("it requires --deliver");
	return options->deliver;
}

bool requirements_are_met(struct arena *arena, const struct options *options,
	const struct matrix *matrix, struct span *why)
{
	for (size_t i = 0; i < matrix->requirement_count; i++)
		if (!is_met(arena, options, &matrix->requirements[i], why))
			return false;
	return true;
}
