#include "probe/report_options.h"

static bool add(struct reading *reading, const char *format, struct span value,
	const char **why)
{
	struct options *options = reading->options;
	struct named_report named = { .format = span_of(format) };

	*why = "the name of a file is wanted, or - for standard output";
	named.file = arena_copy(reading->arena, value).at;
	options->reports = arena_grow(reading->arena, options->reports,
		options->report_count, &options->report_room, sizeof(named));
	options->reports[options->report_count++] = named;
	return value.len != 0;
}

bool set_report_junit(
	struct reading *reading, struct span value, const char **why)
{
	return add(reading, "junit", value, why);
}

bool set_report_tap(
	struct reading *reading, struct span value, const char **why)
{
	return add(reading, "tap", value, why);
}

bool set_report_prometheus(
	struct reading *reading, struct span value, const char **why)
{
	return add(reading, "prometheus", value, why);
}

bool set_report_html(
	struct reading *reading, struct span value, const char **why)
{
	return add(reading, "html", value, why);
}

bool set_report_jsonl(
	struct reading *reading, struct span value, const char **why)
{
	return add(reading, "jsonl", value, why);
}

bool set_exit_style(
	struct reading *reading, struct span value, const char **why)
{
	*why = "nagios or mxprobe is wanted";
	reading->options->exits_as_plugin = span_is(value, SPAN("nagios"));
	return reading->options->exits_as_plugin ||
	       span_is(value, SPAN("mxprobe"));
}

/* ---- what goes with what */

static struct span word_of(
	struct arena *arena, const struct named_report *named)
{
	return arena_print(arena, "--report-%.*s", SPAN_ARG(named->format));
}

/* The first of two that would be written to one place. */
static const struct named_report *find_twice(const struct options *options)
{
	for (size_t i = 0; i < options->report_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(options->reports[i].file,
				    options->reports[k].file) == 0)
				return &options->reports[i];
	return NULL;
}

static const struct named_report *find_standard_output(
	const struct options *options)
{
	for (size_t i = 0; i < options->report_count; i++)
		if (strcmp(options->reports[i].file, "-") == 0)
			return &options->reports[i];
	return NULL;
}

static void check_walk(struct reading *reading)
{
	const struct options *options = reading->options;
	struct span word = options->report_count
				   ? word_of(reading->arena, options->reports)
				   : SPAN("--exit-style");

	if (!options->report_count && !options->exits_as_plugin)
		return;
	if (options->dry_run)
		reading_wrong(reading, word,
			"there is nothing to report with --dry-run");
	if (options->check.rehearses)
		reading_wrong(reading, word,
			"a rehearsal is no run that is reported");
	if (options->repeat > 1)
		reading_wrong(reading, word, "it does not go with --repeat");
}

void report_options_check(struct reading *reading)
{
	struct options *options = reading->options;
	const struct named_report *twice = find_twice(options);
	const struct named_report *out = find_standard_output(options);

	check_walk(reading);
	if (twice)
		reading_wrong(reading, word_of(reading->arena, twice),
			"two reports cannot be written to one file");
	if (out && options->format != FORMAT_TEXT)
		reading_wrong(reading, word_of(reading->arena, out),
			"standard output is taken by --json or --jsonl");
	if (options->exits_as_plugin && options->format != FORMAT_TEXT)
		reading_wrong(reading, SPAN("--exit-style nagios"),
			"its line is for standard output, which is taken by "
			"--json or --jsonl (see --report-jsonl)");
	if (options->exits_as_plugin && out)
		reading_wrong(reading, word_of(reading->arena, out),
			"standard output is taken by --exit-style nagios");
	/* Whoever reads standard output reads only that. */
	if (options->exits_as_plugin || out)
		options->quiet = true;
}
