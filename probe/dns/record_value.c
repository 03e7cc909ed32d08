#include "probe/dns/record_value.h"

#include "probe/base/escape.h"
#include "probe/base/ip.h"

static bool print_address(struct arena *arena, struct cursor *body,
	enum family family, struct span *value)
{
	struct ip ip = { .family = family };
	size_t len = family == FAMILY_IPV4 ? 4 : 16;

	if (body->len - body->at != len)
		return false;
	memcpy(ip.bytes, body->bytes + body->at, len);
	*value = ip_text(arena, &ip);
	return true;
}

static bool print_name(
	struct arena *arena, struct cursor *body, struct span *value)
{
	char room[NAME_TEXT_MAX];
	struct span name;

	if (!cursor_take_name(body, room, &name) || body->at != body->len)
		return false;
	*value = arena_copy(arena, name);
	return true;
}

static bool print_mx(
	struct arena *arena, struct cursor *body, struct span *value)
{
	char room[NAME_TEXT_MAX];
	struct span host;
	unsigned preference;

	if (!cursor_take16(body, &preference) ||
		!cursor_take_name(body, room, &host) || body->at != body->len)
		return false;
	*value = arena_print(arena, "%u %.*s", preference, SPAN_ARG(host));
	return true;
}

/* One or more strings, each with a length byte (RFC 1035, 3.3.14). */
static bool print_txt(
	struct arena *arena, struct cursor *body, struct span *value)
{
	struct span rest = cursor_rest(body);
	char *room = arena_take(arena, rest.len + 1);
	size_t at = 0;

	if (!rest.len)
		return false;
	while (rest.len) {
		size_t len = (unsigned char)rest.at[0];

		if (len > rest.len - 1)
			return false;
		memcpy(room + at, rest.at + 1, len);
		at += len;
		rest = span_part(rest, len + 1, rest.len);
	}
	*value = (struct span){ room, at };
	return true;
}

static bool print_tlsa(
	struct arena *arena, struct cursor *body, struct span *value)
{
	struct span rest = cursor_rest(body);
	struct span hex;

	if (rest.len < 4)
		return false;
	hex = escape_hex(arena, span_part(rest, 3, rest.len));
	*value = arena_print(arena, "%u %u %u %.*s", (unsigned char)rest.at[0],
		(unsigned char)rest.at[1], (unsigned char)rest.at[2],
		SPAN_ARG(hex));
	return true;
}

struct soa {
	char mname_room[NAME_TEXT_MAX];
	char rname_room[NAME_TEXT_MAX];
	struct span mname, rname;
	uint32_t numbers[5]; /* serial refresh retry expire minimum */
};

static bool take_soa(struct cursor *body, struct soa *soa)
{
	if (!cursor_take_name(body, soa->mname_room, &soa->mname) ||
		!cursor_take_name(body, soa->rname_room, &soa->rname))
		return false;
	for (size_t i = 0; i < COUNT_OF(soa->numbers); i++)
		if (!cursor_take32(body, &soa->numbers[i]))
			return false;
	return body->at == body->len;
}

static bool print_soa(
	struct arena *arena, struct cursor *body, struct span *value)
{
	struct soa soa;

	if (!take_soa(body, &soa))
		return false;
	*value = arena_print(arena, "%.*s %.*s %u %u %u %u %u",
		SPAN_ARG(soa.mname), SPAN_ARG(soa.rname), soa.numbers[0],
		soa.numbers[1], soa.numbers[2], soa.numbers[3], soa.numbers[4]);
	return true;
}

bool record_value_print(struct arena *arena, struct cursor body,
	enum rr_type type, struct span *value)
{
	switch (type) {
	case RR_A:
		return print_address(arena, &body, FAMILY_IPV4, value);
	case RR_AAAA:
		return print_address(arena, &body, FAMILY_IPV6, value);
	case RR_CNAME:
	case RR_PTR:
		return print_name(arena, &body, value);
	case RR_MX:
		return print_mx(arena, &body, value);
	case RR_TXT:
		return print_txt(arena, &body, value);
	case RR_TLSA:
		return print_tlsa(arena, &body, value);
	case RR_SOA:
		return print_soa(arena, &body, value);
	case RR_POLICY:
		return false; /* no message carries it */
	}
	return false;
}

bool record_value_minimum(struct cursor body, uint32_t *seconds)
{
	struct soa soa;

	if (!take_soa(&body, &soa))
		return false;
	*seconds = soa.numbers[4];
	return true;
}
