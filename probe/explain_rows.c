#include "probe/verb.h"

/* The options of `mxprobe explain`, and those of the walk that mean the same. */
static bool set_list(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->explain.lists = true;
}

static bool set_follow(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->explain.follows = true;
}

static bool set_session(
	struct reading *reading, struct span value, const char **why)
{
	unsigned long number;

	*why = "the number of a session is wanted, 1 or more";
	if (!span_number(value, 1000 * 1000 * 1000, &number) || !number)
		return false;
	reading->options->explain.session = number;
	return true;
}

/* What there is in the way of zones is for the verb to look up. */
static bool set_log_zone(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a time zone is wanted, as +09:00, UTC, Asia/Tokyo or local";
	reading->options->explain.log_zone =
		arena_copy(reading->arena, value).at;
	return value.len != 0;
}

static bool set_keylog(
	struct reading *reading, struct span value, const char **why)
{
	(void)why;
	reading->options->explain.keylog_file =
		arena_copy(reading->arena, value).at;
	return true;
}

static bool set_ours(
	struct reading *reading, struct span value, const char **why)
{
	struct explain_options *options = &reading->options->explain;
	struct own_prefix prefix;

	*why = "an address is wanted, or a network as 2001:db8::/32";
	if (!own_prefix_parse(value, &prefix))
		return false;
	options->ours = arena_grow(reading->arena, options->ours,
		options->our_count, &options->our_room, sizeof(prefix));
	options->ours[options->our_count++] = prefix;
	return true;
}

static bool set_lines(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->format = FORMAT_JSONL;
	return true;
}

static bool take_file(
	struct reading *reading, struct span word, const char **why)
{
	struct explain_options *options = &reading->options->explain;

	(void)why;
	options->names = arena_grow(reading->arena, options->names,
		options->name_count, &options->name_room,
		sizeof(*options->names));
	options->names[options->name_count++] =
		arena_copy(reading->arena, word).at;
	return true;
}

static void check(struct reading *reading)
{
	const struct explain_options *options = &reading->options->explain;

	if (options->lists && options->name_count > 1)
		reading_wrong(reading, SPAN("--list"),
			"it takes one provider at most");
	if (options->lists && options->follows)
		reading_wrong(reading, SPAN("--follow"),
			"the codebook does not grow");
	if (options->follows && reading->options->format == FORMAT_JSON)
		reading_wrong(reading, SPAN("--follow"),
			"--json tells all at the end; --jsonl tells it as it "
			"comes");
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "list", NULL, set_list, "all of the codebook, or of a provider", "What" },
	{ 0, "follow", NULL, set_follow, "logs on as they grow, a line for each failure", NULL },
	{ 0, "session", "N", set_session, "this session of a capture, in full", NULL },
	{ 0, "keylog", "FILE", set_keylog, "TLS secrets for a capture", "How" },
	{ 0, "ours", "PREFIX", set_ours, "our address or network (repeatable)", NULL },
	{ 0, "log-zone", "ZONE", set_log_zone, "of log times that name none: Asia/Tokyo, +09:00", NULL },
	{ 0, "jsonl", NULL, set_lines, "a JSON line for each delivery and session", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "codebook", "json", "quiet", "verbose",
	"color", "help", "version", NULL };

static const struct own_help helps[] = {
	{ "json", "one JSON document of all that was found" },
	{ "verbose", "all rows, findings and times, however many" },
	{ NULL, NULL },
};

const struct verb_row verb_explain = {
	.word = "explain",
	.verb = VERB_EXPLAIN,
	.usage = "usage: mxprobe explain [options] [FILE...|ID|REPLY]\n"
		 "       mxprobe explain --list [PROVIDER]\n\n"
		 "Says what became of mail, and why, as mail logs, bounces, "
		 "captures and reports\nof receivers tell of it; or what a "
		 "reply means.  FILE: any of these, packed or\nnot, a Maildir, "
		 "folder, zip or tar of them, - for standard input.  ID: "
		 "a cause,\nas in google.not-authorized.  REPLY: as in '550 "
		 "5.7.1 Blocked'.  Nothing is\nsent, and no name is looked "
		 "up.\n",
	.rows = rows,
	.shared = shared,
	.helps = helps,
	.ending = "Exit status: 0 nothing was refused, 1 refusals found, 2 "
		  "usage, 4 something could\nnot be read (the rest is told all "
		  "the same).  More: mxprobe(1).\n",
	.operand = take_file,
	.check = check,
};
