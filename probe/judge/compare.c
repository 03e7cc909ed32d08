#include "probe/judge/compare.h"

/* What one host did to each family: the worse visit where there are more. */
struct pair {
	const struct visit_judgement *of[FAMILY_COUNT];
};

struct tally {
	struct pair *pairs;
	size_t count;  /* hosts that answered both families */
	size_t parted; /* ... and ended differently */
	const struct pair *first_parted;
	bool parts_vary; /* ... not all in the same way */
	bool hosts_vary; /* the hosts differ within a family */
};

static bool is_decided(const struct visit_judgement *judged)
{
	return judged->verdict == VERDICT_PASS ||
	       judged->verdict == VERDICT_WARN ||
	       judged->verdict == VERDICT_FAIL;
}

static bool is_well(const struct visit_judgement *judged)
{
	return judged->verdict != VERDICT_FAIL;
}

static unsigned code_of(const struct visit_judgement *judged)
{
	const struct reply *reply = judged->visit->fault->reply;

	return reply ? reply->code : 0;
}

static struct span policy_of(const struct visit_judgement *judged)
{
	return judged->row ? judged->row->policy : SPAN("");
}

static bool ended_alike(
	const struct visit_judgement *a, const struct visit_judgement *b)
{
	const struct fault *first = a->visit->fault, *second = b->visit->fault;

	if (is_well(a) || is_well(b))
		return is_well(a) == is_well(b);
	return first->failure == second->failure &&
	       first->stage == second->stage &&
	       code_of(a) / 100 == code_of(b) / 100 &&
	       span_is(policy_of(a), policy_of(b));
}

/*
 * Which failed the earlier, or for good where the other was put off.  When
 * nothing else tells, it is IPv6: the family that can be done without.
 */
static enum family worse_of(const struct pair *pair)
{
	const struct visit_judgement *four = pair->of[FAMILY_IPV4];
	const struct visit_judgement *six = pair->of[FAMILY_IPV6];

	if (is_well(four))
		return FAMILY_IPV6;
	if (is_well(six))
		return FAMILY_IPV4;
	if (four->visit->fault->stage != six->visit->fault->stage)
		return four->visit->fault->stage < six->visit->fault->stage
			       ? FAMILY_IPV4
			       : FAMILY_IPV6;
	return code_of(four) / 100 > code_of(six) / 100 ? FAMILY_IPV4
							: FAMILY_IPV6;
}

static enum stage parted_at(const struct pair *pair)
{
	return pair->of[worse_of(pair)]->visit->fault->stage;
}

static struct span host_of(const struct visit_judgement *judged)
{
	return judged->visit->path->host;
}

static const struct visit_judgement *worst_at(
	const struct judgement *judgement, struct span host, enum family family)
{
	const struct visit_judgement *worst = NULL;

	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *one = &judgement->visits[i];

		if (one->visit->path->family != family || !is_decided(one) ||
			(host.len && !span_is_nocase(host_of(one), host)))
			continue;
		if (!worst || (is_well(worst) && !is_well(one)))
			worst = one;
	}
	return worst;
}

static bool is_counted(const struct tally *tally, struct span host)
{
	for (size_t i = 0; i < tally->count; i++)
		if (span_is_nocase(
			    host_of(tally->pairs[i].of[FAMILY_IPV4]), host))
			return true;
	return false;
}

static void count_pair(struct tally *tally, struct pair pair)
{
	struct pair *kept = &tally->pairs[tally->count++];
	const struct pair *first = &tally->pairs[0];

	*kept = pair;
	if (!ended_alike(pair.of[FAMILY_IPV4], first->of[FAMILY_IPV4]) ||
		!ended_alike(pair.of[FAMILY_IPV6], first->of[FAMILY_IPV6]))
		tally->hosts_vary = true;
	if (ended_alike(pair.of[FAMILY_IPV4], pair.of[FAMILY_IPV6]))
		return;
	tally->parted++;
	if (!tally->first_parted)
		tally->first_parted = kept;
	else if (worse_of(kept) != worse_of(tally->first_parted) ||
		 parted_at(kept) != parted_at(tally->first_parted))
		tally->parts_vary = true;
}

static struct tally tally_of(
	struct arena *arena, const struct judgement *judgement)
{
	struct tally tally = { 0 };

	tally.pairs = arena_take(
		arena, (judgement->visit_count + 1) * sizeof(*tally.pairs));
	for (size_t i = 0; i < judgement->visit_count; i++) {
		struct span host = host_of(&judgement->visits[i]);
		struct pair pair;

		pair.of[FAMILY_IPV4] = worst_at(judgement, host, FAMILY_IPV4);
		pair.of[FAMILY_IPV6] = worst_at(judgement, host, FAMILY_IPV6);
		if (host.len && pair.of[FAMILY_IPV4] && pair.of[FAMILY_IPV6] &&
			!is_counted(&tally, host))
			count_pair(&tally, pair);
	}
	return tally;
}

static struct span ending(
	struct arena *arena, const struct visit_judgement *judged)
{
	const struct fault *fault = judged->visit->fault;
	const char *family = family_word(judged->visit->path->family);

	if (is_well(judged))
		return arena_print(arena, "%s went well", family);
	if (fault->reply)
		return arena_print(arena, "%s was answered %u %s", family,
			fault->reply->code, stage_phrase(fault->stage));
	return arena_print(arena, "%s failed %s (%s)", family,
		stage_phrase(fault->stage), failure_word(fault->failure));
}

static struct span both_endings(struct arena *arena, const struct pair *pair)
{
	struct span four = ending(arena, pair->of[FAMILY_IPV4]);
	struct span six = ending(arena, pair->of[FAMILY_IPV6]);

	return arena_print(
		arena, "%.*s and %.*s", SPAN_ARG(four), SPAN_ARG(six));
}

static void set_parted(struct judgement *judgement, const struct pair *pair)
{
	judgement->is_parted = true;
	judgement->parted = parted_at(pair);
	judgement->worse = worse_of(pair);
}

/* No host answered both families: what can still be said. */
static void compare_across_hosts(
	struct arena *arena, struct judgement *judgement)
{
	struct pair pair;
	struct span said;

	pair.of[FAMILY_IPV4] = worst_at(judgement, SPAN(""), FAMILY_IPV4);
	pair.of[FAMILY_IPV6] = worst_at(judgement, SPAN(""), FAMILY_IPV6);
	judgement->comparison = COMPARE_INCONCLUSIVE;
	if (!pair.of[FAMILY_IPV4] || !pair.of[FAMILY_IPV6]) {
		bool none = pair.of[FAMILY_IPV4] == pair.of[FAMILY_IPV6];

		judgement->comparison_why =
			none ? SPAN("neither family was decided")
			     : arena_print(arena, "only %s got an answer",
				       family_word(pair.of[FAMILY_IPV4]
							   ? FAMILY_IPV4
							   : FAMILY_IPV6));
		return;
	}
	said = both_endings(arena, &pair);
	if (ended_alike(pair.of[FAMILY_IPV4], pair.of[FAMILY_IPV6]))
		judgement->comparison = COMPARE_SAME;
	judgement->comparison_why = arena_print(arena,
		"%.*s, at different hosts, %.*s and %.*s%s", SPAN_ARG(said),
		SPAN_ARG(host_of(pair.of[FAMILY_IPV4])),
		SPAN_ARG(host_of(pair.of[FAMILY_IPV6])),
		judgement->comparison == COMPARE_SAME
			? ""
			: ": the host or the family?");
}

static void compare_alike(struct arena *arena, struct judgement *judgement,
	const struct tally *tally)
{
	struct span said = both_endings(arena, &tally->pairs[0]);
	struct span host = host_of(tally->pairs[0].of[FAMILY_IPV4]);

	if (tally->hosts_vary) {
		judgement->comparison = COMPARE_HOST_SPECIFIC;
		judgement->comparison_why = arena_print(arena,
			"%.*s at %.*s, and another host ends both families "
			"otherwise",
			SPAN_ARG(said), SPAN_ARG(host));
		return;
	}
	judgement->comparison = COMPARE_SAME;
	judgement->comparison_why = arena_print(arena, "%.*s at %s%.*s",
		SPAN_ARG(said), tally->count > 1 ? "each host, first " : "",
		SPAN_ARG(host));
}

static void compare_parted(struct arena *arena, struct judgement *judgement,
	const struct tally *tally)
{
	const struct pair *pair = tally->first_parted;
	struct span said = both_endings(arena, pair);
	struct span host = host_of(pair->of[FAMILY_IPV4]);

	set_parted(judgement, pair);
	if (tally->parted == tally->count && !tally->parts_vary) {
		judgement->comparison = COMPARE_FAMILY_SPECIFIC;
		judgement->comparison_why = arena_print(arena,
			"%.*s, at the same host, %.*s", SPAN_ARG(said),
			SPAN_ARG(host));
		if (tally->count > 1)
			judgement->comparison_why = arena_print(arena,
				"%.*s, at each of %zu hosts", SPAN_ARG(said),
				tally->count);
		return;
	}
	judgement->comparison = COMPARE_HOST_SPECIFIC;
	judgement->comparison_why = arena_print(arena,
		"the families part at %zu of %zu hosts%s: %.*s at %.*s",
		tally->parted, tally->count,
		tally->parts_vary ? ", and not in the same way" : "",
		SPAN_ARG(said), SPAN_ARG(host));
}

void compare_families(struct arena *arena, struct judgement *judgement)
{
	struct tally tally = tally_of(arena, judgement);

	if (!tally.count)
		compare_across_hosts(arena, judgement);
	else if (!tally.parted)
		compare_alike(arena, judgement, &tally);
	else
		compare_parted(arena, judgement, &tally);
}
