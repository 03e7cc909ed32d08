#include "probe/verb.h"

/* The options of `mxprobe check`. */
static bool set_verbs(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->check.lists_verbs = true;
	return true;
}

static bool set_plan(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->check.shows_plan = true;
	return true;
}

static bool take_file(
	struct reading *reading, struct span word, const char **why)
{
	struct check_options *options = &reading->options->check;

	*why = "the name of a file is wanted";
	if (!word.len)
		return false;
	options->files = arena_grow(reading->arena, options->files,
		options->file_count, &options->file_room,
		sizeof(*options->files));
	options->files[options->file_count++] =
		arena_copy(reading->arena, word).at;
	return true;
}

static void check(struct reading *reading)
{
	const struct options *options = reading->options;

	if (!options->check.file_count && !options->check.lists_verbs)
		reading_wrong(reading, SPAN("FILE"),
			"a scenario is wanted (mxprobe check --help)");
	if (options->check.lists_verbs && options->format != FORMAT_TEXT)
		reading_wrong(reading, SPAN("--verbs"),
			"it is plain text: leave --json out");
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "plan", NULL, set_plan, "show the cells, and how many connections they are", "The scenario" },
	{ 0, "verbs", NULL, set_verbs, "the words of the language, and what they mean", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "codebook", "json", "quiet", "help",
	"version", NULL };

const struct verb_row verb_check = {
	.word = "check",
	.verb = VERB_CHECK,
	.usage = "usage: mxprobe check [options] FILE.mxp|FOLDER|NAME...\n"
		 "       mxprobe check --verbs\n\n"
		 "Reads scenarios with all that they include, tells every "
		 "error, and sends\nnothing.\n",
	.rows = rows,
	.shared = shared,
	.ending = "Exit status: 0 nothing is wrong, 2 usage, 3 a file does not "
		  "parse.\nMore: mxprobe(1), mxprobe-scenario(5).\n",
	.operand = take_file,
	.check = check,
};
