#include "probe/policy/uri.h"

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c) != NULL;
}

/*
 *	scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
 */
static bool is_scheme(struct span text)
{
	if (!text.len || !ascii_is_alpha(text.at[0]))
		return false;
	for (size_t i = 1; i < text.len; i++)
		if (!ascii_is_alpha(text.at[i]) &&
			!ascii_is_digit(text.at[i]) &&
			!is_in(text.at[i], "+-."))
			return false;
	return true;
}

/*
 *	unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
 *	reserved   = ":/?#[]@" / "!$&'()*+,;="
 *	pct-encoded = "%" HEXDIG HEXDIG
 */
static bool is_rest(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '%') {
			if (text.len - i < 3 ||
				ascii_hex_digit(text.at[i + 1]) < 0 ||
				ascii_hex_digit(text.at[i + 2]) < 0)
				return false;
			i += 2;
		} else if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
			   !is_in(c, "-._~:/?#[]@!$&'()*+,;=")) {
			return false;
		}
	}
	return true;
}

static size_t find_last(struct span text, char needle)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.at[i - 1] == needle)
			return i - 1;
	return text.len;
}

static struct span behind_last(struct span text, char needle)
{
	size_t at = find_last(text, needle);

	return at < text.len ? span_part(text, at + 1, text.len) : text;
}

/* RFC 6068 section 2: the address ends at the header fields. */
static struct span mail_host(struct span rest)
{
	struct span address = span_cut(&rest, '?');

	if (span_find(address, '@') == address.len)
		return SPAN("");
	return behind_last(address, '@');
}

/*	authority = [ userinfo "@" ] host [ ":" port ]	*/
static struct span authority_host(struct span rest)
{
	struct span host, all;

	if (rest.len < 2 || rest.at[0] != '/' || rest.at[1] != '/')
		return SPAN("");
	all = span_part(rest, 2, rest.len);
	for (size_t i = 0; i < all.len; i++)
		if (is_in(all.at[i], "/?#"))
			all.len = i;
	host = behind_last(all, '@');
	if (host.len && host.at[0] == '[')
		return span_part(host, 0, span_find(host, ']') + 1);
	return span_cut(&host, ':');
}

bool uri_has_scheme(const struct uri *uri, const char *scheme)
{
	return span_is_nocase(uri->scheme, span_of(scheme));
}

bool uri_parse(struct span text, struct uri *uri, const char **why)
{
	size_t colon = span_find(text, ':');

	*uri = (struct uri){ .text = text };
	if (colon == text.len) {
		*why = "has no scheme such as \"mailto:\"";
		return false;
	}
	uri->scheme = span_part(text, 0, colon);
	uri->rest = span_part(text, colon + 1, text.len);
	if (!is_scheme(uri->scheme)) {
		*why = "begins with something that is no scheme";
		return false;
	}
	if (!is_rest(uri->rest)) {
		*why = "holds a character that a URI cannot hold";
		return false;
	}
	uri->host = uri_has_scheme(uri, "mailto") ? mail_host(uri->rest)
						  : authority_host(uri->rest);
	return true;
}
