#include "probe/tls/tls_sight.h"

#include "probe/tls/record_key.h"

const char *tls_version_word(unsigned version)
{
	switch (version) {
	case 0x0300:
		return "SSLv3";
	case 0x0301:
		return "TLSv1";
	case 0x0302:
		return "TLSv1.1";
	case 0x0303:
		return "TLSv1.2";
	case 0x0304:
		return "TLSv1.3";
	}
	return "";
}

struct span tls_suite_word(struct arena *arena, unsigned suite)
{
	const struct record_suite *known = record_suite_find(suite);

	if (known)
		return span_of(known->name);
	return arena_print(arena, "0x%04x", suite);
}
