#include "probe/options.h"

#include <stdlib.h>
#include <string.h>

#include "probe/ad_hoc.h"
#include "probe/base/escape.h"
#include "probe/report_options.h"
#include "probe/verb.h"

#ifndef MXP_VERSION
#	define MXP_VERSION "0"
#endif

enum { ERRORS_MAX = 32 };

void reading_wrong(struct reading *reading, struct span what, const char *why)
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
	struct span nearest = option_nearest_word(reading->verb, word);
	const char *why = "there is no such option";

	if (nearest.len)
		why = arena_print(reading->arena, "%s (did you mean --%.*s?)",
			why, SPAN_ARG(nearest))
			      .at;
	reading_wrong(reading, argument, why);
}

static void apply(struct reading *reading, const struct option_row *row,
	struct span argument, struct span value)
{
	const char *why = "this does not fit";

	if (!row->set(reading, value, &why))
		reading_wrong(reading,
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
		reading_wrong(reading, argument,
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
	const struct option_row *row = option_row_of_word(reading->verb, word);
	struct span shown = span_part(argument, 0, word.len + 2);

	if (!row)
		wrong_word(reading, shown, word);
	else if (!row->set)
		arguments->shown = row;
	else if (row->value)
		read_value(reading, arguments, row, shown,
			has_value ? rest : (struct span){ NULL, 0 });
	else if (has_value)
		reading_wrong(reading, shown, "it takes no value");
	else
		apply(reading, row, shown, SPAN(""));
}

static void read_letters(struct reading *reading, struct arguments *arguments,
	struct span argument)
{
	for (size_t i = 1; i < argument.len; i++) {
		const struct option_row *row = option_row_of_letter(
			reading->verb, argument.at[i]);
		struct span shown = arena_print(
			reading->arena, "-%c", argument.at[i]);
		struct span rest = span_part(argument, i + 1, argument.len);

		if (!row) {
			reading_wrong(
				reading, shown, "there is no such option");
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

static void take_operand(struct reading *reading, struct span argument)
{
	const char *why = "this does not fit";

	if (!reading->verb->operand(reading, argument, &why))
		reading_wrong(reading, argument, why);
}

static void read_all(struct reading *reading, struct arguments *arguments)
{
	bool is_ended = false;

	while (arguments->at < arguments->count) {
		struct span argument = span_of(
			arguments->words[arguments->at++]);

		if (is_ended || argument.len < 2 || argument.at[0] != '-')
			take_operand(reading, argument);
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
		reading_wrong(reading, SPAN("--deliver"),
			"say who it is from: -f MAILBOX");
	if (!options->to.len && !any_target_has_mailbox(options))
		reading_wrong(reading, SPAN("--deliver"),
			"say whose mailbox it is: -t MAILBOX, one of your own");
	if (!options->to.len && options->targets_file)
		reading_wrong(reading, SPAN("--deliver"),
			"mail is never sent to a "
			"list of mailboxes: name one of your own with -t");
	if (!options->to.len && options->target_count > 1)
		reading_wrong(reading, SPAN("--deliver"),
			"only one mailbox at a time "
			"can be said to be yours: give one with -t");
}

static void check_signing(struct reading *reading)
{
	const struct options *options = reading->options;
	bool names_key = options->dkim_selector.len || options->dkim_domain.len;

	if (!options->dkim_key_file && names_key)
		reading_wrong(reading,
			options->dkim_selector.len ? SPAN("--dkim-selector")
						   : SPAN("--dkim-domain"),
			"it goes with --dkim-key FILE");
	if (!options->dkim_key_file)
		return;
	if (!options->deliver)
		reading_wrong(
			reading, SPAN("--dkim-key"), "it goes with --deliver");
	if (!options->dkim_selector.len)
		reading_wrong(reading, SPAN("--dkim-key"),
			"say where its other half is published: "
			"--dkim-selector NAME");
	if (!options->dkim_domain.len && !options->from.len)
		reading_wrong(reading, SPAN("--dkim-key"),
			"say for which domain: --dkim-domain DOMAIN");
}

static void check_reach(struct reading *reading)
{
	const struct options *options = reading->options;
	bool has_to = options->to.len || any_target_has_mailbox(options) ||
		      options->targets_file;

	if (options->deliver)
		check_delivery(reading);
	else if (options->message_file)
		reading_wrong(
			reading, SPAN("--message"), "it goes with --deliver");
	check_signing(reading);
	if (options->to.len && !options->has_from)
		reading_wrong(reading, SPAN("--to"), "it goes with -f MAILBOX");
	if (!options->has_quit_after)
		return;
	if (options->quit_after >= STAGE_MAIL && !options->has_from)
		reading_wrong(reading, SPAN("--quit-after"),
			"this far needs -f MAILBOX");
	if (options->quit_after >= STAGE_RCPT && !has_to)
		reading_wrong(reading, SPAN("--quit-after"),
			"this far needs -t MAILBOX");
	if (options->quit_after >= STAGE_DATA && !options->deliver)
		reading_wrong(reading, SPAN("--quit-after"),
			"this far needs --deliver");
	if (options->quit_after == STAGE_TLS && options->tls == OPTION_TLS_NONE)
		reading_wrong(reading, SPAN("--quit-after tls"),
			"there is no TLS with --tls none");
}

void reading_check_targets(struct reading *reading, const char *wanted)
{
	struct options *options = reading->options;

	if (options->server.len && options->target_count == 0 &&
		!options->targets_file)
		target_add(reading, options->server);
	if (options->target_count == 0 && !options->targets_file)
		reading_wrong(reading, SPAN("TARGET"), wanted);
	for (size_t i = 0; i < options->target_count; i++) {
		struct target target;
		struct span why;

		if (!ad_hoc_target(reading->arena, options, options->targets[i],
			    &target, &why))
			reading_wrong(reading, options->targets[i],
				arena_copy(reading->arena, why).at);
	}
}

static void check_walk_goes_with(struct reading *reading)
{
	struct options *options = reading->options;

	if (options->repeat > 1 &&
		(options->target_count > 1 || options->targets_file))
		reading_wrong(reading, SPAN("--repeat"), "it takes one target");
	if (options->repeat > 1 && options->format == FORMAT_JSON)
		reading_wrong(reading, SPAN("--repeat"),
			"it goes with --jsonl: a line for each walk");
	if (options->isolates && (options->repeat > 1 || options->dry_run))
		reading_wrong(reading, SPAN("--isolate"),
			"it goes neither with --repeat nor with --dry-run");
	if (options->pcap_file && (options->repeat > 1 || options->dry_run))
		reading_wrong(reading, SPAN("--pcap"),
			"it goes neither with --repeat nor with --dry-run");
	if (options->redacts && !options->pcap_file)
		reading_wrong(
			reading, SPAN("--redact"), "it goes with --pcap FILE");
	if (options->answers_file && options->save_answers_file)
		reading_wrong(reading, SPAN("--save-answers"),
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
		.history = { .target = SPAN(""),
			.run = SPAN(""),
			.accept = SPAN("") },
		.diff = { .floor_us = 100 * 1000 },
		.check = { .tag = SPAN("") },
		.dns = SPAN(""),
		.sni = SPAN(""),
		.dkim_selector = SPAN(""),
		.dkim_domain = SPAN(""),
		.ehlo = { SPAN(""), SPAN("") },
		.trace = { .control_port = 587,
			.wait_ms = 1000,
			.banner_ms = 5000 },
		.patience = PATIENCE_DEFAULT };
}

static void check_walk(struct reading *reading)
{
	struct options *options = reading->options;

	if (!options->wanted[FAMILY_IPV4] && !options->wanted[FAMILY_IPV6])
		options->wanted[FAMILY_IPV4] = options->wanted[FAMILY_IPV6] =
			true;
	reading_check_targets(reading,
		"a domain, user@domain, host:port or address is wanted "
		"(mxprobe --help)");
	check_walk_goes_with(reading);
	check_reach(reading);
	report_options_check(reading);
	if (options->asks_mta && options->format != FORMAT_TEXT)
		reading_wrong(reading, SPAN("--mta"),
			"what a mail server would do is told as text only");
}

static bool is_one_label(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (span_find(SPAN(".@:["), word.at[i]) < 4)
			return false;
	return true;
}

/* A word that was to be a verb is not looked up as if it were a domain. */
static bool is_slip(struct reading *reading, struct span word, const char **why)
{
	const struct option_row *shown = option_row_of_word(&verb_walk, word);
	struct span verb = verb_nearest_word(word);

	if (reading->verb != &verb_walk || !is_one_label(word))
		return false;
	if (shown && !shown->set)
		*why = arena_print(
			reading->arena, "did you mean --%s?", shown->word)
			       .at;
	else if (verb_of(word))
		*why = "a verb stands first, before all options";
	else if (verb.len)
		*why = arena_print(reading->arena,
			"did you mean the verb %.*s?  A domain of one label is "
			"written with a dot behind it",
			SPAN_ARG(verb))
			       .at;
	else
		return false;
	return true;
}

static bool take_target(
	struct reading *reading, struct span word, const char **why)
{
	target_add(reading, word);
	return !is_slip(reading, word, why);
}

const struct verb_row verb_walk = {
	.usage =
		"usage: mxprobe [options] TARGET...\n"
		"       mxprobe preflight [options] [DOMAIN] [MESSAGE.eml]\n"
		"       mxprobe run [options] FILE.mxp...\n"
		"       mxprobe check [options] FILE.mxp...\n"
		"       mxprobe history [options] [TARGET]\n"
		"       mxprobe diff [options] [A [B]]\n"
		"       mxprobe trace [options] TARGET...\n"
		"       mxprobe explain [options] [FILE...|ID|REPLY]\n\n"
		"Walks the SMTP dialogue to the mail exchangers of TARGET over "
		"IPv4 and over\nIPv6, and says what differed.  TARGET: "
		"domain, user@domain, host:port, or an\naddress.  Options "
		"may stand anywhere; -- ends them.\n",
	.rows = option_rows,
	.ending = "Exit status: 0 all well, 1 refused or failed, 2 usage, 3 a "
		  "file does not parse,\n4 could not be decided, 5 politeness "
		  "forbids it.  More: mxprobe(1).\n",
	.operand = take_target,
	.check = check_walk,
};

enum options_result options_parse(struct arena *arena, int argc,
	const char *const *argv, struct options *options, struct span *text)
{
	struct reading reading = { .arena = arena,
		.options = options,
		.verb = &verb_walk,
		.errors = SPAN("") };
	struct arguments arguments = { .count = argc, .at = 1, .words = argv };

	set_defaults(options);
	if (argc > 1 && verb_of(span_of(argv[1]))) {
		reading.verb = verb_of(span_of(argv[1]));
		options->verb = reading.verb->verb;
		arguments.at++;
	}
	read_all(&reading, &arguments);
	if (arguments.shown) {
		*text = arguments.shown->letter == 'h'
				? option_help(arena, reading.verb)
				: SPAN("mxprobe " MXP_VERSION "\n");
		return OPTIONS_DONE;
	}
	reading.verb->check(&reading);
	*text = reading.errors;
	return reading.error_count ? OPTIONS_WRONG : OPTIONS_RUN;
}

/* A target, and where it stands in the list. */
struct listed {
	struct span text;
	size_t at;
};

static int by_text_and_place(const void *one, const void *other)
{
	const struct listed *a = one, *b = other;
	size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
	int order = memcmp(a->text.at, b->text.at, len);

	if (order)
		return order;
	if (a->text.len != b->text.len)
		return a->text.len < b->text.len ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

/* In the order of the list, the first of each. */
static size_t drop_repeated(struct options *options)
{
	struct arena *scratch = arena_open();
	size_t count = options->target_count, kept = 0;
	struct listed *list = arena_take(scratch, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (struct listed){ options->targets[i], i };
	qsort(list, count, sizeof(*list), by_text_and_place);
	for (size_t i = 1; i < count; i++)
		if (span_is(list[i].text, list[i - 1].text))
			options->targets[list[i].at] = SPAN("");
	for (size_t i = 0; i < count; i++)
		if (options->targets[i].len)
			options->targets[kept++] = options->targets[i];
	options->target_count = kept;
	arena_close(scratch);
	return count - kept;
}

size_t options_add_targets(
	struct arena *arena, struct options *options, struct span file_text)
{
	static const struct span mark = { "\xef\xbb\xbf", 3 };
	struct reading reading = { .arena = arena, .options = options };

	/* What some editors and spreadsheets begin UTF-8 with. */
	if (span_starts_nocase(file_text, mark))
		file_text = span_part(file_text, mark.len, file_text.len);
	while (file_text.len && options->target_count < OPTIONS_TARGETS_MAX) {
		struct span line = span_cut(&file_text, '\n');

		line = span_cut(&line, '#');
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		line = span_trim(line);
		if (line.len)
			target_add(&reading, line);
	}
	return drop_repeated(options);
}
