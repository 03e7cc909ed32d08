#include "reports/inbound/html_text.h"

#include "reports/inbound/charset.h"

enum { HTML_TAG_MAX = 4096 };

/* Tags behind which a reader begins a new line. */
static const char *const breaking[] = { "br", "p", "div", "tr", "td", "li",
	"h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre",
	"blockquote", "title", "th", "dt", "dd", "hr" };

/* clang-format off */
static const struct entity_row {
	const char *name, *text;
} entities[] = {
	{ "&lt;",   "<" },  { "&gt;",   ">" }, { "&amp;",  "&" },
	{ "&quot;", "\"" }, { "&nbsp;", " " }, { "&apos;", "'" },
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

enum { NUMBER_DIGITS_MAX = 8 };

/* What a letter's number stands for: "&#64;" or "&#x40;"; 0: it is none. */
static uint32_t number_at(struct span rest, size_t *len)
{
	bool is_hex = rest.len > 2 && ascii_lower(rest.at[2]) == 'x';
	size_t start = is_hex ? 3 : 2, i = start;
	uint32_t point = 0;

	if (!span_starts_nocase(rest, SPAN("&#")))
		return 0;
	for (; i < rest.len && i - start < NUMBER_DIGITS_MAX; i++) {
		int digit = ascii_hex_digit(rest.at[i]);

		if (digit < 0 || (!is_hex && digit > 9))
			break;
		point = point * (is_hex ? 16 : 10) + (uint32_t)digit;
	}
	if (i == start || i >= rest.len || rest.at[i] != ';')
		return 0;
	*len = i + 1;
	return point;
}

/* A line end and a letter; no other control character. */
static size_t put_point(uint32_t point, char *room)
{
	if (point < 0x20 && point != '\n')
		point = ' ';
	return charset_put_point(point, room);
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
		size_t number_len = 0;
		uint32_t point = 0;

		if (rest.at[0] == '&') {
			entity = entity_at(rest);
			point = number_at(rest, &number_len);
		}
		if (entity) {
			room[len++] = entity->text[0];
			i += strlen(entity->name);
		} else if (point) {
			len += put_point(point, room + len);
			i += number_len;
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
