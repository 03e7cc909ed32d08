#ifndef MXP_CODEBOOK_H
#define MXP_CODEBOOK_H

#include "probe/base/arena.h"
#include "probe/base/ip.h"
#include "probe/smtp/reply.h"
#include "probe/smtp/stage.h"

/*
 * The codebook says what a reply means.  It is data with a date: a text file
 * (its grammar stands over the parser in codebook.c), one is embedded, and
 * --codebook FILE replaces it.  The most particular row wins; a reply that no
 * row fits is unknown, and stays so.
 */
struct codebook;

enum {
	CODEBOOK_TEXT_MAX = 4 * 1024 * 1024,    /* octets of a file */
	CODEBOOK_ROWS_MAX = 4096,
	CODEBOOK_MATCHES_MAX = 32,              /* of one row */
	CODEBOOK_PIECES_MAX = 8,                /* of one match */
	CODEBOOK_LINE_MAX = 512,                /* octets */
	CODEBOOK_VALUE_MAX = 4096,              /* octets, of several lines */
	CODEBOOK_ERRORS_MAX = 1000,             /* told of one file */
};

/* One wording that a row stands for (probe/judge/wording.h). */
struct codebook_match {
	unsigned code;                  /* as in the row below */
	unsigned status[3];
	const struct span *pieces;      /* folded */
	size_t piece_count;
	size_t weight;                  /* octets of all pieces */
};

struct codebook_row {
	struct span id;                 /* "google.not-authorized" */
	struct span provider;           /* "google" */
	unsigned code;                  /* 550; a hundred as 5 or 4; 0: any */
	unsigned status[3];             /* 5.7.1; all 0: any.  Both are of the
					   first match */
	const struct codebook_match *matches;
	size_t match_count;
	bool stages[STAGE_COUNT];       /* where it may be said ... */
	bool has_stages;                /* ... else anywhere */
	struct span policy;             /* word of the closed vocabulary */
	bool is_source_bound;           /* about the connecting address, so the
					   other family may fare differently */
	bool is_temporary;              /* come back later: greylisting etc. */
	struct span meaning;            /* one sentence */
	struct span remedy;
	struct span reference;
	struct span seen;               /* date last seen, "2026-02-15" */
	struct span certainty;          /* documented, secondary, seen ... */
	struct span sample;             /* a reply that this row must win, its
					   lines ended by LF */
	unsigned line;                  /* in its file */
};

/* The embedded one.  Never fails: a test holds it to that. */
const struct codebook *codebook_embedded(struct arena *arena);

/*
 * From text.  NULL when it does not parse; *errors then holds every error, a
 * line each: "file:line: what was expected".
 */
const struct codebook *codebook_parse(struct arena *arena, struct span file,
	struct span text, struct span *errors);

struct span codebook_date(const struct codebook *codebook);
size_t codebook_row_count(const struct codebook *codebook);
const struct codebook_row *codebook_row(const struct codebook *codebook,
	size_t i);

/*
 * What a refusal means, or NULL: unknown.  At STAGE_RESOLVE, where no server
 * speaks, the stage counts as not known and any row may fit.
 */
const struct codebook_row *codebook_find(const struct codebook *codebook,
	const struct reply *reply, enum stage stage);

/*
 * Does another row fit as closely as the winner?  Then the book is at fault:
 * nobody but a test asks.
 */
bool codebook_is_tied(const struct codebook *codebook,
	const struct reply *reply, enum stage stage);

/* Is the word one of the closed vocabulary of policies? */
bool codebook_has_policy(struct span word);

/* The words of that vocabulary, in order; NULL behind the last. */
const char *codebook_policy(size_t i);

/* The IP address that a reply quotes, "[2001:db8::1      19]" included. */
bool codebook_quoted_ip(const struct reply *reply, struct ip *ip);

#endif
