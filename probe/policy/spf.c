#include "probe/policy/spf.h"

#include "probe/base/utf8.h"
#include "probe/dns/name.h"

/*
 * A record is walked term by term.  A lookup that is not known yet leaves its
 * term open; the walk goes on behind it only to ask what else will be needed,
 * and ends with SPF_OPEN at the first term that would end it in any case.
 */
struct evaluation {
	struct arena *arena;
	struct answers *answers;
	const struct spf_query *query;
	struct spf_check *check;
	struct spf_macro_values values;
	struct ip ip;
	struct spf_bits bits;
	struct span none;      /* why a domain has no policy */
	struct spf_step *step; /* where lookups are noted */
	struct spf_step **steps_end;
};

/* A name, as it was written or expanded, and as the DNS is asked for it. */
struct target {
	struct span raw;
	struct span name; /* empty: no DNS could hold it */
};

/* A record being walked, and the one that led to it. */
struct frame {
	const struct frame *outer;
	struct target domain;
	const struct spf_record *record;
	struct span text; /* the record's, as long-lived as the answers */
	unsigned depth;
	bool is_included;
};

/* A term being tried, with the name that it means. */
struct spot {
	struct evaluation *evaluation;
	const struct frame *frame;
	const struct spf_term *term;
	struct target target;
};

const char *spf_result_word(enum spf_result result)
{
	switch (result) {
	case SPF_OPEN:
		return "open";
	case SPF_NONE:
		return "none";
	case SPF_NEUTRAL:
		return "neutral";
	case SPF_PASS:
		return "pass";
	case SPF_FAIL:
		return "fail";
	case SPF_SOFTFAIL:
		return "softfail";
	case SPF_TEMPERROR:
		return "temperror";
	case SPF_PERMERROR:
		return "permerror";
	}
	return "";
}

const char *spf_outcome_word(enum spf_outcome outcome)
{
	switch (outcome) {
	case SPF_TERM_OPEN:
		return "open";
	case SPF_TERM_MATCH:
		return "match";
	case SPF_TERM_NO_MATCH:
		return "no match";
	case SPF_TERM_TEMPERROR:
		return "temperror";
	case SPF_TERM_PERMERROR:
		return "permerror";
	}
	return "";
}

/* ---- what is told */

/* A compiled record may be gone before the answer that it came from. */
static struct span lasting(const struct frame *frame, struct span part)
{
	if (!frame->record || !part.len)
		return part;
	return span_part(frame->text,
		(size_t)(part.at - frame->record->text.at), part.len);
}

static void tell_place(struct evaluation *evaluation, const struct frame *frame,
	const struct spf_term *term)
{
	struct spf_check *check = evaluation->check;
	struct span *path = arena_take(
		evaluation->arena, (frame->depth + 1) * sizeof(*path));

	check->term = term ? lasting(frame, term->text) : SPAN("");
	check->term_domain = frame->domain.raw;
	check->path = path;
	check->path_count = frame->depth + 1;
	for (; frame; frame = frame->outer)
		path[frame->depth] = frame->domain.raw;
}

/* The first error is the one that counts. */
static void tell_why(struct evaluation *evaluation, const struct frame *frame,
	const struct spf_term *term, struct span why)
{
	if (evaluation->check->why.len)
		return;
	tell_place(evaluation, frame, term);
	evaluation->check->why = why;
}

static void begin_step(struct evaluation *evaluation, const struct frame *frame,
	const struct spf_term *term)
{
	struct spf_step *step = arena_new(evaluation->arena, struct spf_step);

	step->depth = frame->depth;
	step->domain = frame->domain.raw;
	step->term = term ? lasting(frame, term->text) : SPAN("");
	*evaluation->steps_end = step;
	evaluation->steps_end = &step->next;
	evaluation->step = step;
}

static void end_step(struct evaluation *evaluation, struct spf_step *step,
	enum spf_outcome outcome)
{
	step->outcome = outcome;
	step->lookups_used = evaluation->check->lookups;
	step->voids_used = evaluation->check->void_count;
}

static void note_lookup(struct evaluation *evaluation, struct span name,
	enum rr_type type, const struct answer *answer)
{
	struct spf_lookup **end = &evaluation->step->lookups;
	struct spf_lookup *lookup = arena_new(
		evaluation->arena, struct spf_lookup);

	lookup->name = arena_copy(evaluation->arena, name);
	lookup->type = type;
	lookup->answer = answer;
	while (*end)
		end = &(*end)->next;
	*end = lookup;
}

/* ---- asking */

static const struct answer *ask(
	struct evaluation *evaluation, struct span name, enum rr_type type)
{
	const struct answer *answer = answers_get(
		evaluation->answers, name, type);

	if (evaluation->step)
		note_lookup(evaluation, name, type, answer);
	return answer;
}

static struct span failure_text(struct arena *arena, struct span name,
	enum rr_type type, const struct answer *answer)
{
	if (answer->kind == ANSWER_UNSAVED)
		return arena_print(arena,
			"the saved answers do not have %.*s %s", SPAN_ARG(name),
			rr_type_word(type));
	return arena_print(arena, "the DNS did not tell %.*s %s (%s%s%.*s)",
		SPAN_ARG(name), rr_type_word(type), answer_word(answer->kind),
		answer->why.len ? ": " : "", SPAN_ARG(answer->why));
}

static enum spf_outcome too_many_voids(const struct spot *spot)
{
	struct arena *arena = spot->evaluation->arena;
	const struct spf_check *check = spot->evaluation->check;
	struct span list = SPAN("");

	for (unsigned i = 0; i < check->void_count; i++)
		list = arena_print(arena, "%.*s%s%.*s %s", SPAN_ARG(list),
			i ? ", " : "", SPAN_ARG(check->voids[i].name),
			rr_type_word(check->voids[i].type));
	tell_why(spot->evaluation, spot->frame, spot->term,
		arena_print(arena, "more than %d lookups found nothing: %.*s",
			SPF_VOIDS_MAX, SPAN_ARG(list)));
	return SPF_TERM_PERMERROR;
}

/* RFC 7208, 4.6.4: both "no such name" and "no such record". */
static enum spf_outcome count_void(
	const struct spot *spot, struct span name, enum rr_type type)
{
	struct spf_check *check = spot->evaluation->check;

	if (check->void_count > SPF_VOIDS_MAX)
		return SPF_TERM_PERMERROR;
	check->voids[check->void_count++] = (struct spf_void){
		.name = arena_copy(spot->evaluation->arena, name),
		.type = type,
		.domain = spot->frame->domain.raw,
		.term = lasting(spot->frame, spot->term->text),
	};
	if (check->void_count > SPF_VOIDS_MAX)
		return too_many_voids(spot);
	return SPF_TERM_NO_MATCH;
}

/* SPF_TERM_MATCH: there is something to look at in *answer. */
static enum spf_outcome look_up(const struct spot *spot, struct span name,
	enum rr_type type, const struct answer **answer)
{
	struct evaluation *evaluation = spot->evaluation;

	*answer = ask(evaluation, name, type);
	if (!*answer)
		return SPF_TERM_OPEN;
	if ((*answer)->kind == ANSWER_DATA)
		return SPF_TERM_MATCH;
	if (!answer_failed(*answer))
		return count_void(spot, name, type);
	tell_why(evaluation, spot->frame, spot->term,
		failure_text(evaluation->arena, name, type, *answer));
	return SPF_TERM_TEMPERROR;
}

static enum rr_type address_type(const struct evaluation *evaluation)
{
	return evaluation->ip.family == FAMILY_IPV4 ? RR_A : RR_AAAA;
}

static bool has_address(const struct evaluation *evaluation,
	const struct answer *answer, unsigned prefix)
{
	enum family family = evaluation->ip.family;
	struct spf_bits mask = spf_mask(family, prefix);

	for (size_t i = 0; i < answer->value_count; i++) {
		struct ip one;

		if (ip_parse(answer->values[i], &one) && one.family == family &&
			spf_bits_fit(evaluation->bits, spf_bits_of(&one), mask))
			return true;
	}
	return false;
}

/* ---- names of the address, for ptr and %{p} */

struct names {
	struct span at[SPF_NAMES_MAX];
	size_t count;
};

/*
 * Those of the names that lead back to the address.  Whoever owns it chose
 * them, so what they lead to is nothing that the domain's policy could be
 * blamed for: no error, no void lookup (RFC 7208, 5.5 and 4.6.4).
 */
static enum spf_outcome validate(struct evaluation *evaluation,
	const struct answer *answer, struct names *names)
{
	unsigned prefix = evaluation->ip.family == FAMILY_IPV4 ? 32 : 128;
	bool open = false;

	names->count = 0;
	for (size_t i = 0; i < answer->value_count && i < SPF_NAMES_MAX; i++) {
		const struct answer *back = ask(evaluation, answer->values[i],
			address_type(evaluation));

		if (!back)
			open = true;
		else if (has_address(evaluation, back, prefix))
			names->at[names->count++] = answer->values[i];
	}
	return open ? SPF_TERM_OPEN : SPF_TERM_MATCH;
}

/* The domain itself above a name below it, and that above any other. */
static struct span best_name(const struct names *names, struct span domain)
{
	for (size_t i = 0; i < names->count; i++)
		if (span_is(names->at[i], domain))
			return names->at[i];
	for (size_t i = 0; i < names->count; i++)
		if (name_is_under(names->at[i], domain))
			return names->at[i];
	return names->count ? names->at[0] : SPAN("unknown");
}

/* Brings %{p} and %{d} to what they are in this record. */
static enum spf_outcome set_values(struct evaluation *evaluation,
	const struct frame *frame, uint32_t letters)
{
	const struct answer *answer;
	struct names names = { .count = 0 };

	evaluation->values.domain = frame->domain.raw;
	if (!(letters & SPF_LETTER('p')))
		return SPF_TERM_MATCH;
	answer = ask(evaluation,
		ip_reverse_name(evaluation->arena, &evaluation->ip), RR_PTR);
	if (!answer)
		return SPF_TERM_OPEN;
	if (answer->kind == ANSWER_DATA &&
		validate(evaluation, answer, &names) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	evaluation->values.validated_name = best_name(
		&names, frame->domain.name);
	return SPF_TERM_MATCH;
}

/* ---- the name that a term means */

static struct span without_dot(struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return name;
}

static enum spf_outcome expand_target(struct spot *spot)
{
	struct evaluation *evaluation = spot->evaluation;
	struct span raw;

	if (set_values(evaluation, spot->frame, spot->term->letters) ==
		SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	raw = spf_macro_name(
		evaluation->arena, spot->term->spec, &evaluation->values);
	spot->target = (struct target){ raw, spf_name(evaluation->arena, raw) };
	return SPF_TERM_MATCH;
}

static enum spf_outcome find_target(struct spot *spot)
{
	const struct spf_term *term = spot->term;

	if (!term->spec.len)
		spot->target = spot->frame->domain;
	else if (term->is_plain)
		spot->target = (struct target){
			without_dot(lasting(spot->frame, term->spec)),
			term->name
		};
	else if (expand_target(spot) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	if (spot->evaluation->step)
		spot->evaluation->step->target = spot->target.raw;
	return SPF_TERM_MATCH;
}

/* ---- mechanisms; a name that no DNS could hold matches nothing */

static enum spf_outcome try_addresses(
	const struct spot *spot, struct span name, enum rr_type type)
{
	const struct spf_term *term = spot->term;
	const struct answer *answer;
	enum spf_outcome outcome;

	if (!name.len)
		return SPF_TERM_NO_MATCH;
	outcome = look_up(spot, name, type, &answer);
	if (outcome != SPF_TERM_MATCH || term->kind == SPF_EXISTS)
		return outcome;
	return has_address(spot->evaluation, answer,
		       term->prefix[spot->evaluation->ip.family])
		       ? SPF_TERM_MATCH
		       : SPF_TERM_NO_MATCH;
}

struct exchanger {
	unsigned preference;
	struct span host;
};

/* In the order of preference (RFC 7208, 5.4).  False: there are too many. */
static bool sort_exchangers(const struct answer *answer,
	struct exchanger list[static SPF_NAMES_MAX], size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < answer->value_count; i++) {
		struct exchanger one;
		size_t at = *count;

		if (!answer_mx(answer->values[i], &one.preference, &one.host) ||
			span_is(one.host, SPAN(".")))
			continue;
		if (*count == SPF_NAMES_MAX)
			return false;
		for (; at && list[at - 1].preference > one.preference; at--)
			list[at] = list[at - 1];
		list[at] = one;
		++*count;
	}
	return true;
}

static enum spf_outcome try_exchangers(
	const struct spot *spot, const struct answer *answer)
{
	struct evaluation *evaluation = spot->evaluation;
	struct exchanger list[SPF_NAMES_MAX];
	bool open = false;
	size_t count;

	if (!sort_exchangers(answer, list, &count)) {
		tell_why(evaluation, spot->frame, spot->term,
			arena_print(evaluation->arena,
				"%.*s has more than %d mail exchangers",
				SPAN_ARG(spot->target.name), SPF_NAMES_MAX));
		return SPF_TERM_PERMERROR;
	}
	for (size_t i = 0; i < count; i++) {
		enum spf_outcome outcome = try_addresses(
			spot, list[i].host, address_type(evaluation));

		if (outcome == SPF_TERM_OPEN)
			open = true;
		else if (outcome != SPF_TERM_NO_MATCH)
			return open ? SPF_TERM_OPEN : outcome;
	}
	return open ? SPF_TERM_OPEN : SPF_TERM_NO_MATCH;
}

static enum spf_outcome try_mx(const struct spot *spot)
{
	const struct answer *answer;
	enum spf_outcome outcome;

	if (!spot->target.name.len)
		return SPF_TERM_NO_MATCH;
	outcome = look_up(spot, spot->target.name, RR_MX, &answer);
	return outcome == SPF_TERM_MATCH ? try_exchangers(spot, answer)
					 : outcome;
}

/* RFC 7208, 5.5: an error of the DNS is no match here. */
static enum spf_outcome try_ptr(const struct spot *spot)
{
	struct evaluation *evaluation = spot->evaluation;
	struct span reverse = ip_reverse_name(
		evaluation->arena, &evaluation->ip);
	const struct answer *answer = ask(evaluation, reverse, RR_PTR);
	struct names names;

	if (!answer)
		return SPF_TERM_OPEN;
	if (answer_failed(answer))
		return SPF_TERM_NO_MATCH;
	if (answer->kind != ANSWER_DATA)
		return count_void(spot, reverse, RR_PTR);
	if (validate(evaluation, answer, &names) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	for (size_t i = 0; i < names.count; i++)
		if (spot->target.name.len &&
			name_is_under(names.at[i], spot->target.name))
			return SPF_TERM_MATCH;
	return SPF_TERM_NO_MATCH;
}

/* ---- other domains' records */

static enum spf_result check_host(
	struct evaluation *evaluation, struct frame *frame);

static enum spf_result check_other(const struct spot *spot, bool is_included)
{
	struct evaluation *evaluation = spot->evaluation;
	struct spf_step *step = evaluation->step;
	struct frame frame = { .outer = spot->frame,
		.domain = spot->target,
		.depth = spot->frame->depth + 1,
		.is_included = is_included };
	enum spf_result result = check_host(evaluation, &frame);

	evaluation->step = step;
	if (result == SPF_NONE)
		tell_why(evaluation, spot->frame, spot->term, evaluation->none);
	return result == SPF_NONE ? SPF_PERMERROR : result;
}

/* RFC 7208, 5.2: the table of what becomes of an included result. */
static enum spf_outcome try_include(const struct spot *spot)
{
	switch (check_other(spot, true)) {
	case SPF_OPEN:
		return SPF_TERM_OPEN;
	case SPF_PASS:
		return SPF_TERM_MATCH;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_TERM_NO_MATCH;
	case SPF_TEMPERROR:
		return SPF_TERM_TEMPERROR;
	case SPF_NONE:
	case SPF_PERMERROR:
		break;
	}
	return SPF_TERM_PERMERROR;
}

/* False, and told, when this is one term too many (RFC 7208, 4.6.4). */
static bool count_lookup(const struct spot *spot)
{
	struct evaluation *evaluation = spot->evaluation;

	if (++evaluation->check->lookups <= SPF_LOOKUPS_MAX)
		return true;
	tell_why(evaluation, spot->frame, spot->term,
		arena_print(evaluation->arena,
			"more than %d terms need a lookup", SPF_LOOKUPS_MAX));
	return false;
}

static enum spf_outcome try_asking(struct spot *spot)
{
	if (!count_lookup(spot))
		return SPF_TERM_PERMERROR;
	if (find_target(spot) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	switch (spot->term->kind) {
	case SPF_INCLUDE:
		return try_include(spot);
	case SPF_A:
		return try_addresses(spot, spot->target.name,
			address_type(spot->evaluation));
	case SPF_EXISTS:
		return try_addresses(spot, spot->target.name, RR_A);
	case SPF_MX:
		return try_mx(spot);
	case SPF_PTR:
		return try_ptr(spot);
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_OTHER:
	case SPF_BAD:
		break;
	}
	return SPF_TERM_NO_MATCH;
}

static enum spf_outcome try_term(struct spot *spot)
{
	const struct evaluation *evaluation = spot->evaluation;
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

static bool is_modifier(const struct spf_term *term)
{
	return term->kind == SPF_REDIRECT || term->kind == SPF_EXP ||
	       term->kind == SPF_OTHER;
}

static enum spf_outcome try_traced(struct spot *spot)
{
	struct evaluation *evaluation = spot->evaluation;
	enum spf_outcome outcome;
	struct spf_step *step;

	if (!evaluation->query->is_traced || is_modifier(spot->term))
		return try_term(spot);
	begin_step(evaluation, spot->frame, spot->term);
	step = evaluation->step;
	outcome = try_term(spot);
	end_step(evaluation, step, outcome);
	return outcome;
}

/* ---- the end of a record */

/*
 * RFC 7208, 6.2: exactly one TXT record, and text that is in order; anything
 * else is as if there were no exp.  These lookups are not counted.
 */
static enum spf_outcome explain(
	struct evaluation *evaluation, const struct frame *frame)
{
	struct spot spot = { evaluation, frame, frame->record->exp,
		{ SPAN(""), SPAN("") } };
	const struct answer *answer;
	uint32_t letters;
	const char *why;

	if (!spot.term)
		return SPF_TERM_MATCH;
	if (evaluation->query->is_traced)
		begin_step(evaluation, frame, spot.term);
	if (find_target(&spot) == SPF_TERM_OPEN)
		return SPF_TERM_OPEN;
	if (!spot.target.name.len)
		return SPF_TERM_MATCH;
	answer = ask(evaluation, spot.target.name, RR_TXT);
	if (!answer)
		return SPF_TERM_OPEN;
	if (answer->kind != ANSWER_DATA || answer->value_count != 1 ||
		!spf_macro_check(answer->values[0], true, &letters, &why))
		return SPF_TERM_MATCH;
	if (set_values(evaluation, frame, letters) == SPF_TERM_OPEN)
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
static enum spf_result matched(struct evaluation *evaluation,
	const struct frame *frame, const struct spf_term *term)
{
	enum spf_result result = qualified(term);
	enum spf_outcome outcome = SPF_TERM_MATCH;
	struct spf_step *step;

	if (frame->is_included && result != SPF_PASS)
		return result;
	if (term->kind != SPF_INCLUDE)
		tell_place(evaluation, frame, term);
	if (frame->is_included || result != SPF_FAIL)
		return result;
	step = evaluation->step;
	outcome = explain(evaluation, frame);
	if (evaluation->step != step)
		end_step(evaluation, evaluation->step, outcome);
	return outcome == SPF_TERM_OPEN ? SPF_OPEN : result;
}

static enum spf_result redirect(
	struct evaluation *evaluation, const struct frame *frame)
{
	struct spot spot = { evaluation, frame, frame->record->redirect,
		{ SPAN(""), SPAN("") } };

	if (!count_lookup(&spot))
		return SPF_PERMERROR;
	if (find_target(&spot) == SPF_TERM_OPEN)
		return SPF_OPEN;
	return check_other(&spot, frame->is_included);
}

static enum spf_outcome outcome_of(enum spf_result result)
{
	switch (result) {
	case SPF_OPEN:
		return SPF_TERM_OPEN;
	case SPF_TEMPERROR:
		return SPF_TERM_TEMPERROR;
	case SPF_PERMERROR:
		return SPF_TERM_PERMERROR;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_PASS:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		break;
	}
	return SPF_TERM_MATCH;
}

/* Nothing matched, so there is no "all": RFC 7208, 4.7 and 6.1. */
static enum spf_result unmatched(
	struct evaluation *evaluation, const struct frame *frame)
{
	const struct spf_record *record = frame->record;
	enum spf_result result;
	struct spf_step *step;

	if (!record->redirect) {
		tell_place(evaluation, frame, NULL);
		return SPF_NEUTRAL;
	}
	if (!evaluation->query->is_traced)
		return redirect(evaluation, frame);
	begin_step(evaluation, frame, record->redirect);
	step = evaluation->step;
	result = redirect(evaluation, frame);
	end_step(evaluation, step, outcome_of(result));
	return result;
}

static enum spf_result walk(
	struct evaluation *evaluation, const struct frame *frame)
{
	const struct spf_record *record = frame->record;
	enum spf_result result;
	bool open = false;

	for (size_t i = 0; i < record->count; i++) {
		struct spot spot = { .evaluation = evaluation,
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
static bool could_have_policy(const struct target *domain)
{
	return domain->name.len && domain->raw.at[0] != '[' &&
	       span_find(domain->name, '.') < domain->name.len - 1;
}

static enum spf_result have_none(struct evaluation *evaluation,
	const struct frame *frame, const char *why)
{
	evaluation->none = arena_print(
		evaluation->arena, "%.*s %s", SPAN_ARG(frame->domain.raw), why);
	return SPF_NONE;
}

size_t spf_records_find(const struct answer *answer, struct span *first)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->value_count; i++)
		if (spf_record_is(answer->values[i]) && count++ == 0)
			*first = answer->values[i];
	return count;
}

static enum spf_result open_record(
	struct evaluation *evaluation, struct frame *frame, struct span text)
{
	struct spf_cache *cache = evaluation->query->cache;

	frame->text = text;
	frame->record = cache ? spf_cache_compile(cache, text)
			      : spf_record_compile(evaluation->arena, text);
	if (!frame->depth)
		evaluation->check->record = text;
	if (!frame->record->bad)
		return walk(evaluation, frame);
	tell_why(evaluation, frame, frame->record->bad,
		span_of(frame->record->bad->why));
	return SPF_PERMERROR;
}

static enum spf_result check_host(
	struct evaluation *evaluation, struct frame *frame)
{
	const struct answer *answer;
	struct span text;
	size_t count;

	if (!could_have_policy(&frame->domain))
		return have_none(evaluation, frame,
			"is no domain that could have an SPF record");
	answer = ask(evaluation, frame->domain.name, RR_TXT);
	if (!answer)
		return SPF_OPEN;
	if (answer_failed(answer)) {
		tell_why(evaluation, frame, NULL,
			failure_text(evaluation->arena, frame->domain.name,
				RR_TXT, answer));
		return SPF_TEMPERROR;
	}
	if (answer->kind == ANSWER_NO_NAME)
		return have_none(evaluation, frame, "does not exist");
	count = spf_records_find(answer, &text);
	if (!count)
		return have_none(evaluation, frame, "has no SPF record");
	if (count == 1)
		return open_record(evaluation, frame, text);
	tell_why(evaluation, frame, NULL,
		arena_print(evaluation->arena, "%.*s has %zu SPF records",
			SPAN_ARG(frame->domain.raw), count));
	return SPF_PERMERROR;
}

/* ---- who asks */

/* RFC 8616, 4: U-labels are looked up as A-labels. */
static struct target domain_of(struct arena *arena, struct span text)
{
	struct target domain = { without_dot(text), SPAN("") };
	const char *why;

	if (utf8_is_ascii(text))
		domain.name = spf_name(arena, domain.raw);
	else if (name_to_ascii(arena, text, &domain.name, &why))
		domain.raw = domain.name;
	return domain;
}

/* RFC 7208, 2.4 and 4.3: postmaster is who sends where nobody is named. */
static struct target find_identity(
	struct evaluation *evaluation, const struct spf_query *query)
{
	struct spf_macro_values *values = &evaluation->values;
	struct span from = query->mail_from;
	struct target domain;
	size_t at = from.len;

	while (at && from.at[at - 1] != '@')
		at--;
	domain = domain_of(evaluation->arena,
		from.len ? span_part(from, at, from.len) : query->helo);
	values->local = at > 1 ? span_part(from, 0, at - 1)
			       : SPAN("postmaster");
	values->sender_domain = domain.raw;
	values->sender = from;
	if (at <= 1 || from.len - at != domain.raw.len)
		values->sender = arena_print(evaluation->arena, "%.*s@%.*s",
			SPAN_ARG(values->local), SPAN_ARG(domain.raw));
	return domain;
}

/* RFC 7208, 5: "even if the SMTP connection uses IPv6". */
static struct ip unmapped(const struct ip *ip)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	struct ip four = { .family = FAMILY_IPV4 };

	if (ip->family == FAMILY_IPV4 || memcmp(ip->bytes, prefix, 12) != 0)
		return *ip;
	memcpy(four.bytes, ip->bytes + 12, 4);
	return four;
}

enum spf_result spf_check(struct arena *arena, struct answers *answers,
	const struct spf_query *query, struct spf_check *check)
{
	struct evaluation evaluation = { .arena = arena,
		.answers = answers,
		.query = query,
		.check = check,
		.ip = unmapped(&query->ip),
		.steps_end = &check->steps };
	struct frame frame = { .outer = NULL };

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
	frame.domain = find_identity(&evaluation, query);
	check->domain = frame.domain.raw;
	if (query->is_traced)
		begin_step(&evaluation, &frame, NULL);
	check->result = check_host(&evaluation, &frame);
	if (query->is_traced)
		end_step(&evaluation, check->steps, outcome_of(check->result));
	if (check->result == SPF_NONE)
		check->why = evaluation.none;
	return check->result;
}
