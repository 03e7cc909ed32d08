#include "probe/judge/judge.h"

#include "probe/judge/compare.h"
#include "probe/judge/docket.h"

const char *verdict_word(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		return "pass";
	case VERDICT_WARN:
		return "warn";
	case VERDICT_FAIL:
		return "fail";
	case VERDICT_UNKNOWN:
		return "unknown";
	case VERDICT_NA:
		return "n/a";
	}
	return "";
}

const char *comparison_word(enum comparison comparison)
{
	switch (comparison) {
	case COMPARE_SAME:
		return "same";
	case COMPARE_FAMILY_SPECIFIC:
		return "family-specific";
	case COMPARE_HOST_SPECIFIC:
		return "host-specific";
	case COMPARE_INCONCLUSIVE:
		return "inconclusive";
	}
	return "";
}

int verdict_exit_status(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_WARN:
		return 0;
	case VERDICT_FAIL:
		return 1;
	case VERDICT_UNKNOWN:
	case VERDICT_NA:
		return 4;
	}
	return 4;
}

static int gravity(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_NA:
		return 0;
	case VERDICT_PASS:
		return 1;
	case VERDICT_WARN:
		return 2;
	case VERDICT_UNKNOWN:
		return 3;
	case VERDICT_FAIL:
		return 4;
	}
	return 4;
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	return gravity(a) >= gravity(b) ? a : b;
}

/* ---- visits */

static bool is_greylisted(const struct visit_judgement *judged)
{
	return judged->row && judged->row->is_temporary &&
	       judged->visit->fault->failure == FAILURE_SMTP_4XX &&
	       span_is(judged->row->policy, SPAN("greylist"));
}

static const struct codebook_row *row_of(
	const struct docket *docket, const struct visit *visit)
{
	const struct fault *fault = visit->fault;
	struct codebook_speaker speaker = { .host = visit->path->host,
		.domain = visit->path->domain };

	if (visit->state != VISIT_WALKED || !fault || !fault->reply ||
		(fault->failure != FAILURE_SMTP_4XX &&
			fault->failure != FAILURE_SMTP_5XX))
		return NULL;
	return codebook_find_from(
		docket->codebook, fault->reply, fault->stage, &speaker);
}

static enum verdict verdict_of_visit(const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;

	switch (visit->state) {
	case VISIT_PLANNED:
		return VERDICT_UNKNOWN;
	case VISIT_NOT_APPLICABLE:
		return VERDICT_NA;
	case VISIT_WALKED:
		break;
	}
	if (!visit->fault || visit->fault->stage == STAGE_QUIT)
		return VERDICT_PASS;
	if (failure_is_ours(visit->fault->failure) || is_greylisted(judged))
		return VERDICT_UNKNOWN;
	return VERDICT_FAIL;
}

static void judge_visits(struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;
	struct visit_judgement *visits;

	visits = arena_take(
		docket->arena, (outcome->visit_count + 1) * sizeof(*visits));
	for (size_t i = 0; i < outcome->visit_count; i++) {
		visits[i].visit = outcome->visits[i];
		visits[i].row = row_of(docket, outcome->visits[i]);
		visits[i].verdict = verdict_of_visit(&visits[i]);
	}
	docket->judgement->visits = visits;
	docket->judgement->visit_count = outcome->visit_count;
}

/* ---- families */

static struct span why_undecided(const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;

	if (visit->state == VISIT_NOT_APPLICABLE)
		return visit->why_not;
	if (visit->state == VISIT_PLANNED)
		return visit->why_not.len
			       ? visit->why_not
			       : SPAN("interrupted before it was walked");
	if (is_greylisted(judged))
		return SPAN("greylisted: come back later");
	return visit->fault->why;
}

static const struct visit_judgement *worst_visit(
	const struct judgement *judgement, enum family family)
{
	const struct visit_judgement *worst = NULL;

	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *one = &judgement->visits[i];

		if (one->visit->path->family == family &&
			(!worst || gravity(one->verdict) >
					   gravity(worst->verdict)))
			worst = one;
	}
	return worst;
}

static const struct exchanger *unanswered(const struct outcome *outcome,
	enum family family, enum answer_kind *kind)
{
	for (size_t i = 0; i < outcome->exchanger_count; i++) {
		const struct exchanger *one = &outcome->exchangers[i];

		*kind = family == FAMILY_IPV6 ? one->aaaa : one->a;
		if (*kind > ANSWER_NO_NAME)
			return one;
	}
	return NULL;
}

static const struct path *left_out(
	const struct outcome *outcome, enum family family)
{
	for (size_t i = 0; i < outcome->path_count; i++)
		if (outcome->paths[i].family == family &&
			outcome->paths[i].left_out.len)
			return &outcome->paths[i];
	return NULL;
}

/* Did --resolve put an answer without an address of this family there? */
static bool is_resolved_without(const struct outcome *outcome,
	struct span host, enum family family)
{
	enum rr_type type = family == FAMILY_IPV6 ? RR_AAAA : RR_A;
	const struct answer *answer = outcome->answers
		? answers_known(outcome->answers, host, type)
		: NULL;

	return answer && answer->kind == ANSWER_NONE &&
	       span_is(answer->server, SPAN("--resolve"));
}

static bool was_told_without(
	const struct outcome *outcome, enum family family)
{
	if (outcome->target->host.len)
		return is_resolved_without(
			outcome, outcome->target->host, family);
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		if (is_resolved_without(
			    outcome, outcome->exchangers[i].host, family))
			return true;
	return false;
}

static struct span why_no_address(
	const struct outcome *outcome, struct arena *arena, enum family family)
{
	const char *type = family == FAMILY_IPV6 ? "AAAA" : "A";
	const char *word = family_word(family);

	if (outcome->target->is_literal)
		return arena_print(arena, "the target is no %s address", word);
	if (was_told_without(outcome, family))
		return arena_print(
			arena, "--resolve gives no %s address", word);
	if (outcome->target->host.len)
		return arena_print(arena, "no %s: the server has no %s address",
			type, word);
	return arena_print(arena,
		"no %s: the domain's exchangers have no %s address", type,
		word);
}

/* Nobody walked: because we were told so, could not learn, or need not. */
static enum verdict unwalked(
	struct docket *docket, enum family family, struct span *why)
{
	const struct outcome *outcome = docket->outcome;
	const struct path *path = left_out(outcome, family);
	enum answer_kind kind = ANSWER_NONE;
	const struct exchanger *exchanger = unanswered(outcome, family, &kind);

	if (outcome->fault) {
		*why = outcome->fault->why;
		return failure_is_ours(outcome->fault->failure)
			       ? VERDICT_UNKNOWN
			       : VERDICT_FAIL;
	}
	if (path) {
		*why = path->left_out;
		return VERDICT_NA;
	}
	if (exchanger) {
		*why = arena_print(docket->arena,
			"the %s of %.*s could not be looked up (%s)",
			family == FAMILY_IPV6 ? "AAAA" : "A",
			SPAN_ARG(exchanger->host), answer_word(kind));
		return VERDICT_UNKNOWN;
	}
	*why = why_no_address(outcome, docket->arena, family);
	return VERDICT_NA;
}

static void judge_family(struct docket *docket, enum family family)
{
	struct judgement *judgement = docket->judgement;
	const struct visit_judgement *worst = worst_visit(judgement, family);
	struct span *why = &judgement->family_why[family];

	*why = SPAN("");
	if (worst) {
		judgement->families[family] = worst->verdict;
		if (worst->verdict == VERDICT_UNKNOWN ||
			worst->verdict == VERDICT_NA)
			*why = why_undecided(worst);
	} else if (!docket->outcome->wanted[family]) {
		judgement->families[family] = VERDICT_NA;
		*why = arena_print(docket->arena, "%s was not asked for",
			family_word(family));
	} else {
		judgement->families[family] = unwalked(docket, family, why);
	}
}

/* ---- the target */

/* A sound walk to a domain whose records are not: worth a warning. */
static bool blames_the_domain(const struct finding *finding)
{
	return finding->severity == SEVERITY_WARN &&
	       finding->blame == BLAME_THEIRS && !finding->has_family &&
	       span_starts_nocase(finding->id, SPAN("domain."));
}

static enum verdict verdict_of_target(const struct docket *docket)
{
	const struct judgement *judgement = docket->judgement;
	enum verdict verdict = verdict_worse(judgement->families[FAMILY_IPV4],
		judgement->families[FAMILY_IPV6]);

	if (docket->outcome->fault)
		return failure_is_ours(docket->outcome->fault->failure)
			       ? VERDICT_UNKNOWN
			       : VERDICT_FAIL;
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (verdict == VERDICT_PASS &&
			blames_the_domain(&judgement->findings[i]))
			return VERDICT_WARN;
	return verdict;
}

static bool stopped_before_data(const struct docket *docket)
{
	const struct outcome *outcome = docket->outcome;
	const struct judgement *judgement = docket->judgement;

	if (judgement->verdict != VERDICT_PASS &&
		judgement->verdict != VERDICT_WARN)
		return false;
	if (outcome->goal < STAGE_DOT)
		return true;
	for (size_t i = 0; i < outcome->visit_count; i++)
		if (outcome->visits[i]->reached[STAGE_DOT])
			return false;
	return true;
}

const struct judgement *judge(struct arena *arena,
	const struct codebook *codebook, const struct outcome *outcome)
{
	struct judgement *judgement = arena_new(arena, struct judgement);
	struct docket docket = { .arena = arena,
		.codebook = codebook,
		.outcome = outcome,
		.judgement = judgement };

	docket.end = &docket.first;
	judge_visits(&docket);
	judge_family(&docket, FAMILY_IPV4);
	judge_family(&docket, FAMILY_IPV6);
	compare_families(arena, judgement);
	rules_domain(&docket);
	rules_reply(&docket);
	rules_fault(&docket);
	rules_voice(&docket);
	rules_tls(&docket);
	rules_dane(&docket);
	rules_sts(&docket);
	rules_source(&docket);
	rules_identity(&docket);
	docket_close(&docket);
	judgement->verdict = verdict_of_target(&docket);
	judgement->stopped_before_data = stopped_before_data(&docket);
	return judgement;
}
