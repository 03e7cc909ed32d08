#include "reports/inbound/archive_file.h"

#include <stdint.h>

#include "reports/inbound/libarchive.h"

struct archive_file {
	const struct libarchive *libarchive;
	struct archive *archive;
	size_t packed;     /* octets of the archive */
	uint64_t come_out; /* octets, so far */
	unsigned files;
};

bool archive_is_likely(struct span start)
{
	return span_is(span_part(start, 0, 4), SPAN("PK\3\4"));
}

static struct span why_of(const struct archive_file *file, struct arena *arena)
{
	const char *text = file->libarchive->error_string(file->archive);

	return arena_print(arena, "%s", text ? text : "the archive is damaged");
}

struct archive_file *archive_file_open(
	struct arena *arena, struct span bytes, struct span *why)
{
	struct archive_file *file = arena_new(arena, struct archive_file);

	file->packed = bytes.len;
	file->libarchive = libarchive_load(arena, why);
	if (!file->libarchive)
		return NULL;
	file->archive = file->libarchive->read_new();
	if (!file->archive) {
		*why = SPAN("no memory is left to unpack it");
		return NULL;
	}
	file->libarchive->read_support_format_zip(file->archive);
	if (file->libarchive->read_open_memory(
		    file->archive, bytes.at, bytes.len) == ARCHIVE_OK)
		return file;
	*why = why_of(file, arena);
	archive_file_close(file);
	return NULL;
}

void archive_file_close(struct archive_file *file)
{
	file->libarchive->read_free(file->archive);
}

static bool is_bomb(const struct archive_file *file)
{
	return file->come_out > ARCHIVE_FREE &&
	       file->come_out / ARCHIVE_RATIO > file->packed;
}

/* A member as it grows. */
struct gathered {
	char *at;
	size_t len, room;
};

static bool take_piece(struct archive_file *file, struct arena *arena,
	struct span piece, struct gathered *gathered)
{
	if (piece.len > ARCHIVE_FILE_MAX - gathered->len)
		return false;
	while (gathered->len + piece.len > gathered->room)
		gathered->at = arena_grow(arena, gathered->at, gathered->room,
			&gathered->room, 1);
	if (piece.len)
		memcpy(gathered->at + gathered->len, piece.at, piece.len);
	gathered->len += piece.len;
	file->come_out += piece.len;
	return !is_bomb(file);
}

static bool read_member(struct archive_file *file, struct arena *arena,
	struct span *whole, struct span *why)
{
	struct gathered gathered = { .at = NULL };

	for (;;) {
		struct span piece;
		const void *bytes;
		la_int64_t offset;
		int result = file->libarchive->read_data_block(
			file->archive, &bytes, &piece.len, &offset);

		piece.at = bytes;
		*whole = (struct span){ gathered.at, gathered.len };
		if (result == ARCHIVE_EOF)
			return true;
		if (result < ARCHIVE_WARN) {
			*why = why_of(file, arena);
			return false;
		}
		if (take_piece(file, arena, piece, &gathered))
			continue;
		*why = SPAN("it unpacks to more than any report has");
		return false;
	}
}

/* The next entry that is a file. */
static int next_file(struct archive_file *file, struct archive_entry **entry)
{
	int result;

	do
		result = file->libarchive->read_next_header(
			file->archive, entry);
	while ((result == ARCHIVE_OK || result == ARCHIVE_WARN) &&
		file->libarchive->entry_filetype(*entry) != AE_IFREG &&
		file->files++ < ARCHIVE_FILES_MAX);
	return result;
}

enum archive_state archive_file_next(struct archive_file *file,
	struct arena *arena, struct archive_member *member, struct span *why)
{
	struct archive_entry *entry;
	const char *name;
	int result = next_file(file, &entry);

	*member = (struct archive_member){ .name = SPAN("") };
	if (result == ARCHIVE_EOF)
		return ARCHIVE_END;
	if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
		*why = why_of(file, arena);
		return ARCHIVE_BAD;
	}
	if (file->files++ >= ARCHIVE_FILES_MAX) {
		*why = SPAN("it holds more files than are read");
		return ARCHIVE_BAD;
	}
	name = file->libarchive->entry_pathname(entry);
	if (name)
		member->name = arena_copy(
			arena, span_part(span_of(name), 0, ARCHIVE_NAME_MAX));
	return read_member(file, arena, &member->bytes, why) ? ARCHIVE_MEMBER
							     : ARCHIVE_BAD;
}
