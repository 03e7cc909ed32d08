#include "reports/cells.h"

#include <assert.h>
#include <string.h>

#include "probe/base/escape.h"

enum { GAP = 2 };

const struct cell cell_nothing = { { "", TONE_PLAIN }, { "", 0 } };

void cells_spread(
	struct cell_layout *layout, const struct screen *screen, size_t count)
{
	layout->cell = (screen->columns - layout->label + GAP) / count;
}

static size_t word_columns(const struct cell *cell)
{
	return escape_columns(span_of(cell->mark.word));
}

/* Where the text stands behind so many columns of a word. */
static size_t text_start(const struct cell_layout *layout, size_t word)
{
	return word < layout->word ? layout->word : word + 1;
}

static struct lines cell_lines(struct screen *screen,
	const struct cell_layout *layout, const struct cell *cell)
{
	size_t start = text_start(layout, word_columns(cell));
	struct lines none = { 0 };

	if (!cell->mark.word[0] && !cell->text.len)
		return none;
	return screen_wrap(screen, cell->text, layout->cell - start - GAP);
}

/* Is there anything at or right of this column on this line? */
static bool has_more(
	const struct lines *lines, size_t from, size_t count, size_t line)
{
	for (size_t i = from; i < count; i++)
		if (line < lines[i].count)
			return true;
	return false;
}

/* Gives the columns that it took. */
static size_t put_line(struct screen *screen, const struct cell_layout *layout,
	const struct cell *cell, const struct lines *lines, size_t line)
{
	size_t word = line ? 0 : word_columns(cell);
	size_t start = text_start(layout, word);

	if (!line)
		screen_mark(screen, cell->mark);
	if (line >= lines->count || !lines->at[line].len)
		return word;
	screen_spaces(screen, start - word);
	screen_span(screen, lines->at[line]);
	return start + escape_columns(lines->at[line]);
}

void cells_put(struct screen *screen, const struct cell_layout *layout,
	const char *label, const struct cell *cells, size_t count)
{
	struct lines lines[CELLS_MAX];

	assert(count <= CELLS_MAX);
	for (size_t i = 0; i < count; i++)
		lines[i] = cell_lines(screen, layout, &cells[i]);
	for (size_t line = 0; has_more(lines, 0, count, line); line++) {
		size_t at = strlen(label) + 1;

		fprintf(screen->out, " %s", label);
		for (size_t i = 0; has_more(lines, i, count, line); i++) {
			size_t start = layout->label + i * layout->cell;

			if (start <= at && at > 1)
				start = at + 1;
			screen_spaces(screen, start - at);
			at = start + put_line(screen, layout, &cells[i],
					     &lines[i], line);
		}
		putc('\n', screen->out);
		label = "";
	}
}
