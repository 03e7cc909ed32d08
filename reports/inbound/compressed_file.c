#include "reports/inbound/compressed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/inbound/libarchive.h"

enum { HEAD = 8 };

struct compressed_file {
	struct arena *arena;
	int fd;
	char *room;
	size_t piece; /* octets of it */
	size_t begun; /* of room, read to see what it is */
	const struct libarchive *libarchive;
	struct archive *archive;         /* NULL: plain */
	bool is_empty;                   /* what is packed */
	struct span in_memory;           /* in place of a file */
	struct compressed_source source; /* the same */
	struct span rest;                /* of it, that is not read yet */
	uint64_t taken;
	int64_t written_ms;
};

/* clang-format off */
static const struct span heads[] = {
	{ "\x1f\x8b", 2 },                      /* gzip */
	{ "\x28\xb5\x2f\xfd", 4 },              /* zstd */
	{ "\xfd" "7zXZ\0", 6 },                 /* xz */
	{ "BZh", 3 },                           /* bzip2 */
};
/* clang-format on */

static bool is_packed(struct span start)
{
	for (size_t i = 0; i < COUNT_OF(heads); i++)
		if (span_is(span_part(start, 0, heads[i].len), heads[i]))
			return true;
	return false;
}

/* Less than 0: it cannot be read. */
static ssize_t read_source(
	struct compressed_file *file, char *room, size_t size, struct span *why)
{
	enum compressed_state state = COMPRESSED_MORE;
	struct span part;

	while (!file->rest.len && state == COMPRESSED_MORE)
		state = file->source.read(file->source.from, &file->rest, why);
	if (state == COMPRESSED_BAD)
		return -1;
	part = span_part(file->rest, 0, size);
	if (part.len)
		memcpy(room, part.at, part.len);
	file->rest = span_part(file->rest, part.len, file->rest.len);
	return (ssize_t)part.len;
}

static ssize_t read_again(
	struct compressed_file *file, char *room, size_t size, struct span *why)
{
	ssize_t len;

	if (file->source.read)
		return read_source(file, room, size, why);
	do
		len = read(file->fd, room, size);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		*why = span_of(strerror(errno));
	else
		file->taken += (uint64_t)len;
	return len;
}

/* libarchive's client: what was read to see the head comes first. */
static la_ssize_t feed(
	struct archive *archive, void *client, const void **bytes)
{
	struct compressed_file *file = client;
	struct span why;
	ssize_t len;

	if (!file->room) {
		*bytes = file->in_memory.at;
		len = (ssize_t)file->in_memory.len;
		file->in_memory.len = 0;
		return len;
	}
	*bytes = file->room;
	len = (ssize_t)file->begun;
	file->begun = 0;
	if (len)
		return len;
	len = read_again(file, file->room, file->piece, &why);
	if (len < 0)
		file->libarchive->set_error(
			archive, EIO, "%.*s", SPAN_ARG(why));
	return len;
}

static struct span why_of(const struct compressed_file *file)
{
	const char *text = file->libarchive->error_string(file->archive);

	return arena_print(file->arena, "%s",
		text ? text : "it is damaged and cannot be unpacked");
}

static bool start_libarchive(struct compressed_file *file, struct span *why)
{
	const struct libarchive *libarchive = libarchive_load(file->arena, why);

	if (!libarchive)
		return false;
	file->libarchive = libarchive;
	file->archive = libarchive->read_new();
	if (!file->archive) {
		*why = SPAN("no memory is left to unpack it");
		return false;
	}
	libarchive->read_support_filter_gzip(file->archive);
	libarchive->read_support_filter_zstd(file->archive);
	libarchive->read_support_filter_xz(file->archive);
	libarchive->read_support_filter_bzip2(file->archive);
	libarchive->read_support_format_raw(file->archive);
	libarchive->read_support_format_empty(file->archive);
	return true;
}

static bool open_archive(struct compressed_file *file, struct span *why)
{
	struct archive_entry *entry;

	if (!start_libarchive(file, why))
		return false;
	if (file->libarchive->read_open(
		    file->archive, file, NULL, feed, NULL) == ARCHIVE_OK) {
		int result = file->libarchive->read_next_header(
			file->archive, &entry);

		/* There is nothing in it: asking on is an error. */
		file->is_empty = result == ARCHIVE_EOF;
		if (result >= ARCHIVE_WARN)
			return true;
	}
	*why = why_of(file);
	return false;
}

static void close_archive(struct compressed_file *file)
{
	if (file->archive)
		file->libarchive->read_free(file->archive);
}

/* Enough of the file to know what it is; a pipe may give it in pieces. */
static bool read_head(struct compressed_file *file, struct span *why)
{
	while (file->begun < HEAD) {
		ssize_t len = read_again(file, file->room + file->begun,
			file->piece - file->begun, why);

		if (len < 0)
			return false;
		if (len == 0)
			break;
		file->begun += (size_t)len;
	}
	return true;
}

/* When it was written, and how much of it to read at a time: most mails are
 * smaller than a piece. */
static void stat_file(struct compressed_file *file)
{
	struct stat facts;

	file->piece = COMPRESSED_FILE_PIECE;
	if (fstat(file->fd, &facts) != 0 || !S_ISREG(facts.st_mode))
		return;
	file->written_ms = (int64_t)facts.st_mtim.tv_sec * 1000 +
			   facts.st_mtim.tv_nsec / 1000000;
	if (facts.st_size < COMPRESSED_FILE_PIECE - HEAD)
		file->piece = (size_t)facts.st_size + HEAD;
}

static struct compressed_file *begin(
	struct compressed_file *file, struct span *why)
{
	file->room = arena_take(file->arena, file->piece);
	if (read_head(file, why) &&
		(!is_packed((struct span){ file->room, file->begun }) ||
			open_archive(file, why)))
		return file;
	compressed_file_close(file);
	return NULL;
}

struct compressed_file *compressed_file_open(
	struct arena *arena, const char *name, struct span *why)
{
	struct compressed_file *file = arena_new(arena, struct compressed_file);

	file->arena = arena;
	file->fd = strcmp(name, "-") == 0
			   ? dup(STDIN_FILENO)
			   : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file->fd < 0) {
		*why = span_of(strerror(errno));
		return NULL;
	}
	stat_file(file);
	return begin(file, why);
}

struct compressed_file *compressed_file_of(struct arena *arena,
	const struct compressed_source *source, struct span *why)
{
	struct compressed_file *file = arena_new(arena, struct compressed_file);

	file->arena = arena;
	file->fd = -1;
	file->source = *source;
	file->piece = COMPRESSED_FILE_PIECE;
	if (source->size && source->size < COMPRESSED_FILE_PIECE - HEAD)
		file->piece = (size_t)source->size + HEAD;
	return begin(file, why);
}

void compressed_file_close(struct compressed_file *file)
{
	close_archive(file);
	if (file->fd >= 0)
		close(file->fd);
}

static enum compressed_state read_packed(
	struct compressed_file *file, struct span *piece, struct span *why)
{
	const void *bytes = NULL;
	la_int64_t offset;
	int result = ARCHIVE_EOF;

	*piece = SPAN("");
	if (!file->is_empty)
		result = file->libarchive->read_data_block(
			file->archive, &bytes, &piece->len, &offset);

	piece->at = bytes;
	if (result == ARCHIVE_EOF)
		return COMPRESSED_END;
	if (result >= ARCHIVE_WARN)
		return COMPRESSED_MORE;
	*why = why_of(file);
	return COMPRESSED_BAD;
}

enum compressed_state compressed_file_read(
	struct compressed_file *file, struct span *piece, struct span *why)
{
	ssize_t len;

	*piece = (struct span){ 0 };
	if (file->archive)
		return read_packed(file, piece, why);
	len = (ssize_t)file->begun;
	file->begun = 0;
	if (!len)
		len = read_again(file, file->room, file->piece, why);
	if (len < 0)
		return COMPRESSED_BAD;
	*piece = (struct span){ file->room, (size_t)len };
	return len ? COMPRESSED_MORE : COMPRESSED_END;
}

bool compressed_file_is_packed(const struct compressed_file *file)
{
	return file->archive != NULL;
}

uint64_t compressed_file_taken(const struct compressed_file *file)
{
	return file->taken;
}

int64_t compressed_file_written_ms(const struct compressed_file *file)
{
	return file->written_ms;
}

/* Doubling, as all is to be in one piece. */
static bool gather(struct compressed_file *file, size_t max, struct span *plain,
	struct span *why)
{
	size_t room = 0, len = 0;
	char *out = NULL;

	for (;;) {
		struct span piece;
		enum compressed_state state = read_packed(file, &piece, why);

		if (state == COMPRESSED_BAD)
			return false;
		if (state == COMPRESSED_END)
			break;
		if (piece.len > max - len) {
			*why = arena_print(file->arena,
				"it unpacks to more than %zu octets", max);
			return false;
		}
		while (len + piece.len > room)
			out = arena_grow(file->arena, out, room, &room, 1);
		if (piece.len)
			memcpy(out + len, piece.at, piece.len);
		len += piece.len;
	}
	*plain = (struct span){ out, len };
	return true;
}

bool compressed_unpack(struct arena *arena, struct span packed, size_t max,
	struct span *plain, struct span *why)
{
	struct compressed_file file = {
		.arena = arena, .fd = -1, .in_memory = packed
	};
	bool is_good;

	*plain = packed;
	if (!is_packed(packed))
		return true;
	is_good = open_archive(&file, why) && gather(&file, max, plain, why);
	close_archive(&file);
	return is_good;
}
