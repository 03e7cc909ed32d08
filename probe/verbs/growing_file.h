#ifndef MXP_GROWING_FILE_H
#define MXP_GROWING_FILE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * A file that others go on writing, read on as it grows.  When it is renamed and
 * made anew, what is left of the old one is read first; when it is truncated, it
 * is read from its start.  "-" is standard input, which grows until it ends.
 */
struct growing_file;

enum { GROWING_FILE_PIECE = 256 * 1024 };       /* octets at once */

enum growing_state {
	GROWING_MORE,           /* here are some octets */
	GROWING_REST,           /* that was all, for now */
	GROWING_ANEW,           /* what comes now is of another file */
	GROWING_END,            /* nothing will come any more */
};

/* NULL with *why in the arena.  It lives in the arena, too. */
struct growing_file *growing_file_open(struct arena *arena, const char *name,
	struct span *why);
void growing_file_close(struct growing_file *file);

/* The piece lives until the next call.  It never waits. */
enum growing_state growing_file_read(struct growing_file *file,
	struct span *piece) MXP_MUST_USE;

#endif
