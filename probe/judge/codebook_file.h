#ifndef MXP_CODEBOOK_FILE_H
#define MXP_CODEBOOK_FILE_H

#include "probe/judge/codebook.h"

/*
 * A codebook of the user's: a file, or a folder, of which each file that ends
 * in ".txt" is read, in the order of their names.  NULL when it cannot be read
 * or does not parse; *errors then holds each reason, a line each.
 */
enum { CODEBOOK_FILES_MAX = 1024 };

const struct codebook *codebook_load(
	struct arena *arena, const char *name, struct span *errors);

/*
 * The folder that takes the place of the embedded codebook where it exists:
 * mxprobe/codebook under `data_home`, or under .local/share of `home`
 * (XDG Base Directory Specification).  NULL where there is none.
 */
const char *codebook_folder(
	struct arena *arena, const char *data_home, const char *home);

#endif
