#include "probe/base/library.h"

#include <dlfcn.h>
#include <string.h>

static bool has_failed(const char **why)
{
	const char *text = dlerror();

	*why = text ? text : "it cannot be loaded";
	return false;
}

bool library_load(const struct library *library, void *table, const char **why)
{
	void *loaded = dlopen(library->name, RTLD_NOW | RTLD_LOCAL);

	if (!loaded)
		return has_failed(why);
	for (size_t i = 0; i < library->count; i++) {
		const struct library_function *function =
			&library->functions[i];
		void *symbol = dlsym(loaded, function->name);

		if (!symbol)
			return has_failed(why);
		/* ISO C has no cast from one kind of pointer to the other. */
		memcpy((char *)table + function->offset, &symbol,
			sizeof(symbol));
	}
	return true;
}
