#include "probe/policy/spf.h"

#include "probe/policy/spf_lookup.h"
#include "probe/policy/spf_mechanism.h"
#include "probe/policy/spf_sender.h"
#include "probe/policy/spf_target.h"
#include "probe/policy/spf_trace.h"
#include "probe/policy/txt_record.h"

/*
 * A record is walked term by term.  A lookup that is not known yet leaves its
 * term open; the walk goes on behind it only to ask what else will be needed,
 * and ends with SPF_OPEN at the first term that would end it in any case.
 */

/* ---- other domains' records */

static enum spf_result check_host(
	struct spf_evaluation *evaluation, struct spf_frame *frame);

static enum spf_result check_other(
	const struct spf_spot *spot, bool is_included)
{
	struct spf_evaluation *evaluation = spot->evaluation;
	struct spf_step *step = evaluation->step;
	struct spf_frame frame = { .outer = spot->frame,
		.domain = spot->target,
		.depth = spot->frame->depth + 1,
		.is_included = is_included };
	enum spf_result result = check_host(evaluation, &frame);

	evaluation->step = step;
	if (result == SPF_NONE)
		spf_trace_why(
			evaluation, spot->frame, spot->term, evaluation->none);
	return result == SPF_NONE ? SPF_PERMERROR : result;
}

/* ---- one term */

static enum spf_outcome try_asking(struct spf_spot *spot)
{
	if (!spf_lookup_count(spot))
		return SPF_TERM_PERMERROR;
	if (spf_target_find(spot) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	if (spot->term->kind == SPF_INCLUDE)
		return spf_result_included(check_other(spot, true));
	return spf_mechanism_try(spot);
}

static enum spf_outcome try_term(struct spf_spot *spot)
{
	const struct spf_evaluation *evaluation = spot->evaluation;
	const struct spf_term *term = spot->term;

	switch (term->kind) {
	case SPF_IP4:
	case SPF_IP6:
		return evaluation->ip.family ==
					       (term->kind == SPF_IP4
							       ? FAMILY_IPV4
							       : FAMILY_IPV6) &&
				       spf_bits_fit(evaluation->bits,
					       term->network, term->mask)
			       ? SPF_TERM_MATCH
			       : SPF_TERM_NO_MATCH;
	case SPF_ALL:
		return SPF_TERM_MATCH;
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
		return try_asking(spot);
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER:
	case SPF_BAD:
		break;
	}
	return SPF_TERM_NO_MATCH;
}

static enum spf_outcome try_traced(struct spf_spot *spot)
{
	struct spf_evaluation *evaluation = spot->evaluation;
	enum spf_outcome outcome;
	struct spf_step *step;

	if (!evaluation->query->is_traced || spf_term_is_modifier(spot->term))
		return try_term(spot);
	spf_trace_begin(evaluation, spot->frame, spot->term);
	step = evaluation->step;
	outcome = try_term(spot);
	spf_trace_end(evaluation, step, outcome);
	return outcome;
}

/* ---- the end of a record */

/*
 * RFC 7208, 6.2: exactly one TXT record, and text that is in order; anything
 * else is as if there were no exp.  These lookups are not counted.
 */
static enum spf_outcome explain(
	struct spf_evaluation *evaluation, const struct spf_frame *frame)
{
	struct spf_spot spot = { evaluation, frame, frame->record->exp,
		{ SPAN(""), SPAN("") } };
	const struct answer *answer;
	uint32_t letters;
	const char *why;

	if (!spot.term)
		return SPF_TERM_MATCH;
	if (evaluation->query->is_traced)
		spf_trace_begin(evaluation, frame, spot.term);
	if (spf_target_find(&spot) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	if (!spot.target.name.len)
		return SPF_TERM_MATCH;
	answer = spf_lookup_ask(evaluation, spot.target.name, RR_TXT);
	if (!answer)
		return SPF_TERM_OPEN;
	if (answer->kind != ANSWER_DATA || answer->value_count != 1 ||
		!spf_macro_check(answer->values[0], true, &letters, &why))
		return SPF_TERM_MATCH;
	if (spf_target_values(evaluation, frame, letters) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	evaluation->check->explanation = spf_macro_explanation(
		evaluation->arena, answer->values[0], &evaluation->values);
	return SPF_TERM_MATCH;
}

static enum spf_result qualified(const struct spf_term *term)
{
	switch (term->qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	}
	return SPF_PASS;
}

/* Where an include matched, its own record has told the place already. */
static enum spf_result matched(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term)
{
	enum spf_result result = qualified(term);
	enum spf_outcome outcome = SPF_TERM_MATCH;
	struct spf_step *step;

	if (frame->is_included && result != SPF_PASS)
		return result;
	if (term->kind != SPF_INCLUDE)
		spf_trace_place(evaluation, frame, term);
	if (frame->is_included || result != SPF_FAIL)
		return result;
	step = evaluation->step;
	outcome = explain(evaluation, frame);
	if (evaluation->step != step)
		spf_trace_end(evaluation, evaluation->step, outcome);
	return outcome == SPF_TERM_OPEN ? SPF_OPEN : result;
}

static enum spf_result redirect(
	struct spf_evaluation *evaluation, const struct spf_frame *frame)
{
	struct spf_spot spot = { evaluation, frame, frame->record->redirect,
		{ SPAN(""), SPAN("") } };

	if (!spf_lookup_count(&spot))
		return SPF_PERMERROR;
	if (spf_target_find(&spot) == SPF_TERM_OPEN)
		return SPF_OPEN;
	return check_other(&spot, frame->is_included);
}

/* Nothing matched, so there is no "all": RFC 7208, 4.7 and 6.1. */
static enum spf_result unmatched(
	struct spf_evaluation *evaluation, const struct spf_frame *frame)
{
	const struct spf_record *record = frame->record;
	enum spf_result result;
	struct spf_step *step;

	if (!record->redirect) {
		spf_trace_place(evaluation, frame, NULL);
		return SPF_NEUTRAL;
	}
	if (!evaluation->query->is_traced)
		return redirect(evaluation, frame);
	spf_trace_begin(evaluation, frame, record->redirect);
	step = evaluation->step;
	result = redirect(evaluation, frame);
	spf_trace_end(evaluation, step, spf_result_outcome(result));
	return result;
}

static enum spf_result walk(
	struct spf_evaluation *evaluation, const struct spf_frame *frame)
{
	const struct spf_record *record = frame->record;
	enum spf_result result;
	bool open = false;

	for (size_t i = 0; i < record->count; i++) {
		struct spf_spot spot = { .evaluation = evaluation,
			.frame = frame,
			.term = &record->terms[i] };
		enum spf_outcome outcome = try_traced(&spot);

		if (outcome == SPF_TERM_NO_MATCH)
			continue;
		if (outcome == SPF_TERM_OPEN)
			open = true;
		else if (open)
			return SPF_OPEN;
		else if (outcome == SPF_TERM_MATCH)
			return matched(evaluation, frame, spot.term);
		else
			return outcome == SPF_TERM_TEMPERROR ? SPF_TEMPERROR
							     : SPF_PERMERROR;
	}
	result = unmatched(evaluation, frame);
	return open ? SPF_OPEN : result;
}

/* ---- the beginning of a record */

/*
 * RFC 7208, 4.3: a name of one label, or an address in brackets, has no
 * policy.
 */
static bool could_have_policy(const struct spf_target *domain)
{
	return domain->name.len && domain->raw.at[0] != '[' &&
	       span_find(domain->name, '.') < domain->name.len - 1;
}

static enum spf_result have_none(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const char *why)
{
	evaluation->none = arena_print(
		evaluation->arena, "%.*s %s", SPAN_ARG(frame->domain.raw), why);
	return SPF_NONE;
}

size_t spf_records_find(const struct answer *answer, struct span *first)
{
	return txt_records_find(answer, spf_record_is, first);
}

static enum spf_result open_record(struct spf_evaluation *evaluation,
	struct spf_frame *frame, struct span text)
{
	struct spf_cache *cache = evaluation->query->cache;

	frame->text = text;
	frame->record = cache ? spf_cache_compile(cache, text)
			      : spf_record_compile(evaluation->arena, text);
	if (!frame->depth)
		evaluation->check->record = text;
	if (!frame->record->bad)
		return walk(evaluation, frame);
	spf_trace_why(evaluation, frame, frame->record->bad,
		span_of(frame->record->bad->why));
	return SPF_PERMERROR;
}

static enum spf_result check_host(
	struct spf_evaluation *evaluation, struct spf_frame *frame)
{
	const struct answer *answer;
	struct span text;
	size_t count;

	if (!could_have_policy(&frame->domain))
		return have_none(evaluation, frame,
			"is no domain that could have an SPF record");
	answer = spf_lookup_ask(evaluation, frame->domain.name, RR_TXT);
	if (!answer)
		return SPF_OPEN;
	if (answer_failed(answer)) {
		spf_trace_why(evaluation, frame, NULL,
			spf_lookup_failure(evaluation->arena,
				frame->domain.name, RR_TXT, answer));
		return SPF_TEMPERROR;
	}
	if (answer->kind == ANSWER_NO_NAME)
		return have_none(evaluation, frame, "does not exist");
	count = spf_records_find(answer, &text);
	if (!count)
		return have_none(evaluation, frame, "has no SPF record");
	if (count == 1)
		return open_record(evaluation, frame, text);
	spf_trace_why(evaluation, frame, NULL,
		arena_print(evaluation->arena, "%.*s has %zu SPF records",
			SPAN_ARG(frame->domain.raw), count));
	return SPF_PERMERROR;
}

/* ---- who asks */

enum spf_result spf_check(struct arena *arena, struct answers *answers,
	const struct spf_query *query, struct spf_check *check)
{
	struct spf_evaluation evaluation = { .arena = arena,
		.answers = answers,
		.query = query,
		.check = check,
		.ip = spf_sender_ip(&query->ip),
		.steps_end = &check->steps };
	struct spf_frame frame = { .outer = NULL };

	*check = (struct spf_check){ .result = SPF_NONE };
	if (query->cache)
		spf_cache_make_room(query->cache);
	if (query->mail_from.len > SPF_SENDER_MAX ||
		query->helo.len > SPF_SENDER_MAX) {
		check->why = SPAN("the sender is too long for an address");
		return SPF_NONE;
	}
	evaluation.bits = spf_bits_of(&evaluation.ip);
	evaluation.values.ip = evaluation.ip;
	evaluation.values.helo = query->helo;
	evaluation.values.receiver = query->receiver;
	evaluation.values.now = query->now;
	frame.domain = spf_sender_domain(&evaluation, query);
	check->domain = frame.domain.raw;
	if (query->is_traced)
		spf_trace_begin(&evaluation, &frame, NULL);
	check->result = check_host(&evaluation, &frame);
	if (query->is_traced)
		spf_trace_end(&evaluation, check->steps,
			spf_result_outcome(check->result));
	if (check->result == SPF_NONE)
		check->why = evaluation.none;
	return check->result;
}
