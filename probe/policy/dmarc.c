#include "probe/policy/dmarc.h"

#include "probe/dns/name.h"
#include "probe/policy/tree_walk.h"

const char *dmarc_result_word(enum dmarc_result result)
{
	switch (result) {
	case DMARC_OPEN:
		return "open";
	case DMARC_NONE:
		return "none";
	case DMARC_PASS:
		return "pass";
	case DMARC_FAIL:
		return "fail";
	case DMARC_TEMPERROR:
		return "temperror";
	case DMARC_PERMERROR:
		return "permerror";
	}
	return "";
}

/*
 * The form of every name in an answer.  False for what no DNS could hold: that
 * is only brought to lower case, to be shown, and never looked up.
 */
static bool plain_name(
	struct arena *arena, struct span text, struct span *plain)
{
	const char *why;

	*plain = org_domain_plain(arena, text);
	return plain->len && name_normalise(arena, *plain, plain, &why);
}

enum dmarc_alignment dmarc_align(struct arena *arena,
	const struct suffix_list *suffixes, struct span a, struct span b)
{
	if (!plain_name(arena, a, &a) || !plain_name(arena, b, &b))
		return DMARC_NOT_ALIGNED;
	if (span_is(a, b))
		return DMARC_SAME_DOMAIN;
	return span_is(org_domain(arena, suffixes, a),
		       org_domain(arena, suffixes, b))
		       ? DMARC_SAME_ORG_DOMAIN
		       : DMARC_NOT_ALIGNED;
}

struct turn {
	struct arena *arena;
	struct answers *answers;
	const struct dmarc_query *query;
	const struct suffix_list *suffixes;
	struct dmarc_check *check;
	bool is_open;
};

static enum dmarc_result end_with(
	struct turn *turn, enum dmarc_result result, struct span why)
{
	turn->check->result = result;
	turn->check->why = why;
	return result;
}

static enum dmarc_result end_failed(
	struct turn *turn, struct span domain, struct span why)
{
	return end_with(turn, DMARC_TEMPERROR,
		arena_print(turn->arena,
			"_dmarc.%.*s could not be looked up: "
			"%.*s",
			SPAN_ARG(domain), SPAN_ARG(why)));
}

static struct span failure_of(const struct answer *answer)
{
	return answer->why.len ? answer->why
			       : span_of(answer_word(answer->kind));
}

/* ---- the record that applies; DMARC_PASS means that there is one */

static enum dmarc_result take_record(struct turn *turn, struct span domain,
	const struct dmarc_record *record)
{
	turn->check->record = record;
	turn->check->record_domain = domain;
	if (record->has_duplicate)
		return end_with(turn, DMARC_PERMERROR,
			arena_print(turn->arena,
				"the record of %.*s has a tag twice, which "
				"makes all of it void",
				SPAN_ARG(domain)));
	if (!dmarc_record_is_usable(record, turn->query->rules))
		return end_with(turn, DMARC_NONE,
			arena_print(turn->arena,
				"the record of %.*s has no policy that could "
				"be read, and no rua=: receivers act as if "
				"there were none",
				SPAN_ARG(domain)));
	return DMARC_PASS;
}

static enum dmarc_result end_without_record(struct turn *turn)
{
	struct dmarc_check *check = turn->check;

	if (check->discarded.len)
		return end_with(turn, DMARC_NONE,
			arena_print(turn->arena,
				"%.*s has more than one DMARC record, so none "
				"of them counts",
				SPAN_ARG(check->discarded)));
	return end_with(turn, DMARC_NONE,
		arena_print(turn->arena, "there is no DMARC record for %.*s",
			SPAN_ARG(check->from_domain)));
}

/*
 * The record at one name.  DMARC_FAIL: there is none here, and the search goes
 * on; RFC 7489 section 6.6.3 ends it where there is more than one.
 */
static enum dmarc_result find_at(struct turn *turn, struct span domain)
{
	const struct dmarc_record *record;
	size_t count;
	const struct answer *answer = dmarc_lookup(
		turn->arena, turn->answers, domain, &record, &count);

	if (!answer)
		return DMARC_OPEN;
	if (answer_failed(answer))
		return end_failed(turn, domain, failure_of(answer));
	if (record)
		return take_record(turn, domain, record);
	if (count > 1)
		turn->check->discarded = domain;
	return DMARC_FAIL;
}

static enum dmarc_result find_by_list(struct turn *turn)
{
	struct dmarc_check *check = turn->check;
	struct span domain = check->from_domain, org;
	enum dmarc_result found = find_at(turn, domain);

	org = org_domain(turn->arena, turn->suffixes, domain);
	check->org_domain = org;
	check->org_source = DMARC_ORG_BY_LIST;
	if (found == DMARC_OPEN && !span_is(org, domain)) {
		const struct dmarc_record *record;
		size_t count;

		/* It will be wanted if there is none: the same round. */
		(void)!dmarc_lookup(
			turn->arena, turn->answers, org, &record, &count);
	}
	if (found == DMARC_FAIL && !check->discarded.len &&
		!span_is(org, domain))
		found = find_at(turn, org);
	return found == DMARC_FAIL ? end_without_record(turn) : found;
}

/* The record of the organizational domain, else that of its public suffix. */
static const struct tree_walk_record *record_above(const struct tree_walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		if (span_is(walk->found[i].domain, walk->org_domain))
			return &walk->found[i];
	for (size_t i = 0; i < walk->count; i++)
		if (walk->found[i].record->psd == DMARC_PSD_YES)
			return &walk->found[i];
	return NULL;
}

static void note_org_domain(struct turn *turn, const struct tree_walk *walk)
{
	struct dmarc_check *check = turn->check;

	check->org_domain = walk->org_domain;
	check->org_source = walk->state == TREE_WALK_FAILED ? DMARC_ORG_UNKNOWN
							    : DMARC_ORG_BY_WALK;
}

static enum dmarc_result find_by_walk(struct turn *turn)
{
	struct dmarc_check *check = turn->check;
	const struct tree_walk_record *above;
	struct tree_walk walk;
	enum dmarc_result found = find_at(turn, check->from_domain);

	if (found != DMARC_FAIL)
		return found;
	if (tree_walk(turn->arena, turn->answers, check->from_domain, &walk) ==
		TREE_WALK_OPEN)
		return DMARC_OPEN;
	check->discarded = walk.discarded;
	note_org_domain(turn, &walk);
	if (walk.state == TREE_WALK_FAILED)
		return end_failed(turn, walk.failed, walk.why);
	above = record_above(&walk);
	if (!above)
		return end_without_record(turn);
	return take_record(turn, above->domain, above->record);
}

/* ---- which policy of it */

/* RFC 9989 section 4.7, np; a name that has any record exists (RFC 8020). */
static enum dmarc_author find_author(struct turn *turn)
{
	const struct dmarc_check *check = turn->check;
	const struct answer *answer;

	if (span_is(check->record_domain, check->from_domain))
		return DMARC_AUTHOR_SAME;
	if (turn->query->rules == DMARC_RFC7489 ||
		check->record->np == DMARC_POLICY_ABSENT)
		return DMARC_AUTHOR_BELOW;
	answer = answers_get(turn->answers, check->from_domain, RR_A);
	if (!answer)
		turn->is_open = true;
	return answer && answer->kind == ANSWER_NO_NAME ? DMARC_AUTHOR_MISSING
							: DMARC_AUTHOR_BELOW;
}

static void find_policy(struct turn *turn)
{
	struct dmarc_check *check = turn->check;
	enum dmarc_rules rules = turn->query->rules;

	check->published = dmarc_record_policy(
		check->record, rules, find_author(turn), &check->policy_tag);
	check->policy = check->published;
	if (rules == DMARC_RFC9989 && check->record->is_test)
		check->policy = dmarc_policy_weaken(check->policy);
	check->percent = rules == DMARC_RFC7489 ? check->record->percent : 100;
}

/* ---- alignment of one identifier */

/* The last label of both the same?  Else no walk could bring them together. */
static bool can_meet(struct span a, struct span b)
{
	size_t len = 0;

	while (len < a.len && len < b.len &&
		a.at[a.len - 1 - len] == b.at[b.len - 1 - len] &&
		a.at[a.len - 1 - len] != '.')
		len++;
	return (len == a.len || a.at[a.len - 1 - len] == '.') &&
	       (len == b.len || b.at[b.len - 1 - len] == '.');
}

/*
 * RFC 9989 section 4.10.2: the walk of the author domain is made only when an
 * identifier could be aligned by it.
 */
static enum tree_walk_state walk_from(struct turn *turn)
{
	struct tree_walk walk;

	if (turn->check->org_source == DMARC_ORG_BY_WALK)
		return TREE_WALK_DONE;
	tree_walk(turn->arena, turn->answers, turn->check->from_domain, &walk);
	if (walk.state != TREE_WALK_OPEN)
		note_org_domain(turn, &walk);
	return walk.state;
}

static enum dmarc_alignment align_by_walk(
	struct turn *turn, struct dmarc_finding *finding)
{
	struct span domain = finding->identifier.domain;
	enum tree_walk_state state;
	struct tree_walk walk;

	if (finding->is_strict || !can_meet(domain, turn->check->from_domain))
		return DMARC_NOT_ALIGNED;
	state = walk_from(turn);
	tree_walk(turn->arena, turn->answers, domain, &walk);
	if (state == TREE_WALK_OPEN || walk.state == TREE_WALK_OPEN) {
		turn->is_open = true;
		return DMARC_ALIGNMENT_UNKNOWN;
	}
	finding->org_domain = walk.org_domain;
	if (state == TREE_WALK_FAILED || walk.state == TREE_WALK_FAILED)
		return DMARC_ALIGNMENT_UNKNOWN;
	return span_is(walk.org_domain, turn->check->org_domain)
		       ? DMARC_SAME_ORG_DOMAIN
		       : DMARC_NOT_ALIGNED;
}

static enum dmarc_alignment align_by_list(
	struct turn *turn, struct dmarc_finding *finding)
{
	finding->org_domain = org_domain(
		turn->arena, turn->suffixes, finding->identifier.domain);
	return span_is(finding->org_domain, turn->check->org_domain)
		       ? DMARC_SAME_ORG_DOMAIN
		       : DMARC_NOT_ALIGNED;
}

static enum dmarc_alignment align(
	struct turn *turn, struct dmarc_finding *finding)
{
	struct span domain;

	if (!plain_name(turn->arena, finding->identifier.domain, &domain))
		return DMARC_NOT_ALIGNED;
	if (span_is(domain, turn->check->from_domain))
		return DMARC_SAME_DOMAIN;
	return turn->query->rules == DMARC_RFC7489
		       ? align_by_list(turn, finding)
		       : align_by_walk(turn, finding);
}

static const char *method_word(enum dmarc_method method)
{
	return method == DMARC_BY_SPF ? "SPF" : "DKIM";
}

static const char *outcome_words(enum dmarc_outcome outcome)
{
	switch (outcome) {
	case DMARC_METHOD_PASSED:
		return "passed";
	case DMARC_METHOD_FAILED:
		return "did not pass";
	case DMARC_METHOD_UNSURE:
		return "could not be decided";
	}
	return "";
}

static struct span tell_alignment(
	const struct turn *turn, const struct dmarc_finding *finding)
{
	const struct dmarc_check *check = turn->check;
	struct span above = check->org_domain.len ? check->org_domain
						  : check->from_domain;

	switch (finding->alignment) {
	case DMARC_SAME_DOMAIN:
		return SPAN("the author domain itself");
	case DMARC_SAME_ORG_DOMAIN:
	case DMARC_NOT_ALIGNED:
		if (finding->is_strict)
			return arena_print(turn->arena,
				"but %s=s wants exactly %.*s",
				finding->identifier.method == DMARC_BY_SPF
					? "aspf"
					: "adkim",
				SPAN_ARG(check->from_domain));
		return arena_print(turn->arena, "which %s %.*s",
			finding->is_aligned ? "shares the organizational domain"
					    : "is not under",
			SPAN_ARG(above));
	case DMARC_ALIGNMENT_UNKNOWN:
		return SPAN("whose organizational domain could not be looked "
			    "up");
	}
	return SPAN("");
}

static struct span tell_finding(
	const struct turn *turn, const struct dmarc_finding *finding)
{
	const struct dmarc_identifier *identifier = &finding->identifier;

	if (!identifier->domain.len)
		return arena_print(turn->arena, "%s %s for no domain",
			method_word(identifier->method),
			outcome_words(identifier->outcome));
	return arena_print(turn->arena, "%s %s for %.*s, %.*s",
		method_word(identifier->method),
		outcome_words(identifier->outcome),
		SPAN_ARG(identifier->domain),
		SPAN_ARG(tell_alignment(turn, finding)));
}

static void find_alignments(struct turn *turn)
{
	const struct dmarc_query *query = turn->query;
	struct dmarc_check *check = turn->check;
	size_t count = query->identifier_count;

	if (count > DMARC_IDENTIFIERS_MAX)
		count = DMARC_IDENTIFIERS_MAX;
	check->findings = arena_take(
		turn->arena, (count + 1) * sizeof(*check->findings));
	for (size_t i = 0; i < count; i++) {
		struct dmarc_finding *finding = &check->findings[i];

		finding->identifier = query->identifiers[i];
		plain_name(turn->arena, query->identifiers[i].domain,
			&finding->identifier.domain);
		finding->is_strict = finding->identifier.method == DMARC_BY_SPF
					     ? check->record->is_spf_strict
					     : check->record->is_dkim_strict;
		finding->alignment = align(turn, finding);
		finding->is_aligned = finding->alignment == DMARC_SAME_DOMAIN ||
				      (finding->alignment ==
						      DMARC_SAME_ORG_DOMAIN &&
					      !finding->is_strict);
		finding->why = tell_finding(turn, finding);
	}
	check->finding_count = count;
}

/* ---- the verdict */

/* Might it have been the pass that is missing? */
static bool is_unsure(const struct dmarc_finding *finding)
{
	if (finding->identifier.outcome == DMARC_METHOD_FAILED)
		return false;
	if (finding->alignment == DMARC_ALIGNMENT_UNKNOWN)
		return true;
	return finding->identifier.outcome == DMARC_METHOD_UNSURE &&
	       finding->is_aligned;
}

static enum dmarc_result judge_findings(struct turn *turn)
{
	struct dmarc_check *check = turn->check;
	const struct dmarc_finding *unsure = NULL, *passed = NULL;

	for (size_t i = 0; i < check->finding_count; i++) {
		const struct dmarc_finding *finding = &check->findings[i];

		if (is_unsure(finding))
			unsure = finding;
		if (!finding->is_aligned ||
			finding->identifier.outcome != DMARC_METHOD_PASSED)
			continue;
		if (finding->identifier.method == DMARC_BY_SPF)
			check->passed_by_spf = true;
		else
			check->passed_by_dkim = true;
		if (!passed)
			passed = finding;
	}
	if (passed)
		return end_with(turn, DMARC_PASS, passed->why);
	if (unsure)
		return end_with(turn, DMARC_TEMPERROR, unsure->why);
	return end_with(turn, DMARC_FAIL,
		arena_print(turn->arena,
			"neither SPF nor DKIM passed for a domain that is "
			"aligned with %.*s",
			SPAN_ARG(check->from_domain)));
}

/* RFC 7489 section 6.6.4: what pct= does not take gets the weaker policy. */
static void find_disposition(struct dmarc_check *check)
{
	if (check->result != DMARC_FAIL)
		check->disposition = DMARC_POLICY_NONE;
	else if (check->percent == 0)
		check->disposition = dmarc_policy_weaken(check->policy);
	else
		check->disposition = check->policy;
}

enum dmarc_result dmarc_check(struct arena *arena, struct answers *answers,
	const struct dmarc_query *query, struct dmarc_check *check)
{
	struct turn turn = { .arena = arena,
		.answers = answers,
		.query = query,
		.suffixes = query->suffixes ? query->suffixes
					    : suffix_list_own(),
		.check = check };
	enum dmarc_result found;

	*check = (struct dmarc_check){ .result = DMARC_OPEN };
	check->policy_tag = "";
	check->percent = 100;
	check->disposition = DMARC_POLICY_NONE;
	if (!plain_name(arena, query->from_domain, &check->from_domain))
		return end_with(&turn, DMARC_PERMERROR,
			SPAN("From has no domain to look up"));
	found = query->rules == DMARC_RFC7489 ? find_by_list(&turn)
					      : find_by_walk(&turn);
	if (found != DMARC_PASS)
		return check->result = found;
	find_policy(&turn);
	find_alignments(&turn);
	if (turn.is_open)
		return DMARC_OPEN;
	judge_findings(&turn);
	find_disposition(check);
	return check->result;
}
