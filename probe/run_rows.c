#include "probe/verb.h"

/* The options of `mxprobe run`, and those of the walk that mean the same. */
static bool take_file(
	struct reading *reading, struct span word, const char **why)
{
	return verb_check.operand(reading, word, why);
}

static bool set_tag(
	struct reading *reading, struct span value, const char **why)
{
	reading->options->check.tag = arena_copy(reading->arena, value);
	*why = "a tag is wanted";
	return value.len != 0;
}

static void check(struct reading *reading)
{
	struct options *options = reading->options;

	if (!options->check.file_count)
		reading_wrong(reading, SPAN("FILE"),
			"a scenario is wanted (mxprobe run --help)");
	/* Each cell has its own: these are those of the resolver's fetches. */
	options->wanted[FAMILY_IPV4] = options->wanted[FAMILY_IPV6] = true;
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "tag", "TAG", set_tag, "only scenarios that have this tag", "What is walked" },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "deliver", "resolve", "dns", "trust-ad",
	"answers", "ca-file", "ca-dir", "connect-timeout", "banner-timeout",
	"command-timeout", "tls-timeout", "data-timeout", "max-time", "pause",
	"codebook", "json", "quiet", "help", "version", NULL };

const struct verb_row verb_run = {
	.word = "run",
	.verb = VERB_RUN,
	.usage = "usage: mxprobe run [options] FILE.mxp...\n\n"
		 "Walks every cell of scenarios, one after the other, and "
		 "holds each against\nwhat is expected of it.\n",
	.rows = rows,
	.shared = shared,
	.ending = "Exit status: 0 all as expected, 1 something is not, 2 "
		  "usage, 3 a file does not\nparse and nothing was sent, 4 "
		  "could not be decided, 77 all cells were skipped.\nMore: "
		  "mxprobe(1), mxprobe-scenario(5).\n",
	.operand = take_file,
	.check = check,
};
