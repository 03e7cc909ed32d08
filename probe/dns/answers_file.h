#ifndef MXP_ANSWERS_FILE_H
#define MXP_ANSWERS_FILE_H

#include <stdio.h>

#include "probe/dns/answers.h"

/*
 * What the DNS said, as text: to run again without a network, to keep as
 * evidence, to write by hand.  One answer a line:
 *
 *	mxprobe-answers 1
 *	# a comment
 *	example MX found ttl=300 secure server=192.0.2.53 "10 mx.example"
 *	mx.example AAAA servfail why="DNSSEC Bogus (6)"
 *
 * Every field of an answer and every byte of it comes back as it was.  A
 * later line about the same name and type takes the place of an earlier one,
 * so that many targets can append to one file.
 */
enum {
	ANSWERS_FILE_VALUES_MAX = 256,  /* of one answer */
	ANSWERS_FILE_ERRORS_MAX = 100,  /* the others are only counted */
};

void answers_file_begin(FILE *file);    /* the first line */

/*
 * Appends what is settled; not what a replay lacked (ANSWER_UNSAVED).  Errors
 * are left in the stream: ferror() tells.
 */
void answers_file_save(FILE *file, struct answers *answers);

struct answers_file_errors {
	struct span *texts;     /* "answers.txt:3: expected a record type" */
	size_t count;           /* of texts */
	size_t total;           /* with those above the limit */
};

struct saved_answers;

/*
 * `text` is the whole file.  Lines with errors are left out of the result and
 * told; it is NULL only when the first line is not that of such a file.  What
 * is in the result lives in the arena.
 */
struct saved_answers *answers_file_load(struct arena *arena, struct span file,
	struct span text, struct answers_file_errors *errors) MXP_MUST_USE;

/*
 * A world that is made up, in the place of a file: what the table does not
 * have, does not exist.  The table is borrowed.
 */
struct saved_answers *saved_answers_of(struct arena *arena,
	struct answers *whole);

/*
 * Settles every open question, with ANSWER_UNSAVED what the file does not
 * have.  `saved` must live as long as the answers.
 */
void saved_answers_settle(const struct saved_answers *saved,
	struct answers *answers);

#endif
