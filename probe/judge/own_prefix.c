#include "probe/judge/own_prefix.h"

bool own_prefix_parse(struct span text, struct own_prefix *prefix)
{
	size_t slash = span_find(text, '/');
	unsigned long bits;

	if (!ip_parse(span_part(text, 0, slash), &prefix->ip))
		return false;
	prefix->bits = prefix->ip.family == FAMILY_IPV6 ? 128 : 32;
	if (slash == text.len)
		return true;
	if (!span_number(
		    span_part(text, slash + 1, text.len), prefix->bits, &bits))
		return false;
	prefix->bits = (unsigned)bits;
	return true;
}

static bool has(const struct own_prefix *prefix, const struct ip *ip)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned differs;

	if (prefix->ip.family != ip->family ||
		memcmp(prefix->ip.bytes, ip->bytes, whole) != 0)
		return false;
	if (!rest)
		return true;
	differs = (unsigned)(prefix->ip.bytes[whole] ^ ip->bytes[whole]);
	return differs >> (8 - rest) == 0;
}

bool own_prefixes_have(const struct own_prefixes *prefixes, const struct ip *ip)
{
	for (size_t i = 0; i < prefixes->count; i++)
		if (has(&prefixes->at[i], ip))
			return true;
	return false;
}
