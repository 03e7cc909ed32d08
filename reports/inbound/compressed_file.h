#ifndef MXP_COMPRESSED_FILE_H
#define MXP_COMPRESSED_FILE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * A file that is read a piece at a time, whatever its size, and is unpacked on
 * the way: gzip (of several members too), zstd, xz and bzip2 are known by how
 * they begin, and anything else is read as it is.  "-" is standard input.
 *
 * The end of a plain file is where it ends now: whoever waits for it to grow
 * asks again.  The end of a packed one is final.
 */
struct compressed_file;

enum { COMPRESSED_FILE_PIECE = 256 * 1024 };    /* octets at once, about */

enum compressed_state {
	COMPRESSED_MORE,                /* here are some octets */
	COMPRESSED_END,
	COMPRESSED_BAD,                 /* it cannot be read or unpacked */
};

/* Octets that come from elsewhere, as those of a file in an archive do. */
struct compressed_source {
	void *from;
	enum compressed_state (*read)(void *from, struct span *piece,
		struct span *why);
	uint64_t size;                  /* octets, about; 0: not known */
};

/* NULL with *why in the arena: it cannot be opened. */
struct compressed_file *compressed_file_open(struct arena *arena,
	const char *name, struct span *why);
struct compressed_file *compressed_file_of(struct arena *arena,
	const struct compressed_source *source, struct span *why);
void compressed_file_close(struct compressed_file *file);

/* The piece lives until the next call.  *why is set when it is bad. */
enum compressed_state compressed_file_read(struct compressed_file *file,
	struct span *piece, struct span *why) MXP_MUST_USE;

bool compressed_file_is_packed(const struct compressed_file *file);

/* Octets of the file that have been read, packed as they are. */
uint64_t compressed_file_taken(const struct compressed_file *file);

/* When it was written last, ms since 1970; 0: a pipe, which does not tell. */
int64_t compressed_file_written_ms(const struct compressed_file *file);

/* The same for octets that are in memory, as a part of a mail: at most `max`
 * of them come out.  False with *why; plain octets come out as they are. */
bool compressed_unpack(struct arena *arena, struct span packed, size_t max,
	struct span *plain, struct span *why) MXP_MUST_USE;

#endif
