#include "scenarios/verb_table.h"

/*
 * The table as text: a heading for each room, a line with the form of each
 * word, and its manual below.
 */
enum { INDENT = 12, COLUMNS = 78 };

struct page {
	struct arena *arena;
	char *text;
	size_t len, room;
};

static void put(struct page *page, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		page->text = arena_grow(
			page->arena, page->text, page->len, &page->room, 1);
		page->text[page->len++] = text.at[i];
	}
}

static void put_manual(struct page *page, struct span text)
{
	size_t column = 0;

	while (text.len) {
		struct span word = span_cut(&text, ' ');

		if (!column || column + 1 + word.len > COLUMNS) {
			put(page, column ? SPAN("\n") : SPAN(""));
			put(page, SPAN("            "));
			column = INDENT;
		} else {
			put(page, SPAN(" "));
			column++;
		}
		put(page, word);
		column += word.len;
	}
	put(page, SPAN("\n"));
}

static void put_verb(struct page *page, enum verb_room room,
	const struct scenario_verb *verb)
{
	const char *indent = room == ROOM_FILE ? "    " : "      ";

	put(page, arena_print(page->arena, "%s%s%s%s\n", indent,
			  verb->word ? verb->word : "",
			  verb->word && *verb->form ? " " : "", verb->form));
	put_manual(page, span_of(verb->manual));
}

static void put_room(struct page *page, enum verb_room room)
{
	const struct scenario_verb *verb;
	bool has_heading = false;

	for (size_t i = 0; (verb = verb_at(i)); i++) {
		if (!verb_stands_in(verb, room))
			continue;
		if (!has_heading)
			put(page, arena_print(page->arena, "%s%s:  {%s}\n",
					  page->len ? "\n" : "",
					  verb_room_phrase(room),
					  verb_room_word(room)));
		has_heading = true;
		put_verb(page, room, verb);
	}
}

static void put_kinds(struct page *page)
{
	put(page, SPAN("\nvalues:\n"));
	for (size_t i = 0; i < VALUE_KINDS; i++)
		put(page, arena_print(page->arena, "    %-10s %s\n",
				  value_kind_word((enum value_kind)i),
				  value_kind_phrase((enum value_kind)i)));
}

struct span verb_manual(struct arena *arena)
{
	struct page page = { .arena = arena };

	for (unsigned i = 0; i < VERB_ROOMS; i++)
		put_room(&page, (enum verb_room)i);
	put_kinds(&page);
	return (struct span){ page.text, page.len };
}
