/*
 * provider-responses.jsonl   provider, match, code, enhanced, phase
 *                            -> policy, family_specific
 * ipv6-replies.jsonl         provider, text -> policy, family
 *
 * A match is a part of a reply, or a regular expression for one; each is made
 * into replies that it fits, and the codebook is asked what they mean, as by a
 * witness who knows the provider.
 */
#include "probe/judge/codebook.h"
#include "probe/judge/wording.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/sample_text.h"

enum { POLICY, FAMILY };

static struct share shares[] = {
	[POLICY] = { .field = "policy" },
	[FAMILY] = { .field = "family" },
};

static const struct {
	const char *phase;
	enum stage stage;
} phases[] = {
	{ "connect", STAGE_BANNER },
	{ "ehlo", STAGE_EHLO },
	{ "mail-from", STAGE_MAIL },
	{ "rcpt-to", STAGE_RCPT },
	{ "data", STAGE_DOT },
};

/* One book for all questions; it goes with the program. */
static const struct codebook *book(void)
{
	static const struct codebook *kept;

	if (!kept)
		kept = codebook_embedded(arena_open());
	return kept;
}

static void read_phase(
	struct suite_question *question, struct codebook_question *asked)
{
	struct span phase = question_text(question, "phase");

	for (size_t i = 0; i < COUNT_OF(phases); i++)
		if (span_is(phase, span_of(phases[i].phase))) {
			asked->has_stage = true;
			asked->stage = phases[i].stage;
		}
}

/* "4.7.500-699" is a range: its first. */
static void read_numbers(
	struct suite_question *question, struct codebook_question *asked)
{
	struct span status = question_text(question, "enhanced");
	unsigned long number = 0;

	if (span_number(question_text(question, "code"), 599, &number))
		asked->code = (unsigned)number;
	status = span_cut(&status, '-');
	for (size_t i = 0; i < 3 && status.len; i++)
		if (span_number(span_cut(&status, '.'), 999, &number))
			asked->status[i] = (unsigned)number;
}

/* "gmx/web.de" are several; the first is known to the book. */
static struct span provider_of(struct suite_question *question)
{
	struct span word = question_text(question, "provider");

	if (codebook_provider(book(), word))
		return word;
	return span_cut(&word, '/');
}

static bool says_what_is_expected(
	struct suite_question *question, const struct codebook_question *asked)
{
	struct codebook_answer answer = codebook_find_text(book(), asked);
	struct span policy = question_text(question, "policy");
	bool is_ipv6_only = answer.row && answer.row->is_ipv6_only;
	struct span id = answer.row ? answer.row->id : SPAN("no row");

	if (!share_count(&shares[POLICY], span_is(answer.policy, policy))) {
		question_fail(question, "%.*s by %.*s, not %.*s: %.*s",
			SPAN_ARG(answer.policy), SPAN_ARG(id), SPAN_ARG(policy),
			SPAN_ARG(asked->text));
		return false;
	}
	if (question_has(question, "family_specific") &&
		!share_count(&shares[FAMILY],
			is_ipv6_only ==
				question_bool(question, "family_specific"))) {
		question_fail(question, "%.*s: %sbound to IPv6: %.*s",
			SPAN_ARG(id), is_ipv6_only ? "" : "not ",
			SPAN_ARG(asked->text));
		return false;
	}
	return true;
}

static enum verdict judge_match(struct suite_question *question)
{
	struct span match = question_text(question, "match");
	bool is_regex = span_is(
		question_text(question, "match_type"), SPAN("regex"));
	struct codebook_question asked = { .provider = provider_of(question) };

	read_phase(question, &asked);
	read_numbers(question, &asked);
	for (unsigned i = 0; i < (is_regex ? SAMPLE_TEXTS : 1); i++) {
		asked.text = match;
		if (is_regex)
			asked.text = sample_text(question->arena, match,
				question_text(question, "note"), i);
		if (!says_what_is_expected(question, &asked))
			return VERDICT_FAIL;
	}
	return VERDICT_PASS;
}

/* Where an address stands in the text that is not masked. */
static bool family_fits(struct suite_question *question)
{
	char room[WORDING_MAX];
	struct ip ip;

	if (!wording_ip(wording_of_text(room, question_text(question, "text")),
		    &ip))
		return true;
	return share_count(&shares[FAMILY],
		(ip.family == FAMILY_IPV6) ==
			span_is(question_text(question, "family"), SPAN("v6")));
}

static enum verdict judge_text(struct suite_question *question)
{
	struct codebook_question asked = {
		.text = question_text(question, "text"),
		.provider = provider_of(question),
	};

	if (!says_what_is_expected(question, &asked))
		return VERDICT_FAIL;
	if (!family_fits(question))
		return question_fail(
			question, "an address of the other family");
	return VERDICT_PASS;
}

static enum verdict judge(struct suite_question *question)
{
	if (question_has(question, "match"))
		return judge_match(question);
	if (question_has(question, "text"))
		return judge_text(question);
	return VERDICT_NOT_SCORED;
}

const struct suite suite_replies = {
	.name = "replies",
	.judge = judge,
	.shares = shares,
	.share_count = COUNT_OF(shares),
};
