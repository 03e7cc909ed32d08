#include "probe/options.h"

#include "probe/ad_hoc.h"
#include "probe/base/escape.h"
#include "probe/option_rows.h"

#ifndef MXP_VERSION
#	define MXP_VERSION "0"
#endif

enum { ERRORS_MAX = 32 };

static void wrong(struct reading *reading, struct span what, const char *why)
{
	struct span shown = escape_text(reading->arena, what);

	if (reading->error_count++ >= ERRORS_MAX)
		return;
	reading->errors = arena_print(reading->arena, "%.*s%.*s: %s\n",
		SPAN_ARG(reading->errors), SPAN_ARG(shown), why);
}

static void wrong_word(
	struct reading *reading, struct span argument, struct span word)
{
	const char *nearest = option_nearest_word(word);

	wrong(reading, argument,
		!nearest ? "there is no such option"
			 : arena_print(reading->arena,
				   "there is no such option (did you mean "
				   "--%s?)",
				   nearest)
				   .at);
}

static void apply(struct reading *reading, const struct option_row *row,
	struct span argument, struct span value)
{
	const char *why = "this does not fit";

	if (!row->set(reading, value, &why))
		wrong(reading,
			row->value && !span_is(argument, value)
				? arena_print(reading->arena, "%.*s %.*s",
					  SPAN_ARG(argument), SPAN_ARG(value))
				: argument,
			why);
}

static void target_add(struct reading *reading, struct span text)
{
	struct options *options = reading->options;

	options->targets = arena_grow(reading->arena, options->targets,
		options->target_count, &options->target_room, sizeof(text));
	options->targets[options->target_count++] = text;
}

struct arguments {
	int count, at;
	const char *const *words;
	const struct option_row *shown; /* --help or --version, if asked */
};

/* What stands behind the option: in the same word, or the next one. */
static void read_value(struct reading *reading, struct arguments *arguments,
	const struct option_row *row, struct span argument, struct span rest)
{
	if (!rest.at && arguments->at >= arguments->count) {
		wrong(reading, argument,
			arena_print(reading->arena, "%s is wanted behind it",
				row->value)
				.at);
		return;
	}
	if (!rest.at)
		rest = span_of(arguments->words[arguments->at++]);
	apply(reading, row, argument, rest);
}

static void read_word(struct reading *reading, struct arguments *arguments,
	struct span argument)
{
	struct span rest = span_part(argument, 2, argument.len);
	bool has_value = span_find(rest, '=') < rest.len;
	struct span word = span_cut(&rest, '=');
	const struct option_row *row = option_row_of_word(word);
	struct span shown = span_part(argument, 0, word.len + 2);

	if (!row)
		wrong_word(reading, shown, word);
	else if (!row->set)
		arguments->shown = row;
	else if (row->value)
		read_value(reading, arguments, row, shown,
			has_value ? rest : (struct span){ NULL, 0 });
	else if (has_value)
		wrong(reading, shown, "it takes no value");
	else
		apply(reading, row, shown, SPAN(""));
}

static void read_letters(struct reading *reading, struct arguments *arguments,
	struct span argument)
{
	for (size_t i = 1; i < argument.len; i++) {
		const struct option_row *row = option_row_of_letter(
			argument.at[i]);
		struct span shown = arena_print(
			reading->arena, "-%c", argument.at[i]);
		struct span rest = span_part(argument, i + 1, argument.len);

		if (!row) {
			wrong(reading, shown, "there is no such option");
			return;
		}
		if (row->value) {
			read_value(reading, arguments, row, shown,
				rest.len ? rest : (struct span){ NULL, 0 });
			return;
		}
		if (!row->set)
			arguments->shown = row;
		else
			apply(reading, row, shown, SPAN(""));
	}
}

static void read_all(struct reading *reading, struct arguments *arguments)
{
	bool is_ended = false;

	while (arguments->at < arguments->count) {
		struct span argument = span_of(
			arguments->words[arguments->at++]);

		if (is_ended || argument.len < 2 || argument.at[0] != '-')
			target_add(reading, argument);
		else if (span_is(argument, SPAN("--")))
			is_ended = true;
		else if (argument.at[1] == '-')
			read_word(reading, arguments, argument);
		else
			read_letters(reading, arguments, argument);
	}
}

/* ---- what goes with what */

static bool any_target_has_mailbox(const struct options *options)
{
	for (size_t i = 0; i < options->target_count; i++)
		if (span_find(options->targets[i], '@') <
			options->targets[i].len)
			return true;
	return false;
}

static void check_delivery(struct reading *reading)
{
	const struct options *options = reading->options;

	if (!options->has_from)
		wrong(reading, SPAN("--deliver"),
			"say who it is from: -f MAILBOX");
	if (!options->to.len && !any_target_has_mailbox(options))
		wrong(reading, SPAN("--deliver"),
			"say whose mailbox it is: -t MAILBOX, one of your own");
	if (!options->to.len && options->targets_file)
		wrong(reading, SPAN("--deliver"),
			"mail is never sent to a "
			"list of mailboxes: name one of your own with -t");
	if (!options->to.len && options->target_count > 1)
		wrong(reading, SPAN("--deliver"),
			"only one mailbox at a time "
			"can be said to be yours: give one with -t");
}

static void check_reach(struct reading *reading)
{
	const struct options *options = reading->options;
	bool has_to = options->to.len || any_target_has_mailbox(options) ||
		      options->targets_file;

	if (options->deliver)
		check_delivery(reading);
	else if (options->message_file)
		wrong(reading, SPAN("--message"), "it goes with --deliver");
	if (options->to.len && !options->has_from)
		wrong(reading, SPAN("--to"), "it goes with -f MAILBOX");
	if (!options->has_quit_after)
		return;
	if (options->quit_after >= STAGE_MAIL && !options->has_from)
		wrong(reading, SPAN("--quit-after"),
			"this far needs -f MAILBOX");
	if (options->quit_after >= STAGE_RCPT && !has_to)
		wrong(reading, SPAN("--quit-after"),
			"this far needs -t MAILBOX");
	if (options->quit_after >= STAGE_DATA && !options->deliver)
		wrong(reading, SPAN("--quit-after"),
			"this far needs --deliver");
	if (options->quit_after == STAGE_TLS && options->tls == OPTION_TLS_NONE)
		wrong(reading, SPAN("--quit-after tls"),
			"there is no TLS with --tls none");
}

static void check_targets(struct reading *reading)
{
	struct options *options = reading->options;

	if (options->server.len && options->target_count == 0 &&
		!options->targets_file)
		target_add(reading, options->server);
	if (options->target_count == 0 && !options->targets_file)
		wrong(reading, SPAN("TARGET"),
			"a domain, user@domain or [address] is wanted "
			"(mxprobe --help)");
	for (size_t i = 0; i < options->target_count; i++) {
		struct target target;
		struct span why;

		if (!ad_hoc_target(reading->arena, options, options->targets[i],
			    &target, &why))
			wrong(reading, options->targets[i],
				arena_copy(reading->arena, why).at);
	}
	if (options->repeat > 1 &&
		(options->target_count > 1 || options->targets_file))
		wrong(reading, SPAN("--repeat"), "it takes one target");
	if (options->repeat > 1 && options->format == FORMAT_JSON)
		wrong(reading, SPAN("--repeat"),
			"it goes with --jsonl: a line for each walk");
	if (options->answers_file && options->save_answers_file)
		wrong(reading, SPAN("--save-answers"),
			"there is nothing to save with --answers");
}

static void set_defaults(struct options *options)
{
	*options = (struct options){ .repeat = 1,
		.port = 0,
		.tls = OPTION_TLS_MAY,
		.mx_choice = MX_BEST,
		.pause_ms = 1000,
		.from = SPAN(""),
		.to = SPAN(""),
		.server = SPAN(""),
		.dns = SPAN(""),
		.sni = SPAN(""),
		.ehlo = { SPAN(""), SPAN("") },
		.patience = PATIENCE_DEFAULT };
}

enum options_result options_parse(struct arena *arena, int argc,
	const char *const *argv, struct options *options, struct span *text)
{
	struct reading reading = {
		.arena = arena, .options = options, .errors = SPAN("")
	};
	struct arguments arguments = { .count = argc, .at = 1, .words = argv };

	set_defaults(options);
	read_all(&reading, &arguments);
	if (arguments.shown) {
		*text = arguments.shown->letter == 'h'
				? option_help(arena)
				: SPAN("mxprobe " MXP_VERSION "\n");
		return OPTIONS_DONE;
	}
	if (!options->wanted[FAMILY_IPV4] && !options->wanted[FAMILY_IPV6])
		options->wanted[FAMILY_IPV4] = options->wanted[FAMILY_IPV6] =
			true;
	check_targets(&reading);
	check_reach(&reading);
	*text = reading.errors;
	return reading.error_count ? OPTIONS_WRONG : OPTIONS_RUN;
}

void options_add_targets(
	struct arena *arena, struct options *options, struct span file_text)
{
	struct reading reading = { .arena = arena, .options = options };

	while (file_text.len && options->target_count < OPTIONS_TARGETS_MAX) {
		struct span line = span_cut(&file_text, '\n');

		line = span_cut(&line, '#');
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		line = span_trim(line);
		if (line.len)
			target_add(&reading, line);
	}
}
