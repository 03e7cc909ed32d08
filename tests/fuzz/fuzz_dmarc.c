/*
 * The first line is the author domain, the second the domain that SPF passed
 * for; each further line is a TXT record, and every name that is asked for has
 * one or two of them, or none, or an error.  Both RFCs come to a verdict, and
 * within their limits; every piece of a record lies inside of it.
 */
#include <stdint.h>

#include "probe/policy/dmarc.h"
#include "probe/policy/tree_walk.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { DMARC_FUZZ_LINES = 8, DMARC_FUZZ_ROUNDS = 40 };

struct dmarc_fuzz {
	struct arena *arena;
	struct answers *answers;
	struct span lines[DMARC_FUZZ_LINES];
	size_t count;
};

static bool dmarc_is_inside(struct span part, struct span whole)
{
	return part.len == 0 ||
	       (part.at >= whole.at &&
		       part.at + part.len <= whole.at + whole.len);
}

static void dmarc_check_record(struct arena *arena, struct span text)
{
	const struct dmarc_record *record = dmarc_record_parse(arena, text);
	static const enum dmarc_rules rules[] = { DMARC_RFC7489,
		DMARC_RFC9989 };

	MUST(record->tag_count <= DMARC_TAGS_MAX);
	MUST(record->fault_count <= DMARC_FAULTS_MAX);
	MUST(record->rua_count <= DMARC_DESTINATIONS_MAX);
	MUST(record->ruf_count <= DMARC_DESTINATIONS_MAX);
	MUST(record->percent <= 100);
	for (size_t i = 0; i < record->tag_count; i++) {
		MUST(dmarc_is_inside(record->tags[i].name, text));
		MUST(dmarc_is_inside(record->tags[i].value, text));
	}
	for (size_t i = 0; i < record->rua_count; i++) {
		MUST(dmarc_is_inside(record->rua[i].uri.text, text));
		MUST(dmarc_is_inside(record->rua[i].uri.host, text));
	}
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const char *tag;

		MUST(!dmarc_record_is_valid(record, rules[i]) ||
			dmarc_record_is_usable(record, rules[i]));
		MUST(dmarc_record_policy(record, rules[i], DMARC_AUTHOR_MISSING,
			     &tag) >= DMARC_POLICY_NONE);
	}
}

/* The same name always has the same answer; which, its bytes decide. */
static const struct answer *dmarc_answer(
	const struct dmarc_fuzz *fuzz, struct span name)
{
	struct answer *answer = arena_new(fuzz->arena, struct answer);
	unsigned sum = (unsigned)name.len;

	for (size_t i = 0; i < name.len; i++)
		sum = sum * 31 + (unsigned char)name.at[i];
	answer->kind = sum % 11 == 0  ? ANSWER_TIMEOUT
		       : sum % 5 == 0 ? ANSWER_NO_NAME
		       : !fuzz->count ? ANSWER_NONE
				      : ANSWER_DATA;
	if (answer->kind != ANSWER_DATA)
		return answer;
	answer->values = &fuzz->lines[sum % fuzz->count];
	answer->value_count = 1;
	if (sum % 7 == 0 && sum % fuzz->count + 1 < fuzz->count)
		answer->value_count = 2;
	return answer;
}

static bool dmarc_settle(const struct dmarc_fuzz *fuzz)
{
	struct question *open = answers_open_question(fuzz->answers);
	bool is_settled = open != NULL;

	while (open) {
		struct question *next = question_next_open(open);

		question_settle(open, dmarc_answer(fuzz, open->name));
		open = next;
	}
	return is_settled;
}

static void dmarc_judge(const struct dmarc_fuzz *fuzz, enum dmarc_rules rules,
	struct span from, struct span spf)
{
	struct dmarc_identifier identifier = { DMARC_BY_SPF,
		DMARC_METHOD_PASSED, spf };
	struct dmarc_query query = {
		.from_domain = from,
		.identifiers = &identifier,
		.identifier_count = 1,
		.rules = rules,
	};
	struct dmarc_check check;
	int rounds = 0;

	while (dmarc_check(fuzz->arena, fuzz->answers, &query, &check) ==
			DMARC_OPEN &&
		dmarc_settle(fuzz))
		MUST(++rounds < DMARC_FUZZ_ROUNDS);
	MUST(check.result != DMARC_OPEN);
	MUST(check.result != DMARC_PASS || check.passed_by_spf);
	MUST(check.result == DMARC_NONE || check.why.len > 0);
	MUST(check.disposition == DMARC_POLICY_NONE ||
		check.result == DMARC_FAIL);
}

static void dmarc_walk(const struct dmarc_fuzz *fuzz, struct span from)
{
	struct tree_walk walk;
	int rounds = 0;

	while (tree_walk(fuzz->arena, fuzz->answers, from, &walk) ==
			TREE_WALK_OPEN &&
		dmarc_settle(fuzz))
		MUST(++rounds <= TREE_WALK_QUERIES_MAX);
	MUST(walk.state != TREE_WALK_OPEN);
	MUST(walk.queries <= TREE_WALK_QUERIES_MAX);
	MUST(walk.count <= walk.queries);
	MUST(dmarc_is_inside(walk.org_domain, from));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dmarc_fuzz fuzz = { .arena = arena_open() };
	struct span rest = { (const char *)bytes, size };
	struct span from = span_cut(&rest, '\n');
	struct span spf = span_cut(&rest, '\n');

	fuzz.answers = answers_open(fuzz.arena);
	while (rest.len && fuzz.count < DMARC_FUZZ_LINES) {
		struct span line = span_cut(&rest, '\n');

		dmarc_check_record(fuzz.arena, line);
		fuzz.lines[fuzz.count++] = line;
	}
	dmarc_judge(&fuzz, DMARC_RFC7489, from, spf);
	dmarc_judge(&fuzz, DMARC_RFC9989, from, spf);
	dmarc_walk(&fuzz, from);
	arena_close(fuzz.arena);
	return 0;
}
