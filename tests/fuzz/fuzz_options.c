/*
 * The command line: each line of the input is an argument.  Claims: parsing
 * ends, errors are safe for a terminal and end in a line end, and whatever is
 * accepted has targets, a scenario that fits its goal, and no line end in any
 * argument of a step.
 */
#include <stdint.h>

#include "probe/ad_hoc.h"
#include "tests/fuzz/must.h"

enum { OPTIONS_WORDS_MAX = 32 };

static void options_must_be_safe(struct span text)
{
	MUST(text.len == 0 || text.at[text.len - 1] == '\n');
	for (size_t i = 0; i < text.len; i++)
		MUST((unsigned char)text.at[i] >= ' ' || text.at[i] == '\n');
}

static void options_must_make_a_scenario(struct arena *arena,
	const struct options *options, const struct target *target)
{
	enum stage goal = ad_hoc_goal(options, target);

	MUST(goal < STAGE_DATA || options->deliver);
	MUST(goal < STAGE_RCPT || ad_hoc_recipient(options, target).len);
	for (unsigned f = 0; f < FAMILY_COUNT; f++) {
		const struct scenario *scenario = ad_hoc_scenario(arena,
			options, target, (enum family)f);

		MUST(scenario->step_count > 0);
		MUST(scenario->steps[0].verb == STEP_CONNECT);
		for (size_t i = 0; i < scenario->step_count; i++) {
			struct span word = scenario->steps[i].argument;

			MUST(span_find(word, '\n') == word.len);
			MUST(span_find(word, '\r') == word.len);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	const char *words[OPTIONS_WORDS_MAX] = { "mxprobe" };
	struct span rest = { (const char *)bytes, len }, text;
	struct options options;
	struct target target;
	int count = 1;

	while (rest.len && count < OPTIONS_WORDS_MAX)
		words[count++] = arena_copy(arena, span_cut(&rest, '\n')).at;
	switch (options_parse(arena, count, words, &options, &text)) {
	case OPTIONS_DONE:
		MUST(text.len != 0);
		break;
	case OPTIONS_WRONG:
		MUST(text.len != 0);
		options_must_be_safe(text);
		break;
	case OPTIONS_RUN:
		for (size_t i = 0; i < options.target_count; i++) {
			MUST(ad_hoc_target(arena, &options,
				options.targets[i], &target, &text));
			options_must_make_a_scenario(arena, &options,
				&target);
		}
		break;
	}
	arena_close(arena);
	return 0;
}
