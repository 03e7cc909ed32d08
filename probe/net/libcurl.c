#include "probe/net/libcurl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "probe/base/attr.h"

static const struct function {
	const char *name;
	size_t offset; /* of its pointer */
} functions[] = {
#define LIBCURL_ROW(name) { "curl_" #name, offsetof(struct libcurl, name) },
	LIBCURL_FUNCTIONS(LIBCURL_ROW)
#undef LIBCURL_ROW
};

bool libcurl_load(struct libcurl *libcurl)
{
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	for (size_t i = 0; i < COUNT_OF(functions); i++) {
		void *symbol = dlsym(library, functions[i].name);

		if (!symbol)
			return false;
		memcpy((char *)libcurl + functions[i].offset, &symbol,
			sizeof(symbol));
	}
	return true;
}
