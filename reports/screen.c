#include "reports/screen.h"

#include <inttypes.h>

#include "probe/base/escape.h"

void screen_open(
	struct screen *screen, FILE *out, const struct text_style *style)
{
	size_t columns = style->columns ? style->columns : SCREEN_COLUMNS;

	if (columns < SCREEN_COLUMNS_MIN)
		columns = SCREEN_COLUMNS_MIN;
	if (columns > SCREEN_COLUMNS_MAX)
		columns = SCREEN_COLUMNS_MAX;
	*screen = (struct screen){ .out = out,
		.arena = arena_open(),
		.columns = columns,
		.color = style->color,
		.verbose = style->verbose };
}

void screen_close(struct screen *screen)
{
	arena_close(screen->arena);
}

struct mark screen_severity(enum severity severity)
{
	switch (severity) {
	case SEVERITY_INFO:
		return (struct mark){ "note", TONE_PLAIN };
	case SEVERITY_WARN:
		return (struct mark){ "warn", TONE_WARN };
	case SEVERITY_FAIL:
		return (struct mark){ "FAIL", TONE_BAD };
	}
	return (struct mark){ "", TONE_PLAIN };
}

struct span screen_safe(struct screen *screen, struct span foreign)
{
	return escape_text(screen->arena, foreign);
}

static void add_line(
	struct screen *screen, struct lines *lines, struct span line)
{
	lines->at = arena_grow(screen->arena, lines->at, lines->count,
		&lines->room, sizeof(*lines->at));
	lines->at[lines->count++] = line;
}

/* Octets of the character at the start; the text is well-formed UTF-8. */
static size_t character(struct span text)
{
	size_t len = 1;

	while (len < text.len && ((unsigned char)text.at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* The octets of text that fit into width, at least one character. */
static size_t fitting(struct span text, size_t width)
{
	size_t len = 0, used = 0;

	while (len < text.len) {
		struct span rest = span_part(text, len, text.len);
		size_t size = character(rest);
		size_t columns = escape_columns(span_part(rest, 0, size));

		if (used + columns > width && len)
			break;
		used += columns;
		len += size;
	}
	return len;
}

/* Where to break: behind the last blank that fits, or in a word too long. */
static size_t line_length(struct span text, size_t width)
{
	size_t len = fitting(text, width), blank;

	if (len == text.len || text.at[len] == ' ')
		return len;
	for (blank = len; blank > 0; blank--)
		if (text.at[blank - 1] == ' ')
			return blank;
	return len;
}

struct lines screen_wrap(struct screen *screen, struct span text, size_t width)
{
	struct lines lines = { 0 };

	text = span_trim(text);
	while (text.len) {
		size_t len = line_length(text, width);

		add_line(screen, &lines, span_trim(span_part(text, 0, len)));
		text = span_trim(span_part(text, len, text.len));
	}
	if (!lines.count)
		add_line(screen, &lines, text);
	return lines;
}

void screen_spaces(struct screen *screen, size_t count)
{
	while (count--)
		putc(' ', screen->out);
}

void screen_span(struct screen *screen, struct span text)
{
	if (text.len)
		fwrite(text.at, 1, text.len, screen->out);
}

void screen_mark(struct screen *screen, struct mark mark)
{
	static const char *const codes[] = { "", "\033[32m", "\033[31m",
		"\033[33m", "\033[2m" };
	bool painted = screen->color && mark.tone != TONE_PLAIN;

	if (painted)
		fputs(codes[mark.tone], screen->out);
	fputs(mark.word, screen->out);
	if (painted)
		fputs("\033[0m", screen->out);
}

void screen_paragraph(struct screen *screen, size_t indent, struct mark mark,
	size_t hang, struct span text)
{
	struct lines lines = screen_wrap(screen, text, screen->columns - hang);
	size_t used = indent + escape_columns(span_of(mark.word));

	screen_spaces(screen, indent);
	screen_mark(screen, mark);
	if (*mark.word && used + 1 > hang) {
		putc('\n', screen->out);
		used = 0;
	}
	for (size_t i = 0; i < lines.count; i++) {
		if (lines.at[i].len)
			screen_spaces(screen, hang - used);
		screen_span(screen, lines.at[i]);
		putc('\n', screen->out);
		used = 0;
	}
}

struct span screen_time(struct screen *screen, uint64_t ns)
{
	uint64_t tenths = ns / 100000;

	if (ns && !tenths)
		tenths = 1;
	if (tenths >= 100000)
		return arena_print(screen->arena, "%" PRIu64 ".%" PRIu64 " s",
			tenths / 10000, tenths / 1000 % 10);
	if (tenths && tenths < 10)
		return arena_print(screen->arena, "0.%" PRIu64 " ms", tenths);
	return arena_print(screen->arena, "%" PRIu64 " ms", tenths / 10);
}
