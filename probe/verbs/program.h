#ifndef MXP_PROGRAM_H
#define MXP_PROGRAM_H

#include <stdlib.h>                     /* EXIT_SUCCESS, EXIT_FAILURE */

#include "probe/judge/judge.h"
#include "probe/run.h"
#include "reports/json.h"
#include "reports/tally.h"
#include "reports/text.h"
#include "reports/whole_file.h"

/*
 * The program is what all verbs share: the options, the codebook, the files
 * that options name, and the screen.  What goes wrong is told on stderr where
 * it is found, and false says that it was.
 */

/* The exit statuses that are not a verdict's (mxprobe(1)). */
enum { EXIT_USAGE = 2, EXIT_PARSE = 3, EXIT_UNDECIDED = 4, EXIT_IMPOLITE = 5,
	EXIT_SKIPPED = 77,
	EXIT_PLUGIN_UNKNOWN = 3 };      /* of --exit-style nagios */

struct program {
	struct options options;
	const struct codebook *codebook;
	struct run_orders orders;
	struct mta_config mta;          /* of --mta */
	struct signer signer;
	struct whole_file answers_to;   /* of --save-answers */
	struct text_style style;
	struct json_run json;
	struct tally tally;
	struct text_totals totals;
	enum verdict verdict;
	struct record *record;          /* of a walk, in the history */
	struct publication *publication;        /* of a walk: --report-* */
	struct known_hosts *known_hosts;        /* of a walk: --resolve */
	struct packets *packets;        /* --pcap; or NULL */
	int packets_to;                 /* its file */
	bool is_held_back;              /* politeness forbade every visit */
	bool has_told_plugin;           /* the line of --exit-style nagios */
};

bool program_read_named(struct arena *arena, const char *name, size_t max,
	struct span *bytes);
/* A scenario's file; where there is none, one that comes with the program. */
bool program_read_scenario(struct arena *arena, const char *name,
	struct span *text);
bool program_read_codebook(struct arena *arena, struct program *program);
bool program_read_answers(struct arena *arena, const char *name,
	const struct saved_answers **saved);

/* --save-answers. */
bool program_open_answers_to(struct arena *arena, struct program *program);
bool program_close_answers_to(struct arena *arena, struct program *program);

/* Our name for EHLO, where the host has a full one. */
void program_name_ourselves(struct arena *arena, struct options *options);

/* Folders are the files in them.  False: it was told what is wrong. */
bool program_expand_files(struct arena *arena, struct program *program);

/* Progress lines on stderr? */
bool program_shows_progress(const struct program *program);

/* Nothing where no TLS is wanted. */
bool program_open_tls(struct arena *arena, struct program *program);

/*
 * When a verb has told all: its exit status, or another one where standard
 * output could not take all of it.  That is said, unless whoever read it has
 * gone, as head(1) does when it has seen enough.
 */
int program_end_output(const struct program *program, int status) MXP_MUST_USE;

/* How wide the screen is and whether it has colours. */
void program_begin_screen(struct program *program);

#endif
