/*
 * parse        record, valid_7489, valid_9989, tags
 * finddomain   from_field -> domain
 * tld          domain, psl (a file) -> orgdomain
 * align        a, b, mode -> aligned
 * eval         from_domain, spf_pass, dkim_pass, dns, rfc -> expect
 *
 * An evaluation that holds for both RFCs is made by the rules of either.
 */
#include "probe/policy/dmarc.h"
#include "probe/policy/author_domain.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/zone.h"

static struct span text_of(const json_t *value)
{
	if (!json_is_string(value))
		return SPAN("");
	return (struct span){ json_string_value(value),
		json_string_length(value) };
}

/* ---- parse */

/* What a record says by a tag; of p= what a receiver makes of it. */
static struct span value_of(const struct dmarc_record *record,
	enum dmarc_rules rules, const char *tag)
{
	struct span value = SPAN("");
	const char *by;

	if (strcmp(tag, "p") == 0)
		return span_of(dmarc_policy_word(dmarc_record_policy(
			record, rules, DMARC_AUTHOR_SAME, &by)));
	(void)!dmarc_record_tag(record, tag, &value);
	return value;
}

static enum verdict judge_tags(struct suite_question *question,
	const struct dmarc_record *record, enum dmarc_rules rules)
{
	json_t *tags = json_object_get(question->line, "tags");
	const char *tag;
	json_t *want;

	json_object_foreach(tags, tag, want)
	{
		struct span got = value_of(record, rules, tag);

		if (!span_is_nocase(got, text_of(want)))
			return question_fail(
				question, "%s is \"%.*s\"", tag, SPAN_ARG(got));
	}
	return VERDICT_PASS;
}

static enum verdict judge_record(struct suite_question *question,
	const char *key, enum dmarc_rules rules)
{
	struct span text = question_text(question, "record");
	const struct dmarc_record *record = dmarc_record_parse(
		question->arena, text);
	bool is_valid = dmarc_record_is_one(text) &&
			dmarc_record_is_valid(record, rules);

	if (!question_has(question, key))
		return VERDICT_NOT_SCORED;
	if (is_valid != question_bool(question, key))
		return question_fail(question, "%s: %s", key,
			is_valid ? "taken" : "refused");
	return is_valid ? judge_tags(question, record, rules) : VERDICT_PASS;
}

static enum verdict judge_parse(struct suite_question *question)
{
	enum verdict old, new;

	old = judge_record(question, "valid_7489", DMARC_RFC7489);
	if (old == VERDICT_FAIL)
		return old;
	new = judge_record(question, "valid_9989", DMARC_RFC9989);
	return new == VERDICT_NOT_SCORED ? old : new;
}

/* ---- names */

static enum verdict judge_author(struct suite_question *question)
{
	struct author_domain author;

	author_domain_find(question->arena,
		question_text(question, "from_field"), &author);
	if (span_is_nocase(author.domain, question_text(question, "domain")))
		return VERDICT_PASS;
	return question_fail(
		question, "domain \"%.*s\"", SPAN_ARG(author.domain));
}

static enum verdict judge_org_domain(struct suite_question *question)
{
	struct arena *arena = question->arena;
	struct span file = question_text(question, "psl"), got;
	struct suffix_list *list = NULL;

	if (file.len) {
		list = suffix_list_open(
			arena, arena_print(arena, "%s/%.*s", question->folder,
				       SPAN_ARG(file))
				       .at);
		if (!list)
			return question_fail(
				question, "no list \"%.*s\"", SPAN_ARG(file));
	}
	got = org_domain(arena, list ? list : suffix_list_own(),
		question_text(question, "domain"));
	suffix_list_close(list);
	if (span_is_nocase(got, question_text(question, "orgdomain")))
		return VERDICT_PASS;
	return question_fail(question, "\"%.*s\"", SPAN_ARG(got));
}

static enum verdict judge_align(struct suite_question *question)
{
	struct span mode = question_text(question, "mode");
	enum dmarc_alignment got = dmarc_align(question->arena,
		suffix_list_own(), question_text(question, "a"),
		question_text(question, "b"));
	bool is_aligned = got == DMARC_SAME_DOMAIN ||
			  (got == DMARC_SAME_ORG_DOMAIN &&
				  !span_is(mode, SPAN("strict")));

	if (is_aligned == question_bool(question, "aligned"))
		return VERDICT_PASS;
	return question_fail(question, is_aligned ? "aligned" : "not aligned");
}

/* ---- eval */

static size_t add_identifiers(const struct suite_question *question,
	const char *key, enum dmarc_method method,
	struct dmarc_identifier *identifiers)
{
	json_t *list = json_object_get(question->line, key), *domain;
	size_t i;

	json_array_foreach(list, i, domain)
	{
		if (i == DMARC_IDENTIFIERS_MAX)
			return i;
		identifiers[i] = (struct dmarc_identifier){ method,
			DMARC_METHOD_PASSED, text_of(domain) };
	}
	return json_array_size(list);
}

static void evaluate(struct suite_question *question, struct answers *answers,
	enum dmarc_rules rules, struct dmarc_check *check)
{
	struct dmarc_identifier identifiers[2 * DMARC_IDENTIFIERS_MAX];
	struct dmarc_query query = {
		.from_domain = question_text(question, "from_domain"),
		.identifiers = identifiers,
		.rules = rules,
	};
	struct zone *zone = zone_open(
		question->arena, json_object_get(question->line, "dns"));

	query.identifier_count = add_identifiers(
		question, "spf_pass", DMARC_BY_SPF, identifiers);
	query.identifier_count += add_identifiers(question, "dkim_pass",
		DMARC_BY_DKIM, identifiers + query.identifier_count);
	while (dmarc_check(question->arena, answers, &query, check) ==
			DMARC_OPEN &&
		zone_settle(zone, answers))
		;
}

static struct span bool_text(bool is_so)
{
	return is_so ? SPAN("true") : SPAN("false");
}

/* What our check says to one key of `expect`, as text. */
static struct span found_for(const char *key, enum dmarc_rules rules,
	const struct dmarc_check *check)
{
	const struct dmarc_record *record = check->record;

	if (strcmp(key, "dmarc") == 0)
		return span_of(dmarc_result_word(check->result));
	if (strcmp(key, "policy") == 0)
		return span_of(dmarc_policy_word(check->policy_tag[0]
							 ? check->policy
							 : DMARC_POLICY_NONE));
	if (strcmp(key, "record_domain") == 0)
		return check->record_domain;
	if (strcmp(key, "aligned_spf") == 0)
		return bool_text(check->passed_by_spf);
	if (strcmp(key, "aligned_dkim") == 0)
		return bool_text(check->passed_by_dkim);
	if (strcmp(key, "strict_spf") == 0)
		return bool_text(record && record->is_spf_strict);
	if (strcmp(key, "strict_dkim") == 0)
		return bool_text(record && record->is_dkim_strict);
	if (strncmp(key, "tag_", 4) == 0 && record)
		return value_of(record, rules, key + 4);
	return SPAN("(not known)");
}

/* Which TXT records were asked for, in that order. */
static bool is_asked(struct answers *answers, const json_t *names)
{
	size_t at = 0;

	for (struct question *one = answers_first(answers); one;
		one = one->next) {
		if (one->type != RR_TXT)
			continue;
		if (!span_is_nocase(
			    one->name, text_of(json_array_get(names, at++))))
			return false;
	}
	return at == json_array_size(names);
}

static enum verdict judge_by(
	struct suite_question *question, enum dmarc_rules rules)
{
	struct answers *answers = answers_open(question->arena);
	json_t *expect = json_object_get(question->line, "expect"), *want;
	struct dmarc_check check;
	const char *key;

	evaluate(question, answers, rules, &check);
	json_object_foreach(expect, key, want)
	{
		struct span text = json_is_boolean(want)
					   ? bool_text(json_is_true(want))
					   : text_of(want);
		struct span got = found_for(key, rules, &check);

		if (strcmp(key, "txt_queries") == 0) {
			if (!is_asked(answers, want))
				return question_fail(
					question, "other TXT queries");
		} else if (!json_is_null(want) && !span_is_nocase(got, text)) {
			return question_fail(question,
				"RFC %s: %s is \"%.*s\": %.*s",
				rules == DMARC_RFC7489 ? "7489" : "9989", key,
				SPAN_ARG(got), SPAN_ARG(check.why));
		}
	}
	return VERDICT_PASS;
}

static enum verdict judge_eval(struct suite_question *question)
{
	struct span rfc = question_text(question, "rfc");
	json_t *expect = json_object_get(question->line, "expect");

	if (json_object_size(expect) == 0)
		return VERDICT_NOT_SCORED;
	if (!span_is(rfc, SPAN("9989")) &&
		judge_by(question, DMARC_RFC7489) == VERDICT_FAIL)
		return VERDICT_FAIL;
	if (span_is(rfc, SPAN("7489")))
		return VERDICT_PASS;
	return judge_by(question, DMARC_RFC9989);
}

static const struct {
	const char *kind;
	enum verdict (*judge)(struct suite_question *question);
} kinds[] = {
	{ "parse", judge_parse },
	{ "finddomain", judge_author },
	{ "tld", judge_org_domain },
	{ "align", judge_align },
	{ "eval", judge_eval },
};

static enum verdict judge(struct suite_question *question)
{
	struct span kind = question_text(question, "kind");

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (span_is(kind, span_of(kinds[i].kind)))
			return kinds[i].judge(question);
	return question_fail(question, "a kind that nobody knows");
}

const struct suite suite_dmarc = {
	.name = "dmarc",
	.judge = judge,
};
