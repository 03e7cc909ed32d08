#include "probe/mail/header.h"

/* The line that starts at `at`, and where the next one does. */
struct line {
	struct span text; /* without its line end */
	size_t next;
	bool has_end;  /* its LF is there */
	bool is_bare;  /* a LF without CR */
	bool is_plain; /* known to have no oddity */
};

static struct line line_at(struct span bytes, size_t at)
{
	struct span rest = span_part(bytes, at, bytes.len);
	size_t len = span_find(rest, '\n');
	struct line line = { .has_end = len < rest.len };

	line.next = at + len + line.has_end;
	line.is_bare = line.has_end && (len == 0 || rest.at[len - 1] != '\r');
	if (line.has_end && !line.is_bare)
		len--;
	line.text = span_part(rest, 0, len);
	return line;
}

static inline unsigned char is_odd(unsigned char c, unsigned char next)
{
	return (unsigned char)((c >= 0x80) | (c == 0) |
			       ((c == '\r') ^ (next == '\n')));
}

enum { BLOCK = 64 };

/*
 * Is there nothing in a whole section that line_oddities() would note?  Nearly
 * always so, and one pass without branches costs less than many with.
 */
static bool is_plain(struct span bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	unsigned char odd = 0;
	size_t i = 0;

	if (!bytes.len || at[0] == '\n' || at[bytes.len - 1] != '\n')
		return false;
	for (; i + BLOCK < bytes.len; i += BLOCK)
		for (size_t k = i; k < i + BLOCK; k++)
			odd |= is_odd(at[k], at[k + 1]);
	for (; i + 1 < bytes.len; i++)
		odd |= is_odd(at[i], at[i + 1]);
	return !odd;
}

static bool has_8bit(struct span text)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= (unsigned char)text.at[i];
	return all >= 0x80;
}

static unsigned line_oddities(const struct line *line)
{
	unsigned oddities = line->is_bare ? HEADER_BARE_LF : 0;

	if (line->is_plain)
		return 0;
	if (span_find(line->text, '\r') < line->text.len)
		oddities |= HEADER_BARE_CR;
	if (span_find(line->text, '\0') < line->text.len)
		oddities |= HEADER_NUL;
	if (has_8bit(line->text))
		oddities |= HEADER_8BIT;
	return oddities;
}

/*
 * The name's length; 0 when the line has none.  Bytes over 0x7f are let
 * through, and noted: the line is a field to whoever wrote it.
 */
static size_t name_length(struct span line)
{
	size_t len = 0;

	while (len < line.len && (unsigned char)line.at[len] > ' ' &&
		line.at[len] != ':' && line.at[len] != 0x7f)
		len++;
	return len;
}

static bool field_begin(struct header_field *field, struct span line)
{
	size_t len = name_length(line);
	size_t colon = len;

	while (colon < line.len && ascii_is_blank(line.at[colon]))
		colon++;
	if (len == 0 || colon == line.len || line.at[colon] != ':')
		return false;
	field->name = span_part(line, 0, len);
	field->raw = line;
	field->value = span_part(line, colon + 1, line.len);
	if (colon > len)
		field->oddities |= HEADER_SPACE_BEFORE_COLON;
	return true;
}

/* The field grows to the end of this line; the line end before is in it. */
static void field_extend(struct header_field *field, const struct line *line)
{
	const char *end = line->text.at + line->text.len;

	field->raw.len = (size_t)(end - field->raw.at);
	field->value.len = (size_t)(end - field->value.at);
	field->oddities |= line_oddities(line);
	if (span_trim(line->text).len == 0)
		field->oddities |= HEADER_BLANK_FOLD;
}

/* Where fields are gathered. */
struct gathering {
	struct arena *arena;
	struct header *header;
	struct header_field *fields;
	size_t room;
	struct header_field *open; /* the one that a fold continues */
};

static void begin_line(struct gathering *gathering, const struct line *line)
{
	struct header *header = gathering->header;
	struct header_field field = {
		.line = header->line_count,
		.oddities = line_oddities(line),
	};

	gathering->open = NULL;
	if (header->line_count == 1 &&
		(span_starts_nocase(line->text, SPAN("From ")) ||
			span_starts_nocase(line->text, SPAN(">From "))) &&
		!field_begin(&field, line->text)) {
		header->oddities |= HEADER_MBOX_FROM;
		return;
	}
	if (!field.name.len && !field_begin(&field, line->text)) {
		header->oddities |= HEADER_NOT_A_FIELD | field.oddities;
		return;
	}
	if (header->count == HEADER_FIELDS_MAX) {
		header->oddities |= HEADER_TOO_LARGE;
		return;
	}
	gathering->fields = arena_grow(gathering->arena, gathering->fields,
		header->count, &gathering->room, sizeof(field));
	gathering->open = &gathering->fields[header->count++];
	*gathering->open = field;
	header->oddities |= field.oddities;
}

static void take_line(struct gathering *gathering, const struct line *line)
{
	bool is_fold = line->text.len && ascii_is_blank(line->text.at[0]);

	if (!is_fold) {
		begin_line(gathering, line);
	} else if (gathering->open) {
		field_extend(gathering->open, line);
		gathering->header->oddities |= gathering->open->oddities;
	} else {
		/* A fold of what was skipped, or of nothing. */
		gathering->header->oddities |= HEADER_NOT_A_FIELD |
					       line_oddities(line);
	}
}

void header_parse(struct arena *arena, struct span bytes, struct header *header)
{
	struct gathering gathering = { .arena = arena, .header = header };
	bool is_over = false, plain = is_plain(bytes);

	*header = (struct header){ 0 };
	if (bytes.len > HEADER_MAX) {
		bytes.len = HEADER_MAX;
		header->oddities |= HEADER_TOO_LARGE;
	}
	for (size_t at = 0; at < bytes.len && !is_over;) {
		struct line line = line_at(bytes, at);

		line.is_plain = plain;
		header->line_count++;
		is_over = line.text.len == 0 && line.has_end;
		if (is_over)
			header->oddities |= line_oddities(&line);
		else
			take_line(&gathering, &line);
		at = line.next;
	}
	if (!is_over)
		header->oddities |= HEADER_NO_EMPTY_LINE;
	header->fields = gathering.fields;
}

size_t header_find(const struct header *header, struct span name, size_t from)
{
	while (from < header->count &&
		!span_is_nocase(header->fields[from].name, name))
		from++;
	return from < header->count ? from : header->count;
}

const struct header_field *header_get(
	const struct header *header, struct span name)
{
	size_t at = header_find(header, name, 0);

	return at < header->count ? &header->fields[at] : NULL;
}

size_t header_count(const struct header *header, struct span name)
{
	size_t count = 0;

	for (size_t at = header_find(header, name, 0); at < header->count;
		at = header_find(header, name, at + 1))
		count++;
	return count;
}

struct span header_unfold(struct arena *arena, struct span value)
{
	char *room = arena_take(arena, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		bool is_end = value.at[i] == '\n' ||
			      (value.at[i] == '\r' && i + 1 < value.len &&
				      value.at[i + 1] == '\n');

		if (!is_end)
			room[len++] = value.at[i];
	}
	return span_trim((struct span){ room, len });
}

bool header_name_is_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ':')
			return false;
	return name.len > 0;
}
