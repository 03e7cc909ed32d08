/*
 * One address, read with every set of flags as a mailbox and as a path.  What
 * was read is printed and read again, and is the same; what would be sent
 * holds no control character.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/smtp/address.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void address_check(
	struct arena *arena, const struct address *address, unsigned flags)
{
	struct span text = address_print(arena, address);
	struct address again;
	const char *why;

	MUST(address->local.len <= ADDRESS_LOCAL_MAX);
	MUST(address->domain.len <= ADDRESS_DOMAIN_MAX);
	for (size_t i = 0; i < text.len; i++)
		MUST((unsigned char)text.at[i] >= 0x20 && text.at[i] != 0x7f);
	/* Quotes for dots that stood bare may pass the limit of the path. */
	if (flags & ADDRESS_LENIENT && text.len > ADDRESS_PATH_MAX - 2)
		return;
	MUST(address_parse(arena, text, flags, &again, &why));
	MUST(span_is(again.local, address->local));
	MUST(span_is(again.domain, address->domain));
	MUST(again.is_literal == address->is_literal);
	MUST(again.is_utf8 == address->is_utf8);
	MUST(!again.is_literal || ip_is(&again.ip, &address->ip));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = { (const char *)bytes, size };

	for (unsigned flags = 0; flags < 16; flags++) {
		struct arena *arena = arena_open();
		struct address address;
		const char *why = NULL;

		if (address_parse(arena, text, flags, &address, &why))
			address_check(arena, &address, flags);
		else
			MUST(why != NULL);
		why = NULL;
		if (address_parse_path(arena, text, flags, &address, &why))
			address_check(arena, &address, flags);
		else
			MUST(why != NULL);
		arena_close(arena);
	}
	return 0;
}
