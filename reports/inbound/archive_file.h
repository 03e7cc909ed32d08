#ifndef MXP_ARCHIVE_FILE_H
#define MXP_ARCHIVE_FILE_H

#include "reports/inbound/compressed_file.h"

/*
 * The files in a zip or a tar archive, one after another.  Folders, links,
 * devices and files with holes in them are passed over; names are only told,
 * nothing is written anywhere.  A zip is in memory, since what is in it stands
 * at its end; a tar may be, or comes a piece at a time, whatever its size.
 *
 *	while (archive_file_enter(file, arena, &member, &why) == ARCHIVE_MEMBER)
 *		while (archive_file_read(file, &piece, &why) == COMPRESSED_MORE)
 *			...
 *
 * A bomb is told from a report by what comes out of it: no more than
 * ARCHIVE_RATIO times the size of the archive, once that is more than
 * ARCHIVE_FREE.  Reports, the most repetitive of texts, stay below a hundred
 * times.
 */
enum {
	ARCHIVE_FILES_MAX = 256,        /* the others are an error, ... */
	ARCHIVE_FILES_WANTED_MAX = 64 * 1024, /* ... in one that a user names */
	ARCHIVE_FILE_MAX = 64 * 1024 * 1024,  /* octets of a file at once */
	ARCHIVE_RATIO = 250,
	ARCHIVE_FREE = 1024 * 1024,
	ARCHIVE_NAME_MAX = 255,         /* octets of a name that are kept */
};

struct archive_file;

struct archive_member {
	struct span name;
	int64_t written_ms;             /* since 1970; 0: not known */
	uint64_t size;                  /* octets, it says; 0: not known */
	struct span bytes;              /* where all of it was asked for */
};

enum archive_state {
	ARCHIVE_MEMBER,
	ARCHIVE_END,
	ARCHIVE_BAD,                    /* *why: and nothing more comes */
};

/* Does it begin like one?  A tar is known by its first block, 512 octets. */
bool archive_is_likely(struct span start);
bool archive_is_tar(struct span start);

/* Has so much come out of so much that it is a bomb? */
bool archive_is_bomb(uint64_t packed, uint64_t plain);

/* The bytes are borrowed until it is closed.  NULL with *why. */
struct archive_file *archive_file_open(struct arena *arena, struct span bytes,
	struct span *why);

/* A tar that comes a piece at a time. */
struct archive_file *archive_file_stream(struct arena *arena,
	const struct compressed_source *source);

/* The user has named it: up to ARCHIVE_FILES_WANTED_MAX files. */
void archive_file_is_wanted(struct archive_file *file);

/* The next file, its name in the arena given; what was not read of the one
 * before is passed over. */
enum archive_state archive_file_enter(struct archive_file *file,
	struct arena *arena, struct archive_member *member,
	struct span *why) MXP_MUST_USE;

/* Of that file; the piece lives until the next call. */
enum compressed_state archive_file_read(struct archive_file *file,
	struct span *piece, struct span *why) MXP_MUST_USE;

/* The next file and all of it, in the arena given here, which may be emptied
 * meanwhile. */
enum archive_state archive_file_next(struct archive_file *file,
	struct arena *arena, struct archive_member *member,
	struct span *why) MXP_MUST_USE;

void archive_file_close(struct archive_file *file);

#endif
