#include "probe/policy/ehlo_name.h"

#include "probe/dns/name.h"

const char *ehlo_name_word(enum ehlo_name state)
{
	switch (state) {
	case EHLO_NAME_OPEN:
		return "open";
	case EHLO_NAME_SAME:
		return "same";
	case EHLO_NAME_OTHER:
		return "other";
	case EHLO_NAME_NONE:
		return "no-address";
	case EHLO_NAME_UNFIT:
		return "unfit";
	case EHLO_NAME_UNKNOWN:
		return "unknown";
	}
	return "";
}

static enum ehlo_name end_with(
	struct ehlo_name_check *check, enum ehlo_name state, struct span why)
{
	check->state = state;
	check->why = why;
	return state;
}

/* RFC 5321 section 4.1.3: [192.0.2.1], [IPv6:2001:db8::1] */
static enum ehlo_name check_literal(struct arena *arena, struct span name,
	const struct ip *ip, struct ehlo_name_check *check)
{
	struct span text = span_part(name, 1, name.len - 1);
	struct ip said;

	check->is_literal = true;
	if (text.len && text.at[text.len - 1] == ']')
		text.len--;
	if (span_starts_nocase(text, SPAN("IPv6:")))
		text = span_part(text, 5, text.len);
	if (!ip_parse(text, &said))
		return end_with(check, EHLO_NAME_UNFIT,
			arena_print(arena, "%.*s is no address literal",
				SPAN_ARG(name)));
	if (ip_is(&said, ip))
		return end_with(check, EHLO_NAME_SAME,
			SPAN("it is the address itself, which is allowed, but "
			     "many receivers want a name"));
	return end_with(check, EHLO_NAME_OTHER,
		arena_print(arena, "%.*s is not the address we come from",
			SPAN_ARG(name)));
}

static bool is_full_name(struct span name)
{
	const char *why;

	return span_find(name, '.') < name.len &&
	       name_host_check(name, &why) != HOST_UNFIT;
}

static enum fcrdns_back look_up(struct answers *answers, struct span name,
	enum family family, const struct ip *ip)
{
	const struct answer *answer = answers_get(
		answers, name, family == FAMILY_IPV4 ? RR_A : RR_AAAA);

	return fcrdns_back_of(answer, ip);
}

static bool has_value(const struct answer *names, struct span name)
{
	for (size_t i = 0; names && i < names->value_count; i++)
		if (span_is(names->values[i], name))
			return true;
	return false;
}

static enum ehlo_name tell(struct arena *arena, struct span name,
	const struct ip *ip, struct ehlo_name_check *check)
{
	const char *family = family_word(ip->family);

	switch (check->families[ip->family]) {
	case FCRDNS_BACK_OPEN:
		break;
	case FCRDNS_BACK_SAME:
		return end_with(check, EHLO_NAME_SAME,
			arena_print(arena, "%.*s leads to the address",
				SPAN_ARG(name)));
	case FCRDNS_BACK_OTHER:
		return end_with(check, EHLO_NAME_OTHER,
			arena_print(arena, "%.*s leads to another %s address",
				SPAN_ARG(name), family));
	case FCRDNS_BACK_NONE:
		return end_with(check, EHLO_NAME_NONE,
			arena_print(arena, "%.*s has no %s address",
				SPAN_ARG(name), family));
	case FCRDNS_BACK_NO_NAME:
		return end_with(check, EHLO_NAME_NONE,
			arena_print(
				arena, "%.*s does not exist", SPAN_ARG(name)));
	case FCRDNS_BACK_UNKNOWN:
		return end_with(check, EHLO_NAME_UNKNOWN,
			arena_print(arena, "%.*s could not be looked up",
				SPAN_ARG(name)));
	}
	return check->state;
}

enum ehlo_name ehlo_name_check(struct arena *arena, struct answers *answers,
	struct span name, const struct ip *ip, struct ehlo_name_check *check)
{
	struct span said = name;
	const struct answer *names;
	const char *why;

	*check = (struct ehlo_name_check){ .state = EHLO_NAME_OPEN };
	if (name.len && name.at[0] == '[')
		return check_literal(arena, name, ip, check);
	if (!name_normalise(arena, said, &name, &why) || !is_full_name(name))
		return end_with(check, EHLO_NAME_UNFIT,
			arena_print(arena, "\"%.*s\" is no full name",
				SPAN_ARG(said)));
	check->families[FAMILY_IPV4] = look_up(answers, name, FAMILY_IPV4, ip);
	check->families[FAMILY_IPV6] = look_up(answers, name, FAMILY_IPV6, ip);
	names = answers_get(answers, ip_reverse_name(arena, ip), RR_PTR);
	check->is_reverse_name = has_value(names, name);
	if (!names || check->families[FAMILY_IPV4] == FCRDNS_BACK_OPEN ||
		check->families[FAMILY_IPV6] == FCRDNS_BACK_OPEN)
		return EHLO_NAME_OPEN;
	return tell(arena, name, ip, check);
}
