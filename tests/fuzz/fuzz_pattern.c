#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "probe/judge/pattern_match.h"
#include "tests/fuzz/must.h"

/*
 * The first line is a pattern, and behind it stands what a server said.
 *
 * What does not compile is told with a place within it, and matches nothing.
 * A search always ends, and says the same when it is made again.  A pattern of
 * nothing but letters and digits fits a text that has them, and whatever the
 * case a text that has them in any.
 */
enum { PATTERN_SECONDS_MAX = 20 };

static bool pattern_is_plain(struct span pattern)
{
	for (size_t i = 0; i < pattern.len; i++)
		if (!((pattern.at[i] >= 'a' && pattern.at[i] <= 'z') ||
			    (pattern.at[i] >= '0' && pattern.at[i] <= '9')))
			return false;
	return true;
}

static void pattern_of_letters(struct span pattern, struct span text)
{
	struct span head = span_part(text, 0, PATTERN_TEXT_MAX);

	if (!pattern_is_plain(pattern))
		return;
	/* Kelvin's sign is a k, too: more may fit than ASCII has. */
	if (!pattern.len || span_find_nocase(head, pattern) < head.len)
		MUST(pattern_match(pattern, true, text) == PATTERN_FITS);
	if (pattern_match(pattern, false, text) == PATTERN_FITS)
		MUST(pattern_match(pattern, true, text) == PATTERN_FITS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size };
	struct span pattern = span_part(span_cut(&text, '\n'), 0, 1000);
	time_t began = time(NULL);
	enum pattern_result result = pattern_match(pattern, false, text);
	struct span why = SPAN("");
	size_t at = 0;

	MUST(result == pattern_match(pattern, false, text));
	if (pattern_check(arena, pattern, false, &at, &why)) {
		pattern_of_letters(pattern, text);
	} else {
		MUST(why.len && at <= pattern.len);
		MUST(result == PATTERN_GIVEN_UP);
	}
	MUST(time(NULL) - began <= PATTERN_SECONDS_MAX);
	arena_close(arena);
	return 0;
}
