#ifndef MXP_SHEET_FILE_H
#define MXP_SHEET_FILE_H

#include "probe/base/arena.h"
#include "probe/base/attr.h"

/*
 * The files that a scenario names: how their names are meant, and how their
 * text is read.  What is read lies in the arena.
 */

/* Reads a file that is included.  False: *why says why not. */
typedef bool sheet_reader(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why);

/* The text of a sheet_reader that reads files, of LEXER_TEXT_MAX octets at the
 * most; `owner` is not looked at. */
bool sheet_read_file(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why);

/* A file's name, as seen from the file that names it. */
struct span name_from(struct arena *arena, struct span from,
	struct span name);

#endif
