#ifndef MXP_SCENARIO_FILES_H
#define MXP_SCENARIO_FILES_H

#include "probe/options.h"

/*
 * The files that a command line names: a folder stands for all files *.mxp in
 * it, by name; folders in it are not looked into, unless they are named, too.
 *
 * False: *why names a folder that cannot be read, or that has none.
 */
enum { SCENARIO_FILES_MAX = 10000 };    /* of one folder */

bool scenario_files_expand(struct arena *arena, struct check_options *options,
	struct span *why);

#endif
