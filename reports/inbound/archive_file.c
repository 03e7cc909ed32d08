#include "reports/inbound/archive_file.h"

#include <stdint.h>

#include "reports/inbound/libarchive.h"
#include "reports/inbound/tar_reader.h"

/* What knows no time of a member says 1980. */
static const int64_t times_begin_s = 320000000;

struct archive_file {
	struct arena *arena;
	const struct libarchive *libarchive; /* of a zip */
	struct archive *archive;
	struct tar_reader *tar;          /* or NULL */
	struct compressed_source source; /* of the tar, where it has one */
	struct span rest;                /* that the tar has not used yet */
	uint64_t packed;                 /* octets of the archive, so far */
	uint64_t come_out;               /* octets, so far */
	unsigned files, files_max;
	bool is_bad;
	struct span why;
};

bool archive_is_tar(struct span start)
{
	return tar_is_likely(start);
}

bool archive_is_likely(struct span start)
{
	return span_is(span_part(start, 0, 4), SPAN("PK\3\4")) ||
	       archive_is_tar(start);
}

bool archive_is_bomb(uint64_t packed, uint64_t plain)
{
	return plain > ARCHIVE_FREE && plain / ARCHIVE_RATIO > packed;
}

static void fail(struct archive_file *file, struct span why)
{
	file->is_bad = true;
	file->why = arena_copy(file->arena, why);
}

/* ---- opening */

static struct span why_of(const struct archive_file *file)
{
	const char *text = file->libarchive->error_string(file->archive);

	return span_of(text ? text : "the archive is damaged");
}

static bool open_zip(struct archive_file *file, struct span bytes)
{
	const struct libarchive *libarchive = libarchive_load(
		file->arena, &file->why);

	if (!libarchive)
		return false;
	file->libarchive = libarchive;
	file->archive = libarchive->read_new();
	if (!file->archive) {
		file->why = SPAN("no memory is left to unpack it");
		return false;
	}
	libarchive->read_support_format_zip(file->archive);
	if (libarchive->read_open_memory(file->archive, bytes.at, bytes.len) ==
		ARCHIVE_OK)
		return true;
	fail(file, why_of(file));
	return false;
}

static struct archive_file *new_file(struct arena *arena)
{
	struct archive_file *file = arena_new(arena, struct archive_file);

	file->arena = arena;
	file->files_max = ARCHIVE_FILES_MAX;
	return file;
}

static void open_tar(struct archive_file *file)
{
	file->tar = arena_new(file->arena, struct tar_reader);
	tar_reader_init(file->tar);
}

struct archive_file *archive_file_open(
	struct arena *arena, struct span bytes, struct span *why)
{
	struct archive_file *file = new_file(arena);

	file->packed = bytes.len;
	if (archive_is_tar(bytes)) {
		open_tar(file);
		file->rest = bytes;
		return file;
	}
	if (open_zip(file, bytes))
		return file;
	*why = file->why;
	archive_file_close(file);
	return NULL;
}

struct archive_file *archive_file_stream(
	struct arena *arena, const struct compressed_source *source)
{
	struct archive_file *file = new_file(arena);

	open_tar(file);
	file->source = *source;
	return file;
}

void archive_file_is_wanted(struct archive_file *file)
{
	file->files_max = ARCHIVE_FILES_WANTED_MAX;
}

void archive_file_close(struct archive_file *file)
{
	if (file->archive)
		file->libarchive->read_free(file->archive);
}

/* ---- a tar */

/* The next piece of it.  False: it is over, or cannot be read. */
static bool has_more(struct archive_file *file)
{
	struct span why = SPAN("");

	if (!file->source.read)
		return false;
	switch (file->source.read(file->source.from, &file->rest, &why)) {
	case COMPRESSED_MORE:
		file->packed += file->rest.len;
		return true;
	case COMPRESSED_BAD:
		fail(file, why);
		break;
	case COMPRESSED_END:
		break;
	}
	return false;
}

static enum tar_got next_of_tar(struct archive_file *file)
{
	enum tar_got got;

	do
		got = tar_reader_next(file->tar, &file->rest);
	while (got == TAR_MORE && has_more(file));
	if (got == TAR_MORE && !file->is_bad)
		got = tar_reader_end(file->tar);
	if (got == TAR_BAD)
		fail(file, span_of(file->tar->why));
	return file->is_bad ? TAR_BAD : got;
}

static enum archive_state enter_tar(struct archive_file *file,
	struct arena *arena, struct archive_member *member)
{
	const struct tar_member *found = &file->tar->member;
	enum tar_got got;

	do
		got = next_of_tar(file);
	while (got == TAR_OCTETS || (got == TAR_MEMBER && !found->is_file &&
					    file->files++ < file->files_max));
	if (got != TAR_MEMBER)
		return got == TAR_END ? ARCHIVE_END : ARCHIVE_BAD;
	member->name = arena_copy(
		arena, (struct span){ found->name, found->name_len });
	member->written_ms = found->written_ms;
	member->size = found->size;
	return ARCHIVE_MEMBER;
}

static enum compressed_state read_tar(
	struct archive_file *file, struct span *piece)
{
	if (!file->tar->left)
		return COMPRESSED_END;
	if (next_of_tar(file) != TAR_OCTETS)
		return COMPRESSED_BAD;
	*piece = file->tar->octets;
	return COMPRESSED_MORE;
}

/* ---- a zip */

static enum archive_state enter_zip(struct archive_file *file,
	struct arena *arena, struct archive_member *member)
{
	const struct libarchive *libarchive = file->libarchive;
	struct archive_entry *entry;
	const char *name;
	int result;

	do
		result = libarchive->read_next_header(file->archive, &entry);
	while ((result == ARCHIVE_OK || result == ARCHIVE_WARN) &&
		libarchive->entry_filetype(entry) != AE_IFREG &&
		file->files++ < file->files_max);
	if (result == ARCHIVE_EOF)
		return ARCHIVE_END;
	if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
		fail(file, why_of(file));
		return ARCHIVE_BAD;
	}
	name = libarchive->entry_pathname(entry);
	if (name)
		member->name = arena_copy(
			arena, span_part(span_of(name), 0, ARCHIVE_NAME_MAX));
	if (libarchive->entry_size_is_set(entry) &&
		libarchive->entry_size(entry) > 0)
		member->size = (uint64_t)libarchive->entry_size(entry);
	if (libarchive->entry_mtime_is_set(entry))
		member->written_ms = (int64_t)libarchive->entry_mtime(entry) *
				     1000;
	return ARCHIVE_MEMBER;
}

static enum compressed_state read_zip(
	struct archive_file *file, struct span *piece)
{
	const void *bytes;
	la_int64_t offset;
	int result = file->libarchive->read_data_block(
		file->archive, &bytes, &piece->len, &offset);

	piece->at = bytes;
	if (result == ARCHIVE_EOF) {
		*piece = SPAN("");
		return COMPRESSED_END;
	}
	if (result >= ARCHIVE_WARN)
		return COMPRESSED_MORE;
	fail(file, why_of(file));
	return COMPRESSED_BAD;
}

/* ---- either */

enum archive_state archive_file_enter(struct archive_file *file,
	struct arena *arena, struct archive_member *member, struct span *why)
{
	enum archive_state state = ARCHIVE_BAD;

	*member = (struct archive_member){ .name = SPAN("") };
	if (!file->is_bad)
		state = file->tar ? enter_tar(file, arena, member)
				  : enter_zip(file, arena, member);
	if (state == ARCHIVE_MEMBER && file->files++ >= file->files_max) {
		fail(file, SPAN("it holds more files than are read"));
		state = ARCHIVE_BAD;
	}
	if (member->written_ms < times_begin_s * 1000)
		member->written_ms = 0;
	if (state == ARCHIVE_BAD)
		*why = file->why;
	return state;
}

enum compressed_state archive_file_read(
	struct archive_file *file, struct span *piece, struct span *why)
{
	enum compressed_state state = COMPRESSED_BAD;

	*piece = SPAN("");
	if (!file->is_bad)
		state = file->tar ? read_tar(file, piece)
				  : read_zip(file, piece);
	file->come_out += piece->len;
	if (archive_is_bomb(file->packed, file->come_out)) {
		fail(file, SPAN("it unpacks to more than any report has"));
		state = COMPRESSED_BAD;
	}
	if (state == COMPRESSED_BAD)
		*why = file->why;
	return state;
}

static bool gather(struct archive_file *file, struct arena *arena,
	struct span *whole, struct span *why)
{
	enum compressed_state state;
	struct span piece;
	size_t room = 0;
	char *at = NULL;

	*whole = SPAN("");
	while ((state = archive_file_read(file, &piece, why)) ==
		COMPRESSED_MORE) {
		if (piece.len > ARCHIVE_FILE_MAX - whole->len) {
			*why = SPAN("a file in it is larger than any report");
			return false;
		}
		while (whole->len + piece.len > room)
			at = arena_grow(arena, at, room, &room, 1);
		if (piece.len)
			memcpy(at + whole->len, piece.at, piece.len);
		*whole = (struct span){ at, whole->len + piece.len };
	}
	return state == COMPRESSED_END;
}

enum archive_state archive_file_next(struct archive_file *file,
	struct arena *arena, struct archive_member *member, struct span *why)
{
	enum archive_state state = archive_file_enter(file, arena, member, why);

	if (state != ARCHIVE_MEMBER)
		return state;
	return gather(file, arena, &member->bytes, why) ? ARCHIVE_MEMBER
							: ARCHIVE_BAD;
}
