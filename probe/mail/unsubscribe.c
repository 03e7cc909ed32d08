#include "probe/mail/unsubscribe.h"

#include "probe/mail/token.h"

/*
 *      value = [CFWS] "<" URI ">" *( [CFWS] "," [CFWS] "<" URI ">" ) [CFWS]
 *
 * RFC 2369 section 2: from left to right in the order of preference; a client
 * stops at the first thing that is not in angle brackets.  White space inside
 * the brackets is dropped, for URIs are folded there.
 */
static struct span uri_of(struct arena *arena, struct span text)
{
	char *room = arena_take(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\r\n", text.at[i]))
			room[len++] = text.at[i];
	return (struct span){ room, len };
}

static void keep_first(struct span *place, struct span uri)
{
	if (!place->len)
		*place = uri;
}

/* "https://" and a host behind it. */
static bool is_web(struct span uri, struct span scheme)
{
	struct span rest = span_part(uri, scheme.len, uri.len);

	return span_starts_nocase(uri, scheme) && rest.len &&
	       rest.at[0] != '/' && rest.at[0] != ':' && rest.at[0] != '?';
}

static bool is_mail(struct span uri)
{
	return span_starts_nocase(uri, SPAN("mailto:")) &&
	       span_find(uri, '@') < uri.len;
}

static void sort_in(struct unsubscribe *to, struct span uri)
{
	if (is_web(uri, SPAN("https://")))
		keep_first(&to->https, uri);
	else if (is_web(uri, SPAN("http://")))
		keep_first(&to->http, uri);
	else if (is_mail(uri))
		keep_first(&to->mailto, uri);
	else
		keep_first(&to->other, uri);
}

static bool read_uris(
	struct arena *arena, struct span value, struct unsubscribe *to)
{
	struct tokens tokens;

	tokens_init(&tokens, arena, value);
	do {
		size_t end;

		if (!tokens_skip(&tokens, NULL) || !tokens_take(&tokens, '<'))
			return false;
		end = span_find(tokens.rest, '>');
		if (end == tokens.rest.len)
			return false;
		sort_in(to, uri_of(arena, span_part(tokens.rest, 0, end)));
		tokens.rest = span_part(tokens.rest, end + 1, tokens.rest.len);
		if (!tokens_skip(&tokens, NULL))
			return false;
	} while (tokens_take(&tokens, ','));
	return tokens_are_over(&tokens);
}

static const char *why_not(const struct unsubscribe *to)
{
	if (!to->field_count)
		return "there is no List-Unsubscribe";
	if (to->field_count > 1)
		return "List-Unsubscribe stands there more than once";
	if (!to->is_well_formed)
		return "List-Unsubscribe is not a list of URIs in < and >";
	if (!to->https.len)
		return to->http.len ? "List-Unsubscribe has an http URI, and "
				      "https is wanted"
				    : "List-Unsubscribe has no https URI";
	if (!to->post_count)
		return "there is no List-Unsubscribe-Post";
	if (to->post_count > 1)
		return "List-Unsubscribe-Post stands there more than once";
	if (!span_is(to->post, SPAN("List-Unsubscribe=One-Click")))
		return "List-Unsubscribe-Post is not exactly "
		       "\"List-Unsubscribe=One-Click\"";
	return NULL;
}

void unsubscribe_read(struct arena *arena, const struct header *header,
	struct unsubscribe *unsubscribe)
{
	const struct header_field *list = header_get(
		header, SPAN("List-Unsubscribe"));
	const struct header_field *post = header_get(
		header, SPAN("List-Unsubscribe-Post"));

	*unsubscribe = (struct unsubscribe){
		.field_count = (unsigned)header_count(
			header, SPAN("List-Unsubscribe")),
		.post_count = (unsigned)header_count(
			header, SPAN("List-Unsubscribe-Post")),
		.post = SPAN(""),
	};
	if (list) {
		unsubscribe->line = list->line;
		unsubscribe->is_well_formed = read_uris(
			arena, list->value, unsubscribe);
	}
	if (post) {
		if (!list)
			unsubscribe->line = post->line;
		unsubscribe->post = header_unfold(arena, post->value);
	}
	unsubscribe->why = why_not(unsubscribe);
	unsubscribe->is_one_click = !unsubscribe->why;
}
