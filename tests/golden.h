#ifndef MXP_TESTS_GOLDEN_H
#define MXP_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>

#include "probe/base/file.h"

/*
 * A text is held byte for byte against tests/golden/NAME.txt.  UPDATE_GOLDEN=1
 * writes that anew: read the difference before you keep it.
 */
static inline void golden_write(const char *path, struct span text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fwrite(text.at, 1, text.len, file);
	fclose(file);
}

static inline void golden_hold(
	struct arena *arena, const char *name, struct span text)
{
	const char *path = arena_print(arena, "tests/golden/%s.txt", name).at;
	struct span golden, why;

	if (getenv("UPDATE_GOLDEN"))
		golden_write(path, text);
	if (!file_read(arena, path, 1024 * 1024, &golden, &why))
		fail_msg("%s: %.*s", path, SPAN_ARG(why));
	if (!span_is(text, golden))
		fail_msg("%s is:\n%.*s", path, SPAN_ARG(text));
}

#endif
