#include "reports/inbound/libarchive.h"

#include "probe/base/library.h"

static const struct library_function functions[] = {
#define LIBARCHIVE_ROW(name)                                                   \
	{ "archive_" #name, offsetof(struct libarchive, name) },
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_ROW)
#undef LIBARCHIVE_ROW
};

const struct libarchive *libarchive_load(struct arena *arena, struct span *why)
{
	static const struct library library = { .name = "libarchive.so.13",
		.functions = functions,
		.count = COUNT_OF(functions) };
	static struct libarchive libarchive;
	static bool is_loaded;
	const char *reason;

	if (!is_loaded)
		is_loaded = library_load(&library, &libarchive, &reason);
	if (is_loaded)
		return &libarchive;
	*why = arena_print(arena,
		"libarchive, which unpacks it, cannot be loaded: %s", reason);
	return NULL;
}
