#include "reports/inbound/html_text.h"

#include "probe/base/utf8.h"

enum { HTML_TAG_MAX = 4096 };

/*
 * Tags at which a reader begins a new line, and those that have an empty line
 * before them and behind.
 */
static const char *const breaking[] = { "br", "div", "tr", "td", "th", "li",
	"dt", "dd" };
static const char *const parting[] = { "p", "h1", "h2", "h3", "h4", "h5", "h6",
	"table", "ul", "ol", "pre", "blockquote", "title", "hr" };

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

static bool is_one_of(struct span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(name, span_of(names[i])))
			return true;
	return false;
}

/* The line ends that a tag asks for, at least. */
static unsigned breaks_of(struct span name)
{
	if (is_one_of(name, parting, COUNT_OF(parting)))
		return 2;
	return is_one_of(name, breaking, COUNT_OF(breaking));
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
static size_t put_point(uint32_t point, char room[static 4])
{
	if (point < 0x20 && point != '\n')
		point = ' ';
	return utf8_put(point, room);
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

/* What is written, and the line ends that are due before the next word. */
struct writing {
	char *room;
	size_t len;
	unsigned due;
	bool is_as_it_stands; /* <pre>, or nothing else breaks a line */
};

static void put_breaks(struct writing *writing)
{
	unsigned there = 0;

	while (writing->due && writing->len &&
		ascii_is_blank(writing->room[writing->len - 1]))
		writing->len--;
	while (there < writing->len &&
		writing->room[writing->len - 1 - there] == '\n')
		there++;
	for (; writing->len && there < writing->due; there++)
		writing->room[writing->len++] = '\n';
	writing->due = 0;
}

static void put_word(struct writing *writing, struct span bytes)
{
	put_breaks(writing);
	memcpy(writing->room + writing->len, bytes.at, bytes.len);
	writing->len += bytes.len;
}

/* Outside of <pre>, any white space is one blank. */
static void put_letter(struct writing *writing, const char *at)
{
	bool is_start = writing->len == 0 || writing->due ||
			ascii_is_space(writing->room[writing->len - 1]);

	if (writing->is_as_it_stands && *at == '\n')
		writing->due = writing->due < 2 ? writing->due + 1 : 2;
	else if (writing->is_as_it_stands || !ascii_is_space(*at))
		put_word(writing, (struct span){ at, 1 });
	else if (!is_start)
		writing->room[writing->len++] = ' ';
}

static void note_tag(struct writing *writing, struct span rest)
{
	struct span name = tag_name(rest);
	unsigned breaks = breaks_of(name);

	if (span_is_nocase(name, SPAN("br")))
		breaks = writing->due < 2 ? writing->due + 1 : 2;
	if (breaks > writing->due)
		writing->due = breaks;
	if (span_is_nocase(name, SPAN("pre")))
		writing->is_as_it_stands = rest.at[1] != '/';
}

/* The length of an entity or a number, whose letter is written; or 0. */
static size_t put_entity(struct writing *writing, struct span rest)
{
	const struct entity_row *entity = entity_at(rest);
	char letter[4];
	size_t len = 0;
	uint32_t point;

	if (entity) {
		put_word(writing, (struct span){ entity->text, 1 });
		return strlen(entity->name);
	}
	point = number_at(rest, &len);
	if (point)
		put_word(writing,
			(struct span){ letter, put_point(point, letter) });
	return point ? len : 0;
}

/* Some call a plain text HTML. */
static bool has_breaks(struct span html)
{
	size_t i = 0;

	while ((i += span_find(span_part(html, i, html.len), '<')) < html.len) {
		struct span rest = span_part(html, i++, html.len);

		if (is_tag(rest) && breaks_of(tag_name(rest)))
			return true;
	}
	return false;
}

struct span html_text(struct arena *arena, struct span html)
{
	struct writing writing = { .room = arena_take(arena, html.len + 4),
		.is_as_it_stands = !has_breaks(html) };
	size_t i = 0, taken;

	for (; i < html.len; i += taken) {
		struct span rest = span_part(html, i, html.len);

		taken = rest.at[0] == '&' ? put_entity(&writing, rest) : 0;
		if (taken)
			continue;
		taken = 1;
		if (rest.at[0] == '<' && is_tag(rest)) {
			note_tag(&writing, rest);
			taken = tag_len(rest, tag_name(rest));
		} else {
			put_letter(&writing, rest.at);
		}
	}
	if (writing.due > 1)
		writing.due = 1;
	put_breaks(&writing);
	return (struct span){ writing.room, writing.len };
}
