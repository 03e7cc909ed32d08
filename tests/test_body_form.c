#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/mail/canon.h"
#include "probe/policy/body_form.h"

/* What the hash is of: each row says the octets that must have been hashed. */
static const struct row {
	const char *name;
	unsigned rules;
	const char *body, *hashed;
} rows[] = {
	/* clang-format off */
	{ .name = "simple keeps white space", .rules = BODY_SIMPLE,
	  .body = " C \r\nD \t E\r\n\r\n\r\n",
	  .hashed = " C \r\nD \t E\r\n" },
	{ .name = "relaxed reduces it", .rules = BODY_RELAXED,
	  .body = " C \r\nD \t E\r\n\r\n\r\n",
	  .hashed = " C\r\nD E\r\n" },
	{ .name = "an empty body is CRLF to simple", .rules = BODY_SIMPLE,
	  .body = "", .hashed = "\r\n" },
	{ .name = "and nothing to relaxed", .rules = BODY_RELAXED,
	  .body = "", .hashed = "" },
	{ .name = "a blank line is nothing to relaxed",
	  .rules = BODY_RELAXED, .body = " \t\r\n", .hashed = "" },
	{ .name = "a last line gets its end", .rules = BODY_SIMPLE,
	  .body = "a", .hashed = "a\r\n" },
	{ .name = "a LF ends a line", .rules = BODY_SIMPLE,
	  .body = "a\nb\r\n", .hashed = "a\r\nb\r\n" },
	{ .name = "a LF may be text", .rules = BODY_LF_IS_TEXT,
	  .body = "a\nb\r\n", .hashed = "a\nb\r\n" },
	{ .name = "line ends may be LF", .rules = BODY_LF,
	  .body = "a\r\nb\r\n", .hashed = "a\nb\n" },
	{ .name = "an end may stay away", .rules = BODY_END_NOT_ADDED,
	  .body = "a\r\nb", .hashed = "a\r\nb" },
	{ .name = "an end may be cut", .rules = BODY_END_CUT,
	  .body = "a\r\nb\r\n\r\n", .hashed = "a\r\nb" },
	{ .name = "an end may be doubled", .rules = BODY_END_DOUBLED,
	  .body = "a\r\n", .hashed = "a\r\n\r\n" },
	{ .name = "empty lines may be kept",
	  .rules = BODY_RELAXED | BODY_KEEP_EMPTY_LINES,
	  .body = "a\r\n\r\n \r\n", .hashed = "a\r\n\r\n\r\n" },
	{ .name = "a line of blanks may outlive the empty ones",
	  .rules = BODY_RELAXED | BODY_EMPTY_LINES_FIRST,
	  .body = "a\r\n\r\n \r\n\r\n", .hashed = "a\r\n\r\n\r\n" },
	{ .name = "a tab may be text", .rules = BODY_RELAXED | BODY_TAB_IS_TEXT,
	  .body = "a\t b\t\r\n", .hashed = "a\t b\t\r\n" },
	{ .name = "a tab may be one space",
	  .rules = (BODY_RELAXED & ~(unsigned)BODY_REDUCE) | BODY_TAB_TO_SPACE,
	  .body = "a\t\tb  c\r\n", .hashed = "a  b  c\r\n" },
	/* clang-format on */
};

static void sha256(struct span text, struct body_hash *hash)
{
	unsigned len;

	EVP_Digest(text.at, text.len, hash->octets, &len, EVP_sha256(), NULL);
	hash->len = len;
}

static void each_rule_can_be_broken_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct body_hash want, got;

		sha256(span_of(rows[i].hashed), &want);
		body_form_hash(span_of(rows[i].body), rows[i].rules,
			BODY_UNCOUNTED, "SHA256", &got);
		if (memcmp(want.octets, got.octets, 32) != 0)
			fail_msg("%s", rows[i].name);
	}
}

static void l_counts_canonical_octets(void **state)
{
	struct body_hash want, got;

	(void)state;
	sha256(SPAN("a b\r\nc"), &want);
	body_form_hash(
		SPAN("a   b \r\nc d\r\n"), BODY_RELAXED, 6, "SHA256", &got);
	assert_memory_equal(want.octets, got.octets, 32);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

/* Many short lines and odd ends out of few octets. */
static struct span random_body(struct arena *arena, uint32_t *seed)
{
	static const char octets[] = "ab \t\r\n\r\n\n.";
	size_t len = next_random(seed) % 60;
	char *room = arena_take(arena, len + 1);

	for (size_t i = 0; i < len; i++)
		room[i] = octets[next_random(seed) % (sizeof(octets) - 1)];
	return (struct span){ room, len };
}

static void the_unbroken_rules_are_those_of_the_verifier(void **state)
{
	struct arena *arena = arena_open();
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct span body = random_body(arena, &seed);
		bool is_relaxed = i % 2;
		struct body_hash want, got;

		sha256(canon_body(arena,
			       is_relaxed ? CANON_RELAXED : CANON_SIMPLE, body),
			&want);
		body_form_hash(body, is_relaxed ? BODY_RELAXED : BODY_SIMPLE,
			BODY_UNCOUNTED, "SHA256", &got);
		if (memcmp(want.octets, got.octets, 32) != 0)
			fail_msg("body %d", i);
		arena_empty(arena);
	}
	arena_close(arena);
}

static void a_long_line_is_hashed_whole(void **state)
{
	static char body[3 * BODY_FORM_ROOM + 2];
	struct body_hash want, got;

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body + sizeof(body) - 2, "\r\n", 2);
	sha256((struct span){ body, sizeof(body) }, &want);
	body_form_hash((struct span){ body, sizeof(body) }, BODY_RELAXED,
		BODY_UNCOUNTED, "SHA256", &got);
	assert_memory_equal(want.octets, got.octets, 32);
	sha256((struct span){ body, sizeof(body) - 2 }, &want);
	body_form_hash((struct span){ body, sizeof(body) },
		BODY_RELAXED | BODY_END_CUT, BODY_UNCOUNTED, "SHA256", &got);
	assert_memory_equal(want.octets, got.octets, 32);
}

static void so_far_is_the_hash_of_the_lines_so_far(void **state)
{
	struct span body = SPAN("a\r\n\r\nb  c\r\n\r\n"), rest = body;
	struct body_form form;

	(void)state;
	body_form_open(&form, BODY_RELAXED, BODY_UNCOUNTED, "SHA256");
	while (rest.len) {
		struct body_hash want, got;
		size_t len = body.len - rest.len;

		body_form_so_far(&form, &got);
		body_form_hash(span_part(body, 0, len), BODY_RELAXED,
			BODY_UNCOUNTED, "SHA256", &want);
		assert_memory_equal(want.octets, got.octets, 32);
		body_form_line(&form, body_line(BODY_RELAXED, &rest));
	}
	body_form_close(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_can_be_broken_alone),
		cmocka_unit_test(l_counts_canonical_octets),
		cmocka_unit_test(the_unbroken_rules_are_those_of_the_verifier),
		cmocka_unit_test(a_long_line_is_hashed_whole),
		cmocka_unit_test(so_far_is_the_hash_of_the_lines_so_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
