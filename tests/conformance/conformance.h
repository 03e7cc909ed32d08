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
};

struct suite_question {
	struct arena *arena;    /* its own, gone after the judge */
	const char *folder;     /* where the paths in it start */
	const json_t *line;
	struct span why;        /* what differs, in words */
};

struct suite {
	const char *name;       /* also the folder */
	enum verdict (*judge)(struct suite_question *question);
	const char *left_out;   /* a file that counts for nothing; or NULL */
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

extern const struct suite suite_arc;
extern const struct suite suite_canon;
extern const struct suite suite_dane;
extern const struct suite suite_dkim;
extern const struct suite suite_dmarc;
extern const struct suite suite_mtasts;
extern const struct suite suite_preflight;
extern const struct suite suite_smtp;
extern const struct suite suite_spf;
extern const struct suite suite_tlsrpt;

#endif
