#include "probe/judge/cell_comparison.h"

#include <string.h>

enum { MILLION = 1000000, RATIO_ONE = 1000 };

/* One visit of each family. */
struct pair {
	const struct visit_summary *of[2];
};

struct weighing {
	struct arena *arena;
	const struct comparison_question *question;
	const struct cell_summary *cells[2];
	enum family families[2];
	struct cell_result *result;
};

bool comparison_pair(const struct matrix *matrix,
	const struct matrix_comparison *comparison, size_t cell, size_t *other)
{
	const struct matrix_cell *first = &matrix->cells[cell];
	/* The family turns fastest: they are neighbours. */
	size_t second = comparison->first == FAMILY_IPV4 ? cell + 1 : cell - 1;

	if (!span_is(first->probe, comparison->probe) ||
		first->family != comparison->first ||
		second >= matrix->cell_count ||
		matrix->cells[second].aim != first->aim ||
		matrix->cells[second].egress != first->egress ||
		matrix->cells[second].family != comparison->second)
		return false;
	*other = second;
	return true;
}

static unsigned family_number(enum family family)
{
	return family == FAMILY_IPV4 ? 4 : 6;
}

struct span comparison_subject(
	struct arena *arena, const struct matrix_comparison *comparison)
{
	return arena_print(arena, "compare %u %u of %.*s",
		family_number(comparison->first),
		family_number(comparison->second), SPAN_ARG(comparison->probe));
}

/* ---- verdicts of what is compared */

static void worsen(struct cell_result *result, enum cell_verdict verdict)
{
	if (verdict > result->verdict)
		result->verdict = verdict;
}

static void miss_add(struct weighing *weighing, const struct miss *miss)
{
	struct cell_result *result = weighing->result;

	result->misses = arena_grow(weighing->arena, result->misses,
		result->miss_count, &result->miss_room,
		sizeof(*result->misses));
	result->misses[result->miss_count++] = *miss;
	worsen(result, CELL_FAIL);
}

/* The first thing that leaves it open is the reason. */
static void leave_open(struct weighing *weighing, struct span why)
{
	if (weighing->result->verdict < CELL_UNKNOWN)
		weighing->result->why = why;
	worsen(weighing->result, CELL_UNKNOWN);
}

static struct span both(struct weighing *weighing, const struct span found[2])
{
	return arena_print(weighing->arena, "%s %.*s, %s %.*s",
		family_word(weighing->families[0]), SPAN_ARG(found[0]),
		family_word(weighing->families[1]), SPAN_ARG(found[1]));
}

/* ---- same */

static struct span hexadecimal(struct arena *arena, const uint8_t key[32])
{
	char text[17];

	for (unsigned i = 0; i < 8; i++) {
		text[2 * i] = "0123456789abcdef"[key[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[key[i] & 15];
	}
	text[16] = '\0';
	return arena_copy(arena, span_of(text));
}

/* As a text; empty: it is not there. */
static struct span fact_of(struct arena *arena,
	const struct visit_summary *visit, enum same_kind kind)
{
	switch (kind) {
	case SAME_REPLY_CLASS:
		return visit->code
			       ? arena_print(arena, "%uxx", visit->code / 100)
			       : SPAN("");
	case SAME_REPLY:
		return visit->reply;
	case SAME_BANNER:
		return visit->banner;
	case SAME_EHLO_KEYWORDS:
		return visit->keywords;
	case SAME_CERT_KEY:
		return visit->has_certificate ? hexadecimal(arena, visit->key)
					      : SPAN("");
	case SAME_TLS_VERSION:
		break;
	}
	return visit->tls_version;
}

static bool is_same(const struct pair *pair, enum same_kind kind,
	const struct span facts[2])
{
	if (kind == SAME_CERT_KEY && facts[0].len && facts[1].len)
		return memcmp(pair->of[0]->key, pair->of[1]->key,
			       sizeof(pair->of[0]->key)) == 0;
	return span_is(facts[0], facts[1]);
}

static enum stage stage_of_kind(enum same_kind kind)
{
	static const enum stage stages[] = {
		[SAME_REPLY_CLASS] = STAGE_QUIT,
		[SAME_REPLY] = STAGE_QUIT,
		[SAME_BANNER] = STAGE_BANNER,
		[SAME_EHLO_KEYWORDS] = STAGE_EHLO,
		[SAME_CERT_KEY] = STAGE_TLS,
		[SAME_TLS_VERSION] = STAGE_TLS,
	};

	return stages[kind];
}

/* Where a visit ended is where its last reply belongs. */
static enum stage stage_of_miss(const struct pair *pair, enum same_kind kind)
{
	enum stage stage = stage_of_kind(kind);

	for (unsigned i = 0; stage == STAGE_QUIT && i < 2; i++)
		if (!pair->of[i]->ending.is_well)
			stage = pair->of[i]->ending.stage;
	return stage;
}

/* May what is not there be taken for a fact? */
static bool is_telling(
	const struct visit_summary *visit, enum same_kind kind, bool is_there)
{
	bool is_of_reply = kind == SAME_REPLY_CLASS || kind == SAME_REPLY;

	if (is_of_reply)
		return visit->ending.is_decided;
	return is_there || (visit->ending.is_decided && visit->ending.is_well);
}

static void weigh_same(
	struct weighing *weighing, const struct pair *pair, enum same_kind kind)
{
	struct span facts[2];
	struct miss miss = {
		.place = *weighing->question->comparison->same_place,
		.stage = stage_of_miss(pair, kind)
	};

	for (unsigned i = 0; i < 2; i++)
		facts[i] = fact_of(weighing->arena, pair->of[i], kind);
	if (is_same(pair, kind, facts))
		return;
	for (unsigned i = 0; i < 2; i++) {
		if (!is_telling(pair->of[i], kind, facts[i].len != 0)) {
			leave_open(weighing,
				arena_print(weighing->arena,
					"%s did not come far enough to compare "
					"%s",
					family_word(weighing->families[i]),
					same_word(kind)));
			return;
		}
		if (!facts[i].len)
			facts[i] = SPAN("none");
	}
	miss.wanted = arena_print(weighing->arena, "same %s", same_word(kind));
	miss.found = both(weighing, facts);
	miss_add(weighing, &miss);
}

/* ---- connect ratio */

static struct span milliseconds(struct arena *arena, uint64_t ns)
{
	return arena_print(arena, "%llu.%llu ms",
		(unsigned long long)(ns / MILLION),
		(unsigned long long)(ns % MILLION / (MILLION / 10)));
}

static void weigh_ratio(struct weighing *weighing, const struct pair *pair)
{
	const struct matrix_comparison *comparison =
		weighing->question->comparison;
	uint64_t a = pair->of[0]->connect_ns, b = pair->of[1]->connect_ns;
	uint64_t slower = a > b ? a : b, faster = a > b ? b : a;
	uint64_t ratio = faster ? slower * RATIO_ONE / faster : RATIO_ONE;
	struct span times[2];
	struct miss miss = { .place = *comparison->ratio_place,
		.stage = STAGE_CONNECT,
		.wanted = comparison->ratio_text };

	if (!a || !b) {
		leave_open(weighing,
			arena_print(weighing->arena, "%s did not connect",
				family_word(weighing->families[a != 0])));
		return;
	}
	if (slower < comparison->floor_ms * MILLION)
		ratio = RATIO_ONE;
	if (sign_holds(comparison->ratio_sign, ratio, comparison->ratio))
		return;
	times[0] = milliseconds(weighing->arena, a);
	times[1] = milliseconds(weighing->arena, b);
	miss.found = both(weighing, times);
	miss_add(weighing, &miss);
}

/* ---- verdict */

static struct endings endings_of_both(const struct weighing *weighing)
{
	struct ending *list = arena_take(
		weighing->arena, 2 * SUMMARY_VISITS_MAX * sizeof(*list));
	struct endings endings = { list, 0 };

	for (unsigned c = 0; c < 2; c++)
		for (size_t i = 0; i < weighing->cells[c]->visit_count; i++) {
			list[endings.count] =
				weighing->cells[c]->visits[i].ending;
			list[endings.count++].family = weighing->families[c];
		}
	return endings;
}

static bool went_well(const struct cell_summary *summary)
{
	for (size_t i = 0; i < summary->visit_count; i++)
		if (!summary->visits[i].ending.is_decided ||
			!summary->visits[i].ending.is_well)
			return false;
	return summary->was_walked;
}

/* Does the family that fared worse go well by another path? */
static const struct matrix_cell *other_source(
	const struct weighing *weighing, enum family worse)
{
	const struct comparison_question *question = weighing->question;
	const struct matrix_cell *cells = question->matrix->cells;
	const struct matrix_cell *own = &cells[question->first];

	for (size_t i = 0; i < question->matrix->cell_count; i++)
		if (cells[i].family == worse &&
			cells[i].egress != own->egress &&
			span_is(cells[i].probe, own->probe) &&
			aim_is_same(cells[i].aim, own->aim) &&
			went_well(&question->summaries[i]))
			return &cells[i];
	return NULL;
}

static enum compared_as compared_as_of(
	const struct weighing *weighing, struct span *why)
{
	struct endings endings = endings_of_both(weighing);
	const struct matrix_cell *other;
	struct compared compared;

	endings_compare(weighing->arena, &endings, &compared);
	*why = compared.why;
	switch (compared.comparison) {
	case COMPARE_SAME:
		return COMPARED_SAME;
	case COMPARE_HOST_SPECIFIC:
		return COMPARED_HOST;
	case COMPARE_INCONCLUSIVE:
		return COMPARED_INCONCLUSIVE;
	case COMPARE_FAMILY_SPECIFIC:
		break;
	}
	other = other_source(weighing, compared.worse);
	if (!other)
		return COMPARED_FAMILY;
	*why = arena_print(weighing->arena, "%.*s; %s goes well by path %.*s",
		SPAN_ARG(*why), family_word(compared.worse),
		SPAN_ARG(other->egress->name));
	return COMPARED_SOURCE;
}

static void weigh_verdict(struct weighing *weighing)
{
	const struct matrix_comparison *comparison =
		weighing->question->comparison;
	struct span why;
	enum compared_as as = compared_as_of(weighing, &why);
	struct miss miss = { .stage = STAGE_QUIT };

	if (!comparison->has_verdict || as == comparison->verdict) {
		if (weighing->result->verdict == CELL_PASS)
			weighing->result->why = why;
		return;
	}
	if (as == COMPARED_INCONCLUSIVE) {
		leave_open(weighing, why);
		return;
	}
	miss.place = *comparison->verdict_place;
	miss.wanted = arena_print(weighing->arena, "verdict %s",
		compared_word(comparison->verdict));
	miss.found = arena_print(
		weighing->arena, "%s: %.*s", compared_word(as), SPAN_ARG(why));
	miss_add(weighing, &miss);
}

/* ---- the pair of cells */

static void weigh_pair(struct weighing *weighing, const struct pair *pair)
{
	const struct matrix_comparison *comparison =
		weighing->question->comparison;

	for (unsigned i = 0; i < SAME_KINDS; i++)
		if (comparison->same[i])
			weigh_same(weighing, pair, (enum same_kind)i);
	if (comparison->has_ratio)
		weigh_ratio(weighing, pair);
}

static const struct visit_summary *visit_of_host(
	const struct cell_summary *cell, struct span host)
{
	for (size_t i = 0; i < cell->visit_count; i++)
		if (span_is_nocase(cell->visits[i].ending.host, host))
			return &cell->visits[i];
	return NULL;
}

static void weigh_visits(struct weighing *weighing)
{
	const struct cell_summary *first = weighing->cells[0];
	struct pair pair = { { &first->visits[0],
		&weighing->cells[1]->visits[0] } };
	bool has_any = false;

	for (size_t i = 0; i < first->visit_count; i++) {
		struct pair one = { { &first->visits[i],
			visit_of_host(weighing->cells[1],
				first->visits[i].ending.host) } };

		/* Of several addresses of one host, the first. */
		if (!one.of[1] || visit_of_host(first,
					  one.of[0]->ending.host) != one.of[0])
			continue;
		weigh_pair(weighing, &one);
		has_any = true;
	}
	if (!has_any)
		weigh_pair(weighing, &pair);
}

static struct span why_unwalked(const struct weighing *weighing, unsigned i)
{
	return arena_print(weighing->arena, "%s was not walked: %.*s",
		family_word(weighing->families[i]),
		SPAN_ARG(weighing->cells[i]->why));
}

void comparison_judge(struct arena *arena,
	const struct comparison_question *question, struct cell_result *result,
	bool *is_skipped)
{
	struct weighing weighing = { .arena = arena,
		.question = question,
		.cells = { &question->summaries[question->first],
			&question->summaries[question->second] },
		.families = { question->comparison->first,
			question->comparison->second },
		.result = result };

	*result = (struct cell_result){ .verdict = CELL_NA, .why = SPAN("") };
	*is_skipped = !weighing.cells[0]->was_walked &&
		      !weighing.cells[1]->was_walked;
	for (unsigned i = 2; i-- > 0;)
		if (!weighing.cells[i]->was_walked)
			result->why = why_unwalked(&weighing, i);
	if (result->why.len)
		return;
	result->verdict = CELL_PASS;
	weigh_visits(&weighing);
	weigh_verdict(&weighing);
}
