#include "probe/report_options.h"
#include "probe/selection.h"
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

static bool set_only(
	struct reading *reading, struct span value, const char **why)
{
	struct check_options *options = &reading->options->check;

	*why = "PROBE, PROBE/4 or PROBE/6 is wanted, and perhaps /PATH behind "
	       "it";
	if (!selection_is_well(value))
		return false;
	options->only = arena_grow(reading->arena, options->only,
		options->only_count, &options->only_room,
		sizeof(*options->only));
	options->only[options->only_count++] =
		arena_copy(reading->arena, value);
	return true;
}

static bool set_strict(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.is_strict = true;
}

static bool set_rehearse(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.rehearses = true;
}

static bool set_pcap_dir(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a folder is wanted";
	reading->options->pcap_folder = arena_copy(reading->arena, value).at;
	return value.len != 0;
}

static bool set_list(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.lists_bundled = true;
}

static bool set_due(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.only_due = true;
}

static bool set_watch(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.watches = true;
}

static bool set_why_skipped(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.tells_why_skipped = true;
}

static bool set_failures(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->check.tells_failures = true;
}

/* Each says what becomes of the scenarios; two would not agree. */
static void check_ways(struct reading *reading)
{
	const struct check_options *own = &reading->options->check;

	if (own->only_due + own->watches + own->rehearses +
			own->tells_why_skipped >
		1)
		reading_wrong(reading,
			own->only_due ? SPAN("--due")
			: own->watches ? SPAN("--watch")
				       : SPAN("--rehearse"),
			"only one of --due, --watch, --rehearse and "
			"--why-skipped can be had");
	if (own->tells_failures && (own->tells_why_skipped || own->rehearses))
		reading_wrong(reading, SPAN("--failures"),
			"it goes neither with --why-skipped nor with "
			"--rehearse");
	if (own->tells_why_skipped && reading->options->report_count)
		reading_wrong(reading, SPAN("--why-skipped"),
			"nothing is walked that could be reported");
}

static void check(struct reading *reading)
{
	struct options *options = reading->options;

	if (!options->check.file_count && !options->check.lists_bundled)
		reading_wrong(reading, SPAN("FILE"),
			"a scenario is wanted (mxprobe run --help)");
	/* Each cell has its own: these are those of the resolver's fetches. */
	options->wanted[FAMILY_IPV4] = options->wanted[FAMILY_IPV6] = true;
	if (options->pcap_file &&
		(options->check.watches || options->check.rehearses))
		reading_wrong(reading, SPAN("--pcap"),
			"it goes neither with --watch (say `on failure pcap` "
			"in the scenario) nor with --rehearse");
	if (options->check.tells_failures && options->format != FORMAT_TEXT)
		reading_wrong(reading, SPAN("--failures"),
			"--json tells of all rows: leave one of them out");
	report_options_check(reading);
	check_ways(reading);
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "tag", "TAG", set_tag, "only scenarios that have this tag", "What is walked" },
	{ 0, "only", "PROBE[/4|6[/PATH]]", set_only, "only these cells; may be given again", NULL },
	{ 0, "strict", NULL, set_strict, "what is unknown, n/a or skipped fails, too", NULL },
	{ 0, "failures", NULL, set_failures, "tell of what is not as expected, and of no more", NULL },
	{ 0, "due", NULL, set_due, "only what is due by its schedule; for cron", NULL },
	{ 0, "watch", NULL, set_watch, "stay, and run each scenario when it is due", NULL },
	{ 0, "why-skipped", NULL, set_why_skipped, "instead: what stands in the way of each cell", NULL },
	{ 0, "pcap-dir", "DIR", set_pcap_dir, "where \"on failure pcap\" keeps packets (here)", NULL },
	{ 0, "list", NULL, set_list, "the scenarios that come with mxprobe", NULL },
	{ 0, "rehearse", NULL, set_rehearse, "on loopback, with the servers that they script", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "deliver", "resolve", "dns", "trust-ad",
	"answers", "ca-file", "ca-dir", "connect-timeout", "banner-timeout",
	"command-timeout", "tls-timeout", "data-timeout", "max-time", "pause",
	"parallel", "i-run-this-server", "codebook", "history", "no-history",
	"pcap", "redact", "json", "report-junit", "report-tap",
	"report-prometheus", "report-html", "report-jsonl", "exit-style",
	"quiet", "help", "version", NULL };

static const struct own_help helps[] = {
	{ "deliver", "walk the probes that send a message, too" },
	{ "parallel", "cells at once (16)" },
	{ "max-time", "each cell in all (300s)" },
	{ NULL, NULL },
};

const struct verb_row verb_run = {
	.word = "run",
	.verb = VERB_RUN,
	.usage = "usage: mxprobe run [options] FILE.mxp|FOLDER|NAME...\n"
		 "       mxprobe run --list\n\n"
		 "Walks every cell of scenarios, and holds each against "
		 "what is expected of it.\nOf a folder, all files *.mxp in it "
		 "are run.  NAME: one that comes with mxprobe.\n",
	.rows = rows,
	.shared = shared,
	.helps = helps,
	.ending = "Exit status: 0 all as expected, 1 something is not, 2 "
		  "usage, 3 a file does not\nparse and nothing was sent, 4 "
		  "could not be decided, 5 politeness forbids all of\nit now, "
		  "77 all cells were skipped.\nMore: "
		  "mxprobe(1), mxprobe-scenario(5).\n",
	.operand = take_file,
	.check = check,
};
