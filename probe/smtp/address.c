#include "probe/smtp/address.h"

#include "probe/base/utf8.h"

/*
 *      Path         = "<" [ A-d-l ":" ] Mailbox ">"
 *      A-d-l        = "@" Domain *( "," "@" Domain )
 *      Mailbox      = Local-part "@" ( Domain / address-literal )
 *      Local-part   = Atom *( "." Atom ) / Quoted-string
 *      Atom         = 1*( atext / UTF8-non-ascii )
 *      Domain       = sub-domain *( "." sub-domain )
 *      sub-domain   = Let-dig [ Ldh-str ] / U-label
 *
 * RFC 5321 section 4.1.2 and RFC 6531 section 3.3.  Of the address literals
 * only the two that name an IP address are taken: no other was ever
 * registered.
 */
enum { LABEL_MAX = 63 }; /* RFC 1035 section 2.3.4 */

/* What the functions below share: the bytes not yet taken, and the verdict. */
struct reading {
	struct span rest;
	unsigned flags;
	struct arena *arena;
	const char *why;
};

static bool refuse(struct reading *reading, const char *why)
{
	reading->why = why;
	return false;
}

static void skip(struct reading *reading, size_t len)
{
	reading->rest = span_part(reading->rest, len, reading->rest.len);
}

static bool is_next(const struct reading *reading, char c)
{
	return reading->rest.len && reading->rest.at[0] == c;
}

static bool is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

static bool is_let_dig(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || is_high(c);
}

static bool is_atext(char c)
{
	return is_let_dig(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static size_t length_while(struct span text, bool (*is_one)(char))
{
	size_t len = 0;

	while (len < text.len && is_one(text.at[len]))
		len++;
	return len;
}

/* Atoms with one dot between; dots anywhere when lenient. */
static bool is_dot_string(struct span text, bool is_lenient)
{
	bool is_dot_allowed = is_lenient;

	for (size_t i = 0; i < text.len; i++) {
		if (is_atext(text.at[i]))
			is_dot_allowed = true;
		else if (text.at[i] == '.' && is_dot_allowed)
			is_dot_allowed = is_lenient;
		else
			return false;
	}
	return text.len && (is_lenient || text.at[text.len - 1] != '.');
}

static bool is_atext_or_dot(char c)
{
	return is_atext(c) || c == '.';
}

static bool take_dot_string(struct reading *reading, struct span *local)
{
	size_t len = length_while(reading->rest, is_atext_or_dot);
	bool is_lenient = reading->flags & ADDRESS_LENIENT;

	*local = span_part(reading->rest, 0, len);
	if (!len)
		return refuse(reading, "there is no user name before the @");
	if (!is_dot_string(*local, is_lenient))
		return refuse(reading, "the user name has a dot too many");
	skip(reading, len);
	return true;
}

/*
 *      Quoted-string = DQUOTE *( qtext / "\" %d32-126 ) DQUOTE
 *      qtext         = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii
 */
static bool take_quoted(struct reading *reading, struct span *local)
{
	char *room = arena_take(reading->arena, reading->rest.len);
	size_t len = 0;

	skip(reading, 1);
	while (reading->rest.len && !is_next(reading, '"')) {
		bool is_pair = is_next(reading, '\\');
		char c;

		skip(reading, is_pair);
		if (!reading->rest.len)
			break;
		c = reading->rest.at[0];
		if ((unsigned char)c < 0x20 || c == 0x7f ||
			(is_pair && is_high(c)))
			return refuse(reading,
				"a quoted user name holds a forbidden byte");
		room[len++] = c;
		skip(reading, 1);
	}
	if (!reading->rest.len)
		return refuse(reading, "the closing quote is missing");
	skip(reading, 1);
	*local = (struct span){ room, len };
	return true;
}

static bool take_local(struct reading *reading, struct address *address)
{
	address->is_quoted = is_next(reading, '"');
	if (!(address->is_quoted ? take_quoted(reading, &address->local)
				 : take_dot_string(reading, &address->local)))
		return false;
	if (address->local.len > ADDRESS_LOCAL_MAX)
		return refuse(reading, "the user name is longer than 64 bytes");
	return true;
}

static bool take_literal(struct reading *reading, struct address *address)
{
	size_t close = span_find(reading->rest, ']');
	struct span inside = span_part(reading->rest, 1, close - 1);
	enum family family = FAMILY_IPV4;

	if (close == reading->rest.len)
		return refuse(reading, "the closing ] is missing");
	if (span_starts_nocase(inside, SPAN("IPv6:"))) {
		family = FAMILY_IPV6;
		inside = span_part(inside, 5, inside.len);
	}
	if (!ip_parse(inside, &address->ip) || address->ip.family != family)
		return refuse(reading,
			"not [192.0.2.1] nor [IPv6:2001:db8::1] after the @");
	address->is_literal = true;
	address->domain = span_part(reading->rest, 0, close + 1);
	skip(reading, close + 1);
	return true;
}

static bool is_ldh(char c)
{
	return is_let_dig(c) || c == '-';
}

static bool take_label(struct reading *reading)
{
	struct span label = span_part(
		reading->rest, 0, length_while(reading->rest, is_ldh));
	bool is_lenient = reading->flags & ADDRESS_LENIENT;

	if (!label.len)
		return refuse(reading, "the domain has an empty label, or a "
				       "character that no domain has");
	if (label.at[label.len - 1] == '-' ||
		(label.at[0] == '-' && !is_lenient))
		return refuse(reading,
			"a label of the domain begins or ends in a hyphen");
	/* An internationalised label is measured once it is encoded. */
	if (label.len > LABEL_MAX && utf8_is_ascii(label))
		return refuse(reading,
			"a label of the domain is longer than 63 bytes");
	skip(reading, label.len);
	return true;
}

static bool take_domain(struct reading *reading, struct span *domain)
{
	struct span start = reading->rest;

	if (!take_label(reading))
		return false;
	while (is_next(reading, '.')) {
		skip(reading, 1);
		if (!take_label(reading))
			return false;
	}
	*domain = span_part(start, 0, start.len - reading->rest.len);
	if (domain->len > ADDRESS_DOMAIN_MAX)
		return refuse(reading, "the domain is longer than 255 bytes");
	return true;
}

static bool take_mailbox(struct reading *reading, struct address *address)
{
	if (!take_local(reading, address))
		return false;
	if (!reading->rest.len && reading->flags & ADDRESS_ALLOW_LOCAL)
		return true;
	if (!is_next(reading, '@'))
		return refuse(reading,
			reading->rest.len
				? "a character that must be quoted, or no @"
				: "there is no @");
	skip(reading, 1);
	if (!(is_next(reading, '[') ? take_literal(reading, address)
				    : take_domain(reading, &address->domain)))
		return false;
	if (reading->rest.len)
		return refuse(reading,
			"the domain holds a character that no domain has");
	return true;
}

/* "@one.example,@two.example:" means nothing today (appendix C). */
static bool take_route(struct reading *reading)
{
	struct span ignored;

	while (is_next(reading, '@')) {
		skip(reading, 1);
		if (!take_domain(reading, &ignored))
			return false;
		if (is_next(reading, ':')) {
			skip(reading, 1);
			return true;
		}
		if (!is_next(reading, ','))
			break;
		skip(reading, 1);
	}
	return refuse(reading, "the source route has no end");
}

static bool read_all(
	struct reading *reading, bool is_bracketed, struct address *address)
{
	*address = (struct address){ .local = SPAN("") };
	if (!reading->rest.len) {
		if (reading->flags & ADDRESS_ALLOW_EMPTY)
			return true;
		return refuse(reading, "the address is empty");
	}
	if (reading->rest.len > ADDRESS_PATH_MAX - 2)
		return refuse(reading, "the address is longer than 254 bytes");
	if (!utf8_is_whole(reading->rest))
		return refuse(reading, "the address is not UTF-8");
	reading->rest = arena_copy(reading->arena, reading->rest);
	if (is_bracketed && is_next(reading, '@') && !take_route(reading))
		return false;
	if (!take_mailbox(reading, address))
		return false;
	address->is_utf8 = !utf8_is_ascii(address->local) ||
			   !utf8_is_ascii(address->domain);
	return true;
}

bool address_parse(struct arena *arena, struct span text, unsigned flags,
	struct address *address, const char **why)
{
	struct reading reading = { text, flags, arena, NULL };

	if (read_all(&reading, false, address))
		return true;
	*why = reading.why;
	return false;
}

bool address_parse_path(struct arena *arena, struct span text, unsigned flags,
	struct address *address, const char **why)
{
	struct reading reading = { text, flags, arena, NULL };
	bool is_bracketed = is_next(&reading, '<');

	if (!is_bracketed && !(flags & ADDRESS_OPTIONAL_BRACKETS)) {
		*why = "the address does not begin with <";
		return false;
	}
	if (is_bracketed) {
		if (text.len < 2 || text.at[text.len - 1] != '>') {
			*why = "the address does not end in >";
			return false;
		}
		reading.rest = span_part(text, 1, text.len - 2);
	}
	if (read_all(&reading, is_bracketed, address))
		return true;
	*why = reading.why;
	return false;
}

static struct span quote(struct arena *arena, struct span local)
{
	char *room = arena_take(arena, 2 * local.len + 2);
	size_t len = 0;

	room[len++] = '"';
	for (size_t i = 0; i < local.len; i++) {
		if (local.at[i] == '"' || local.at[i] == '\\')
			room[len++] = '\\';
		room[len++] = local.at[i];
	}
	room[len++] = '"';
	return (struct span){ room, len };
}

struct span address_print(struct arena *arena, const struct address *address)
{
	struct span local = address->local;

	if (!local.len && !address->domain.len && !address->is_quoted)
		return SPAN("");
	if (!is_dot_string(local, false))
		local = quote(arena, local);
	if (!address->domain.len)
		return local;
	return arena_print(
		arena, "%.*s@%.*s", SPAN_ARG(local), SPAN_ARG(address->domain));
}
