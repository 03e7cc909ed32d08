#include "probe/verbs/witness.h"

#include "probe/base/escape.h"
#include "probe/base/note.h"

/* "reports.zip: member": of the many members of one the first are named. */
static bool is_one_too_many(struct explanation *explanation, struct span file)
{
	struct span archive = span_part(
		file, 0, span_find_nocase(file, SPAN(": ")));

	if (archive.len == file.len ||
		!span_is(archive, explanation->unread_in)) {
		explanation->unread_in = arena_copy(
			explanation->arena, archive);
		explanation->unread_inside = 0;
	}
	return archive.len < file.len &&
	       ++explanation->unread_inside > EXPLAIN_NOTES_MAX;
}

static void note_unread(
	struct explanation *explanation, struct span file, struct span why)
{
	struct arena *arena;

	if (is_one_too_many(explanation, file)) {
		why = SPAN("more of what is in it cannot be read");
		file = explanation->unread_in;
		if (explanation->unread_inside > EXPLAIN_NOTES_MAX + 1)
			return;
	}
	arena = arena_open();
	note("%.*s: %.*s", SPAN_ARG(escape_text(arena, file)),
		SPAN_ARG(escape_text(arena, why)));
	arena_close(arena);
}

/* What has logs in it is read twice. */
static bool is_told(const struct explanation *explanation, struct span file,
	struct span why)
{
	for (size_t i = 0; i < explanation->unread_count; i++)
		if (span_is(explanation->unread[i].why, why) &&
			span_is(explanation->unread[i].file, file))
			return true;
	return false;
}

void explain_unreadable(
	struct explanation *explanation, struct span file, struct span why)
{
	explanation->has_unread = true;
	if (is_told(explanation, file, why))
		return;
	note_unread(explanation, file, why);
	if (explanation->unread_count == EXPLAIN_UNREAD_MAX)
		return;
	explanation->unread = arena_grow(explanation->arena,
		explanation->unread, explanation->unread_count,
		&explanation->unread_room, sizeof(*explanation->unread));
	explanation->unread[explanation->unread_count++] =
		(struct explain_unread){ arena_copy(explanation->arena, file),
			arena_copy(explanation->arena, why) };
}

void witness_is_useless(struct witness *source, struct span why)
{
	struct explanation *explanation = source->explanation;

	if (!source->is_found) {
		explain_unreadable(explanation, source->name, why);
		return;
	}
	explanation->passed_over++;
	if (explanation->program->options.verbose) {
		struct arena *arena = arena_open();

		note("%.*s: %.*s; passed over",
			SPAN_ARG(escape_text(arena, source->name)),
			SPAN_ARG(why));
		arena_close(arena);
	}
}

/* ---- octets */

static bool read_on(struct witness *source, struct span *piece)
{
	struct span why = SPAN("");

	switch (compressed_file_read(source->file, piece, &why)) {
	case COMPRESSED_MORE:
		*piece = marked_text_take(&source->text, source->arena, *piece);
		return true;
	case COMPRESSED_BAD:
		explain_unreadable(source->explanation, source->name, why);
		break;
	case COMPRESSED_END:
		break;
	}
	*piece = marked_text_end(&source->text);
	return piece->len > 0;
}

/* A pipe gives little at a time: until there is enough to tell. */
static void read_head(struct witness *source)
{
	size_t room = WITNESS_HEAD, len = 0;
	char *head = arena_take(source->arena, room);
	struct span piece;

	while (len < WITNESS_HEAD) {
		if (!read_on(source, &piece)) {
			source->is_whole = true;
			break;
		}
		if (len + piece.len > room) {
			char *larger = arena_take(
				source->arena, len + piece.len);

			memcpy(larger, head, len);
			head = larger;
			room = len + piece.len;
		}
		if (piece.len)
			memcpy(head + len, piece.at, piece.len);
		len += piece.len;
	}
	source->head = (struct span){ head, len };
}

bool witness_read(struct witness *source, struct span *piece)
{
	if (!source->has_given_head) {
		source->has_given_head = true;
		*piece = source->head;
		return true;
	}
	return !source->is_whole && read_on(source, piece);
}

bool witness_read_whole(
	struct witness *source, size_t max, char **bytes, size_t *len)
{
	FILE *whole;
	struct span piece;
	size_t octets = 0;

	*bytes = NULL;
	*len = 0;
	whole = open_memstream(bytes, len);
	if (!whole)
		return false;
	while (octets <= max && witness_read(source, &piece)) {
		octets += piece.len;
		fwrite(piece.at, 1, piece.len, whole);
	}
	return fclose(whole) == 0 && octets <= max;
}

/* ---- */

struct witness *witness_open(struct explanation *explanation, const char *name)
{
	struct arena *arena = arena_open();
	struct witness *source = arena_new(arena, struct witness);
	struct span why = SPAN("");

	source->explanation = explanation;
	source->arena = arena;
	source->is_input = strcmp(name, "-") == 0;
	source->name = source->is_input ? SPAN("standard input")
					: arena_copy(arena, span_of(name));
	source->file = compressed_file_open(arena, name, &why);
	if (!source->file) {
		explain_unreadable(explanation, source->name, why);
		arena_close(arena);
		return NULL;
	}
	source->written_ms = compressed_file_written_ms(source->file);
	read_head(source);
	return source;
}

struct witness *witness_open_member(const struct witness *archive,
	struct arena *arena, const struct archive_member *member,
	const struct compressed_source *octets)
{
	struct witness *source = arena_new(arena, struct witness);
	struct span why = SPAN("");

	source->explanation = archive->explanation;
	source->arena = arena;
	source->name = arena_print(arena, "%.*s: %.*s", SPAN_ARG(archive->name),
		SPAN_ARG(member->name));
	source->written_ms = member->written_ms ? member->written_ms
						: archive->written_ms;
	source->is_found = true;
	source->file = compressed_file_of(arena, octets, &why);
	if (!source->file) {
		explain_unreadable(source->explanation, source->name, why);
		return NULL;
	}
	read_head(source);
	return source;
}

bool witness_is_once(const struct witness *source)
{
	return source->is_input || !source->written_ms;
}

void witness_close(struct witness *source)
{
	compressed_file_close(source->file);
	arena_close(source->arena);
}
