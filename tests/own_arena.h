#ifndef MXP_TESTS_OWN_ARENA_H
#define MXP_TESTS_OWN_ARENA_H

#include "probe/base/arena.h"

/*
 * One arena for all tests of a program, opened and closed by its group:
 *
 *	return cmocka_run_group_tests(tests, open_arena, close_arena);
 */
static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_open();
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

#endif
