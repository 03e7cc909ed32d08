#ifndef MXP_JSON_WRITER_H
#define MXP_JSON_WRITER_H

#include <stdint.h>
#include <stdio.h>

#include "probe/base/span.h"
#include "scenarios/variables.h"

/*
 * Writes one JSON value after another, as they come, without a tree in
 * memory: a line per visit has to be cheap.  It takes any bytes and always
 * writes well-formed UTF-8: each ill-formed byte becomes U+FFFD.  Control
 * characters, and those that could mislead a terminal (C1, bidirectional
 * marks, line separators), are written \uXXXX.
 *
 * The caller opens what it closes: a wrong nesting is our fault, an assert.
 * A failure to write is the stream's own: ask ferror(), once, at the end.
 */
enum { JSON_DEPTH_MAX = 32, JSON_ROOM = 4096 };

struct json_writer {
	FILE *out;
	bool is_pretty;                 /* indented, one member a line */
	bool is_after_key;
	unsigned depth;
	bool has_members[JSON_DEPTH_MAX];
	const struct variables *secrets;        /* NULL: none is hidden */
	struct arena *arena;            /* to hide them in */
	size_t used;
	char room[JSON_ROOM];
};

/* Indented lines begin `depth` levels deep: for a value inside another. */
void writer_open(struct json_writer *json, FILE *out, bool is_pretty,
	unsigned depth);

/*
 * From here on every text, but none of our own words, is written with "***"
 * for the secrets of a scenario.  `secrets` may be NULL.
 */
void writer_hide(struct json_writer *json, struct arena *arena,
	const struct variables *secrets);

/* Hands what is left to the stream. */
void writer_close(struct json_writer *json);

/* The same at the end of a list that is the last but the exit status. */
void writer_close_report(struct json_writer *json, int exit_status);

void writer_begin_object(struct json_writer *json);
void writer_end_object(struct json_writer *json);
void writer_begin_array(struct json_writer *json);
void writer_end_array(struct json_writer *json);

/* The next value is this member's.  A key is ours: plain ASCII. */
void writer_key(struct json_writer *json, const char *key);

/* True when nothing had to be replaced. */
bool writer_string(struct json_writer *json, struct span text);
void writer_word(struct json_writer *json, const char *word);
void writer_count(struct json_writer *json, uint64_t number);
void writer_whole(struct json_writer *json, int64_t number);
void writer_claim(struct json_writer *json, bool claim);
void writer_nothing(struct json_writer *json);

/* A value that is JSON already, and well-formed. */
void writer_written(struct json_writer *json, struct span value);
void writer_hex(struct json_writer *json, struct span bytes);

/* After a top-level value: the end of its line. */
void writer_newline(struct json_writer *json);

/* A member in one go; writer_put_maybe() writes null for an empty text. */
void writer_put(struct json_writer *json, const char *key, struct span text);
void writer_put_maybe(struct json_writer *json, const char *key,
	struct span text);
void writer_put_word(struct json_writer *json, const char *key,
	const char *word);
void writer_put_count(struct json_writer *json, const char *key,
	uint64_t number);
void writer_put_claim(struct json_writer *json, const char *key, bool claim);
void writer_put_nothing(struct json_writer *json, const char *key);

#endif
