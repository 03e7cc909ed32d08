#include "probe/mail/canon.h"

const char *canon_word(enum canon canon)
{
	switch (canon) {
	case CANON_SIMPLE:
		return "simple";
	case CANON_RELAXED:
		return "relaxed";
	}
	return "";
}

bool canon_parse(struct span word, enum canon *canon)
{
	*canon = span_is(word, SPAN("relaxed")) ? CANON_RELAXED : CANON_SIMPLE;
	return span_is(word, span_of(canon_word(*canon)));
}

/* ---- a header field */

/* Only a LF without CR needs anything. */
static size_t simple_field_print(struct span raw, char *room)
{
	size_t len = 0;

	for (size_t i = 0; i < raw.len;) {
		struct span rest = span_part(raw, i, raw.len);
		size_t line = span_find(rest, '\n');

		memcpy(room + len, rest.at, line);
		len += line;
		i += line;
		if (i == raw.len)
			break;
		if (i == 0 || raw.at[i - 1] != '\r')
			room[len++] = '\r';
		room[len++] = '\n';
		i++;
	}
	return len;
}

static size_t relaxed_name_print(struct span name, char *room)
{
	name = span_trim(name);
	for (size_t i = 0; i < name.len; i++)
		room[i] = ascii_lower(name.at[i]);
	return name.len;
}

/*
 * The line ends of folds go, each run of blanks becomes one space, and those
 * at both ends vanish.
 */
static size_t relaxed_value_print(struct span value, char *room)
{
	bool had_blank = false;
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];

		if (ascii_is_blank(c)) {
			had_blank = true;
			continue;
		}
		if (c == '\n' || (c == '\r' && i + 1 < value.len &&
					 value.at[i + 1] == '\n'))
			continue;
		if (had_blank && len)
			room[len++] = ' ';
		had_blank = false;
		room[len++] = c;
	}
	return len;
}

size_t canon_field_print(enum canon canon, struct span raw, char *room)
{
	size_t colon, len;

	if (!raw.len)
		return 0;
	if (canon == CANON_SIMPLE)
		return simple_field_print(raw, room);
	colon = span_find(raw, ':');
	len = relaxed_name_print(span_part(raw, 0, colon), room);
	if (colon == raw.len)
		return len;
	room[len++] = ':';
	return len + relaxed_value_print(
			     span_part(raw, colon + 1, raw.len), room + len);
}

struct span canon_field(struct arena *arena, enum canon canon, struct span raw)
{
	char *room = arena_take(arena, CANON_FIELD_MAX(raw.len) + 1);

	return (struct span){ room, canon_field_print(canon, raw, room) };
}

/*
 * ---- the body
 *
 * Line ends are held back until something follows them, so that those at the
 * end of the body come down to one.  Relaxed also holds back blanks until it
 * is known whether the line ends, and both a CR until it is known whether it
 * belongs to a line end.  What is held back stands in the order
 *
 *      line ends, blank, CR
 *
 * and everything else leaves at once.  Text is looked at in blocks: as long as
 * no byte of a block has to change, it becomes part of one long run.
 */
void body_canon_init(struct body_canon *body, enum canon canon, uint64_t limit,
	struct canon_sink *sink)
{
	body->canon = canon;
	body->sink = sink;
	body->limit = limit;
	body->octets = 0;
	body->line_ends = 0;
	body->had_cr = body->had_blank = false;
	body->held_len = 0;
}

static void let_go(struct body_canon *body)
{
	if (body->held_len)
		body->sink->take(body->sink,
			(struct span){ body->held, body->held_len });
	body->held_len = 0;
}

/* Short pieces are gathered: a call of the sink costs more than a copy. */
static void emit(struct body_canon *body, struct span bytes)
{
	uint64_t left = body->octets < body->limit ? body->limit - body->octets
						   : 0;

	body->octets += bytes.len;
	if (bytes.len > left)
		bytes.len = (size_t)left;
	if (!bytes.len)
		return;
	if (bytes.len > sizeof(body->held) - body->held_len)
		let_go(body);
	if (bytes.len > sizeof(body->held) / 2) {
		let_go(body);
		body->sink->take(body->sink, bytes);
		return;
	}
	memcpy(body->held + body->held_len, bytes.at, bytes.len);
	body->held_len += bytes.len;
}

static void emit_held_back(struct body_canon *body)
{
	for (; body->line_ends; body->line_ends--)
		emit(body, SPAN("\r\n"));
	if (body->had_blank)
		emit(body, SPAN(" "));
	if (body->had_cr)
		emit(body, SPAN("\r"));
	body->had_blank = body->had_cr = false;
}

static void take_byte(struct body_canon *body, const char *at)
{
	bool is_relaxed = body->canon == CANON_RELAXED;

	if (*at == '\n') {
		body->had_cr = body->had_blank = false;
		body->line_ends++;
	} else if (is_relaxed && ascii_is_blank(*at)) {
		if (body->had_cr)
			emit_held_back(body);
		body->had_blank = true;
	} else {
		bool is_cr = *at == '\r';

		/* A second CR sets the first one free, with what precedes. */
		if (!is_cr || body->had_cr)
			emit_held_back(body);
		if (is_cr)
			body->had_cr = true;
		else
			emit(body, (struct span){ at, 1 });
	}
}

/*
 * Has this byte, or the LF behind it, to change?  No branches: a block of
 * these is what a compiler turns into vector instructions.
 */
static inline unsigned char is_troubled(
	unsigned char c, unsigned char next, unsigned char relaxed)
{
	unsigned char is_bare_end = (c != '\r') & (next == '\n');
	unsigned char is_before_more = (next == ' ') | (next == '\t') |
				       (next == '\r');
	unsigned char has_blank = (c == '\t') | ((c == ' ') & is_before_more);

	return (unsigned char)(is_bare_end | (has_blank & relaxed));
}

enum { BLOCK = 64 };

static inline bool block_is_troubled(
	const unsigned char *at, unsigned char relaxed)
{
	unsigned char any = 0;

	for (int i = 0; i < BLOCK; i++)
		any |= is_troubled(at[i], at[i + 1], relaxed);
	return any;
}

/*
 * How many bytes need no change; the last byte never counts, since what it
 * becomes depends on the next one.
 */
static size_t clean_length(const struct body_canon *body, struct span bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	unsigned char relaxed = body->canon == CANON_RELAXED;
	size_t i = 0;

	if (!bytes.len || at[0] == '\n')
		return 0;
	while (i + BLOCK < bytes.len && !block_is_troubled(at + i, relaxed))
		i += BLOCK;
	while (i + 1 < bytes.len && !is_troubled(at[i], at[i + 1], relaxed))
		i++;
	/* In front of a bare LF stands a byte that is not troubled itself. */
	if (i + 1 < bytes.len && at[i + 1] == '\n' && at[i] != '\r' &&
		!(relaxed && ascii_is_blank((char)at[i])))
		i++;
	/* A CR is held back, since a LF may follow. */
	return i && at[i - 1] == '\r' ? i - 1 : i;
}

/* A run leaves without the line ends at its end. */
static void take_run(struct body_canon *body, struct span run)
{
	uint64_t line_ends = 0;

	while (run.len >= 2 && run.at[run.len - 1] == '\n' &&
		run.at[run.len - 2] == '\r') {
		line_ends++;
		run.len -= 2;
	}
	if (run.len) {
		emit_held_back(body);
		emit(body, run);
	}
	body->line_ends += line_ends;
}

void body_canon_take(struct body_canon *body, struct span bytes)
{
	while (bytes.len) {
		size_t len = 0;

		if (!body->had_cr && !body->had_blank)
			len = clean_length(body, bytes);
		if (len)
			take_run(body, span_part(bytes, 0, len));
		else
			take_byte(body, bytes.at);
		bytes = span_part(bytes, len ? len : 1, bytes.len);
	}
}

/*
 * A last line without line end gets one.  A body of nothing is one CRLF to
 * simple (3.4.3) and stays nothing to relaxed (3.4.4).
 */
void body_canon_end(struct body_canon *body)
{
	if (body->had_cr) {
		emit_held_back(body);
		body->line_ends = 0;
	}
	if (body->octets || body->canon == CANON_SIMPLE)
		emit(body, SPAN("\r\n"));
	body->line_ends = 0;
	body->had_blank = false;
	let_go(body);
}

/* ---- in memory */

struct gatherer {
	struct canon_sink sink;
	char *room;
	size_t len;
};

static void gather(struct canon_sink *sink, struct span bytes)
{
	struct gatherer *gatherer = OWNER_OF(sink, struct gatherer, sink);

	memcpy(gatherer->room + gatherer->len, bytes.at, bytes.len);
	gatherer->len += bytes.len;
}

struct span canon_body(struct arena *arena, enum canon canon, struct span bytes)
{
	struct gatherer gatherer = {
		.sink = { gather },
		.room = arena_take(arena, 2 * bytes.len + 3),
	};
	struct body_canon body;

	body_canon_init(&body, canon, CANON_WHOLE, &gatherer.sink);
	body_canon_take(&body, bytes);
	body_canon_end(&body);
	return (struct span){ gatherer.room, gatherer.len };
}
