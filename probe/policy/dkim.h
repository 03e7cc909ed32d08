#ifndef MXP_DKIM_H
#define MXP_DKIM_H

#include "probe/dns/answers.h"
#include "probe/policy/dkim_key.h"
#include "probe/policy/dkim_signature.h"

/*
 * DKIM verification: RFC 6376 section 6, with the algorithms of RFC 8301 and
 * RFC 8463, and the words of RFC 8601 section 2.7.1.
 *
 * First the message goes by, once, in pieces of any size: the header section
 * is kept, and the body is hashed in each way that a signature of it asks
 * for, each way once, also for those of ARC (RFC 8617).  Then dkim_check()
 * asks for the keys and judges; it may run again and again.
 */
enum dkim_result {
	DKIM_OPEN,              /* keys are missing: settle, ask again */
	DKIM_NONE,              /* no signature */
	DKIM_PASS,
	DKIM_FAIL,              /* a hash or a signature does not fit */
	DKIM_NEUTRAL,           /* not looked at: too many signatures */
	DKIM_POLICY,            /* it may fit, but may not count: the key is
				   too short (RFC 8301 section 3.2) */
	DKIM_TEMPERROR,         /* the DNS failed us */
	DKIM_PERMERROR,         /* the signature or the key is not usable */
};

enum {
	DKIM_CHECKS_MAX = 20,   /* DKIM signatures looked at, from the top */
	DKIM_HASHES_MAX = 16,   /* different ways to hash the body */
};

/* One way to hash the body, and what came of it. */
struct dkim_body_hash {
	enum dkim_digest digest;
	enum canon canon;
	uint64_t length;        /* l=, or CANON_WHOLE */
	uint64_t octets;        /* of the whole canonical body */
	unsigned char bytes[DKIM_DIGEST_MAX];
	size_t len;             /* 32 or 20 */
};

struct dkim_message {
	struct header header;
	struct dkim_signature *signatures;      /* DKIM_SIGNATURE, in header
						   order from the top */
	size_t signature_count;
	struct dkim_signature *arc;     /* DKIM_ARC_MESSAGE, likewise */
	size_t arc_count;
	const struct dkim_body_hash *hashes;
	size_t hash_count;
	uint64_t body_octets;   /* as they came */
};

/*
 * The message goes by.  Everything is taken from the arena; only _end gives
 * the hashing's own memory back, and must be called.
 */
struct dkim_reader;

struct dkim_reader *dkim_reader_open(struct arena *arena);
void dkim_reader_take(struct dkim_reader *reader, struct span bytes);
const struct dkim_message *dkim_reader_end(struct dkim_reader *reader);

/* The same for one that is in memory whole; spans may point into it. */
const struct dkim_message *dkim_message_of(struct arena *arena,
	struct span message);

/* The hash that this signature's bh= ought to be, or NULL: no such a=, c=. */
const struct dkim_body_hash *dkim_message_hash(
	const struct dkim_message *message,
	const struct dkim_signature *signature);

enum dkim_fit {
	DKIM_NOT_COMPARED,
	DKIM_FITS,
	DKIM_DIFFERS,
};

struct dkim_check {
	const struct dkim_signature *signature;
	enum dkim_result result;
	struct span why;        /* one sentence; empty when it passed */
	enum dkim_fault fault;          /* of the signature */
	enum dkim_key_fault key_fault;
	struct span key_name;           /* that was asked for */
	const struct dkim_key *key;     /* NULL: none; see dkim_keys_get() */
	unsigned key_bits;              /* 0: no key */
	bool is_testing;                /* t=y: treat a failure as unsigned */
	enum dkim_fit body;             /* bh= against computed */
	enum dkim_fit header;           /* b=, whatever became of bh= */
	const struct dkim_body_hash *computed;
	uint64_t uncovered;             /* body octets beyond l= */
	bool is_from_future;            /* t= is later than now; only noted */
};

struct dkim_checks {
	enum dkim_result result;        /* the best: one pass is a pass */
	struct dkim_check *checks;      /* one a signature, in header order */
	size_t count;
};

struct dkim_query {
	struct arena *arena;
	struct answers *answers;
	struct dkim_keys *keys;
	uint64_t now;           /* seconds since 1970 */
};

/*
 * The first round asks for the keys of all signatures.  Returns
 * checks->result; while it is DKIM_OPEN the checks say which are still open.
 */
enum dkim_result dkim_check(const struct dkim_query *query,
	const struct dkim_message *message, struct dkim_checks *checks);

/*
 * One signature of either kind by itself: ARC needs it for AMS, whose fields
 * and hash are found in the same way.  Its result may be DKIM_OPEN.
 */
void dkim_check_one(const struct dkim_query *query,
	const struct dkim_message *message,
	const struct dkim_signature *signature, struct dkim_check *check);

/*
 * The part of it that fetches the key: false while the answer is open, else
 * check->key, key_fault, key_bits, is_testing, and result with why when there
 * is no usable key (result stays DKIM_OPEN when there is one).
 */
bool dkim_check_key(const struct dkim_query *query,
	const struct dkim_signature *signature,
	struct dkim_check *check) MXP_MUST_USE;

const char *dkim_result_word(enum dkim_result result);  /* "permerror" */

#endif
