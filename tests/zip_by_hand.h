#ifndef MXP_TESTS_ZIP_BY_HAND_H
#define MXP_TESTS_ZIP_BY_HAND_H

#include <archive.h>
#include <archive_entry.h>

#include "probe/base/arena.h"

/* A zip of one member, which is written `times` times into it. */
static struct span zip_of(struct arena *own, const char *name,
	struct span bytes, size_t times)
{
	enum { ROOM = 1024 * 1024 };
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char *room = arena_take(own, ROOM);
	size_t used = 0;

	archive_write_set_format_zip(archive);
	archive_write_open_memory(archive, room, ROOM, &used);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)(bytes.len * times));
	archive_write_header(archive, entry);
	for (size_t i = 0; i < times; i++)
		archive_write_data(archive, bytes.at, bytes.len);
	archive_entry_free(entry);
	archive_write_close(archive);
	archive_write_free(archive);
	return (struct span){ room, used };
}

#endif
