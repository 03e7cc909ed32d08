#ifndef MXP_ZONE_BY_HAND_H
#define MXP_ZONE_BY_HAND_H

#include "probe/dns/answers_file.h"

/*
 * A table of answers and the zone that settles it, for tests of policies: the
 * zone is a file of answers (probe/dns/answers_file.h) without its first line,
 * and a name that is not in it does not exist.
 */
struct zone_by_hand {
	struct arena *arena;
	struct answers *answers;
	struct saved_answers *saved;
	unsigned rounds;        /* settled so far */
};

/* In an arena of the caller's: nothing is to be closed. */
static inline struct zone_by_hand zone_by_hand_in(
	struct arena *callers, const char *text)
{
	struct zone_by_hand zone = { .arena = callers };
	struct answers_file_errors errors;

	zone.answers = answers_open(zone.arena);
	zone.saved = answers_file_load(zone.arena, SPAN("zone"),
		arena_print(zone.arena, "mxprobe-answers 1\n%s", text),
		&errors);
	for (size_t i = 0; i < errors.count; i++)
		print_error("%.*s\n", SPAN_ARG(errors.texts[i]));
	assert_int_equal(errors.total, 0);
	return zone;
}

static inline struct zone_by_hand zone_by_hand_open(const char *text)
{
	return zone_by_hand_in(arena_open(), text);
}

static inline void zone_by_hand_close(struct zone_by_hand *zone)
{
	arena_close(zone->arena);
}

/* False when nothing was open. */
static inline bool zone_by_hand_settle(struct zone_by_hand *zone)
{
	static const struct answer no_name = { .kind = ANSWER_NO_NAME };

	if (!answers_open_question(zone->answers))
		return false;
	zone->rounds++;
	saved_answers_settle(zone->saved, zone->answers);
	for (struct question *one = answers_first(zone->answers); one;
		one = one->next)
		if (one->answer->kind == ANSWER_UNSAVED)
			one->answer = &no_name;
	return true;
}

/* How many questions were asked, of this type. */
static inline size_t zone_by_hand_asked(
	const struct zone_by_hand *zone, enum rr_type type)
{
	size_t count = 0;

	for (const struct question *one = answers_first(zone->answers); one;
		one = one->next)
		count += one->type == type;
	return count;
}

#endif
