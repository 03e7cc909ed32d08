#include <stddef.h>
#include <stdint.h>

#include "probe/walk/serving.h"
#include "tests/fuzz/must.h"

/*
 * Any bytes as what a client says to a scripted server; the first chooses the
 * script.  What the server says and does is the same however the bytes were
 * cut, and every reply is lines of at most 512 octets.
 */
enum { SERVING_ASKED_MAX = 100 }; /* without a word of the client's */

static const struct span serving_lines[] = { { "550-5.7.1 no", 12 },
	{ "550 5.7.1 way", 13 }, { "421 4.3.2 off", 13 } };
static const struct script_turn serving_particular[] = {
	{ .stage = SCRIPT_RCPT,
		.of = { "a@b", 3 },
		.act = SCRIPT_REPLIES,
		.lines = serving_lines,
		.line_count = 2 },
	{ .stage = SCRIPT_MAIL, .of = { "<>", 2 }, .delay_ms = 1 },
};
static const struct server_script serving_scripts[] = {
	{ .name = { "plain", 5 } },
	{ .particular = serving_particular, .particular_count = 2 },
	{ .has_offers = true,
		.turns[SCRIPT_DOT] = { .act = SCRIPT_REPLIES,
			.lines = serving_lines + 2,
			.line_count = 1 } },
	{ .turns[SCRIPT_CONNECT] = { .act = SCRIPT_REPLIES,
		  .lines = serving_lines,
		  .line_count = 2 } },
	{ .turns[SCRIPT_DATA] = { .act = SCRIPT_HANGS },
		.turns[SCRIPT_QUIT] = { .act = SCRIPT_RESETS } },
};

/* What was done, in a number: each octet said and each want. */
struct serving_sum {
	uint64_t sum;
	bool is_over;
};

static void serving_add(struct serving_sum *sum, struct span bytes)
{
	size_t line = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		sum->sum = (sum->sum ^ (unsigned char)bytes.at[i]) *
			   1099511628211u;
		line = bytes.at[i] == '\n' ? 0 : line + 1;
		MUST(line <= 512);
	}
	MUST(line == 0);
}

static void serving_go_on(struct serving *serving, struct serving_sum *sum)
{
	struct span bytes;
	uint64_t pause_ms;
	unsigned asked;

	for (asked = 0; asked < SERVING_ASKED_MAX; asked++) {
		enum serving_want want = serving_want(
			serving, &bytes, &pause_ms);

		if (want == SERVING_HEAR)
			return;
		sum->sum = sum->sum * 31 + (unsigned)want + 1;
		if (want == SERVING_SAY)
			serving_add(sum, bytes);
		if (want == SERVING_TLS)
			serving_tls_up(serving);
		sum->is_over |= want == SERVING_CLOSE ||
				want == SERVING_HANG || want == SERVING_RESET;
		if (sum->is_over)
			return;
	}
	MUST(asked < SERVING_ASKED_MAX);
}

static uint64_t serving_play(
	const struct server_script *script, struct span bytes, size_t piece)
{
	struct arena *arena = arena_open();
	struct serving *serving = arena_new(arena, struct serving);
	struct serving_sum sum = { .sum = 1 };

	serving_init(serving, arena, script, SPAN("mx.example"), true);
	serving_go_on(serving, &sum);
	while (bytes.len && !sum.is_over) {
		struct span part = span_part(bytes, 0, piece);
		size_t taken = serving_hear(serving, part);

		MUST(taken > 0 && taken <= part.len);
		serving_go_on(serving, &sum);
		bytes = span_part(bytes, taken, bytes.len);
	}
	arena_close(arena);
	return sum.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct server_script *script;
	struct span bytes = { (const char *)data + 1, size - 1 };
	uint64_t whole;

	if (!size)
		return 0;
	script = &serving_scripts[data[0] % COUNT_OF(serving_scripts)];
	whole = serving_play(script, bytes, bytes.len);
	for (size_t piece = 1; piece < 8; piece++)
		MUST(serving_play(script, bytes, piece) == whole);
	return 0;
}
