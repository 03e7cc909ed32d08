#ifndef MXP_FILE_SET_H
#define MXP_FILE_SET_H

#include <sys/types.h>

#include "probe/base/arena.h"

/*
 * Files, each once whatever its names: known again by device and number, as
 * links are, and a folder's file that was named itself.  Names are the
 * caller's; the rest lives in the arena that is given, always the same.
 */
struct named_file {
	dev_t device;
	ino_t number;
	const char *name;               /* as it was first called; NULL: none */
};

struct file_set {
	struct named_file *at;          /* by hash, the free ones between */
	size_t count, room;             /* a power of two, and half of it free */
};

/* NULL: it was not there yet, and is now.  Else what it was first called. */
const char *file_set_put(struct arena *arena, struct file_set *set,
	const struct named_file *file);

#endif
