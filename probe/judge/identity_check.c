#include "probe/judge/identity_check.h"

#include "probe/dns/answers.h"
#include "probe/dns/name.h"
#include "probe/policy/dmarc.h"
#include "probe/policy/spf.h"

struct checking {
	struct arena *arena;
	struct answers *answers;
	const struct identity_question *question;
	struct identity_facts *facts;
	struct dmarc_identifier *identifiers; /* what SPF and DKIM said */
	size_t identifier_count;
};

static enum held held_if(bool is_held)
{
	return is_held ? HELD : HELD_NOT;
}

static bool counted_holds(const struct counted_wanted *wanted, uint64_t found)
{
	return sign_holds(wanted->sign, found, wanted->number);
}

static void identifier_add(struct checking *checking, enum dmarc_method method,
	enum dmarc_outcome outcome, struct span domain)
{
	checking->identifiers[checking->identifier_count++] =
		(struct dmarc_identifier){ method, outcome, domain };
}

/* ---- fcrdns */

static bool check_fcrdns(
	const struct checking *checking, struct identity_fact *fact)
{
	struct identity_facts *facts = checking->facts;

	facts->fcrdns = fcrdns_check(checking->arena, checking->answers,
		&facts->source, &facts->ptr_name);
	fact->held = held_if(facts->fcrdns == FCRDNS_CONFIRMED);
	switch (facts->fcrdns) {
	case FCRDNS_OPEN:
		fact->held = HELD_UNKNOWN;
		return false;
	case FCRDNS_CONFIRMED:
		fact->found = facts->ptr_name;
		return true;
	case FCRDNS_NO_NAME:
		fact->found = SPAN("the address has no PTR");
		return true;
	case FCRDNS_NOT_CONFIRMED:
		fact->found = arena_print(checking->arena,
			"%.*s does not lead back to it",
			SPAN_ARG(facts->ptr_name));
		return true;
	case FCRDNS_UNKNOWN:
		break;
	}
	fact->held = HELD_UNKNOWN;
	fact->found = SPAN("its names could not be looked up");
	return true;
}

/* ---- spf */

static enum spf_result spf_result_of(enum spf_wanted wanted)
{
	static const enum spf_result results[] = {
		[SPF_WANTED_PASS] = SPF_PASS,
		[SPF_WANTED_NEUTRAL] = SPF_NEUTRAL,
		[SPF_WANTED_SOFTFAIL] = SPF_SOFTFAIL,
		[SPF_WANTED_FAIL] = SPF_FAIL,
		[SPF_WANTED_NONE] = SPF_NONE,
	};

	return results[wanted];
}

static enum dmarc_outcome outcome_of(enum spf_result result)
{
	if (result == SPF_OPEN || result == SPF_TEMPERROR)
		return DMARC_METHOD_UNSURE;
	return result == SPF_PASS ? DMARC_METHOD_PASSED : DMARC_METHOD_FAILED;
}

static struct span spf_words(struct arena *arena, const struct spf_check *check)
{
	return arena_print(arena, "%s for %.*s (lookups %u, void %u)%s%.*s",
		spf_result_word(check->result), SPAN_ARG(check->domain),
		check->lookups, check->void_count, check->why.len ? ": " : "",
		SPAN_ARG(check->why));
}

static bool check_spf(struct checking *checking, struct identity_fact *fact)
{
	const struct identity_line *line = fact->line;
	bool is_null = span_is(line->mailbox, SPAN("<>"));
	struct spf_query query = { .ip = checking->question->source,
		.helo = checking->question->helo,
		.mail_from = is_null ? SPAN("") : line->mailbox,
		.receiver = SPAN(""),
		.now = checking->question->now };
	struct spf_check check;

	if (spf_check(checking->arena, checking->answers, &query, &check) ==
		SPF_OPEN)
		return false;
	identifier_add(
		checking, DMARC_BY_SPF, outcome_of(check.result), check.domain);
	fact->found = spf_words(checking->arena, &check);
	fact->held = HELD_UNKNOWN;
	if (check.result != SPF_TEMPERROR)
		fact->held = held_if(
			check.result == spf_result_of(line->result) &&
			counted_holds(&line->lookups, check.lookups) &&
			counted_holds(&line->voids, check.void_count));
	return true;
}

/* ---- dkim */

static const struct dkim_key *key_of(
	const struct checking *checking, const struct answer *answer)
{
	const struct dkim_key *best = NULL;

	for (size_t i = 0; i < answer->value_count && i < DKIM_KEY_RECORDS_MAX;
		i++) {
		const struct dkim_key *key = dkim_keys_get(
			checking->question->keys, answer->values[i]);

		if (!best || (best->fault != DKIM_KEY_SOUND &&
				     key->fault == DKIM_KEY_SOUND))
			best = key;
	}
	return best;
}

static struct span key_words(struct arena *arena, const struct dkim_key *key)
{
	static const char *const types[] = { "RSA", "Ed25519", "a key" };

	if (key->fault != DKIM_KEY_SOUND && !key->bits)
		return key->why;
	return arena_print(arena, "%s of %u bits%s%.*s", types[key->type],
		key->bits, key->why.len ? ": " : "", SPAN_ARG(key->why));
}

static void judge_key(struct checking *checking, struct identity_fact *fact,
	const struct answer *answer)
{
	const struct dkim_key *key = key_of(checking, answer);
	bool is_sound = key && key->fault == DKIM_KEY_SOUND;

	fact->found = key ? key_words(checking->arena, key)
			  : SPAN("no key is published");
	fact->held = held_if(
		is_sound && counted_holds(&fact->line->bits, key->bits));
	identifier_add(checking, DMARC_BY_DKIM,
		is_sound ? DMARC_METHOD_PASSED : DMARC_METHOD_FAILED,
		fact->line->domain);
}

static bool check_dkim(struct checking *checking, struct identity_fact *fact)
{
	const struct identity_line *line = fact->line;
	struct span domain, name;
	const struct answer *answer;
	const char *why;

	if (!name_to_ascii(checking->arena, line->domain, &domain, &why)) {
		fact->held = HELD_NOT;
		fact->found = arena_copy(checking->arena, span_of(why));
		return true;
	}
	name = arena_print(checking->arena, "%.*s._domainkey.%.*s",
		SPAN_ARG(line->selector), SPAN_ARG(domain));
	answer = answers_get(checking->answers, name, RR_TXT);
	if (!answer)
		return false;
	if (!answer_failed(answer)) {
		judge_key(checking, fact, answer);
		return true;
	}
	fact->held = HELD_UNKNOWN;
	fact->found = arena_print(checking->arena,
		"the key could not be looked up (%s)",
		answer_word(answer->kind));
	identifier_add(
		checking, DMARC_BY_DKIM, DMARC_METHOD_UNSURE, line->domain);
	return true;
}

/* ---- dmarc */

static bool is_aligned(
	const struct identity_line *line, const struct dmarc_check *check)
{
	switch (line->aligned) {
	case ALIGNED_NOT_ASKED:
		break;
	case ALIGNED_ANY:
		return check->passed_by_spf || check->passed_by_dkim;
	case ALIGNED_SPF:
		return check->passed_by_spf;
	case ALIGNED_DKIM:
		return check->passed_by_dkim;
	case ALIGNED_BOTH:
		return check->passed_by_spf && check->passed_by_dkim;
	}
	return true;
}

static bool has_unsure(const struct checking *checking)
{
	for (size_t i = 0; i < checking->identifier_count; i++)
		if (checking->identifiers[i].outcome == DMARC_METHOD_UNSURE)
			return true;
	return false;
}

static struct span dmarc_words(
	struct arena *arena, const struct dmarc_check *check)
{
	if (!check->record)
		return check->why.len ? check->why : SPAN("no record");
	return arena_print(arena, "p=%s, %s%s%s%s",
		dmarc_policy_word(check->policy),
		check->passed_by_spf ? "aligned by SPF" : "",
		check->passed_by_spf && check->passed_by_dkim ? " and DKIM"
							      : "",
		!check->passed_by_spf && check->passed_by_dkim
			? "aligned by DKIM"
			: "",
		check->passed_by_spf || check->passed_by_dkim
			? ""
			: "nothing that passes is aligned");
}

static bool check_dmarc(struct checking *checking, struct identity_fact *fact)
{
	struct dmarc_query query = { .from_domain = fact->line->domain,
		.identifiers = checking->identifiers,
		.identifier_count = checking->identifier_count,
		.rules = DMARC_RFC7489 };
	struct dmarc_check check;

	switch (dmarc_check(
		checking->arena, checking->answers, &query, &check)) {
	case DMARC_OPEN:
		return false;
	case DMARC_NONE:
	case DMARC_PERMERROR:
		fact->held = HELD_NOT;
		fact->found = check.why;
		return true;
	case DMARC_TEMPERROR:
		fact->held = HELD_UNKNOWN;
		fact->found = check.why;
		return true;
	case DMARC_PASS:
	case DMARC_FAIL:
		break;
	}
	fact->found = dmarc_words(checking->arena, &check);
	fact->held = held_if(is_aligned(fact->line, &check));
	if (fact->held == HELD_NOT && has_unsure(checking))
		fact->held = HELD_UNKNOWN;
	return true;
}

/* ---- */

static bool check_line(struct checking *checking, struct identity_fact *fact)
{
	switch (fact->line->kind) {
	case IDENTITY_FCRDNS:
		return check_fcrdns(checking, fact);
	case IDENTITY_SPF:
		return check_spf(checking, fact);
	case IDENTITY_DKIM:
		return check_dkim(checking, fact);
	case IDENTITY_DMARC:
		break;
	}
	return check_dmarc(checking, fact);
}

/* DMARC needs what the others found out, wherever it stands. */
static bool check_lines(struct checking *checking, bool is_dmarc)
{
	bool is_settled = true;

	for (size_t i = 0; i < checking->facts->count; i++) {
		struct identity_fact *fact = &checking->facts->facts[i];

		if ((fact->line->kind == IDENTITY_DMARC) == is_dmarc)
			is_settled &= check_line(checking, fact);
	}
	return is_settled;
}

bool identity_check(struct arena *arena, struct answers *answers,
	const struct identity_question *question, struct identity_facts *facts)
{
	const struct matrix_identity *identity = question->identity;
	struct checking checking = { .arena = arena,
		.answers = answers,
		.question = question,
		.facts = facts,
		.identifiers = arena_take(
			arena, (identity->line_count + 1) *
				       sizeof(struct dmarc_identifier)) };
	bool is_settled;

	*facts = (struct identity_facts){ .source = question->source,
		.ptr_name = SPAN(""),
		.facts = arena_take(arena,
			(identity->line_count + 1) * sizeof(*facts->facts)),
		.count = identity->line_count };
	for (size_t i = 0; i < facts->count; i++)
		facts->facts[i] = (struct identity_fact){ &identity->lines[i],
			HELD_UNKNOWN, SPAN("it could not be looked up") };
	is_settled = check_lines(&checking, false);
	return check_lines(&checking, true) && is_settled;
}

struct span identity_subject(
	struct arena *arena, const struct matrix_identity *identity)
{
	return arena_print(
		arena, "identity %.*s", SPAN_ARG(identity->egress->name));
}

static void miss_add(struct arena *arena, struct cell_result *result,
	const struct identity_fact *fact)
{
	result->misses = arena_grow(arena, result->misses, result->miss_count,
		&result->miss_room, sizeof(*result->misses));
	result->misses[result->miss_count++] = (struct miss){
		.place = *fact->line->place,
		.stage = STAGE_RESOLVE,
		.wanted = fact->line->text,
		.found = fact->found,
	};
}

void identity_judge(struct arena *arena, const struct identity_facts *facts,
	struct cell_result *result)
{
	*result = (struct cell_result){ .verdict = CELL_PASS, .why = SPAN("") };
	for (size_t i = 0; i < facts->count; i++) {
		const struct identity_fact *fact = &facts->facts[i];

		if (fact->held == HELD_NOT) {
			miss_add(arena, result, fact);
			result->verdict = CELL_FAIL;
		}
		if (fact->held != HELD_UNKNOWN)
			continue;
		if (!result->why.len)
			result->why = arena_print(arena, "%.*s: %.*s",
				SPAN_ARG(fact->line->text),
				SPAN_ARG(fact->found));
		if (result->verdict == CELL_PASS)
			result->verdict = CELL_UNKNOWN;
	}
}
