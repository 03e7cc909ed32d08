#include "reports/inbound/html_text.h"

enum { HTML_TAG_MAX = 4096 };

/* Tags behind which a reader begins a new line. */
static const char *const breaking[] = { "br", "p", "div", "tr", "td", "li",
	"h1", "h2", "h3", "h4", "table", "ul", "pre", "blockquote", "title" };

/* clang-format off */
static const struct entity_row {
	const char *name, *text;
} entities[] = {
	{ "&lt;",   "<" },  { "&gt;",   ">" }, { "&amp;",  "&" },
	{ "&quot;", "\"" }, { "&nbsp;", " " }, { "&apos;", "'" },
	{ "&#39;",  "'" },  { "&#64;",  "@" }, { "&#60;",  "<" },
	{ "&#62;",  ">" },  { "&#34;",  "\"" },
};
/* clang-format on */

/* The name of a tag that starts at "<", without its "/". */
static struct span tag_name(struct span rest)
{
	size_t start = rest.len > 1 && rest.at[1] == '/' ? 2 : 1, len = 0;

	rest = span_part(rest, start, rest.len);
	while (len < rest.len &&
		(ascii_is_alpha(rest.at[len]) || ascii_is_digit(rest.at[len])))
		len++;
	return span_part(rest, 0, len);
}

static bool is_breaking(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(breaking); i++)
		if (span_is_nocase(name, span_of(breaking[i])))
			return true;
	return false;
}

static bool is_hidden(struct span name)
{
	return span_is_nocase(name, SPAN("style")) ||
	       span_is_nocase(name, SPAN("script"));
}

/* How much the tag at the start takes, its hidden text included. */
static size_t tag_len(struct span rest, struct span name)
{
	size_t len = span_find(rest, '>') + 1, end;

	if (rest.at[1] == '/' || !is_hidden(name) || len >= rest.len)
		return len;
	for (end = len; end + 1 < rest.len; end++)
		if (rest.at[end] == '<' && rest.at[end + 1] == '/')
			return end;
	return rest.len;
}

static const struct entity_row *entity_at(struct span rest)
{
	for (size_t i = 0; i < COUNT_OF(entities); i++)
		if (span_starts_nocase(rest, span_of(entities[i].name)))
			return &entities[i];
	return NULL;
}

/* "<" of a tag; that of an address such as <user@example.org> is not one. */
static bool is_tag(struct span rest)
{
	struct span inside = span_part(rest, 1, HTML_TAG_MAX);
	size_t len = span_find(inside, '>');

	if (len == 0 || len == inside.len)
		return false;
	inside.len = len;
	if (inside.at[0] == '/' || inside.at[0] == '!')
		return true;
	return ascii_is_alpha(inside.at[0]) &&
	       (span_find(inside, '@') == inside.len ||
		       span_find(inside, '=') < inside.len);
}

struct span html_text(struct arena *arena, struct span html)
{
	char *room = arena_take(arena, html.len + 1);
	size_t len = 0, i = 0;

	while (i < html.len) {
		struct span rest = span_part(html, i, html.len);
		const struct entity_row *entity = NULL;

		if (rest.at[0] == '&')
			entity = entity_at(rest);
		if (entity) {
			room[len++] = entity->text[0];
			i += strlen(entity->name);
		} else if (rest.at[0] == '<' && is_tag(rest)) {
			struct span name = tag_name(rest);

			if (is_breaking(name))
				room[len++] = '\n';
			i += tag_len(rest, name);
		} else {
			room[len++] = rest.at[0];
			i++;
		}
	}
	return (struct span){ room, len };
}
