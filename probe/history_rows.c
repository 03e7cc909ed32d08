#include "probe/verb.h"

/* The options of `mxprobe history`. */
static const uint64_t day_ms = 24 * 60 * 60 * 1000;

/* "36h", "30d", "8w": milliseconds. */
static bool age(struct span text, uint64_t *ms)
{
	uint64_t unit = day_ms;
	unsigned long number;

	if (span_ends_nocase(text, SPAN("h")))
		unit = 60 * 60 * 1000;
	else if (span_ends_nocase(text, SPAN("w")))
		unit = 7 * day_ms;
	else if (!span_ends_nocase(text, SPAN("d")))
		return false;
	text.len--;
	if (!span_number(text, 100000, &number))
		return false;
	*ms = number * unit;
	return true;
}

static bool set_since(
	struct reading *reading, struct span value, const char **why)
{
	*why = "an age is wanted, such as 36h, 30d or 8w";
	return age(value, &reading->options->history.since_ms);
}

static bool set_prune(
	struct reading *reading, struct span value, const char **why)
{
	*why = "an age is wanted, such as 36h, 30d or 8w";
	reading->options->history.prunes = true;
	return age(value, &reading->options->history.prune_ms);
}

static bool set_limit(
	struct reading *reading, struct span value, const char **why)
{
	unsigned long number;

	*why = "a number is wanted, from 1 to 1000";
	if (!span_number(value, 1000, &number) || !number)
		return false;
	reading->options->history.limit = (unsigned)number;
	return true;
}

static bool set_run(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a run is wanted: its number, last, last-1 or a date";
	reading->options->history.run = arena_copy(reading->arena, value);
	return value.len != 0;
}

static bool set_rows(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->history.shows_rows = true;
}

static bool set_accept(
	struct reading *reading, struct span value, const char **why)
{
	*why = "the name of a baseline is wanted";
	reading->options->history.accept = arena_copy(reading->arena, value);
	return value.len != 0;
}

static bool set_check(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->history.checks = true;
}

static bool take_target(
	struct reading *reading, struct span word, const char **why)
{
	struct history_options *own = &reading->options->history;

	*why = "one target at a time is shown";
	if (own->target.len || !word.len)
		return false;
	own->target = arena_copy(reading->arena, word);
	return true;
}

static void check(struct reading *reading)
{
	const struct history_options *own = &reading->options->history;
	int deeds = own->prunes + own->checks + (own->run.len != 0) +
		    (own->accept.len != 0);

	if (deeds > 1)
		reading_wrong(reading, SPAN("history"),
			"--run, --prune, --accept and --check are one thing "
			"each");
	if (own->target.len && (own->prunes || own->checks || own->run.len))
		reading_wrong(reading, own->target,
			"no target goes with --run, --prune and --check");
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "history", "FILE", option_history, "of this file, instead of the usual one", "What is shown" },
	{ 0, "run", "RUN", set_run, "the rows of a run: number, last, last-1, date", NULL },
	{ 0, "rows", NULL, set_rows, "the past of every row, as of a TARGET", NULL },
	{ 0, "since", "AGE", set_since, "only what is younger: 36h, 30d, 8w", NULL },
	{ 0, "limit", "N", set_limit, "so many runs (20), or columns of a past (60)", NULL },

	{ 0, "accept", "BASELINE", set_accept, "what it found changed is as it should be", "What is done" },
	{ 0, "prune", "AGE", set_prune, "forget what is older", NULL },
	{ 0, "check", NULL, set_check, "read all of the file: is it whole?", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "json", "color", "help", "version",
	NULL };

const struct verb_row verb_history = {
	.word = "history",
	.verb = VERB_HISTORY,
	.usage = "usage: mxprobe history [options] [TARGET]\n\n"
		 "Shows the runs that are recorded; of TARGET (a domain, or "
		 "part of a row's key)\nwhat became of each row over time.\n",
	.rows = rows,
	.shared = shared,
	.ending = "Exit status: 0, 1 --check found damage, 2 usage, no such "
		  "run or no such\nbaseline, 4 the history cannot be read.  "
		  "More: mxprobe(1).\n",
	.operand = take_target,
	.check = check,
};
