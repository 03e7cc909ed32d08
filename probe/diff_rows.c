#include "probe/verb.h"

/* The options of `mxprobe diff`. */
static bool set_ratio(
	struct reading *reading, struct span value, const char **why)
{
	struct span fraction = value, whole = span_cut(&fraction, '.');
	unsigned long number, part = 0;

	*why = "a number is wanted, such as 3 or 1.5, above 1";
	if (!span_number(whole, 1000, &number) || fraction.len > 3 ||
		(fraction.len && !span_number(fraction, 999, &part)))
		return false;
	for (size_t i = fraction.len; i < 3; i++)
		part *= 10;
	reading->options->diff.ratio = number * 1000 + part;
	return reading->options->diff.ratio > 1000;
}

static bool set_floor(
	struct reading *reading, struct span value, const char **why)
{
	unsigned long number;

	*why = "milliseconds are wanted, such as 100ms";
	if (span_ends_nocase(value, SPAN("ms")))
		value.len -= 2;
	if (!span_number(value, 86400000, &number))
		return false;
	reading->options->diff.floor_us = (uint64_t)number * 1000;
	return true;
}

static bool take_run(
	struct reading *reading, struct span word, const char **why)
{
	struct diff_options *own = &reading->options->diff;

	*why = "two runs are compared, not more";
	if (own->count == COUNT_OF(own->runs))
		return false;
	own->runs[own->count++] = arena_copy(reading->arena, word);
	*why = "a run or a file is wanted";
	return word.len != 0;
}

static void check(struct reading *reading)
{
	(void)reading;
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "history", "FILE", option_history, "runs of this file, not of the usual one", "What is compared" },
	{ 0, "ratio", "N", set_ratio, "tell of what takes N times as long (3)", NULL },
	{ 0, "floor", "TIME", set_floor, "and at least so much longer (100ms)", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "json", "quiet", "color", "help",
	"version", NULL };

const struct verb_row verb_diff = {
	.word = "diff",
	.verb = VERB_DIFF,
	.usage = "usage: mxprobe diff [options] [A [B]]\n\n"
		 "Tells what changed from run A to run B: numbers of the "
		 "history, last, last-1,\ndates (2026-11-21), or files that "
		 "--json wrote.  B is the last run when it is\nleft out, and "
		 "A the one before it of the same scenarios.\n",
	.rows = rows,
	.shared = shared,
	.ending = "Exit status: 0 nothing got worse, 1 something did, 2 usage "
		  "or no such run,\n3 a file does not parse, 4 the history "
		  "cannot be read.  More: mxprobe(1).\n",
	.operand = take_run,
	.check = check,
};
