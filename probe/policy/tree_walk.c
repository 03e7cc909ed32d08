#include "probe/policy/tree_walk.h"

const struct answer *dmarc_lookup(struct arena *arena, struct answers *answers,
	struct span domain, const struct dmarc_record **record, size_t *count)
{
	const struct answer *answer = answers_get(answers,
		arena_print(arena, "_dmarc.%.*s", SPAN_ARG(domain)), RR_TXT);

	*record = NULL;
	*count = 0;
	if (!answer || answer->kind != ANSWER_DATA)
		return answer;
	for (size_t i = 0; i < answer->value_count; i++) {
		if (!dmarc_record_is_one(answer->values[i]))
			continue;
		if ((*count)++ == 0)
			*record = dmarc_record_parse(arena, answer->values[i]);
	}
	if (*count != 1)
		*record = NULL;
	return answer;
}

static size_t count_labels(struct span name)
{
	size_t labels = name.len > 0;

	for (size_t i = 0; i < name.len; i++)
		labels += name.at[i] == '.';
	return labels;
}

static struct span parent_of(struct span name)
{
	span_cut(&name, '.');
	return name;
}

/* RFC 9989 section 4.10, step 4. */
static struct span second_target(struct span domain)
{
	size_t labels = count_labels(domain);

	do
		domain = parent_of(domain);
	while (--labels > TREE_WALK_LABELS_LEFT);
	return domain;
}

/* The name one label longer than `above` on the way down to `domain`. */
static struct span one_below(struct span domain, struct span above)
{
	struct span name = domain;

	while (parent_of(name).len > above.len)
		name = parent_of(name);
	return name;
}

/*
 * RFC 9989 section 4.10.2.  Both marks of psd= end the walk, so only the last
 * record can have one; without a mark the last is the one that is wanted.
 */
static struct span select_org_domain(
	const struct tree_walk *walk, struct span start)
{
	const struct tree_walk_record *last;

	if (!walk->count)
		return start;
	last = &walk->found[walk->count - 1];
	if (last->record->psd == DMARC_PSD_YES && !span_is(last->domain, start))
		return one_below(start, last->domain);
	return last->domain;
}

static void note_failure(
	struct tree_walk *walk, struct span target, const struct answer *answer)
{
	walk->state = TREE_WALK_FAILED;
	walk->failed = target;
	walk->why = answer->why.len ? answer->why
				    : span_of(answer_word(answer->kind));
}

/*
 * What to make of a failed lookup is left to us (RFC 9989, 4.10.1).  A record
 * of a top-level domain above one that was found would change nothing: none
 * but the public suffix's own, psd=y, may stand there.
 */
static bool is_negligible(struct span target, const struct tree_walk *walk)
{
	return walk->count > 0 && count_labels(target) == 1;
}

/* One step; false when the walk ends with it, or waits for an answer. */
static bool take_step(struct arena *arena, struct answers *answers,
	struct span *target, struct tree_walk *walk)
{
	const struct dmarc_record *record;
	const struct answer *answer;
	size_t count;

	walk->queries++;
	answer = dmarc_lookup(arena, answers, *target, &record, &count);
	if (!answer)
		return false;
	if (answer_failed(answer) && !is_negligible(*target, walk)) {
		note_failure(walk, *target, answer);
		return false;
	}
	if (count > 1)
		walk->discarded = *target;
	if (record)
		walk->found[walk->count++] = (struct tree_walk_record){ *target,
			record };
	*target = walk->queries > 1 ? parent_of(*target)
				    : second_target(*target);
	if (target->len && walk->queries < TREE_WALK_QUERIES_MAX &&
		(!record || record->psd == DMARC_PSD_UNSAID))
		return true;
	walk->state = TREE_WALK_DONE;
	return false;
}

enum tree_walk_state tree_walk(struct arena *arena, struct answers *answers,
	struct span domain, struct tree_walk *walk)
{
	struct span target = domain;

	*walk = (struct tree_walk){ .state = TREE_WALK_DONE };
	if (!domain.len)
		return walk->state;
	walk->state = TREE_WALK_OPEN;
	while (take_step(arena, answers, &target, walk))
		;
	if (walk->state == TREE_WALK_DONE)
		walk->org_domain = select_org_domain(walk, domain);
	return walk->state;
}

const struct dmarc_record *tree_walk_record(
	const struct tree_walk *walk, struct span domain)
{
	for (size_t i = 0; i < walk->count; i++)
		if (span_is(walk->found[i].domain, domain))
			return walk->found[i].record;
	return NULL;
}
