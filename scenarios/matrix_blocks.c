#include "scenarios/matrix_blocks.h"

#include "scenarios/egress.h"
#include "scenarios/expected.h"

const char *same_word(enum same_kind kind)
{
	static const char *const words[] = { "reply-class", "reply", "banner",
		"ehlo-keywords", "cert-key", "tls-version" };

	return words[kind];
}

const char *compared_word(enum compared_as as)
{
	static const char *const words[] = { "same", "family-specific",
		"host-specific", "source-specific", "inconclusive" };

	return words[as];
}

const char *watched_word(enum watched watched)
{
	static const char *const words[] = { "verdict", "reply",
		"ehlo-keywords", "cert-key", "cert-issuer", "mx-set" };

	return words[watched];
}

const char *varied_word(enum varied varied)
{
	static const char *const words[] = { "family", "source", "ehlo", "mx",
		"tls", "mail-from" };

	return words[varied];
}

const char *judged_word(enum judged_as as)
{
	static const char *const words[] = { "pass", "warn", "fail",
		"unknown" };

	return words[as];
}

const char *spf_wanted_word(enum spf_wanted wanted)
{
	static const char *const words[] = { "pass", "neutral", "softfail",
		"fail", "none" };

	return words[wanted];
}

/* ---- reading lines */

static const struct statement *line_of(
	const struct statement *block, enum verb_word id)
{
	for (size_t i = 0; i < block->body_count; i++)
		if (block->body[i]->verb->id == id)
			return block->body[i];
	return NULL;
}

static uint64_t number_of(
	const struct statement *line, enum value_kind kind, uint64_t otherwise)
{
	const struct value *value = line ? statement_value(line, kind, 0)
					 : NULL;

	return value ? value->number : otherwise;
}

static struct span text_of(const struct statement *line, enum value_kind kind)
{
	const struct value *value = statement_value(line, kind, 0);

	return value ? value->text : SPAN("");
}

static enum family family_of(const struct statement *line, size_t n)
{
	const struct value *value = statement_value(line, VALUE_FAMILY, n);

	return value && value->number == 6 ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* The first of these words that stands in the line; `count`: none does. */
static unsigned word_of(const struct statement *line,
	const char *(*word)(unsigned i), unsigned count)
{
	unsigned i = 0;

	while (i < count && !statement_has_word(line, word(i)))
		i++;
	return i;
}

static const char *compared_word_at(unsigned i)
{
	return compared_word((enum compared_as)i);
}

static const char *spf_word_at(unsigned i)
{
	return spf_wanted_word((enum spf_wanted)i);
}

static const char *aligned_word_at(unsigned i)
{
	static const char *const words[] = { "any", "spf", "dkim", "both" };

	return words[i];
}

/* ---- the whole */

static void take_tags(struct arena *arena, struct matrix *matrix,
	const struct statement *line)
{
	struct span *tags = NULL;
	size_t room = 0;
	const struct value *tag;

	for (size_t n = 0; (tag = statement_value(line, VALUE_TAG, n)); n++) {
		tags = arena_grow(
			arena, tags, matrix->tag_count, &room, sizeof(*tags));
		tags[matrix->tag_count++] = tag->text;
	}
	matrix->tags = tags;
}

static struct requirement requirement_of(const struct statement *line)
{
	struct requirement requirement = { .kind = REQUIRES_DELIVER,
		.family = family_of(line, 0),
		.env = text_of(line, VALUE_ENV) };

	if (statement_has_word(line, "family"))
		requirement.kind = REQUIRES_FAMILY;
	if (statement_has_word(line, "env"))
		requirement.kind = REQUIRES_ENV;
	return requirement;
}

void matrix_take_header(struct arena *arena, struct matrix *matrix,
	const struct statement *scenario)
{
	struct requirement *list = NULL;
	size_t room = 0;

	matrix->name = scenario->elements[0].value.text;
	for (size_t i = 0; i < scenario->body_count; i++) {
		const struct statement *line = scenario->body[i];
		const struct value *jitter = statement_value(
			line, VALUE_DURATION, 1);

		if (line->verb->id == VERB_TAGS)
			take_tags(arena, matrix, line);
		if (line->verb->id == VERB_EVERY) {
			matrix->every_ms = number_of(line, VALUE_DURATION, 0);
			matrix->jitter_ms = jitter ? jitter->number : 0;
		}
		if (line->verb->id != VERB_REQUIRE)
			continue;
		list = arena_grow(arena, list, matrix->requirement_count, &room,
			sizeof(*list));
		list[matrix->requirement_count++] = requirement_of(line);
	}
	matrix->requirements = list;
}

const struct verdict_wanted *verdict_wanted_of(
	struct arena *arena, const struct statement *probe)
{
	const struct statement *line = line_of(probe, VERB_VERDICT);
	struct verdict_wanted *wanted;

	if (!line)
		return NULL;
	wanted = arena_new(arena, struct verdict_wanted);
	for (unsigned i = 0; i < JUDGED_COUNT; i++)
		wanted->is_one_of[i] = statement_has_word(
			line, judged_word((enum judged_as)i));
	wanted->place = &line->place;
	wanted->text = statement_print(arena, line);
	return wanted;
}

/* ---- blocks */

static struct limit limit_of(const struct statement *block)
{
	const struct statement *pause = line_of(block, VERB_PAUSE);

	return (struct limit){ .domain = text_of(block, VALUE_DOMAIN),
		.connections = (unsigned)number_of(
			line_of(block, VERB_CONNECTIONS), VALUE_NUMBER, 0),
		.has_pause = pause != NULL,
		.pause_ms = number_of(pause, VALUE_DURATION, 0),
		.per_day = (unsigned)number_of(
			line_of(block, VERB_PER_DAY), VALUE_NUMBER, 0),
		.place = &block->place };
}

static struct counted_wanted counted_of(const struct statement *clause)
{
	struct counted_wanted counted = { .sign = SIGN_NONE };

	if (!clause)
		return counted;
	counted.sign = comparison_sign_of(clause);
	counted.number = number_of(clause, VALUE_NUMBER, 0);
	return counted;
}

static enum identity_kind identity_kind_of(const struct statement *line)
{
	if (line->verb->id == VERB_SPF)
		return IDENTITY_SPF;
	if (line->verb->id == VERB_DKIM)
		return IDENTITY_DKIM;
	return line->verb->id == VERB_DMARC ? IDENTITY_DMARC : IDENTITY_FCRDNS;
}

static struct identity_line identity_line_of(
	struct arena *arena, const struct statement *line)
{
	const struct statement *result = statement_clause_of(
		line, VERB_SPF_RESULT);
	unsigned spf = result ? word_of(result, spf_word_at, SPF_WANTED_COUNT)
			      : SPF_WANTED_PASS;
	unsigned aligned = word_of(line, aligned_word_at, ALIGNED_BOTH);
	struct identity_line one = { .kind = identity_kind_of(line),
		.mailbox = text_of(line, VALUE_MAILBOX),
		.result = (enum spf_wanted)spf,
		.lookups = counted_of(statement_clause_of(line, VERB_LOOKUPS)),
		.voids = counted_of(statement_clause_of(line, VERB_VOID)),
		.domain = text_of(line, VALUE_DOMAIN),
		.selector = text_of(line, VALUE_SELECTOR),
		.place = &line->place,
		.text = statement_print(arena, line) };

	if (statement_has_word(line, "bits"))
		one.bits = counted_of(line);
	if (aligned < ALIGNED_BOTH)
		one.aligned = (enum aligned_wanted)(ALIGNED_ANY + aligned);
	return one;
}

static struct matrix_identity identity_of(struct arena *arena,
	const struct statements *all, const struct statement *block)
{
	struct identity_line *lines = arena_take(
		arena, (block->body_count + 1) * sizeof(*lines));

	for (size_t i = 0; i < block->body_count; i++)
		lines[i] = identity_line_of(arena, block->body[i]);
	return (struct matrix_identity){
		.egress = egress_of(arena, all, text_of(block, VALUE_PATH)),
		.lines = lines,
		.line_count = block->body_count,
		.place = &block->place,
	};
}

static void take_ratio(struct arena *arena,
	struct matrix_comparison *comparison, const struct statement *line)
{
	comparison->has_ratio = true;
	comparison->ratio_sign = comparison_sign_of(line);
	comparison->ratio = number_of(line, VALUE_RATIO, 0);
	comparison->floor_ms = number_of(line, VALUE_DURATION, 0);
	comparison->ratio_place = &line->place;
	comparison->ratio_text = statement_print(arena, line);
}

static struct matrix_comparison comparison_of(
	struct arena *arena, const struct statement *block)
{
	const struct statement *same = line_of(block, VERB_SAME);
	const struct statement *ratio = line_of(block, VERB_RATIO);
	const struct statement *verdict = line_of(block, VERB_COMPARISON);
	struct matrix_comparison comparison = {
		.probe = text_of(block, VALUE_PROBE),
		.first = family_of(block, 0),
		.second = family_of(block, 1),
		.same_place = same ? &same->place : NULL,
		.has_verdict = verdict != NULL,
		.verdict_place = verdict ? &verdict->place : NULL,
		.place = &block->place,
	};

	for (unsigned i = 0; same && i < SAME_KINDS; i++)
		comparison.same[i] = statement_has_word(
			same, same_word((enum same_kind)i));
	if (ratio)
		take_ratio(arena, &comparison, ratio);
	if (verdict)
		comparison.verdict = (enum compared_as)word_of(
			verdict, compared_word_at, COMPARED_COUNT);
	return comparison;
}

static struct matrix_baseline baseline_of(const struct statement *block)
{
	const struct statement *watch = line_of(block, VERB_WATCH);
	struct matrix_baseline baseline = {
		.name = text_of(block, VALUE_NAME),
		.confirm = (unsigned)number_of(
			line_of(block, VERB_CONFIRM), VALUE_NUMBER, 1),
		.place = &block->place,
	};

	for (unsigned i = 0; watch && i < WATCHED_COUNT; i++)
		baseline.watches[i] = statement_has_word(
			watch, watched_word((enum watched)i));
	return baseline;
}

static const struct on_failure *on_failure_of(
	struct arena *arena, const struct statement *block)
{
	const struct statement *isolate = line_of(block, VERB_ISOLATE);
	const struct statement *pcap = line_of(block, VERB_PCAP);
	struct on_failure *on_failure = arena_new(arena, struct on_failure);

	on_failure->isolates = isolate != NULL;
	for (unsigned i = 0; isolate && i < VARIED_COUNT; i++)
		on_failure->varies[i] = statement_has_word(
			isolate, varied_word((enum varied)i));
	on_failure->max_connections = (unsigned)number_of(
		isolate, VALUE_NUMBER, 0);
	on_failure->keeps_packets = pcap != NULL;
	on_failure->keeps_keys = pcap && statement_has_word(pcap, "keys");
	on_failure->place = &block->place;
	return on_failure;
}

/* Lists of blocks, while they grow. */
struct lists {
	struct limit *limits;
	struct matrix_identity *identities;
	struct matrix_comparison *comparisons;
	struct matrix_baseline *baselines;
};

static size_t count_of(const struct statements *all, enum verb_word id)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += all->list[i]->verb->id == id;
	return count;
}

static void take_block(struct arena *arena, struct matrix *matrix,
	struct lists *lists, const struct statements *all,
	const struct statement *block)
{
	if (block->verb->id == VERB_LIMIT)
		lists->limits[matrix->limit_count++] = limit_of(block);
	if (block->verb->id == VERB_IDENTITY)
		lists->identities[matrix->identity_count++] = identity_of(
			arena, all, block);
	if (block->verb->id == VERB_COMPARE)
		lists->comparisons[matrix->comparison_count++] = comparison_of(
			arena, block);
	if (block->verb->id == VERB_BASELINE)
		lists->baselines[matrix->baseline_count++] = baseline_of(block);
	if (block->verb->id == VERB_ON)
		matrix->on_failure = on_failure_of(arena, block);
}

void matrix_take_blocks(struct arena *arena, struct matrix *matrix,
	const struct statements *all)
{
	struct lists lists = {
		.limits = arena_take(arena,
			(count_of(all, VERB_LIMIT) + 1) * sizeof(struct limit)),
		.identities = arena_take(
			arena, (count_of(all, VERB_IDENTITY) + 1) *
				       sizeof(struct matrix_identity)),
		.comparisons = arena_take(
			arena, (count_of(all, VERB_COMPARE) + 1) *
				       sizeof(struct matrix_comparison)),
		.baselines = arena_take(
			arena, (count_of(all, VERB_BASELINE) + 1) *
				       sizeof(struct matrix_baseline)),
	};

	for (size_t i = 0; i < all->count; i++)
		take_block(arena, matrix, &lists, all, all->list[i]);
	matrix->limits = lists.limits;
	matrix->identities = lists.identities;
	matrix->comparisons = lists.comparisons;
	matrix->baselines = lists.baselines;
}
