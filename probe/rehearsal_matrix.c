#include "probe/rehearsal.h"

/* One for each egress of the matrix, so that each is made once. */
struct dressing {
	struct arena *arena;
	struct dressed {
		const struct egress *from, *to;
	} * list;
	size_t count, room;
};

static void dress_family(struct egress *egress, enum family family)
{
	static const struct ip sources[FAMILY_COUNT] = {
		{ .family = FAMILY_IPV4, .bytes = { 192, 0, 2, 25 } },
		{ .family = FAMILY_IPV6,
			.bytes = { 0x20, 0x01, 0x0d, 0xb8, 0,
				0x25, [15] = 0x25 } },
	};

	egress->binds[family] = true;
	egress->source[family] = sources[family];
}

static const struct egress *dress(
	struct dressing *dressing, const struct egress *from)
{
	struct egress *to;

	for (size_t i = 0; i < dressing->count; i++)
		if (dressing->list[i].from == from)
			return dressing->list[i].to;
	to = arena_new(dressing->arena, struct egress);
	*to = *from;
	to->interface = SPAN("");
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		if (!from->binds[FAMILY_IPV4] && !from->binds[FAMILY_IPV6])
			dress_family(to, (enum family)i);
		if (!to->ehlo[i].len)
			to->ehlo[i] = SPAN("mail.example.org");
	}
	dressing->list = arena_grow(dressing->arena, dressing->list,
		dressing->count, &dressing->room, sizeof(*dressing->list));
	dressing->list[dressing->count++] = (struct dressed){ from, to };
	return to;
}

const struct matrix *rehearsal_matrix(
	struct arena *arena, const struct matrix *matrix)
{
	struct dressing dressing = { .arena = arena };
	struct matrix *copy = arena_new(arena, struct matrix);
	struct matrix_cell *cells = arena_take(
		arena, (matrix->cell_count + 1) * sizeof(*cells));
	struct matrix_identity *identities = arena_take(
		arena, (matrix->identity_count + 1) * sizeof(*identities));

	*copy = *matrix;
	copy->requirement_count = copy->limit_count = copy->baseline_count = 0;
	copy->every_ms = 0;
	copy->on_failure = NULL;
	for (size_t i = 0; i < matrix->cell_count; i++) {
		cells[i] = matrix->cells[i];
		cells[i].egress = dress(&dressing, cells[i].egress);
	}
	for (size_t i = 0; i < matrix->identity_count; i++) {
		identities[i] = matrix->identities[i];
		identities[i].egress = dress(&dressing, identities[i].egress);
	}
	copy->cells = cells;
	copy->identities = identities;
	return copy;
}
