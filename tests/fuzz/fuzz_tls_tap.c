/*
 * Both sides of a TLS connection from outside, each piece whole and octet by
 * octet: the same is seen.  The first half of the input, up to a NUL line, is a
 * key log; then pieces: a head of two octets, the side with a hole before it or
 * not and the length, and the octets.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/tls/tls_tap.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t tls_tap_pieces(struct tls_tap *tap, struct span input, bool cut)
{
	size_t heard = 0;

	while (input.len >= 2) {
		uint8_t head = (uint8_t)input.at[0];
		struct span piece = span_part(input, 2, (uint8_t)input.at[1]);
		uint64_t missing = head & 2 ? head >> 2 : 0;

		input = span_part(input, 2 + piece.len, input.len);
		for (size_t i = 0; cut && i + 1 < piece.len; i++) {
			heard += tls_tap_feed(
				tap, head & 1, span_part(piece, i, 1), missing)
					 .len;
			missing = 0;
		}
		if (cut && piece.len)
			piece = span_part(piece, piece.len - 1, 1);
		heard += tls_tap_feed(tap, head & 1, piece, missing).len;
		MUST(tls_tap_size(tap) < 1024 * 1024);
	}
	return heard;
}

static void tls_tap_compare(
	const struct tls_sight *a, const struct tls_sight *b)
{
	MUST(a->version == b->version && a->suite == b->suite);
	MUST(a->offered == b->offered && span_is(a->sni, b->sni));
	MUST(a->has_alert[0] == b->has_alert[0]);
	MUST(a->has_alert[1] == b->has_alert[1]);
	MUST(a->has_closed[0] == b->has_closed[0]);
	MUST(a->has_closed[1] == b->has_closed[1]);
	MUST(a->chain_count == b->chain_count);
	MUST(a->was_finished == b->was_finished);
	MUST(a->has_secrets == b->has_secrets);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span input = { (const char *)bytes, size };
	struct span keys = span_cut(&input, '\0');
	struct arena *arena = arena_open();
	struct key_log *log = key_log_open();
	struct tls_tap *whole = tls_tap_open(arena, log);
	struct tls_tap *cut = tls_tap_open(arena, log);

	key_log_add(log, keys);
	MUST(tls_tap_pieces(whole, input, false) ==
		tls_tap_pieces(cut, input, true));
	tls_tap_compare(tls_tap_sight(whole), tls_tap_sight(cut));
	tls_tap_close(whole);
	tls_tap_close(cut);
	key_log_close(log);
	arena_close(arena);
	return 0;
}
