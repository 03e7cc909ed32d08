#include "pcap/libpcap.h"

#include "probe/base/library.h"

static const struct library_function functions[] = {
#define LIBPCAP_ROW(name) { "pcap_" #name, offsetof(struct libpcap, name) },
	LIBPCAP_FUNCTIONS(LIBPCAP_ROW)
#undef LIBPCAP_ROW
};

bool libpcap_load(struct libpcap *libpcap, const char **why)
{
	static const struct library library = { .name = "libpcap.so.0.8",
		.functions = functions,
		.count = COUNT_OF(functions) };

	return library_load(&library, libpcap, why);
}
