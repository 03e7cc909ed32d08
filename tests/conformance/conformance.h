#ifndef MXP_CONFORMANCE_H
#define MXP_CONFORMANCE_H

#include <jansson.h>

#include "probe/base/arena.h"

/*
 * A suite is a folder of the conformance data, with any number of .jsonl files.
 * Each line of a file is a question with the answer expected; the judge asks it
 * of our code and says how it went.  What kind of question it is, it sees by
 * the fields: further files of the same form need nothing here.  The frame
 * reads the lines, prints and counts.
 */
enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,           /* with `why` */
	VERDICT_NOT_SCORED,     /* the data says that it counts for nothing */
	VERDICT_SHORT,          /* a miss, with `why`, in a suite whose goals
				   are shares: they decide */
};

struct suite_question {
	struct arena *arena;    /* its own, gone after the judge */
	const char *folder;     /* where the paths in it start */
	const json_t *line;
	struct span why;        /* what differs, in words */
};

/*
 * Where nobody gets everything right, the goal is a share of all questions of
 * a field.  The judge counts with share_count(); the frame tells each share
 * after the last question, and one below its goal has failed.
 */
struct share {
	const char *field;
	unsigned goal;          /* per mille; 0: only told */
	size_t met, asked;
};

/* Returns `met`. */
bool share_count(struct share *share, bool met);

struct suite {
	const char *name;       /* also the folder */
	const char *folder;     /* another one; or NULL */
	enum verdict (*judge)(struct suite_question *question);
	const char *left_out;   /* a file that counts for nothing; or NULL */
	const char *files;      /* each file of this pattern is a question, its
				   line having "id" and "path"; NULL: each line
				   of each *.jsonl is one */
	const char *lines;      /* pattern of the files with lines; NULL:
				   "*.jsonl" */
	void (*tell)(void);     /* what more there is to say; or NULL */
	struct share *shares;
	size_t share_count;
};

/* Fields of the line.  A missing field or null is false, 0 or empty. */
bool question_has(const struct suite_question *question, const char *key);
bool question_bool(const struct suite_question *question, const char *key);
json_int_t question_number(
	const struct suite_question *question, const char *key);
struct span question_text(
	const struct suite_question *question, const char *key);

/* Base64, decoded.  A value that is not base64 ends the program: the data is
 * broken, and no score would mean anything. */
struct span question_bytes(
	const struct suite_question *question, const char *key);

/* Does the list under key hold this word? */
bool question_lists(const struct suite_question *question, const char *key,
	const char *word);

/* VERDICT_FAIL, with the reason. */
enum verdict question_fail(
	struct suite_question *question, const char *fmt, ...)
	MXP_PRINTF(2, 3);

/* Adds to `why`, parted by "; ". */
void question_note(struct suite_question *question, const char *fmt, ...)
	MXP_PRINTF(2, 3);

extern const struct suite suite_arc;
extern const struct suite suite_bounces;
extern const struct suite suite_canon;
extern const struct suite suite_captures;
extern const struct suite suite_dane;
extern const struct suite suite_dkim;
extern const struct suite suite_dmarc;
extern const struct suite suite_faults;
extern const struct suite suite_incident;
extern const struct suite suite_logs;
extern const struct suite suite_mtasts;
extern const struct suite suite_pcap;
extern const struct suite suite_preflight;
extern const struct suite suite_replies;
extern const struct suite suite_reports;
extern const struct suite suite_smtp;
extern const struct suite suite_spf;
extern const struct suite suite_tlsrpt;

#endif
