#include "probe/policy/dnsbl.h"

const char *dnsbl_word(enum dnsbl state)
{
	switch (state) {
	case DNSBL_OPEN:
		return "open";
	case DNSBL_LISTED:
		return "listed";
	case DNSBL_NOT_LISTED:
		return "not-listed";
	case DNSBL_REFUSED:
		return "refused";
	case DNSBL_BROKEN:
		return "broken";
	case DNSBL_UNKNOWN:
		return "unknown";
	}
	return "";
}

/* Two characters a nibble: 16 of the 32 nibbles are the interface's. */
enum { HOST_NIBBLES = 16 };

struct span dnsbl_name(
	struct arena *arena, const struct dnsbl_query *query, bool is_prefix)
{
	struct span suffix = query->ip.family == FAMILY_IPV4
				     ? SPAN(".in-addr.arpa")
				     : SPAN(".ip6.arpa");
	struct span name = ip_reverse_name(arena, &query->ip);

	name.len -= suffix.len;
	if (is_prefix && query->ip.family == FAMILY_IPV6)
		name = span_part(name, 2 * (size_t)HOST_NIBBLES, name.len);
	return arena_print(
		arena, "%.*s.%.*s", SPAN_ARG(name), SPAN_ARG(query->zone));
}

/* What one A record says: RFC 5782 sections 2.1 and 2.3. */
static enum dnsbl meaning_of(struct span value)
{
	struct ip ip;

	if (!ip_parse(value, &ip) || ip.family != FAMILY_IPV4 ||
		ip.bytes[0] != 127)
		return DNSBL_BROKEN;
	if (ip.bytes[1] == 255 && ip.bytes[2] == 255)
		return DNSBL_REFUSED;
	if (ip.bytes[1] == 0 && ip.bytes[2] == 0 && ip.bytes[3] <= 1)
		return DNSBL_BROKEN;
	return DNSBL_LISTED;
}

/* A refusal goes before all, and one good code before a bad one. */
static enum dnsbl read_codes(
	const struct answer *answer, struct dnsbl_check *check)
{
	enum dnsbl state = DNSBL_BROKEN;

	for (size_t i = 0; i < answer->value_count; i++) {
		enum dnsbl one = meaning_of(answer->values[i]);

		if (check->code_count < DNSBL_CODES_MAX)
			check->codes[check->code_count++] = answer->values[i];
		if (one == DNSBL_REFUSED)
			return one;
		if (one == DNSBL_LISTED)
			state = one;
	}
	return state;
}

/* The words are welcome, but nothing depends on them. */
static bool read_reasons(struct answers *answers, struct dnsbl_check *check)
{
	const struct answer *answer = answers_get(answers, check->name, RR_TXT);

	if (!answer)
		return false;
	for (size_t i = 0; i < answer->value_count; i++)
		if (check->reason_count < DNSBL_REASONS_MAX)
			check->reasons[check->reason_count++] =
				answer->values[i];
	return true;
}

static struct span tell(struct arena *arena, const struct dnsbl_query *query,
	const struct dnsbl_check *check)
{
	struct span zone = query->zone, code = SPAN("");

	if (check->code_count)
		code = check->codes[0];
	switch (check->state) {
	case DNSBL_OPEN:
	case DNSBL_NOT_LISTED:
		break;
	case DNSBL_LISTED:
		return arena_print(arena, "%s is listed by %.*s (%.*s)",
			check->is_prefix ? "its /64" : "the address",
			SPAN_ARG(zone), SPAN_ARG(code));
	case DNSBL_REFUSED:
		return arena_print(arena,
			"%.*s does not answer this resolver (%.*s): that is "
			"no listing",
			SPAN_ARG(zone), SPAN_ARG(code));
	case DNSBL_BROKEN:
		return arena_print(arena,
			"%.*s answers %.*s, which no block list should: that "
			"is no listing",
			SPAN_ARG(zone), SPAN_ARG(code));
	case DNSBL_UNKNOWN:
		return arena_print(
			arena, "%.*s could not be asked", SPAN_ARG(zone));
	}
	return SPAN("");
}

static void check_name(struct arena *arena, struct answers *answers,
	const struct dnsbl_query *query, bool is_prefix,
	struct dnsbl_check *check)
{
	const struct answer *answer;

	*check = (struct dnsbl_check){
		.name = dnsbl_name(arena, query, is_prefix),
		.is_prefix = is_prefix,
	};
	answer = answers_get(answers, check->name, RR_A);
	if (!answer)
		return;
	if (answer_failed(answer))
		check->state = DNSBL_UNKNOWN;
	else if (answer->kind != ANSWER_DATA)
		check->state = DNSBL_NOT_LISTED;
	else
		check->state = read_codes(answer, check);
	if (answer->kind == ANSWER_DATA && !read_reasons(answers, check))
		check->state = DNSBL_OPEN;
	check->why = tell(arena, query, check);
}

/* Does the /64 take the place of the address?  Only when it is listed. */
static bool is_better(enum dnsbl prefix, enum dnsbl address)
{
	if (prefix == DNSBL_OPEN || address == DNSBL_OPEN)
		return prefix == DNSBL_OPEN;
	return address != DNSBL_LISTED && prefix == DNSBL_LISTED;
}

static const struct answer *ask_test_entry(struct arena *arena,
	struct answers *answers, struct span zone, enum family family)
{
	struct dnsbl_query query = { .ip = { .family = family }, .zone = zone };
	uint8_t *four = query.ip.bytes;

	if (family == FAMILY_IPV6) {
		four += 12;
		four[-1] = four[-2] = 0xff;
	}
	four[0] = 127;
	four[3] = 2;
	return answers_get(answers, dnsbl_name(arena, &query, false), RR_A);
}

/*
 * RFC 5782 section 5: each list has 127.0.0.2, those of IPv6 ::FFFF:7F00:2, to
 * test it by.  A name that was misspelt, or a list that was given up, answers
 * as if nobody were listed.
 */
static enum dnsbl hold_to_test_entries(struct arena *arena,
	struct answers *answers, const struct dnsbl_query *query)
{
	size_t count = query->ip.family == FAMILY_IPV6 ? 2 : 1;
	bool is_open = false, is_without = true;

	for (size_t i = 0; i < count; i++) {
		const struct answer *answer = ask_test_entry(arena, answers,
			query->zone, i ? FAMILY_IPV6 : FAMILY_IPV4);

		if (answer && answer->kind == ANSWER_DATA)
			return DNSBL_NOT_LISTED;
		is_open |= !answer;
		is_without &= answer && !answer_failed(answer);
	}
	if (is_open)
		return DNSBL_OPEN;
	return is_without ? DNSBL_BROKEN : DNSBL_NOT_LISTED;
}

enum dnsbl dnsbl_check(struct arena *arena, struct answers *answers,
	const struct dnsbl_query *query, struct dnsbl_check *check)
{
	struct dnsbl_check prefix;

	check_name(arena, answers, query, false, check);
	if (query->is_prefix && query->ip.family == FAMILY_IPV6) {
		check_name(arena, answers, query, true, &prefix);
		if (is_better(prefix.state, check->state))
			*check = prefix;
	}
	if (check->state == DNSBL_NOT_LISTED)
		check->state = hold_to_test_entries(arena, answers, query);
	if (check->state == DNSBL_BROKEN && !check->why.len)
		check->why = arena_print(arena,
			"%.*s lacks the entry 127.0.0.2, which each block list "
			"has (RFC 5782 section 5): is it spelt right, and "
			"still kept?",
			SPAN_ARG(query->zone));
	return check->state;
}
