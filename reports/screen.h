#ifndef MXP_SCREEN_H
#define MXP_SCREEN_H

#include <stdio.h>

#include "probe/base/arena.h"
#include "reports/text.h"

/*
 * The paper the text report is written on: it knows its width, wraps between
 * words, and paints.  A word wider than the line is broken, never cut.  All
 * text given here has been through escape_text(), see screen_safe().
 */
struct screen {
	FILE *out;
	struct arena *arena;            /* closed with the screen */
	size_t columns;
	bool color, verbose;
};

enum { SCREEN_COLUMNS = 80, SCREEN_COLUMNS_MIN = 40,
	SCREEN_COLUMNS_MAX = 1000 };

/* Colour repeats what the word says; it never says it alone. */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_WARN, TONE_DIM };

struct mark {
	const char *word;
	enum tone tone;
};

struct mark screen_severity(enum severity severity);

struct lines {
	struct span *at;
	size_t count, room;
};

void screen_open(struct screen *screen, FILE *out,
	const struct text_style *style);
void screen_close(struct screen *screen);

/* Foreign bytes made fit to be shown. */
struct span screen_safe(struct screen *screen, struct span foreign);

/* At least one line, which may be empty. */
struct lines screen_wrap(struct screen *screen, struct span text,
	size_t width);

void screen_spaces(struct screen *screen, size_t count);
void screen_mark(struct screen *screen, struct mark mark);
void screen_span(struct screen *screen, struct span text);

/*
 * A wrapped paragraph: the mark after `indent` spaces, the text from column
 * `hang` on.
 */
void screen_paragraph(struct screen *screen, size_t indent, struct mark mark,
	size_t hang, struct span text);

/* "18 ms", "0.2 ms", "12.3 s" */
struct span screen_time(struct screen *screen, uint64_t ns);

#endif
