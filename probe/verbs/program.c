#include "probe/verbs/program.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "probe/base/note.h"
#include "probe/bundled.h"
#include "probe/judge/codebook_file.h"
#include "probe/scenario_files.h"
#include "probe/verbs/packets.h"
#include "scenarios/lexer.h"

enum { STDOUT_ROOM = 64 * 1024 };

bool program_read_named(
	struct arena *arena, const char *name, size_t max, struct span *bytes)
{
	struct span why;

	if (file_read(arena, name, max, bytes, &why))
		return true;
	note("%s: %.*s", escape_text(arena, span_of(name)).at, SPAN_ARG(why));
	return false;
}

bool program_read_scenario(
	struct arena *arena, const char *name, struct span *text)
{
	bool is_missing = access(name, F_OK) != 0;
	struct span nearest = bundled_nearest(span_of(name));

	if (is_missing && bundled_find(span_of(name), text))
		return true;
	if (program_read_named(arena, name, LEXER_TEXT_MAX, text))
		return true;
	if (is_missing && nearest.len)
		note("did you mean %.*s, which comes with mxprobe?",
			SPAN_ARG(nearest));
	return false;
}

/* ---- files */

bool program_read_codebook(struct arena *arena, struct program *program)
{
	const char *name = program->options.codebook_file;
	struct span errors;

	if (!name)
		name = codebook_folder(
			arena, getenv("XDG_DATA_HOME"), getenv("HOME"));
	if (!name) {
		program->codebook = codebook_embedded(arena);
		return true;
	}
	program->codebook = codebook_load(arena, name, &errors);
	while (!program->codebook && errors.len) {
		struct span line = span_cut(&errors, '\n');

		note("%.*s", SPAN_ARG(escape_text(arena, line)));
	}
	return program->codebook != NULL;
}

bool program_read_answers(struct arena *arena, const char *name,
	const struct saved_answers **saved)
{
	struct answers_file_errors errors = { 0 };
	struct span text;

	if (!name)
		return true;
	if (!program_read_named(arena, name, OPTIONS_FILE_MAX, &text))
		return false;
	*saved = answers_file_load(arena, span_of(name), text, &errors);
	for (size_t i = 0; i < errors.count; i++)
		note("%.*s", SPAN_ARG(escape_text(arena, errors.texts[i])));
	return *saved && errors.total == 0;
}

static void tell_answers_to(struct arena *arena, const struct program *program)
{
	const char *name = program->options.save_answers_file;

	note("%s: %s", escape_text(arena, span_of(name)).at,
		errno ? strerror(errno) : "it could not be written");
}

bool program_open_answers_to(struct arena *arena, struct program *program)
{
	const char *name = program->options.save_answers_file;

	if (!name)
		return true;
	if (!whole_file_open(arena, name, &program->answers_to)) {
		tell_answers_to(arena, program);
		return false;
	}
	program->orders.answers_to = program->answers_to.out;
	answers_file_begin(program->orders.answers_to);
	return true;
}

bool program_close_answers_to(struct arena *arena, struct program *program)
{
	if (!program->orders.answers_to ||
		whole_file_close(&program->answers_to, true))
		return true;
	tell_answers_to(arena, program);
	return false;
}

/* ---- the surroundings */

static unsigned columns_of_terminal(void)
{
	const char *text = getenv("COLUMNS");
	unsigned long columns;
	struct winsize size;

	if (text && span_number(span_of(text), 1000, &columns) && columns)
		return (unsigned)columns;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

static bool wants_color(const struct options *options)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(none && *none) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

/* Our name for EHLO, where the host has a full one. */
void program_name_ourselves(struct arena *arena, struct options *options)
{
	char room[256] = "";
	struct span name;

	if (gethostname(room, sizeof(room) - 1) != 0)
		return;
	name = span_of(room);
	if (span_find(name, '.') == name.len)
		return;
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		if (!options->ehlo[i].len)
			options->ehlo[i] = arena_copy(arena, name);
}

bool program_expand_files(struct arena *arena, struct program *program)
{
	struct span why;

	if (scenario_files_expand(arena, &program->options.check, &why))
		return true;
	note("%.*s", SPAN_ARG(escape_text(arena, why)));
	return false;
}

bool program_shows_progress(const struct program *program)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && !program->options.quiet && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

bool program_open_tls(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	struct tls_setup setup = { .ca_file = options->ca_file,
		.ca_dir = options->ca_dir,
		.keylog = options->keylog };
	const char *keylog = getenv("SSLKEYLOGFILE");
	struct span why;

	if (options->tls == OPTION_TLS_NONE)
		return true;
	if (!setup.keylog && keylog && *keylog)
		setup.keylog = keylog;
	if (program->packets) {
		setup.secret_told = packets_take_secret;
		setup.secret_receiver = program->packets;
	}
	program->orders.tls = tls_context_open(arena, &setup, &why);
	if (!program->orders.tls)
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
	return program->orders.tls != NULL;
}

static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

int program_end_output(const struct program *program, int status)
{
	/* A write that failed long ago may have left another's number. */
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* The one that failed left none, and another may tell. */
	if (!errno && write(STDOUT_FILENO, "\n", 1) == 1)
		errno = 0;
	if (!reader_is_gone())
		note("the report could not be written%s%s", errno ? ": " : "",
			errno ? strerror(errno) : "");
	return program->options.exits_as_plugin ? EXIT_PLUGIN_UNKNOWN
						: EXIT_UNDECIDED;
}

void program_begin_screen(struct program *program)
{
	const struct options *options = &program->options;

	program->style = (struct text_style){ .columns = columns_of_terminal(),
		.color = wants_color(options),
		.verbose = options->verbose };
	/* A line of --repeat is some kilobytes, and there may be many. */
	setvbuf(stdout, NULL, _IOFBF, STDOUT_ROOM);
}
