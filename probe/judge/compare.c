#include "probe/judge/compare.h"

/* What one host did to each family: the worse visit where there are more. */
struct pair {
	const struct ending *of[FAMILY_COUNT];
};

struct tally {
	struct pair *pairs;
	size_t count;  /* hosts that answered both families */
	size_t parted; /* ... and ended differently */
	const struct pair *first_parted;
	bool parts_vary; /* ... not all in the same way */
	bool hosts_vary; /* the hosts differ within a family */
};

bool ending_is_like(const struct ending *a, const struct ending *b)
{
	if (a->is_well || b->is_well)
		return a->is_well == b->is_well;
	return a->failure == b->failure && a->stage == b->stage &&
	       a->code / 100 == b->code / 100 && span_is(a->policy, b->policy);
}

/*
 * Which failed the earlier, or for good where the other was put off.  When
 * nothing else tells, it is IPv6: the family that can be done without.
 */
static enum family worse_of(const struct pair *pair)
{
	const struct ending *four = pair->of[FAMILY_IPV4];
	const struct ending *six = pair->of[FAMILY_IPV6];

	if (four->is_well)
		return FAMILY_IPV6;
	if (six->is_well)
		return FAMILY_IPV4;
	if (four->stage != six->stage)
		return four->stage < six->stage ? FAMILY_IPV4 : FAMILY_IPV6;
	return four->code / 100 > six->code / 100 ? FAMILY_IPV4 : FAMILY_IPV6;
}

static enum stage parted_at(const struct pair *pair)
{
	return pair->of[worse_of(pair)]->stage;
}

static const struct ending *worst_at(
	const struct endings *endings, struct span host, enum family family)
{
	const struct ending *worst = NULL;

	for (size_t i = 0; i < endings->count; i++) {
		const struct ending *one = &endings->list[i];

		if (one->family != family || !one->is_decided ||
			(host.len && !span_is_nocase(one->host, host)))
			continue;
		if (!worst || (worst->is_well && !one->is_well))
			worst = one;
	}
	return worst;
}

static bool is_counted(const struct tally *tally, struct span host)
{
	for (size_t i = 0; i < tally->count; i++)
		if (span_is_nocase(tally->pairs[i].of[FAMILY_IPV4]->host, host))
			return true;
	return false;
}

static void count_pair(struct tally *tally, struct pair pair)
{
	struct pair *kept = &tally->pairs[tally->count++];
	const struct pair *first = &tally->pairs[0];

	*kept = pair;
	if (!ending_is_like(pair.of[FAMILY_IPV4], first->of[FAMILY_IPV4]) ||
		!ending_is_like(pair.of[FAMILY_IPV6], first->of[FAMILY_IPV6]))
		tally->hosts_vary = true;
	if (ending_is_like(pair.of[FAMILY_IPV4], pair.of[FAMILY_IPV6]))
		return;
	tally->parted++;
	if (!tally->first_parted)
		tally->first_parted = kept;
	else if (worse_of(kept) != worse_of(tally->first_parted) ||
		 parted_at(kept) != parted_at(tally->first_parted))
		tally->parts_vary = true;
}

static struct tally tally_of(struct arena *arena, const struct endings *endings)
{
	struct tally tally = { 0 };

	tally.pairs = arena_take(
		arena, (endings->count + 1) * sizeof(*tally.pairs));
	for (size_t i = 0; i < endings->count; i++) {
		struct span host = endings->list[i].host;
		struct pair pair;

		pair.of[FAMILY_IPV4] = worst_at(endings, host, FAMILY_IPV4);
		pair.of[FAMILY_IPV6] = worst_at(endings, host, FAMILY_IPV6);
		if (host.len && pair.of[FAMILY_IPV4] && pair.of[FAMILY_IPV6] &&
			!is_counted(&tally, host))
			count_pair(&tally, pair);
	}
	return tally;
}

static struct span ending_text(struct arena *arena, const struct ending *ending)
{
	const char *family = family_word(ending->family);

	if (ending->is_well)
		return arena_print(arena, "%s went well", family);
	if (ending->code)
		return arena_print(arena, "%s was answered %u %s", family,
			ending->code, stage_phrase(ending->stage));
	return arena_print(arena, "%s failed %s (%s)", family,
		stage_phrase(ending->stage), failure_word(ending->failure));
}

static struct span both_endings(struct arena *arena, const struct pair *pair)
{
	struct span four = ending_text(arena, pair->of[FAMILY_IPV4]);
	struct span six = ending_text(arena, pair->of[FAMILY_IPV6]);

	return arena_print(
		arena, "%.*s and %.*s", SPAN_ARG(four), SPAN_ARG(six));
}

static void set_parted(struct compared *compared, const struct pair *pair)
{
	compared->is_parted = true;
	compared->parted = parted_at(pair);
	compared->worse = worse_of(pair);
}

/* Silence and a refused connection decide a family, too, and are no answer. */
static struct span lone_text(struct arena *arena, const struct ending *ending)
{
	return arena_print(arena, "only %s %s", family_word(ending->family),
		ending->is_well || ending->code ? "got an answer"
						: "was decided");
}

/* No host answered both families: what can still be said. */
static void compare_across_hosts(struct arena *arena, struct compared *compared,
	const struct endings *endings)
{
	struct pair pair;
	struct span said;

	pair.of[FAMILY_IPV4] = worst_at(endings, SPAN(""), FAMILY_IPV4);
	pair.of[FAMILY_IPV6] = worst_at(endings, SPAN(""), FAMILY_IPV6);
	compared->comparison = COMPARE_INCONCLUSIVE;
	if (!pair.of[FAMILY_IPV4] || !pair.of[FAMILY_IPV6]) {
		bool none = pair.of[FAMILY_IPV4] == pair.of[FAMILY_IPV6];

		compared->why = none ? SPAN("neither family was decided")
				     : lone_text(arena,
					       pair.of[FAMILY_IPV4]
						       ? pair.of[FAMILY_IPV4]
						       : pair.of[FAMILY_IPV6]);
		return;
	}
	said = both_endings(arena, &pair);
	if (ending_is_like(pair.of[FAMILY_IPV4], pair.of[FAMILY_IPV6]))
		compared->comparison = COMPARE_SAME;
	compared->why = said;
	if (pair.of[FAMILY_IPV4]->host.len && pair.of[FAMILY_IPV6]->host.len)
		compared->why = arena_print(arena,
			"%.*s, at different hosts, %.*s and %.*s%s",
			SPAN_ARG(said), SPAN_ARG(pair.of[FAMILY_IPV4]->host),
			SPAN_ARG(pair.of[FAMILY_IPV6]->host),
			compared->comparison == COMPARE_SAME
				? ""
				: ": the host or the family?");
}

static void compare_alike(struct arena *arena, struct compared *compared,
	const struct tally *tally)
{
	struct span said = both_endings(arena, &tally->pairs[0]);
	struct span host = tally->pairs[0].of[FAMILY_IPV4]->host;

	if (tally->hosts_vary) {
		compared->comparison = COMPARE_HOST_SPECIFIC;
		compared->why = arena_print(arena,
			"%.*s at %.*s, and another host ends both families "
			"otherwise",
			SPAN_ARG(said), SPAN_ARG(host));
		return;
	}
	compared->comparison = COMPARE_SAME;
	compared->why = arena_print(arena, "%.*s at %s%.*s", SPAN_ARG(said),
		tally->count > 1 ? "each host, first " : "", SPAN_ARG(host));
}

static void compare_parted(struct arena *arena, struct compared *compared,
	const struct tally *tally)
{
	const struct pair *pair = tally->first_parted;
	struct span said = both_endings(arena, pair);
	struct span host = pair->of[FAMILY_IPV4]->host;

	set_parted(compared, pair);
	if (tally->parted == tally->count && !tally->parts_vary) {
		compared->comparison = COMPARE_FAMILY_SPECIFIC;
		compared->why = arena_print(arena,
			"%.*s, at the same host, %.*s", SPAN_ARG(said),
			SPAN_ARG(host));
		if (tally->count > 1)
			compared->why = arena_print(arena,
				"%.*s, at each of %zu hosts", SPAN_ARG(said),
				tally->count);
		return;
	}
	compared->comparison = COMPARE_HOST_SPECIFIC;
	compared->why = arena_print(arena,
		"the families part at %zu of %zu hosts%s: %.*s at %.*s",
		tally->parted, tally->count,
		tally->parts_vary ? ", and not in the same way" : "",
		SPAN_ARG(said), SPAN_ARG(host));
}

void endings_compare(struct arena *arena, const struct endings *endings,
	struct compared *compared)
{
	struct tally tally = tally_of(arena, endings);

	*compared = (struct compared){ .why = SPAN("") };
	if (!tally.count)
		compare_across_hosts(arena, compared, endings);
	else if (!tally.parted)
		compare_alike(arena, compared, &tally);
	else
		compare_parted(arena, compared, &tally);
}

struct ending ending_of(const struct visit_judgement *judged)
{
	const struct fault *fault = judged->visit->fault;
	struct ending ending = { .host = judged->visit->path->host,
		.family = judged->visit->path->family,
		.is_decided = judged->verdict == VERDICT_PASS ||
			      judged->verdict == VERDICT_WARN ||
			      judged->verdict == VERDICT_FAIL,
		.is_well = judged->verdict != VERDICT_FAIL,
		.policy = judged->row ? judged->row->policy : SPAN("") };

	if (!fault)
		return ending;
	ending.failure = fault->failure;
	ending.stage = fault->stage;
	ending.code = fault->reply ? fault->reply->code : 0;
	return ending;
}

void compare_families(struct arena *arena, struct judgement *judgement)
{
	struct ending *list = arena_take(
		arena, (judgement->visit_count + 1) * sizeof(*list));
	struct endings endings = { list, judgement->visit_count };
	struct compared compared;

	for (size_t i = 0; i < endings.count; i++)
		list[i] = ending_of(&judgement->visits[i]);
	endings_compare(arena, &endings, &compared);
	judgement->comparison = compared.comparison;
	judgement->comparison_why = compared.why;
	judgement->is_parted = compared.is_parted;
	judgement->parted = compared.parted;
	judgement->worse = compared.worse;
}
