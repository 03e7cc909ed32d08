#include "probe/judge/codebook_recent.h"

#include "probe/base/hash.h"

struct place {
	bool is_taken;
	size_t len;
	struct codebook_evidence evidence;
	struct codebook_found found;
	char text[CODEBOOK_RECENT_TEXT_MAX];
};

struct codebook_recent {
	struct place places[CODEBOOK_RECENT];
};

struct codebook_recent *codebook_recent_new(struct arena *arena)
{
	return arena_new(arena, struct codebook_recent);
}

/* Which place it is, and no more: the text is compared. */
static struct place *place_of(
	struct codebook_recent *recent, struct span text, unsigned code)
{
	return &recent->places[hash_mix(code, text) % CODEBOOK_RECENT];
}

static bool is_same(
	const struct codebook_evidence *a, const struct codebook_evidence *b)
{
	return a->code == b->code && a->class == b->class &&
	       a->has_status == b->has_status && a->status[0] == b->status[0] &&
	       a->status[1] == b->status[1] && a->status[2] == b->status[2] &&
	       a->has_stage == b->has_stage &&
	       (!a->has_stage || a->stage == b->stage) &&
	       span_is(a->hints[0], b->hints[0]) &&
	       span_is(a->hints[1], b->hints[1]);
}

bool codebook_recent_find(struct codebook_recent *recent, struct span text,
	const struct codebook_evidence *evidence, struct codebook_found *found)
{
	const struct place *place = place_of(recent, text, evidence->code);

	if (!place->is_taken ||
		!span_is((struct span){ place->text, place->len }, text) ||
		!is_same(&place->evidence, evidence))
		return false;
	*found = place->found;
	return true;
}

void codebook_recent_keep(struct codebook_recent *recent, struct span text,
	const struct codebook_evidence *evidence,
	const struct codebook_found *found)
{
	struct place *place = place_of(recent, text, evidence->code);

	if (text.len > CODEBOOK_RECENT_TEXT_MAX)
		return;
	place->is_taken = true;
	place->len = text.len;
	place->evidence = *evidence;
	place->found = *found;
	if (text.len)
		memcpy(place->text, text.at, text.len);
}
