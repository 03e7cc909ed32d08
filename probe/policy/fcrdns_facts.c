#include "probe/policy/fcrdns.h"

const char *fcrdns_back_word(enum fcrdns_back back)
{
	switch (back) {
	case FCRDNS_BACK_OPEN:
		return "open";
	case FCRDNS_BACK_SAME:
		return "same";
	case FCRDNS_BACK_OTHER:
		return "other";
	case FCRDNS_BACK_NONE:
		return "no-address";
	case FCRDNS_BACK_NO_NAME:
		return "no-name";
	case FCRDNS_BACK_UNKNOWN:
		return "unknown";
	}
	return "";
}

static const char *record_word(const struct ip *ip)
{
	return ip->family == FAMILY_IPV4 ? "A" : "AAAA";
}

enum fcrdns_back fcrdns_back_of(
	const struct answer *answer, const struct ip *ip)
{
	if (!answer)
		return FCRDNS_BACK_OPEN;
	if (answer_failed(answer))
		return FCRDNS_BACK_UNKNOWN;
	if (answer->kind == ANSWER_NO_NAME)
		return FCRDNS_BACK_NO_NAME;
	if (answer->kind == ANSWER_NONE)
		return FCRDNS_BACK_NONE;
	for (size_t i = 0; i < answer->value_count; i++) {
		struct ip one;

		if (ip_parse(answer->values[i], &one) && ip_is(&one, ip))
			return FCRDNS_BACK_SAME;
	}
	return FCRDNS_BACK_OTHER;
}

static void find_names(struct arena *arena, struct answers *answers,
	const struct ip *ip, const struct answer *names,
	struct fcrdns_facts *facts)
{
	enum rr_type type = ip->family == FAMILY_IPV4 ? RR_A : RR_AAAA;

	facts->count = names->value_count;
	if (facts->count > FCRDNS_NAMES_MAX)
		facts->count = FCRDNS_NAMES_MAX;
	facts->left_out = names->value_count - facts->count;
	facts->names = arena_take(arena, facts->count * sizeof(*facts->names));
	for (size_t i = 0; i < facts->count; i++) {
		struct fcrdns_name *one = &facts->names[i];

		one->name = names->values[i];
		one->addresses = answers_get(answers, one->name, type);
		one->back = fcrdns_back_of(one->addresses, ip);
		if (one->back == FCRDNS_BACK_SAME && !facts->confirmed)
			facts->confirmed = one;
		generic_name_check(
			arena, suffix_list_own(), one->name, ip, &one->generic);
	}
}

static struct span tell_name(
	struct arena *arena, const struct ip *ip, const struct fcrdns_name *one)
{
	const char *record = record_word(ip);

	switch (one->back) {
	case FCRDNS_BACK_OPEN:
	case FCRDNS_BACK_SAME:
		break;
	case FCRDNS_BACK_OTHER:
		return arena_print(arena,
			"%.*s has %s records, but not this address",
			SPAN_ARG(one->name), record);
	case FCRDNS_BACK_NONE:
		return arena_print(arena, "%.*s has no %s record",
			SPAN_ARG(one->name), record);
	case FCRDNS_BACK_NO_NAME:
		return arena_print(
			arena, "%.*s does not exist", SPAN_ARG(one->name));
	case FCRDNS_BACK_UNKNOWN:
		return arena_print(arena, "%s of %.*s could not be looked up",
			record, SPAN_ARG(one->name));
	}
	return SPAN("");
}

static enum fcrdns_back worst_back(const struct fcrdns_facts *facts)
{
	enum fcrdns_back worst = FCRDNS_BACK_SAME;

	for (size_t i = 0; i < facts->count; i++) {
		if (facts->names[i].back == FCRDNS_BACK_OPEN)
			return FCRDNS_BACK_OPEN;
		if (facts->names[i].back == FCRDNS_BACK_UNKNOWN)
			worst = FCRDNS_BACK_UNKNOWN;
	}
	return worst;
}

/* The same verdict as fcrdns_check(): a confirmed name needs no other. */
static enum fcrdns judge_names(const struct fcrdns_facts *facts)
{
	if (facts->confirmed)
		return FCRDNS_CONFIRMED;
	switch (worst_back(facts)) {
	case FCRDNS_BACK_OPEN:
		return FCRDNS_OPEN;
	case FCRDNS_BACK_UNKNOWN:
		return FCRDNS_UNKNOWN;
	case FCRDNS_BACK_SAME:
	case FCRDNS_BACK_OTHER:
	case FCRDNS_BACK_NONE:
	case FCRDNS_BACK_NO_NAME:
		break;
	}
	return FCRDNS_NOT_CONFIRMED;
}

enum fcrdns fcrdns_facts(struct arena *arena, struct answers *answers,
	const struct ip *ip, struct fcrdns_facts *facts)
{
	const struct answer *names;

	*facts = (struct fcrdns_facts){ .result = FCRDNS_OPEN };
	facts->reverse_name = ip_reverse_name(arena, ip);
	names = answers_get(answers, facts->reverse_name, RR_PTR);
	if (!names)
		return FCRDNS_OPEN;
	if (answer_failed(names)) {
		facts->why = arena_print(arena,
			"the name of the address could not be looked up: %.*s "
			"PTR %s",
			SPAN_ARG(facts->reverse_name),
			answer_word(names->kind));
		return facts->result = FCRDNS_UNKNOWN;
	}
	if (names->kind != ANSWER_DATA) {
		facts->why = arena_print(arena,
			"the address has no name: %.*s PTR %s",
			SPAN_ARG(facts->reverse_name),
			answer_word(names->kind));
		return facts->result = FCRDNS_NO_NAME;
	}
	find_names(arena, answers, ip, names, facts);
	facts->result = judge_names(facts);
	for (size_t i = 0; i < facts->count && !facts->why.len; i++)
		if (!facts->confirmed)
			facts->why = tell_name(arena, ip, &facts->names[i]);
	return facts->result;
}

/* ---- two views */

static bool has_value(const struct answer *answer, struct span value)
{
	for (size_t i = 0; i < answer->value_count; i++)
		if (span_is(answer->values[i], value))
			return true;
	return false;
}

static bool have_same_values(const struct answer *a, const struct answer *b)
{
	if (a->value_count != b->value_count)
		return false;
	for (size_t i = 0; i < a->value_count; i++)
		if (!has_value(b, a->values[i]) || !has_value(a, b->values[i]))
			return false;
	return true;
}

static struct span tell_view(struct arena *arena, const struct answer *answer)
{
	if (answer->kind != ANSWER_DATA)
		return span_of(answer_word(answer->kind));
	if (answer->value_count == 1)
		return answer->values[0];
	return arena_print(arena, "%.*s and %zu more",
		SPAN_ARG(answer->values[0]), answer->value_count - 1);
}

/* One lookup, asked of both. */
struct views {
	struct arena *arena;
	struct answers *ours, *theirs;
	struct span *why;
};

static enum fcrdns_views compare_one(
	const struct views *views, struct span name, enum rr_type type)
{
	const struct answer *our = answers_get(views->ours, name, type);
	const struct answer *their = answers_get(views->theirs, name, type);
	enum fcrdns_views result = FCRDNS_VIEWS_DIFFER;

	if (!our || !their)
		return FCRDNS_VIEWS_OPEN;
	if (answer_failed(our) && answer_failed(their))
		result = FCRDNS_VIEWS_UNKNOWN;
	else if (our->kind == their->kind && have_same_values(our, their))
		return FCRDNS_VIEWS_SAME;
	else if (answer_failed(our) || answer_failed(their))
		result = FCRDNS_VIEWS_UNKNOWN;
	*views->why = arena_print(views->arena,
		"%.*s %s: %.*s here, %.*s elsewhere", SPAN_ARG(name),
		rr_type_word(type), SPAN_ARG(tell_view(views->arena, our)),
		SPAN_ARG(tell_view(views->arena, their)));
	return result;
}

/* Open goes before unknown: the next round may tell more. */
static enum fcrdns_views worse(enum fcrdns_views a, enum fcrdns_views b)
{
	if (a == FCRDNS_VIEWS_OPEN || b == FCRDNS_VIEWS_OPEN)
		return FCRDNS_VIEWS_OPEN;
	return a == FCRDNS_VIEWS_SAME ? b : a;
}

enum fcrdns_views fcrdns_differ(struct arena *arena, struct answers *ours,
	struct answers *theirs, const struct ip *ip, struct span *why)
{
	struct views views = { arena, ours, theirs, why };
	enum rr_type type = ip->family == FAMILY_IPV4 ? RR_A : RR_AAAA;
	struct span name = ip_reverse_name(arena, ip);
	enum fcrdns_views all;
	const struct answer *names;

	*why = SPAN("");
	all = compare_one(&views, name, RR_PTR);
	names = answers_get(ours, name, RR_PTR);
	if (all != FCRDNS_VIEWS_SAME || !names)
		return all;
	for (size_t i = 0; i < names->value_count && i < FCRDNS_NAMES_MAX;
		i++) {
		enum fcrdns_views one = compare_one(
			&views, names->values[i], type);

		if (one == FCRDNS_VIEWS_DIFFER)
			return one;
		all = worse(all, one);
	}
	return all;
}
