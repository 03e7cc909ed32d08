#include <stdint.h>

#include "probe/tls/engine.h"
#include "tests/fuzz/must.h"

/*
 * A server that says anything: the engine ends in the same state, with the
 * same reason, however the bytes are cut, and what it keeps is bounded.
 */
static struct tls_context *engine_context(void)
{
	static struct tls_context *opened;
	struct tls_setup setup = { .ca_dir = "/" };
	struct span why;

	if (!opened)
		opened = tls_context_open(arena_open(), &setup, &why);
	MUST(opened);
	return opened;
}

static struct engine *engine_try(
	struct arena *arena, struct span bytes, size_t piece)
{
	struct engine *engine = engine_open(
		engine_context(), arena, SPAN("mx.example"), SPAN(""));
	struct span first;
	char room[64];

	engine_start(engine);
	MUST(engine_output(engine).len > 0);
	engine_sent(engine);
	while (bytes.len) {
		engine_feed(engine, span_part(bytes, 0, piece));
		bytes = span_part(bytes, piece, bytes.len);
		MUST(engine_read(engine, room, sizeof(room)) == 0);
	}
	MUST(engine_feed_end(engine) == ENGINE_FAILED);
	MUST(engine_why(engine).len > 0);
	engine_saw_plaintext(engine, &first);
	MUST(first.len <= ENGINE_PLAIN_MAX);
	return engine;
}

static void engine_compare(struct engine *a, struct engine *b)
{
	const struct session *one = engine_session(a);
	const struct session *two = engine_session(b);
	struct span first, second;

	MUST(span_is(engine_why(a), engine_why(b)));
	MUST(engine_is_truncated(a) == engine_is_truncated(b));
	MUST(engine_saw_plaintext(a, &first) ==
		engine_saw_plaintext(b, &second));
	MUST(span_is(first, second));
	MUST(!one == !two);
	if (one)
		MUST(span_is(one->cipher, two->cipher) &&
			one->chain_count == two->chain_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct span all = { (const char *)bytes, len };
	struct engine *whole = engine_try(arena, all, len ? len : 1);
	struct engine *cut = engine_try(arena, all, len > 4000 ? 100 : 1);

	engine_compare(whole, cut);
	engine_close(whole);
	engine_close(cut);
	arena_close(arena);
	return 0;
}
