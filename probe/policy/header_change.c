#include "probe/policy/header_change.h"

#include "probe/base/attr.h"

#define FORM "RFC 6376 section 3.4"
#define SIGN "RFC 6376 section 5.4"

const char header_changes_tried[] =
	"tags before the Subject, fields added or repeated, folds, white space"
	" and spelling of names, quotes, transfer encodings, spaces in address"
	" lists, and a From kept in another field";

struct listing {
	struct arena *arena;
	const struct signed_fields *covered;
	struct header_changes *changes;
	size_t index; /* of the field at hand */
	const struct header_field *field;
};

struct kind {
	const char *id;
	enum departs departs;
	const char *section, *fits;
};

static void add(struct listing *listing, const struct kind *kind,
	const struct header_field *field)
{
	struct header_changes *changes = listing->changes;

	if (changes->count == HEADER_CHANGES_MAX ||
		(field && span_is(field->raw, listing->field->raw)))
		return;
	changes->rows[changes->count++] =
		(struct header_change){ .id = kind->id,
			.departs = kind->departs,
			.section = kind->section,
			.fits = kind->fits,
			.index = listing->index,
			.field = field };
}

/* The same field with another name or value. */
static void add_text(struct listing *listing, const struct kind *kind,
	struct span name, struct span value)
{
	struct header_field *field = arena_new(
		listing->arena, struct header_field);

	*field = *listing->field;
	field->raw = arena_print(
		listing->arena, "%.*s:%.*s", SPAN_ARG(name), SPAN_ARG(value));
	field->name = span_part(field->raw, 0, name.len);
	field->value = span_part(field->raw, name.len + 1, field->raw.len);
	add(listing, kind, field);
}

static void add_value(
	struct listing *listing, const struct kind *kind, struct span value)
{
	add_text(listing, kind, listing->field->name, value);
}

static bool is_named(const struct listing *listing, const char *name)
{
	return span_is_nocase(listing->field->name, span_of(name));
}

/* A value without the octets that are in `dropped`. */
static struct span without(
	struct arena *arena, struct span value, const char *dropped)
{
	char *room = arena_take(arena, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++)
		if (!strchr(dropped, value.at[i]) || !value.at[i])
			room[len++] = value.at[i];
	return (struct span){ room, len };
}

/* ---- the Subject */

/* "[tag] ", "***SPAM*** ", "EXTERNAL: ", at the front of text. */
static size_t tag_length(struct span text)
{
	static const char *const words[] = { "EXT: ", "EXTERNAL: ", "SPAM: ",
		"(External) ", "(EXT) ", "Spam: ", "[SPAM]", "{Spam?} " };
	size_t end = text.len;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_starts_nocase(text, span_of(words[i])))
			end = strlen(words[i]);
	if (text.len && text.at[0] == '[')
		end = span_find(text, ']') + 1;
	if (span_starts_nocase(text, SPAN("***")))
		end = 3 +
		      span_find_nocase(
			      span_part(text, 3, text.len), SPAN("***")) +
		      3;
	if (end >= text.len)
		return 0;
	while (end < text.len && text.at[end] == ' ')
		end++;
	return end;
}

/* Also behind "Re: ", where lists put it just as well. */
static void undo_subject_tag(struct listing *listing)
{
	static const struct kind kind = { "subject-tag", DEPARTS_ON_THE_WAY,
		SIGN, "without the tag in front" };
	struct span text = header_unfold(listing->arena, listing->field->value);
	size_t re = span_starts_nocase(text, SPAN("Re: ")) ? 4 : 0;
	size_t tag = tag_length(text);

	if (!is_named(listing, "Subject"))
		return;
	if (tag)
		add_value(listing, &kind,
			arena_print(listing->arena, " %.*s",
				SPAN_ARG(span_part(text, tag, text.len))));
	tag = tag_length(span_part(text, re, text.len));
	if (re && tag)
		add_value(listing, &kind,
			arena_print(listing->arena, " Re: %.*s",
				SPAN_ARG(span_part(text, re + tag, text.len))));
}

/* ---- addresses */

static void undo_from(struct listing *listing)
{
	static const struct kind kind = { "from-rewritten", DEPARTS_ON_THE_WAY,
		SIGN, "as another field has kept it" };
	static const char *const keepers[] = { "X-Original-From",
		"Original-From", "Reply-To", "X-MailFrom", "X-Authentic-From" };

	if (!is_named(listing, "From"))
		return;
	for (size_t i = 0; i < COUNT_OF(keepers); i++) {
		const struct header_field *kept = header_get(
			listing->covered->header, span_of(keepers[i]));

		if (kept)
			add_value(listing, &kind, kept->value);
	}
}

/* The value with each comma followed by `gap` alone. */
static struct span respaced(
	struct arena *arena, struct span value, const char *gap)
{
	char *room = arena_take(arena, 2 * value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		room[len++] = value.at[i];
		if (value.at[i] != ',')
			continue;
		while (i + 1 < value.len &&
			strchr(" \t\r\n", value.at[i + 1]) && value.at[i + 1])
			i++;
		if (gap[0])
			room[len++] = gap[0];
	}
	return (struct span){ room, len };
}

static void undo_list_spacing(struct listing *listing)
{
	static const struct kind kind = { "address-list-spacing",
		DEPARTS_ON_THE_WAY, SIGN, "with other spaces behind commas" };
	static const char *const names[] = { "To", "Cc", "Reply-To", "From" };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!is_named(listing, names[i]))
			continue;
		add_value(listing, &kind,
			respaced(listing->arena, listing->field->value, ""));
		add_value(listing, &kind,
			respaced(listing->arena, listing->field->value, " "));
	}
}

/* ---- MIME */

static void undo_encoding(struct listing *listing)
{
	static const struct kind kind = { "transfer-encoding-changed",
		DEPARTS_ON_THE_WAY, "RFC 6376 section 5.3",
		"with another encoding" };
	static const char *const words[] = { " 8bit", " 7bit", " base64",
		" quoted-printable", " binary", " 8BIT", " 7BIT" };

	if (!is_named(listing, "Content-Transfer-Encoding"))
		return;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		add_value(listing, &kind, span_of(words[i]));
}

static struct span charset_quoted(struct arena *arena, struct span value)
{
	size_t at = span_find_nocase(value, SPAN("charset="));
	struct span word = span_part(value, at + 8, value.len);
	size_t len = span_find(word, ';');

	if (at == value.len || span_find(word, '"') < len)
		return value;
	return arena_print(arena, "%.*s\"%.*s\"%.*s",
		SPAN_ARG(span_part(value, 0, at + 8)),
		SPAN_ARG(span_part(word, 0, len)),
		SPAN_ARG(span_part(word, len, word.len)));
}

static void undo_content_type(struct listing *listing)
{
	static const struct kind kind = { "content-type-rewritten",
		DEPARTS_ON_THE_WAY, "RFC 6376 section 5.3",
		"with other quotes or letters" };
	struct span value = listing->field->value;

	if (!is_named(listing, "Content-Type"))
		return;
	add_value(listing, &kind, without(listing->arena, value, "\""));
	add_value(listing, &kind, charset_quoted(listing->arena, value));
	add_value(listing, &kind, arena_copy_lower(listing->arena, value));
}

/* ---- any field */

static void undo_adding(struct listing *listing)
{
	static const struct kind added = { "field-added", DEPARTS_ON_THE_WAY,
		SIGN, "not being there" };
	static const struct kind other = { "other-instance", DEPARTS_UNKNOWN,
		"RFC 6376 section 5.4.2",
		"as another field of that name has "
		"it" };
	const struct header *header = listing->covered->header;

	add(listing, &added, NULL);
	for (size_t i = 0; i < header->count; i++)
		if (&header->fields[i] != listing->field &&
			span_is_nocase(
				header->fields[i].name, listing->field->name))
			add(listing, &other, &header->fields[i]);
}

/* A fold within a word: its space was not there. */
static struct span glued(struct arena *arena, struct span value)
{
	char *room = arena_take(arena, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] != '\r' && value.at[i] != '\n') {
			room[len++] = value.at[i];
			continue;
		}
		while (i + 1 < value.len &&
			memchr(" \t\r\n", value.at[i + 1], 4))
			i++;
	}
	return (struct span){ room, len };
}

static void undo_folding(struct listing *listing)
{
	static const struct kind refolded = { "field-refolded",
		DEPARTS_ON_THE_WAY, FORM, "on one line" };
	static const struct kind cut = { "field-folded-in-a-word",
		DEPARTS_ON_THE_WAY, FORM,
		"without the folds and their "
		"spaces" };
	struct span value = listing->field->value;

	if (listing->covered->canon == CANON_SIMPLE)
		add_value(listing, &refolded,
			without(listing->arena, value, "\r\n"));
	add_value(listing, &cut, glued(listing->arena, value));
}

/* What relaxed forgives and simple does not. */
static void undo_spelling(struct listing *listing)
{
	static const struct kind name = { "name-respelled", DEPARTS_UNKNOWN,
		FORM, "with its name in other letters" };
	static const struct kind space = { "field-space-changed",
		DEPARTS_UNKNOWN, FORM, "with other white space at its ends" };
	static const char *const usual[] = { "Message-Id", "Message-ID",
		"Mime-Version", "MIME-Version", "CC", "Cc" };
	struct span value = listing->field->value;
	struct span trimmed = span_trim(value);

	if (listing->covered->canon != CANON_SIMPLE)
		return;
	for (size_t i = 0; i < COUNT_OF(usual); i++)
		if (is_named(listing, usual[i]))
			add_text(listing, &name, span_of(usual[i]), value);
	add_text(listing, &name,
		arena_copy_lower(listing->arena, listing->field->name), value);
	add_value(listing, &space,
		arena_print(listing->arena, " %.*s", SPAN_ARG(trimmed)));
	add_value(listing, &space, trimmed);
}

void header_changes_list(struct arena *arena,
	const struct signed_fields *covered, struct header_changes *changes)
{
	static void (*const undo[])(struct listing *) = { undo_subject_tag,
		undo_from, undo_encoding, undo_content_type, undo_list_spacing,
		undo_adding, undo_folding, undo_spelling };
	struct listing listing = {
		.arena = arena, .covered = covered, .changes = changes
	};

	changes->count = 0;
	for (size_t way = 0; way < COUNT_OF(undo); way++) {
		for (size_t i = 0; i < covered->count; i++) {
			listing.index = i;
			listing.field = covered->fields[i];
			undo[way](&listing);
		}
	}
}
