#ifndef MXP_ARCHIVE_FILE_H
#define MXP_ARCHIVE_FILE_H

#include "probe/base/arena.h"

/*
 * The files in a zip archive that is in memory, one after another.  Folders
 * and links are passed over; names are only told, nothing is written anywhere.
 *
 * A bomb is told from a report by what comes out of it: a file has at most
 * ARCHIVE_FILE_MAX octets, and the archive no more than ARCHIVE_RATIO times
 * its own size, once that is more than ARCHIVE_FREE.  Reports, the most
 * repetitive of texts, stay below a hundred times.
 */
enum {
	ARCHIVE_FILES_MAX = 256,        /* the others are an error */
	ARCHIVE_FILE_MAX = 64 * 1024 * 1024,
	ARCHIVE_RATIO = 250,
	ARCHIVE_FREE = 1024 * 1024,
	ARCHIVE_NAME_MAX = 255,         /* octets of a name that are kept */
};

struct archive_file;

struct archive_member {
	struct span name;
	struct span bytes;
};

enum archive_state {
	ARCHIVE_MEMBER,
	ARCHIVE_END,
	ARCHIVE_BAD,                    /* *why: and nothing more comes */
};

/* Does it begin like one? */
bool archive_is_likely(struct span start);

/* The bytes are borrowed until it is closed.  NULL with *why. */
struct archive_file *archive_file_open(struct arena *arena, struct span bytes,
	struct span *why);

/* The member is in the arena given here, which may be emptied meanwhile. */
enum archive_state archive_file_next(struct archive_file *file,
	struct arena *arena, struct archive_member *member,
	struct span *why) MXP_MUST_USE;

void archive_file_close(struct archive_file *file);

#endif
