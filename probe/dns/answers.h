#ifndef MXP_ANSWERS_H
#define MXP_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/base/arena.h"
#include "probe/base/span.h"

/*
 * Everything the DNS has told us, and everything we still mean to ask it.
 *
 * Planners and policies never wait for a lookup.  They ask here, as if every
 * answer were known.  A miss is written down as an open question and NULL is
 * returned; the caller gives up for now, and is run again from its start when
 * the questions have been settled.  So a policy is a plain function of this
 * table: the same over the network, over a saved file, and in a test.
 *
 * Names are in presentation form, lower case, without the last dot; "." is
 * the root.  answers_get() brings them there (probe/dns/name.h).
 *
 * A policy that a domain publishes over HTTPS is asked for in the same way,
 * as a record of a type that no DNS has.
 */
struct answers;

enum rr_type {
	RR_A = 1,
	RR_CNAME = 5,
	RR_SOA = 6,
	RR_PTR = 12,
	RR_MX = 15,
	RR_TXT = 16,
	RR_AAAA = 28,
	RR_TLSA = 52,

	/* Not of the DNS, whose types end at 65535: what the web server of
	   this name says at /.well-known/mta-sts.txt (RFC 8461, 3.2). */
	RR_POLICY = 65536,
};

enum answer_kind {
	ANSWER_DATA,            /* values, at least one */
	ANSWER_NONE,            /* the name exists, without this type */
	ANSWER_NO_NAME,         /* NXDOMAIN */
	ANSWER_SERVFAIL,        /* the server could not say (or: bogus) */
	ANSWER_TIMEOUT,         /* nobody answered */
	ANSWER_REFUSED,         /* the server would not say */
	ANSWER_UNREACHABLE,     /* no server could be reached at all */
	ANSWER_MALFORMED,       /* what came back was not an answer */
	ANSWER_UNTRUSTED,       /* a web server whose certificate is not good */
	ANSWER_UNSAVED,         /* replayed from a file that does not have it */
};

struct answer {
	enum answer_kind kind;
	bool secure;            /* the resolver vouched for it with AD */
	const struct span *values;      /* presentation form: an address, "10
					   host", the strings of one TXT record
					   joined to raw bytes, a name, a whole
					   policy file */
	size_t value_count;
	struct span canonical;  /* where a CNAME chain ended; empty: none */
	uint32_t ttl;           /* seconds, the least of the records used */
	uint32_t rtt_us;        /* 0: not from the network */
	struct span server;     /* who answered, "192.0.2.53"; may be empty */
	struct span why;        /* more about a failure: extended DNS error
				   (RFC 8914) or system text; may be empty */
};

struct question {
	struct question *next;          /* in the order they were asked */
	struct span name;
	enum rr_type type;
	uint32_t hash;                  /* of the name and the type */
	const struct answer *answer;    /* NULL while open */
};

struct answers *answers_open(struct arena *arena);

/* Where its questions live; who settles one takes its answer from here. */
struct arena *answers_arena(const struct answers *answers);

/*
 * NULL means: not known yet, and now on the list of open questions.  A name
 * that no DNS could hold is answered ANSWER_NO_NAME at once.
 */
const struct answer *answers_get(struct answers *answers, struct span name,
	enum rr_type type) MXP_MUST_USE;

/* The same without asking: NULL when it is not known. */
const struct answer *answers_known(const struct answers *answers,
	struct span name, enum rr_type type) MXP_MUST_USE;

/*
 * What is known before anybody asks: --resolve, a zone in a test.  Replaces
 * what was known; a name that no DNS could hold is ignored.  The answer is
 * not copied, here or below: it must live as long as the table.
 */
void answers_put(struct answers *answers, struct span name, enum rr_type type,
	const struct answer *answer);

/* The first question of all, or NULL. */
struct question *answers_first(struct answers *answers);

/* The first open question, or NULL when nothing is open. */
struct question *answers_open_question(struct answers *answers);
struct question *question_next_open(struct question *question);

void question_settle(struct question *question, const struct answer *answer);

const char *answer_word(enum answer_kind kind); /* "found", "nxdomain", ... */
const char *rr_type_word(enum rr_type type);    /* "MX" */
bool answer_kind_parse(struct span word, enum answer_kind *kind);
bool rr_type_parse(struct span word, enum rr_type *type);

/* A lookup that could not be made is not a finding about the domain. */
static inline bool answer_failed(const struct answer *answer)
{
	return answer->kind > ANSWER_NO_NAME;
}

/* "10 mx.example": false when the value is not that. */
bool answer_mx(struct span value, unsigned *preference, struct span *host);

#endif
