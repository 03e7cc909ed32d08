#include "probe/identity_run.h"

#include "probe/base/clock.h"
#include "probe/judge/identity_check.h"
#include "probe/net/source.h"
#include "scenarios/egress.h"

/* One identity over one family. */
struct identity_errand {
	const struct identity_orders *orders;
	struct identity_question question;
	struct errand_clock clock;
	struct span why_not; /* nothing is asked, because of this; or empty */
	bool is_skipped;     /* ... by the scenario */
};

/* ---- sources */

struct identity_source *identity_sources(
	struct arena *arena, const struct matrix *matrix)
{
	struct identity_source *sources = arena_take(
		arena, (matrix->identity_count + 1) * sizeof(*sources));

	for (size_t i = 0; i < matrix->identity_count; i++) {
		const struct egress *egress = matrix->identities[i].egress;

		for (unsigned f = 0; f < FAMILY_COUNT; f++) {
			sources[i].is_known[f] = egress->binds[f];
			sources[i].ip[f] = egress->source[f];
		}
	}
	return sources;
}

static void note_visit(
	struct identity_source *source, const struct visit *visit)
{
	enum family family = visit->source.ip.family;

	if (!visit->source.is_known || source->is_known[family])
		return;
	source->is_known[family] = true;
	source->ip[family] = visit->source.ip;
}

void identity_sources_note(const struct matrix *matrix,
	struct identity_source *sources, const struct egress *egress,
	const struct outcome *outcome)
{
	for (size_t i = 0; i < matrix->identity_count; i++) {
		if (!span_is(matrix->identities[i].egress->name, egress->name))
			continue;
		for (size_t k = 0; k < outcome->visit_count; k++)
			note_visit(&sources[i], outcome->visits[k]);
	}
}

/* The kernel's first choice, where nobody named or used one. */
static bool source_of(struct arena *arena, const struct identity_source *known,
	enum family family, struct ip *ip)
{
	struct ip *ips;
	size_t count;

	*ip = known->ip[family];
	if (known->is_known[family])
		return true;
	count = source_list_usable(source_list_open(arena), arena, &ips);
	for (size_t i = 0; i < count; i++)
		if (ips[i].family == family) {
			*ip = ips[i];
			return true;
		}
	return false;
}

/* ---- rows */

static bool tell(const struct identity_errand *errand, struct arena *arena,
	const struct cell_result *result, const struct identity_facts *facts)
{
	struct result_row row = { .kind = ROW_IDENTITY,
		.subject = identity_subject(arena, errand->question.identity),
		.has_family = true,
		.family = errand->question.source.family,
		.result = result,
		.is_skipped = errand->is_skipped,
		.identity = facts,
		.began_ms = errand->clock.began_ms,
		.took_ns = errand->clock.ended_ns - errand->clock.began_ns };

	return errand->orders->told(errand->orders->receiver, arena, &row);
}

static bool on_asked(
	void *receiver, struct arena *arena, struct answers *answers)
{
	const struct identity_errand *errand = receiver;
	struct identity_facts facts;

	return errand->why_not.len ||
	       identity_check(arena, answers, &errand->question, &facts);
}

static bool on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	const struct identity_errand *errand = receiver;
	struct identity_facts facts;
	struct cell_result result = { .verdict = CELL_NA,
		.why = errand->why_not };

	if (errand->why_not.len)
		return tell(errand, arena, &result, NULL);
	/* What the DNS did not settle stays unknown. */
	(void)!identity_check(
		arena, outcome->answers, &errand->question, &facts);
	identity_judge(arena, &facts, &result);
	return tell(errand, arena, &result, &facts);
}

/* ---- errands */

struct identity_list {
	struct arena *arena;
	const struct identity_orders *orders;
	struct dkim_keys *keys;
	struct errand *errands;
	size_t count;
};

/* Addresses that mean nothing to others are left alone. */
static struct span why_not(struct arena *arena,
	const struct matrix_identity *identity, enum family family,
	const struct ip *ip, bool has_source)
{
	struct span lacks = egress_lacks(arena, identity->egress, family);

	if (lacks.len)
		return lacks;
	if (!has_source)
		return arena_print(arena, "this host has no %s address",
			family_word(family));
	if (ip_kind_is_public(ip_kind(ip)))
		return SPAN("");
	return arena_print(arena, "%.*s is %s: receivers see another address",
		SPAN_ARG(ip_text(arena, ip)), ip_kind_word(ip_kind(ip)));
}

static void add(struct identity_list *list, size_t i, enum family family)
{
	const struct identity_orders *orders = list->orders;
	const struct matrix_identity *identity = &orders->matrix->identities[i];
	struct identity_errand *errand = arena_new(
		list->arena, struct identity_errand);
	bool has_source = source_of(list->arena, &orders->sources[i], family,
		&errand->question.source);
	struct span helo = identity->egress->ehlo[family];
	struct span why = why_not(list->arena, identity, family,
		&errand->question.source, has_source);

	errand->orders = orders;
	errand->question.identity = identity;
	errand->question.source.family = family;
	errand->question.helo = helo.len ? helo : orders->options->ehlo[family];
	errand->question.keys = list->keys;
	errand->question.now = clock_wall_ms() / 1000;
	errand->is_skipped = orders->skipped.len != 0;
	errand->why_not = errand->is_skipped ? orders->skipped : why;
	list->errands[list->count++] = (struct errand){
		.options = orders->options,
		.name = arena_print(list->arena, "identity %.*s, %s",
			SPAN_ARG(identity->egress->name), family_word(family)),
		.asked = on_asked,
		.finished = on_finished,
		.receiver = errand,
		.clock = &errand->clock,
	};
}

enum run_result identity_run(
	const struct identity_orders *orders, struct span *why)
{
	struct arena *arena = arena_open();
	size_t room = orders->matrix->identity_count * FAMILY_COUNT + 1;
	struct identity_list list = { .arena = arena,
		.orders = orders,
		.keys = dkim_keys_open(),
		.errands = arena_take(arena, room * sizeof(struct errand)) };
	struct run_orders run = orders->run;
	enum run_result result = RUN_DONE;

	for (size_t i = 0; i < orders->matrix->identity_count; i++)
		for (unsigned f = 0; f < FAMILY_COUNT; f++)
			add(&list, i, (enum family)f);
	run.options = orders->options;
	run.errands = list.errands;
	run.errand_count = list.count;
	if (list.count)
		result = run_all(arena, &run, why);
	dkim_keys_close(list.keys);
	arena_close(arena);
	return result;
}
