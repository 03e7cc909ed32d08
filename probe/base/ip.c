#include "probe/base/ip.h"

#include <arpa/inet.h>
#include <string.h>

const char *family_word(enum family family)
{
	return family == FAMILY_IPV4 ? "IPv4" : "IPv6";
}

const char *ip_kind_word(enum ip_kind kind)
{
	switch (kind) {
	case IP_GLOBAL:
		return "global";
	case IP_PRIVATE:
		return "private";
	case IP_SHARED:
		return "shared";
	case IP_LOOPBACK:
		return "loopback";
	case IP_LINK_LOCAL:
		return "link-local";
	case IP_ULA:
		return "ULA";
	case IP_6TO4:
		return "6to4";
	case IP_TEREDO:
		return "Teredo";
	case IP_MAPPED:
		return "mapped";
	case IP_UNSPECIFIED:
		return "unspecified";
	case IP_MULTICAST:
		return "multicast";
	case IP_RESERVED:
		return "reserved";
	}
	return "";
}

/* 1*3DIGIT of at most 255, without a 0 before others: what it took; 0: not. */
static size_t parse_octet(struct span text, uint8_t *octet)
{
	unsigned number = 0;
	size_t len = 0;

	while (len < text.len && len < 3 && ascii_is_digit(text.at[len]))
		number = number * 10 + (unsigned)(text.at[len++] - '0');
	if (number > 255 || (len > 1 && text.at[0] == '0'))
		return 0;
	*octet = (uint8_t)number;
	return len;
}

/* As inet_pton(3) has it.  A log names an address in every other line. */
static bool parse_v4(struct span text, uint8_t bytes[static 4])
{
	for (size_t i = 0; i < 4; i++) {
		size_t len;

		if (i > 0 && (!text.len || text.at[0] != '.'))
			return false;
		text = span_part(text, i > 0, text.len);
		len = parse_octet(text, &bytes[i]);
		if (!len)
			return false;
		text = span_part(text, len, text.len);
	}
	return !text.len;
}

bool ip_parse(struct span text, struct ip *ip)
{
	char room[IP_TEXT_MAX];

	*ip = (struct ip){ .family = FAMILY_IPV4 };
	if (parse_v4(text, ip->bytes))
		return true;
	*ip = (struct ip){ .family = FAMILY_IPV6 };
	if (text.len == 0 || text.len >= sizeof(room) ||
		memchr(text.at, '\0', text.len))
		return false;
	memcpy(room, text.at, text.len);
	room[text.len] = '\0';
	return inet_pton(AF_INET6, room, ip->bytes) == 1;
}

static char *print_v4(char *at, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		unsigned number = bytes[i];

		if (i)
			*at++ = '.';
		if (number >= 100)
			*at++ = (char)('0' + number / 100);
		if (number >= 10)
			*at++ = (char)('0' + number / 10 % 10);
		*at++ = (char)('0' + number % 10);
	}
	return at;
}

static char *print_word(char *at, unsigned word)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned shift = 12; shift; shift -= 4)
		if (word >> shift)
			*at++ = digits[word >> shift & 15];
	*at++ = digits[word & 15];
	return at;
}

struct run {
	int from, len;
};

/* The longest run of words that are 0, of two or more; the first of several
 * (RFC 5952 section 4.2). */
static struct run zero_words(const unsigned words[static 8])
{
	struct run best = { .from = -1 };

	for (int i = 0; i < 8; i++) {
		int len = 0;

		while (i + len < 8 && !words[i + len])
			len++;
		if (len > 1 && len > best.len)
			best = (struct run){ i, len };
		i += len;
	}
	return best;
}

static char *print_v6(char *at, const uint8_t *bytes)
{
	unsigned words[8];
	struct run zeros;
	bool has_v4;

	for (int i = 0; i < 8; i++)
		words[i] = (unsigned)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	zeros = zero_words(words);
	has_v4 = zeros.from == 0 &&
		 (zeros.len == 6 || (zeros.len == 5 && words[5] == 0xffff));
	for (int i = 0; i < (has_v4 ? 6 : 8); i++) {
		if (i == zeros.from) {
			*at++ = ':';
			i += zeros.len - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		if (i)
			*at++ = ':';
		at = print_word(at, words[i]);
	}
	if (!has_v4)
		return at;
	*at++ = ':';
	return print_v4(at, bytes + 12);
}

/* As inet_ntop(), which goes by way of sprintf(): records are full of them. */
const char *ip_print(const struct ip *ip, char room[static IP_TEXT_MAX])
{
	char *end = ip->family == FAMILY_IPV4 ? print_v4(room, ip->bytes)
					      : print_v6(room, ip->bytes);

	*end = '\0';
	return room;
}

struct span ip_text(struct arena *arena, const struct ip *ip)
{
	char room[IP_TEXT_MAX];

	return arena_copy(arena, span_of(ip_print(ip, room)));
}

/* One row a prefix; the particular stands above the general. */
static const struct prefix {
	enum family family;
	unsigned bits;
	uint8_t bytes[12];
	enum ip_kind kind;
} prefixes[] = {
	{ FAMILY_IPV4, 32, { 0 }, IP_UNSPECIFIED },
	{ FAMILY_IPV4, 8, { 0 }, IP_RESERVED },
	{ FAMILY_IPV4, 8, { 10 }, IP_PRIVATE },
	{ FAMILY_IPV4, 12, { 172, 16 }, IP_PRIVATE },
	{ FAMILY_IPV4, 16, { 192, 168 }, IP_PRIVATE },
	{ FAMILY_IPV4, 10, { 100, 64 }, IP_SHARED },
	{ FAMILY_IPV4, 8, { 127 }, IP_LOOPBACK },
	{ FAMILY_IPV4, 16, { 169, 254 }, IP_LINK_LOCAL },
	{ FAMILY_IPV4, 4, { 224 }, IP_MULTICAST },
	{ FAMILY_IPV4, 4, { 240 }, IP_RESERVED },
	{ FAMILY_IPV4, 0, { 0 }, IP_GLOBAL },
	{ FAMILY_IPV6, 96, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff },
		IP_MAPPED },
	{ FAMILY_IPV6, 96, { 0, 0x64, 0xff, 0x9b }, IP_MAPPED },
	{ FAMILY_IPV6, 32, { 0x20, 0x01, 0, 0 }, IP_TEREDO },
	{ FAMILY_IPV6, 16, { 0x20, 0x02 }, IP_6TO4 },
	{ FAMILY_IPV6, 3, { 0x20 }, IP_GLOBAL },
	{ FAMILY_IPV6, 10, { 0xfe, 0x80 }, IP_LINK_LOCAL },
	{ FAMILY_IPV6, 7, { 0xfc }, IP_ULA },
	{ FAMILY_IPV6, 8, { 0xff }, IP_MULTICAST },
	{ FAMILY_IPV6, 0, { 0 }, IP_RESERVED },
};

static bool has_prefix(const struct ip *ip, const struct prefix *prefix)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (ip->family != prefix->family)
		return false;
	if (memcmp(ip->bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((ip->bytes[whole] ^ prefix->bytes[whole]) & mask) == 0;
}

enum ip_kind ip_kind(const struct ip *ip)
{
	static const struct ip any6 = { .family = FAMILY_IPV6 };
	static const struct ip loop6 = { FAMILY_IPV6, { [15] = 1 } };
	size_t i = 0;

	if (ip_is(ip, &any6))
		return IP_UNSPECIFIED;
	if (ip_is(ip, &loop6))
		return IP_LOOPBACK;
	while (!has_prefix(ip, &prefixes[i])) /* each family ends in /0 */
		i++;
	return prefixes[i].kind;
}

bool ip_kind_is_public(enum ip_kind kind)
{
	return kind == IP_GLOBAL || kind == IP_6TO4 || kind == IP_TEREDO;
}

struct span ip_reverse_name(struct arena *arena, const struct ip *ip)
{
	static const char hex[] = "0123456789abcdef";
	char room[2 * 32 + 1];
	size_t at = 0;

	if (ip->family == FAMILY_IPV4)
		return arena_print(arena, "%u.%u.%u.%u.in-addr.arpa",
			ip->bytes[3], ip->bytes[2], ip->bytes[1], ip->bytes[0]);
	for (size_t i = 16; i-- > 0;) {
		room[at++] = hex[ip->bytes[i] & 15];
		room[at++] = '.';
		room[at++] = hex[ip->bytes[i] >> 4];
		room[at++] = '.';
	}
	room[at] = '\0';
	return arena_print(arena, "%sip6.arpa", room);
}

void ip_to_sockaddr(
	const struct ip *ip, uint16_t port, struct sockaddr_storage *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };

	memset(address, 0, sizeof(*address));
	if (ip->family == FAMILY_IPV4) {
		memcpy(&in.sin_addr, ip->bytes, 4);
		memcpy(address, &in, sizeof(in));
	} else {
		memcpy(&in6.sin6_addr, ip->bytes, 16);
		memcpy(address, &in6, sizeof(in6));
	}
}

bool ip_from_sockaddr(
	const struct sockaddr *address, struct ip *ip, uint16_t *port)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*ip = (struct ip){ .family = FAMILY_IPV4 };
	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		memcpy(ip->bytes, &in.sin_addr, 4);
		*port = ntohs(in.sin_port);
		return true;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&in6, address, sizeof(in6));
	ip->family = FAMILY_IPV6;
	memcpy(ip->bytes, &in6.sin6_addr, 16);
	*port = ntohs(in6.sin6_port);
	return true;
}
