#ifndef MXP_WHOLE_FILE_H
#define MXP_WHOLE_FILE_H

#include <stdio.h>

#include "probe/base/arena.h"
#include "probe/base/attr.h"

/*
 * A file that is written beside its name, and takes it when it is whole: who
 * reads it never sees half of one, and what could not be written leaves the
 * last one there.  Behind a symbolic link, the file that it leads to is the
 * one.  What is no file, such as /dev/stdout, a pipe or another device, is
 * written to as it stands: its place is not ours to take.
 */
struct whole_file {
	FILE *out;
	const char *name;               /* what is replaced */
	const char *beside;             /* NULL: nothing is */
};

/* Its names live in the arena.  False: errno says why. */
bool whole_file_open(struct arena *arena, const char *name,
	struct whole_file *file) MXP_MUST_USE;

/*
 * All that was written is well as far as the caller knows, or not: then errno
 * is the caller's.  False: it did not take its place, and errno says why; 0:
 * the write that failed was an earlier one.
 */
bool whole_file_close(struct whole_file *file, bool is_well) MXP_MUST_USE;

/* As if it had never been begun. */
void whole_file_drop(struct whole_file *file);

#endif
