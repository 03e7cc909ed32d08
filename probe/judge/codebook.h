#ifndef MXP_CODEBOOK_H
#define MXP_CODEBOOK_H

#include "probe/base/arena.h"
#include "probe/base/ip.h"
#include "probe/smtp/reply.h"
#include "probe/smtp/stage.h"

/*
 * The codebook says what a reply means.  It is data with dates: text files,
 * one a provider and a general one (their grammar stands over the reader in
 * codebook_reader.c).  They are embedded; --codebook FILE or DIR replaces them
 * all.  The most particular row wins; a reply that no row fits is unknown, and
 * stays so.
 *
 * A lookup is one pass over the text for all rows.  It uses room that belongs
 * to the codebook, so one codebook serves one lookup at a time.
 */
struct codebook;

enum {
	CODEBOOK_TEXT_MAX = 4 * 1024 * 1024,    /* octets of all files */
	CODEBOOK_ROWS_MAX = 4096,
	CODEBOOK_MATCHES_MAX = 128,             /* of one row */
	CODEBOOK_PIECES_MAX = 8,                /* of one match */
	CODEBOOK_WORDS_MAX = 64,                /* of one set */
	CODEBOOK_SETS_MAX = 256,
	CODEBOOK_PROVIDERS_MAX = 512,
	CODEBOOK_LINE_MAX = 512,                /* octets */
	CODEBOOK_VALUE_MAX = 4096,              /* octets, of several lines */
	CODEBOOK_RANK_MAX = 9,
	CODEBOOK_RANK_WEAK = 2,                 /* up to this, words that say
						   little */
	CODEBOOK_ERRORS_MAX = 1000,             /* told of one book */
};

struct codebook_word {
	struct span text;               /* folded: probe/judge/wording.h */
	bool is_whole;                  /* not a part of a longer word */
};

/* Any one of some words. */
struct codebook_piece {
	const struct codebook_word *words;
	size_t word_count;
	unsigned gap;                   /* octets at most behind the piece
					   before it; 0: any number */
	bool is_absent;                 /* must not stand anywhere */
};

/* Which enhanced status: "5.7.1", "5.7.606-649", "x.7.25". */
struct codebook_status {
	bool is_given;
	bool is_needed;                 /* a reply without one does not fit */
	unsigned class, subject;        /* class 0: any */
	unsigned detail, last;          /* from and to */
};

/* One wording that a row stands for: pieces in their order. */
struct codebook_match {
	unsigned code;                  /* 550; a hundred as 5 or 4; 0: any */
	struct codebook_status status;
	const struct codebook_piece *pieces;
	size_t piece_count;
};

struct codebook_row {
	struct span id;                 /* "google.not-authorized" */
	struct span provider;           /* "google"; "any" */
	unsigned code;                  /* of the first match, as is the ... */
	unsigned status[3];             /* status; all 0: none, or several */
	const struct codebook_match *matches;
	size_t match_count;
	bool stages[STAGE_COUNT];       /* where it may be said ... */
	bool has_stages;                /* ... else anywhere */
	unsigned rank;                  /* how particular, 1 .. 9 */
	bool is_here_only;              /* only where the provider is known to
					   be the speaker */
	struct span policy;             /* word of the closed vocabulary */
	bool is_source_bound;           /* about the connecting address, so the
					   other family may fare differently */
	bool is_ipv6_only;              /* a rule that IPv4 does not have */
	bool is_temporary;              /* come back later: greylisting etc. */
	struct span severity;           /* "info", "warn", "fail" */
	struct span meaning;            /* one sentence */
	struct span remedy;             /* steps, parted by "; " */
	struct span reference;
	struct span seen;               /* date last seen, "2026-02-15" */
	struct span certainty;          /* documented, secondary, seen ... */
	struct span sample;             /* a reply that this row must win, its
					   lines ended by LF */
	struct span date;               /* of its file */
	struct span file;
	unsigned line;                  /* in it */
};

struct codebook_provider {
	struct span id;                 /* "google" */
	struct span title;              /* "Google (Gmail, Workspace)" */
	struct span also;               /* other words for it, by blanks */
	struct span hosts;              /* domains of its servers, by blanks */
	struct span domains;            /* that it takes mail for, by blanks */
};

/* What a word of the vocabulary says, and the usual way out. */
struct codebook_policy_words {
	struct span meaning, remedy;
};

/* The embedded one.  Never fails: a test holds it to that. */
const struct codebook *codebook_embedded(struct arena *arena);

struct codebook_part {
	struct span file, text;
};

/*
 * From text.  NULL when it does not parse; *errors then holds every error, a
 * line each: "file:line: what was expected".
 */
const struct codebook *codebook_parse(struct arena *arena, struct span file,
	struct span text, struct span *errors);
const struct codebook *codebook_parse_parts(struct arena *arena,
	const struct codebook_part *parts, size_t count, struct span *errors);

struct span codebook_date(const struct codebook *codebook);     /* latest */
size_t codebook_row_count(const struct codebook *codebook);
const struct codebook_row *codebook_row(const struct codebook *codebook,
	size_t i);
const struct codebook_row *codebook_row_of_id(const struct codebook *codebook,
	struct span id);                                        /* or NULL */

/* By its id, one of its other words, a server's name, a recipient's domain;
 * or NULL. */
const struct codebook_provider *codebook_provider(
	const struct codebook *codebook, struct span word);
const struct codebook_provider *codebook_provider_of_host(
	const struct codebook *codebook, struct span host);
const struct codebook_provider *codebook_provider_of_domain(
	const struct codebook *codebook, struct span domain);

/* Both empty where the book says nothing. */
struct codebook_policy_words codebook_policy_words(
	const struct codebook *codebook, struct span policy);

/*
 * What a refusal means, or NULL: unknown.  At STAGE_RESOLVE, where no server
 * speaks, the stage counts as not known and any row may fit.
 *
 * A row of weak rank ("refused") is not given: who has the reply and the whole
 * walk before him knows more than such words say.
 */
const struct codebook_row *codebook_find(const struct codebook *codebook,
	const struct reply *reply, enum stage stage);

/* The same where it is known which server said so, or for which domain. */
struct codebook_speaker {
	struct span host, domain;
};
const struct codebook_row *codebook_find_from(const struct codebook *codebook,
	const struct reply *reply, enum stage stage,
	const struct codebook_speaker *speaker);

/*
 * Does another row fit as closely as the winner?  Then the book is at fault:
 * nobody but a test asks.
 */
bool codebook_is_tied(const struct codebook *codebook,
	const struct reply *reply, enum stage stage);

/*
 * What a witness knows of a refusal that it tells of afterwards: a bounce, a
 * line of a log.  Whatever it does not know is left out.
 */
struct codebook_question {
	struct span text;               /* the reply as it was written down: its
					   lines parted by LF, blanks or the
					   "/" of qmail's log, with or without
					   the code on each of them */
	unsigned code;                  /* 0: read from the text, if it is
					   there */
	unsigned status[3];             /* all 0: likewise */
	bool is_local_status;           /* the MTA's own word, not the server's:
					   it decides only where no words do */
	bool has_stage;
	enum stage stage;
	struct span relay_host;         /* who said it, where that is known ... */
	struct span recipient_domain;
	struct span provider;           /* ... or its word in the book at once */
};

struct codebook_answer {
	const struct codebook_row *row; /* NULL: no row fits, and the rest is
					   what the numbers alone say */
	struct span policy;             /* never empty: "unknown" at worst */
	struct span meaning;            /* one sentence; never empty */
	struct span provider;           /* of the book, or empty */
	unsigned code;                  /* as found; 0: none */
	unsigned status[3];             /* as found; all 0: none */
	bool is_by_status;              /* the status (RFC 3463) or the code
					   (RFC 5321) alone gave the policy */
};

/* The same for texts, where a weak row is better than nothing; the spans live
 * as long as the codebook. */
struct codebook_answer codebook_find_text(const struct codebook *codebook,
	const struct codebook_question *question);

/* Likewise: does another row fit as closely? */
bool codebook_is_tied_text(const struct codebook *codebook,
	const struct codebook_question *question);

/* Is the word one of the closed vocabulary of policies? */
bool codebook_has_policy(struct span word);

/* The words of that vocabulary, in order; NULL behind the last. */
const char *codebook_policy(size_t i);

/* The IP address that a reply quotes, "[2001:db8::1      19]" included. */
bool codebook_quoted_ip(const struct reply *reply, struct ip *ip);

#endif
