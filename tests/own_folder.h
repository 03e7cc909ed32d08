#ifndef MXP_TESTS_OWN_FOLDER_H
#define MXP_TESTS_OWN_FOLDER_H

#include <stdlib.h>
#include <unistd.h>

#include "tests/own_arena.h"

/*
 * A folder for each test, which goes with all that is in it:
 *
 *	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
 */
static char folder[] = "/tmp/mxprobe-test-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return system(arena_print(arena, "rm -rf '%s'", folder).at);
}

static const char *in_folder(const char *name)
{
	return arena_print(arena, "%s/%s", folder, name).at;
}

#endif
