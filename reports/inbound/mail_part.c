#include "reports/inbound/mail_part.h"

#include "probe/mail/reader.h"
#include "reports/inbound/charset.h"
#include "reports/inbound/html_text.h"
#include "reports/inbound/transfer_coding.h"

enum {
	ENTITIES_MAX = 4 * PARTS_MAX,
	STATUS_START_MAX = 4096,
};

/* One entity (RFC 2045 section 2.4): a mail, or a part of one. */
struct entity {
	struct header header;
	struct media_type type;
	struct span body;
	unsigned depth;
};

struct gathering {
	struct arena *arena;
	struct mail_parts *mail;
	size_t room;
	unsigned entities; /* multiparts too */
};

static struct span field_value(const struct header *header, struct span name)
{
	const struct header_field *field = header_get(header, name);

	return field ? field->value : SPAN("");
}

struct span mail_field(
	struct arena *arena, const struct header *header, struct span name)
{
	struct span value = field_value(header, name);

	return value.len ? charset_header_text(arena, value) : value;
}

static struct span next_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* ---- kinds */

static bool is_type(
	const struct entity *entity, const char *type, const char *subtype)
{
	return span_is_nocase(entity->type.type, span_of(type)) &&
	       span_is_nocase(entity->type.subtype, span_of(subtype));
}

/* Does a line near the top begin with this? */
static bool has_line(struct span text, struct span start)
{
	for (size_t i = 0; i < 40 && text.len; i++)
		if (span_starts_nocase(next_line(&text), start))
			return true;
	return false;
}

/*
 * A status or feedback part under a wrong name.  The field that each has to
 * have stands at the start of a line, and no line of prose is before it.
 */
static bool looks_like(struct span text, struct span field)
{
	struct span rest = text, line;

	do
		line = next_line(&rest);
	while (rest.len && !span_trim(line).len);
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == ':')
			return i && has_line(text, field);
		if (ascii_is_blank(line.at[i]))
			return false;
	}
	return false;
}

static enum part_kind text_kind(struct span content)
{
	if (looks_like(content, SPAN("Final-Recipient:")))
		return PART_STATUS;
	if (looks_like(content, SPAN("Feedback-Type:")))
		return PART_FEEDBACK;
	return PART_TEXT;
}

/* clang-format off */
static const struct kind_row {
	const char *type, *subtype;
	enum part_kind kind;
} kinds[] = {
	{ "message", "delivery-status",        PART_STATUS },
	{ "message", "global-delivery-status", PART_STATUS },   /* RFC 6533 */
	{ "message", "feedback-report",        PART_FEEDBACK },
	{ "message", "rfc822",                 PART_MESSAGE },
	{ "message", "global",                 PART_MESSAGE },
	{ "message", "partial",                PART_MESSAGE },
	{ "text",    "rfc822-headers",         PART_HEADERS },
	{ "text",    "rfc822-header",          PART_HEADERS },
	{ "message", "rfc822-headers",         PART_HEADERS },
	{ "message", "global-headers",         PART_HEADERS },
	{ "text",    "rfc822",                 PART_MESSAGE },
	{ "text",    "html",                   PART_HTML },
};
/* clang-format on */

static enum part_kind kind_of(const struct entity *entity)
{
	if (!entity->type.type.len)
		return PART_TEXT;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (is_type(entity, kinds[i].type, kinds[i].subtype))
			return kinds[i].kind;
	if (span_is_nocase(entity->type.type, SPAN("text")))
		return PART_TEXT;
	return PART_OTHER;
}

/* ---- leaves */

static bool is_for_reading(enum part_kind kind)
{
	return kind == PART_TEXT || kind == PART_HTML || kind == PART_STATUS ||
	       kind == PART_FEEDBACK;
}

static struct span decoded(
	struct arena *arena, const struct entity *entity, enum part_kind kind)
{
	struct span coding = span_trim(field_value(
		&entity->header, SPAN("Content-Transfer-Encoding")));
	struct span body = entity->body;

	if (is_for_reading(kind))
		body = span_part(body, 0, PART_TEXT_MAX);
	return transfer_decode(arena, coding, body);
}

/*
 * A NUL is a blank: behind one nothing may hide.  So is U+00A0, which stands
 * before addresses for its looks.
 */
static struct span with_blanks(struct arena *arena, struct span text)
{
	struct span wide = SPAN("\xc2\xa0");
	size_t len = 0;
	char *room;

	if (span_find(text, '\0') == text.len &&
		span_find(text, wide.at[0]) == text.len)
		return text;
	room = arena_take(arena, text.len);
	for (size_t i = 0; i < text.len; i++) {
		struct span rest = span_part(text, i, wide.len);

		room[len++] = text.at[i];
		if (text.at[i] && !span_is(rest, wide))
			continue;
		room[len - 1] = ' ';
		i += text.at[i] ? 1 : 0;
	}
	return (struct span){ room, len };
}

static struct span content_of(
	struct arena *arena, const struct entity *entity, enum part_kind kind)
{
	struct span content = entity->body;

	if (kind != PART_OTHER)
		content = decoded(arena, entity, kind);
	if (kind == PART_TEXT || kind == PART_HTML)
		content = charset_to_utf8(arena, entity->type.charset, content);
	if (kind == PART_HTML)
		content = html_text(arena, content);
	return is_for_reading(kind) ? with_blanks(arena, content) : content;
}

/* A mail that somebody attached as a file: "failure notice.eml". */
static bool is_mail_file(const struct entity *entity)
{
	struct span name = SPAN(".eml"), field;

	field = field_value(&entity->header, SPAN("Content-Disposition"));
	if (span_find_nocase(field, name) < field.len)
		return true;
	field = field_value(&entity->header, SPAN("Content-Type"));
	return span_find_nocase(field, name) < field.len;
}

/* A status that calls itself a file; its start is enough to know it. */
static bool is_status_file(struct arena *arena, const struct entity *entity)
{
	struct entity start = *entity;

	if (!is_type(entity, "application", "octet-stream"))
		return false;
	start.body = span_part(entity->body, 0, STATUS_START_MAX);
	return looks_like(
		decoded(arena, &start, PART_STATUS), SPAN("Final-Recipient:"));
}

static void add_leaf(struct gathering *gathering, const struct entity *entity)
{
	struct mail_parts *mail = gathering->mail;
	struct mail_part part = { .kind = kind_of(entity),
		.type = entity->type };

	if (mail->count == PARTS_MAX)
		return;
	if (part.kind == PART_OTHER && is_mail_file(entity))
		part.kind = PART_MESSAGE;
	else if (part.kind == PART_OTHER &&
		 is_status_file(gathering->arena, entity))
		part.kind = PART_STATUS;
	part.content = content_of(gathering->arena, entity, part.kind);
	part.coding = span_trim(field_value(
		&entity->header, SPAN("Content-Transfer-Encoding")));
	if (part.kind == PART_TEXT)
		part.kind = text_kind(part.content);
	mail->parts = arena_grow(gathering->arena, mail->parts, mail->count,
		&gathering->room, sizeof(part));
	mail->parts[mail->count++] = part;
}

/* ---- multiparts */

/*
 * Lines at the top in which a boundary may be: in what calls itself a
 * multipart, and in what says nothing.  Further down it is that of a message
 * that a bounce quotes.
 */
enum { PREAMBLE_LINES = 64, START_LINES = 4 };

/*
 * The boundary by its look: a line that begins with "--" and has a field of a
 * part's header below it.
 */
static struct span guess_boundary(struct span body, size_t lines)
{
	struct span rest = body;

	for (size_t i = 0; i < lines && rest.len; i++) {
		struct span line = next_line(&rest);

		if (line.len > 2 && line.len < 200 &&
			memcmp(line.at, "--", 2) == 0 &&
			span_starts_nocase(rest, SPAN("Content-")))
			return span_part(line, 2, line.len);
	}
	return SPAN("");
}

enum edge { EDGE_NONE, EDGE_NEXT, EDGE_END };

static enum edge edge_at(struct span line, struct span boundary)
{
	struct span rest;

	if (line.len < boundary.len + 2 || memcmp(line.at, "--", 2) != 0 ||
		memcmp(line.at + 2, boundary.at, boundary.len) != 0)
		return EDGE_NONE;
	rest = span_part(line, boundary.len + 2, line.len);
	if (rest.len >= 2 && memcmp(rest.at, "--", 2) == 0)
		return EDGE_END;
	return span_trim(rest).len ? EDGE_NONE : EDGE_NEXT;
}

/* The body up to the next edge, which is cut off; what edge it was. */
static enum edge cut_part(
	struct span *rest, struct span boundary, struct span *part)
{
	const char *start = rest->at;

	while (rest->len) {
		const char *at = rest->at;
		enum edge edge = edge_at(next_line(rest), boundary);

		*part = (struct span){ start, (size_t)(at - start) };
		if (edge != EDGE_NONE)
			return edge;
	}
	*part = (struct span){ start, (size_t)(rest->at - start) };
	return EDGE_END;
}

static void read_entity(
	struct gathering *gathering, struct span bytes, unsigned depth);

/* False: the boundary is nowhere in it, so it is no multipart. */
static bool read_multipart(
	struct gathering *gathering, const struct entity *entity)
{
	struct span rest = entity->body, boundary = entity->type.boundary, part;
	enum edge edge = boundary.len ? cut_part(&rest, boundary, &part)
				      : EDGE_END;

	if (edge != EDGE_NEXT) {
		rest = entity->body;
		boundary = guess_boundary(rest, PREAMBLE_LINES);
		if (!boundary.len)
			return false;
		edge = cut_part(&rest, boundary, &part);
	}
	while (edge == EDGE_NEXT && gathering->entities < ENTITIES_MAX) {
		edge = cut_part(&rest, boundary, &part);
		if (part.len)
			read_entity(gathering, part, entity->depth + 1);
	}
	return true;
}

/*
 * A part without any field may lack the empty line before its text, which then
 * must not be taken for a header.
 */
static void split_part(
	struct gathering *gathering, struct span bytes, struct entity *entity)
{
	struct span rest = bytes, first = next_line(&rest);

	entity->body = mail_split(gathering->arena, bytes, &entity->header);
	if (entity->depth && entity->header.count == 0 && first.len)
		entity->body = bytes;
}

static bool may_be_multipart(const struct entity *entity)
{
	if (entity->depth >= PART_DEPTH_MAX)
		return false;
	if (span_is_nocase(entity->type.type, SPAN("multipart")))
		return true;
	return !entity->type.type.len &&
	       guess_boundary(entity->body, START_LINES).len;
}

static void read_entity(
	struct gathering *gathering, struct span bytes, unsigned depth)
{
	struct entity entity = { .depth = depth };
	struct span type;
	const char *why;

	if (gathering->entities++ == ENTITIES_MAX)
		return;
	split_part(gathering, bytes, &entity);
	type = field_value(&entity.header, SPAN("Content-Type"));
	if (type.len &&
		!media_type_parse(gathering->arena, type, &entity.type, &why))
		type = SPAN("");
	if (depth == 0) {
		gathering->mail->header = entity.header;
		gathering->mail->type = entity.type;
	}
	if (may_be_multipart(&entity) && read_multipart(gathering, &entity))
		return;
	add_leaf(gathering, &entity);
}

void mail_parts_read(
	struct arena *arena, struct span message, struct mail_parts *mail)
{
	struct gathering gathering = { .arena = arena, .mail = mail };

	*mail = (struct mail_parts){ .count = 0 };
	read_entity(&gathering, message, 0);
}

const struct mail_part *mail_part_of(
	const struct mail_parts *mail, enum part_kind kind)
{
	for (size_t i = 0; i < mail->count; i++)
		if (mail->parts[i].kind == kind)
			return &mail->parts[i];
	return NULL;
}
