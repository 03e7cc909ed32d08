#include "scenarios/block_check.h"

enum { RATIO_ONE = 1000 };

struct checking {
	struct arena *arena;
	struct complaints *complaints;
	const struct statements *all;
};

static void tell(const struct checking *checking, const struct place *place,
	const char *what)
{
	complain(checking->complaints, place, span_of(what), SPAN(""));
}

static const struct statement *line_of(
	const struct statement *block, enum verb_word id)
{
	for (size_t i = 0; i < block->body_count; i++)
		if (block->body[i]->verb->id == id)
			return block->body[i];
	return NULL;
}

/* What a block is there for stands in its lines. */
static void check_is_said(const struct checking *checking,
	const struct statement *block, const char *what)
{
	if (!block->body_count && !block->is_broken)
		tell(checking, &block->place, what);
}

static void check_not_zero(
	const struct checking *checking, const struct statement *block)
{
	for (size_t i = 0; i < block->body_count; i++) {
		const struct value *number = statement_value(
			block->body[i], VALUE_NUMBER, 0);

		if (number && !number->number)
			tell(checking, &number->place, "at least 1 is wanted");
	}
}

/* ---- scenario */

static void check_every(
	const struct checking *checking, const struct statement *line)
{
	const struct value *every = statement_value(line, VALUE_DURATION, 0);
	const struct value *jitter = statement_value(line, VALUE_DURATION, 1);

	if (every->number < 1000)
		tell(checking, &every->place, "at least 1s is wanted");
	else if (jitter && jitter->number > every->number)
		tell(checking, &jitter->place,
			"it may come later by no more than the time from one "
			"to the next");
}

static void check_scenario(
	const struct checking *checking, const struct statement *scenario)
{
	const struct statement *every = line_of(scenario, VERB_EVERY);

	if (every)
		check_every(checking, every);
}

/* ---- limit */

static void check_limit(
	const struct checking *checking, const struct statement *limit)
{
	const struct value *domain = statement_value(limit, VALUE_DOMAIN, 0);

	check_is_said(checking, limit,
		"nothing is limited: \"connections\", \"pause\" or "
		"\"per-day\" is wanted under it");
	check_not_zero(checking, limit);
	for (size_t i = 0; domain && i < checking->all->count; i++) {
		const struct statement *other = checking->all->list[i];
		const struct value *first = statement_value(
			other, VALUE_DOMAIN, 0);

		if (other == limit)
			return;
		if (other->verb->id != VERB_LIMIT || !first ||
			!span_is_nocase(first->text, domain->text))
			continue;
		complain(checking->complaints, &domain->place,
			arena_print(checking->arena,
				"this destination has a limit: %.*s, line %u",
				SPAN_ARG(other->place.file), other->place.line),
			SPAN(""));
		return;
	}
}

/* ---- identity */

/* What DMARC is to be aligned with is found out by other lines. */
static void check_aligned(const struct checking *checking,
	const struct statement *identity, const struct statement *line)
{
	bool has_spf = line_of(identity, VERB_SPF) != NULL;
	bool has_dkim = line_of(identity, VERB_DKIM) != NULL;

	if ((statement_has_word(line, "spf") ||
		    statement_has_word(line, "both")) &&
		!has_spf)
		tell(checking, &line->place,
			"nothing says what SPF is of: \"spf\" is wanted in "
			"this block");
	else if ((statement_has_word(line, "dkim") ||
			 statement_has_word(line, "both")) &&
		 !has_dkim)
		tell(checking, &line->place,
			"nothing says what DKIM is of: \"dkim\" is wanted in "
			"this block");
	else if (statement_has_word(line, "any") && !has_spf && !has_dkim)
		tell(checking, &line->place,
			"nothing says what could be aligned: \"spf\" or "
			"\"dkim\" is wanted in this block");
}

static void check_identity(
	const struct checking *checking, const struct statement *identity)
{
	check_is_said(checking, identity,
		"nothing is to be found out: \"fcrdns\", \"spf\", \"dkim\" or "
		"\"dmarc\" is wanted under it");
	for (size_t i = 0; i < identity->body_count; i++)
		if (identity->body[i]->verb->id == VERB_DMARC &&
			!identity->is_broken)
			check_aligned(checking, identity, identity->body[i]);
}

/* ---- compare */

/* The slower by the faster is 1 at least. */
static bool ratio_is_possible(const struct statement *line)
{
	const struct value *sign = statement_value(line, VALUE_OPERATOR, 0);
	const struct value *ratio = statement_value(line, VALUE_RATIO, 0);

	if (sign->text.at[0] == '>')
		return true;
	return span_is(sign->text, SPAN("<")) ? ratio->number > RATIO_ONE
					      : ratio->number >= RATIO_ONE;
}

static void check_compare(
	const struct checking *checking, const struct statement *compare)
{
	const struct statement *ratio = line_of(compare, VERB_RATIO);

	check_is_said(checking, compare,
		"nothing is compared: \"same\", \"connect ratio\" or "
		"\"verdict\" is wanted under it");
	if (ratio && !ratio_is_possible(ratio))
		tell(checking, &statement_value(ratio, VALUE_RATIO, 0)->place,
			"the slower by the faster is never below 1");
}

/* ---- what is kept, and what is done */

static void check_baseline(
	const struct checking *checking, const struct statement *baseline)
{
	if (!line_of(baseline, VERB_WATCH) && !baseline->is_broken)
		tell(checking, &baseline->place,
			"nothing is kept: \"watch\" is wanted under it");
	check_not_zero(checking, baseline);
}

static void check_block(
	const struct checking *checking, const struct statement *block)
{
	if (block->verb->id == VERB_SCENARIO)
		check_scenario(checking, block);
	if (block->verb->id == VERB_LIMIT)
		check_limit(checking, block);
	if (block->verb->id == VERB_IDENTITY)
		check_identity(checking, block);
	if (block->verb->id == VERB_COMPARE)
		check_compare(checking, block);
	if (block->verb->id == VERB_BASELINE)
		check_baseline(checking, block);
	if (block->verb->id != VERB_ON)
		return;
	check_is_said(checking, block,
		"nothing is done: \"isolate\" or \"pcap\" is wanted under it");
	check_not_zero(checking, block);
}

void block_check(struct arena *arena, struct complaints *complaints,
	const struct statements *all)
{
	struct checking checking = {
		.arena = arena, .complaints = complaints, .all = all
	};

	for (size_t i = 0; i < all->count; i++)
		check_block(&checking, all->list[i]);
}
