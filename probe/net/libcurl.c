#include "probe/net/libcurl.h"

#include "probe/base/library.h"

static const struct library_function functions[] = {
#define LIBCURL_ROW(name) { "curl_" #name, offsetof(struct libcurl, name) },
	LIBCURL_FUNCTIONS(LIBCURL_ROW)
#undef LIBCURL_ROW
};

bool libcurl_load(struct libcurl *libcurl)
{
	static const struct library library = { .name = "libcurl.so.4",
		.functions = functions,
		.count = COUNT_OF(functions) };
	const char *why;

	return library_load(&library, libcurl, &why);
}
