#ifndef MXP_FILE_H
#define MXP_FILE_H

#include "probe/base/arena.h"

/*
 * A whole file into memory, "-" being standard input.  False with *why in
 * words: it cannot be read, or has more than `max` octets.
 */
bool file_read(struct arena *arena, const char *name, size_t max,
	struct span *bytes, struct span *why) MXP_MUST_USE;

#endif
