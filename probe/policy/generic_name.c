#include "probe/policy/generic_name.h"

const char *generic_word(enum generic kind)
{
	switch (kind) {
	case GENERIC_NO:
		return "no";
	case GENERIC_ADDRESS:
		return "address";
	case GENERIC_DYNAMIC:
		return "dynamic";
	}
	return "";
}

/*
 * Words that providers put into the names of customers' lines.  Those that are
 * also the names of honest mail servers ("static", "host") count only beside
 * two octets of the address.
 */
/* clang-format off */
static const struct {
	const char *word;
	bool is_alone;          /* says enough by itself */
} words[] = {
	{ "dyn", true },
	{ "dynamic", true },
	{ "dynip", true },
	{ "dhcp", true },
	{ "dsl", true },
	{ "adsl", true },
	{ "vdsl", true },
	{ "xdsl", true },
	{ "ppp", true },
	{ "pppoe", true },
	{ "dial", true },
	{ "dialin", true },
	{ "dialup", true },
	{ "pool", true },
	{ "pools", true },
	{ "cable", true },
	{ "catv", true },
	{ "broadband", true },
	{ "ftth", true },
	{ "cgn", true },
	{ "cgnat", true },
	{ "lte", true },
	{ "unassigned", true },
	{ "static", false },
	{ "host", false },
	{ "ip", false },
	{ "client", false },
	{ "customer", false },
	{ "cust", false },
	{ "user", false },
	{ "vps", false },
	{ "server", false },
	{ "rev", false },
	{ "reverse", false },
};
/* clang-format on */

/* Numbers in a name, with where they stand. */
enum { NUMBERS_MAX = 16 };

struct number {
	unsigned long value;
	size_t from, to;
};

static size_t find_numbers(struct span host, struct number *numbers)
{
	size_t count = 0;

	for (size_t i = 0; i < host.len && count < NUMBERS_MAX; i++) {
		struct number *one = &numbers[count];

		if (!ascii_is_digit(host.at[i]))
			continue;
		one->from = i;
		while (i < host.len && ascii_is_digit(host.at[i]))
			i++;
		one->to = i;
		if (span_number(span_part(host, one->from, i - one->from), 255,
			    &one->value))
			count++;
	}
	return count;
}

/* How many numbers from here on are octets from `octet` on, in that order? */
static size_t count_octets(const struct number *numbers, size_t count,
	const struct ip *ip, int octet, int step)
{
	size_t same = 0;

	while (same < count && octet >= 0 && octet < 4 &&
		numbers[same].value == ip->bytes[octet]) {
		same++;
		octet += step;
	}
	return same;
}

/* The longest run of octets in the name, and where it stands. */
static size_t find_octets(
	struct span host, const struct ip *ip, struct span *where)
{
	struct number numbers[NUMBERS_MAX];
	size_t count = find_numbers(host, numbers), best = 0;

	for (size_t i = 0; i < count; i++)
		for (int octet = 0; octet < 4; octet++)
			for (int step = -1; step <= 1; step += 2) {
				size_t run = count_octets(&numbers[i],
					count - i, ip, octet, step);

				if (run <= best)
					continue;
				best = run;
				*where = span_part(host, numbers[i].from,
					numbers[i + run - 1].to -
						numbers[i].from);
			}
	return best;
}

static bool find_text(struct span host, struct span text, struct span *where)
{
	size_t at = span_find_nocase(host, text);

	if (!text.len || at == host.len)
		return false;
	*where = span_part(host, at, text.len);
	return true;
}

/* c0000201, and 192000002001: the octets of IPv4 without anything between. */
static bool find_joined_octets(struct arena *arena, struct span host,
	const struct ip *ip, struct span *where)
{
	const uint8_t *byte = ip->bytes;

	return find_text(host,
		       arena_print(arena, "%02x%02x%02x%02x", byte[0], byte[1],
			       byte[2], byte[3]),
		       where) ||
	       find_text(host,
		       arena_print(arena, "%03u%03u%03u%03u", byte[0], byte[1],
			       byte[2], byte[3]),
		       where);
}

/* An address of IPv6 as a label may hold it: hyphens for the colons. */
static struct span with_hyphens(struct arena *arena, struct span text)
{
	char *room = arena_take(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		room[i] = (char)(text.at[i] == ':' ? '-' : text.at[i]);
	return (struct span){ room, text.len };
}

/* All eight: 20010db8..., or 2001-db8-0-... without the leading zeros. */
static struct span all_hextets(
	struct arena *arena, const struct ip *ip, bool is_padded)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < 16; i += 2) {
		unsigned hextet = (unsigned)ip->bytes[i] << 8 |
				  ip->bytes[i + 1];
		const char *mark = i && !is_padded ? "-" : "";

		text = arena_print(arena, "%.*s%s%0*x", SPAN_ARG(text), mark,
			is_padded ? 4 : 1, hextet);
	}
	return text;
}

static struct span without_marks(struct arena *arena, struct span host)
{
	char *room = arena_take(arena, host.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < host.len; i++)
		if (host.at[i] != '-' && host.at[i] != '.' && host.at[i] != '_')
			room[len++] = host.at[i];
	return (struct span){ room, len };
}

/* Whole, in any of its writings, or the half that stands for the host. */
static bool find_hextets(struct arena *arena, struct span host,
	const struct ip *ip, struct span *where)
{
	struct span nibbles = all_hextets(arena, ip, true);
	struct span reversed = ip_reverse_name(arena, ip);
	struct span squeezed = without_marks(arena, host);

	if (find_text(host, with_hyphens(arena, ip_text(arena, ip)), where) ||
		find_text(host, all_hextets(arena, ip, false), where))
		return true;
	*where = host;
	reversed = without_marks(arena, span_part(reversed, 0, 63));
	if (span_find_nocase(squeezed, nibbles) < squeezed.len ||
		span_find_nocase(squeezed, reversed) < squeezed.len)
		return true;
	return span_find_nocase(squeezed, span_part(nibbles, 16, 16)) <
	       squeezed.len;
}

static bool find_address(struct arena *arena, struct span host,
	const struct ip *ip, struct span *where)
{
	if (ip->family == FAMILY_IPV6)
		return find_hextets(arena, host, ip, where);
	return find_octets(host, ip, where) >= 3 ||
	       find_joined_octets(arena, host, ip, where);
}

/* Cuts the next run of letters off *rest. */
static bool take_word(struct span *rest, struct span *word)
{
	size_t from = 0, to;

	while (from < rest->len && !ascii_is_alpha(rest->at[from]))
		from++;
	to = from;
	while (to < rest->len && ascii_is_alpha(rest->at[to]))
		to++;
	*word = span_part(*rest, from, to - from);
	*rest = span_part(*rest, to, rest->len);
	return word->len > 0;
}

static bool find_word(struct span host, bool has_octets, struct span *where)
{
	struct span word;

	while (take_word(&host, &word))
		for (size_t i = 0; i < COUNT_OF(words); i++)
			if (span_is_nocase(word, span_of(words[i].word)) &&
				(words[i].is_alone || has_octets)) {
				*where = word;
				return true;
			}
	return false;
}

/* What stands left of the organizational domain, without the last dot. */
static struct span host_part(struct arena *arena,
	const struct suffix_list *suffixes, struct span name)
{
	struct span org = org_domain(arena, suffixes, name);

	name = org_domain_plain(arena, name);
	return span_part(
		name, 0, name.len > org.len ? name.len - org.len - 1 : 0);
}

enum generic generic_name_check(struct arena *arena,
	const struct suffix_list *suffixes, struct span name,
	const struct ip *ip, struct generic_name *generic)
{
	struct span host = host_part(arena, suffixes, name);
	struct span octets;
	bool has_octets = ip->family == FAMILY_IPV4 &&
			  find_octets(host, ip, &octets) >= 2;

	*generic = (struct generic_name){ .kind = GENERIC_NO };
	if (find_address(arena, host, ip, &generic->evidence)) {
		generic->kind = GENERIC_ADDRESS;
		generic->why = arena_print(arena,
			"the address stands in its name: \"%.*s\"",
			SPAN_ARG(generic->evidence));
	} else if (find_word(host, has_octets, &generic->evidence)) {
		generic->kind = GENERIC_DYNAMIC;
		generic->why = arena_print(arena,
			"\"%.*s\" in its name looks like a customer's line",
			SPAN_ARG(generic->evidence));
	} else {
		generic->evidence = SPAN("");
	}
	return generic->kind;
}
