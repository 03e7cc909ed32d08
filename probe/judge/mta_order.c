#include "probe/judge/mta_order.h"

#include <stdlib.h>

#include "probe/judge/mta_change.h"
#include "probe/judge/mta_reaction.h"

/*
 * What decides a place: the preference of the exchanger, then, where the server
 * goes host by host, the host, then the family if one is preferred.  Those that
 * are still equal come at random, or as the DNS has them.
 */
struct place {
	size_t preference;
	size_t host;
	size_t family;
	size_t number; /* in the plan: keeps the sort stable */
	struct mta_try try;
};

static const char *setting_of_preference(const struct mta_config *config)
{
	switch (config->mta) {
	case MTA_POSTFIX:
		return config->prefers == MTA_PREFERS_IPV6
			       ? "smtp_address_preference = ipv6"
			       : "smtp_address_preference = ipv4";
	case MTA_EXIM:
		return config->prefers == MTA_PREFERS_IPV6
			       ? "Exim puts a host's IPv6 addresses first"
			       : "ipv4_prefer puts a host's IPv4 addresses "
				 "first";
	case MTA_SENDMAIL:
		return "Sendmail tries a host's IPv6 addresses first";
	case MTA_OPENSMTPD:
		break;
	}
	return "";
}

/* Postfix puts all addresses of one preference into one list. */
static bool goes_host_by_host(const struct mta_config *config)
{
	return config->mta == MTA_EXIM || config->mta == MTA_SENDMAIL;
}

static size_t family_rank(const struct mta_config *config, enum family family)
{
	switch (config->prefers) {
	case MTA_PREFERS_NEITHER:
		break;
	case MTA_PREFERS_IPV4:
		return family == FAMILY_IPV4 ? 0 : 1;
	case MTA_PREFERS_IPV6:
		return family == FAMILY_IPV6 ? 0 : 1;
	}
	return 0;
}

/* "*" before it matches any start; Exim's ".x" is none of our patterns. */
static bool fits(const struct mta_exception *exception, struct span name)
{
	struct span pattern = exception->pattern;

	if (pattern.len && pattern.at[0] == '*')
		return span_ends_nocase(
			name, span_part(pattern, 1, pattern.len));
	return span_is_nocase(name, pattern);
}

/* The first that fits decides, as in a list of Exim's. */
static const struct mta_exception *exception_for(
	const struct mta_config *config, const struct path *path,
	struct span domain)
{
	for (size_t i = 0; i < config->exception_count; i++) {
		const struct mta_exception *one = &config->exceptions[i];

		if (!fits(one, one->is_host ? path->host : domain))
			continue;
		return one->is_negated ? NULL : one;
	}
	return NULL;
}

/* Why the address is never tried; empty: it may be. */
static struct span why_never(struct arena *arena,
	const struct mta_config *config, const struct path *path,
	struct span domain)
{
	const struct mta_exception *one = exception_for(config, path, domain);

	if (config->relay.len)
		return arena_print(arena, "all mail goes to %.*s",
			SPAN_ARG(config->relay));
	if (!config->uses[path->family])
		return config->uses_why;
	if (one && one->only != path->family)
		return arena_print(arena, "%s %.*s is over %s only (line %u)",
			one->is_host ? "the host" : "the destination",
			SPAN_ARG(one->pattern), family_word(one->only),
			one->line);
	return (struct span){ 0 };
}

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (!a->try.turn != !b->try.turn)
		return a->try.turn ? -1 : 1;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static bool is_equal(const struct place *a, const struct place *b)
{
	return a->preference == b->preference && a->host == b->host &&
	       a->family == b->family;
}

/* The number of the host among those of the plan. */
static size_t host_number(const struct path *paths, size_t i)
{
	size_t first = i;

	while (first > 0 && span_is(paths[first - 1].host, paths[i].host))
		first--;
	return first;
}

/* A turn of 1 says for now that it has one. */
static void put_place(struct arena *arena, const struct mta_config *config,
	struct span domain, const struct path *paths, size_t i,
	struct place *place)
{
	const struct path *path = &paths[i];

	*place = (struct place){ .preference = path->preference,
		.host = goes_host_by_host(config) ? host_number(paths, i) : 0,
		.family = family_rank(config, path->family),
		.number = i };
	place->try.path = path;
	place->try.why = why_never(arena, config, path, domain);
	place->try.turn = place->try.why.len ? 0 : 1;
}

/* Are there hosts that rank as this one does?  Then which comes first is
 * drawn, and the plan's order is one of the possible ones. */
static bool has_rival(const struct place *places, size_t count, size_t i)
{
	for (size_t k = 0; k < count; k++)
		if (places[k].try.turn &&
			places[k].preference == places[i].preference &&
			places[k].host != places[i].host)
			return true;
	return false;
}

static struct span why_turn(struct arena *arena,
	const struct mta_config *config, const struct place *places,
	size_t count, size_t i, size_t equals)
{
	struct span why = SPAN("");

	if (config->prefers != MTA_PREFERS_NEITHER &&
		config->uses[FAMILY_IPV4] && config->uses[FAMILY_IPV6])
		why = span_of(setting_of_preference(config));
	else if (equals > 1 && config->mta == MTA_OPENSMTPD)
		why = SPAN("OpenSMTPD promises no order among them");
	else if (equals > 1 && !config->randomizes)
		why = SPAN("as the DNS has them");
	else if (equals > 1)
		why = arena_print(arena,
			"one of %zu of preference %zu, drawn at random", equals,
			places[i].preference);
	if (has_rival(places, count, i))
		why = arena_print(arena,
			"%.*s%shosts of preference %zu come at random",
			SPAN_ARG(why), why.len ? "; " : "",
			places[i].preference);
	return why;
}

/* Those that are equal have the place of the first of them. */
static size_t give_turns(struct arena *arena, const struct mta_config *config,
	struct place *places, size_t count)
{
	size_t i = 0, usable = 0;

	while (usable < count && places[usable].try.turn)
		usable++;
	while (i < usable) {
		size_t end = i + 1;

		while (end < usable && is_equal(&places[i], &places[end]))
			end++;
		for (size_t k = i; k < end; k++) {
			places[k].try.turn = config->randomizes || end == i + 1
						     ? i + 1
						     : k + 1;
			places[k].try.why = why_turn(
				arena, config, places, usable, k, end - i);
		}
		i = end;
	}
	return usable;
}

/*
 * Postfix's smtp_balance_inet_protocols: how many of each family are kept when
 * there are more addresses than the limit.  Neither takes the half that the
 * other one fills; where both do, the odd one is of the family that is first.
 */
static void share_limit(const struct mta_config *config,
	const size_t has[FAMILY_COUNT], enum family first,
	size_t left[FAMILY_COUNT])
{
	size_t limit = config->address_limit, half = limit / 2;

	left[FAMILY_IPV4] = left[FAMILY_IPV6] = limit;
	if (!config->balances || !has[FAMILY_IPV4] || !has[FAMILY_IPV6])
		return;
	if (has[FAMILY_IPV6] <= half)
		left[FAMILY_IPV6] = has[FAMILY_IPV6];
	else if (has[FAMILY_IPV4] <= half)
		left[FAMILY_IPV6] = limit - has[FAMILY_IPV4];
	else
		left[FAMILY_IPV6] = limit -
				    (limit + (first == FAMILY_IPV4)) / 2;
	left[FAMILY_IPV4] = limit - left[FAMILY_IPV6];
}

static size_t count_group(const struct place *places, size_t usable, size_t i,
	enum family family, bool any_family)
{
	size_t count = 0;

	for (size_t k = i; k < usable && is_equal(&places[i], &places[k]); k++)
		count += any_family || places[k].try.path->family == family;
	return count;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct span why_cut(
	struct arena *arena, const struct mta_config *config, bool is_chance)
{
	return arena_print(arena, "%s %s = %u",
		is_chance ? "may be left out by" : "left out by",
		config->mta == MTA_POSTFIX ? "smtp_mx_address_limit"
					   : "hosts_max_try",
		config->address_limit);
}

/*
 * A group whose addresses are drawn at random loses some that nobody can name:
 * each of them may be left out.  Else the last ones are.
 */
static void cut_group(struct arena *arena, const struct mta_config *config,
	struct place *places, size_t usable, size_t begin, size_t left[2],
	size_t *all)
{
	size_t size = count_group(places, usable, begin, FAMILY_IPV4, true);
	bool is_drawn = config->randomizes && size > 1;
	size_t of[FAMILY_COUNT] = { count_group(places, usable, begin,
					    FAMILY_IPV4, false),
		count_group(places, usable, begin, FAMILY_IPV6, false) };

	size_t wanted = least(of[FAMILY_IPV4], left[FAMILY_IPV4]) +
			least(of[FAMILY_IPV6], left[FAMILY_IPV6]);

	for (size_t k = begin; k < begin + size; k++) {
		enum family family = places[k].try.path->family;
		size_t *room = &left[family];
		bool is_over = is_drawn ? of[family] > *room || wanted > *all
					: *room == 0 || *all == 0;
		bool is_out = *room == 0 || *all == 0;

		if (!is_drawn && !is_out) {
			--*room;
			--*all;
		}
		if (!is_over)
			continue;
		places[k].try.is_chance = is_drawn && !is_out;
		places[k].try.why = why_cut(arena, config, is_drawn && !is_out);
		if (is_out)
			places[k].try.turn = 0;
	}
	if (!is_drawn)
		return;
	for (size_t family = 0; family < FAMILY_COUNT; family++)
		left[family] -= least(of[family], left[family]);
	*all -= least(wanted, *all);
}

static void cut_at_limit(struct arena *arena, const struct mta_config *config,
	struct place *places, size_t usable)
{
	size_t has[FAMILY_COUNT] = { 0 }, left[FAMILY_COUNT];
	size_t all = config->address_limit, i = 0;

	if (!config->address_limit || usable <= config->address_limit)
		return;
	for (size_t k = 0; k < usable; k++)
		has[places[k].try.path->family]++;
	share_limit(config, has, places[0].try.path->family, left);
	while (i < usable) {
		size_t size = count_group(places, usable, i, FAMILY_IPV4, true);

		cut_group(arena, config, places, usable, i, left, &all);
		i += size;
	}
}

void mta_order_make(struct arena *arena, const struct mta_config *config,
	struct span domain, const struct path *paths, size_t path_count,
	struct mta_order *order)
{
	struct place *places = arena_take(
		arena, (path_count + 1) * sizeof(*places));
	size_t usable;

	*order = (struct mta_order){ .mta = config->mta,
		.config = config,
		.domain = domain,
		.count = path_count };
	for (size_t i = 0; i < path_count; i++)
		put_place(arena, config, domain, paths, i, &places[i]);
	qsort(places, path_count, sizeof(*places), compare_places);
	usable = give_turns(arena, config, places, path_count);
	cut_at_limit(arena, config, places, usable);
	qsort(places, path_count, sizeof(*places), compare_places);
	order->tries = arena_take(
		arena, (path_count + 1) * sizeof(*order->tries));
	for (size_t i = 0; i < path_count; i++)
		order->tries[i] = places[i].try;
	mta_react(order);
	mta_change_find(arena, order);
}
