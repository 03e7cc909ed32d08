#include <stdint.h>

#include "reports/inbound/compressed_file.h"
#include "tests/fuzz/must.h"

/* Packed octets: no more comes out than was asked for, and a bomb is told. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	enum { MAX = 64 * 1024 };
	struct arena *arena = arena_open();
	struct span packed = { (const char *)bytes, len }, plain, why = { 0 };

	if (compressed_unpack(arena, packed, MAX, &plain, &why))
		MUST(plain.len <= MAX || plain.at == packed.at);
	else
		MUST(why.len > 0);
	arena_close(arena);
	return 0;
}
