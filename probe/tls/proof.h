#ifndef MXP_PROOF_H
#define MXP_PROOF_H

#include <openssl/x509.h>

#include "probe/tls/engine.h"

/*
 * What a server proved with the chain it sent: the certificates as plain
 * values, whether they lead to a trust anchor, whether they are in date,
 * whether the leaf bears the name.  All of it is found out at once, and
 * nothing of it ends the handshake.
 *
 * A run meets the same few chains again and again.  The verdict on a chain,
 * anchors being the same, is a matter of its bytes and of the date; so it is
 * kept, by the SHA-256 of each certificate, until the next date at which a
 * certificate begins or ends.  The name is checked every time, and so are TLSA
 * records: what they say has nothing to do with the anchors.
 */
struct verdict {
	bool is_trusted;
	bool is_expired;
	bool is_self_signed;
	int code;                       /* the most telling; X509_V_OK: none */
};

struct chain {
	struct certificate *certificates;       /* as sent, leaf first */
	size_t count;
	struct verdict verdict;
	int64_t holds_until;            /* seconds since 1970 */
};

struct known_chains {
	struct arena *arena;
	EVP_MD *sha256;
	size_t count;
	struct chain chains[TLS_CHAINS_MAX];
};

struct proof {
	struct arena *arena;
	struct span name;               /* to hold against the leaf; or empty */
	bool is_taken;                  /* a chain came */
	bool name_matches;
	struct chain chain;
	const struct tlsa_set *tlsa;    /* to hold against the chain; or NULL */
	struct tlsa_verdict *tlsa_verdict;      /* NULL: nothing was held */
};

/* False when OpenSSL has no memory or no SHA-256. */
bool known_chains_open(struct known_chains *known, struct arena *arena);
void known_chains_close(struct known_chains *known);

/*
 * Judges the chain that OpenSSL is about to verify, in its stead.  The proof
 * is the SSL's app data.
 */
void proof_take(struct known_chains *known, X509_STORE_CTX *store);

/* The most telling of all: trust, then dates, then the name. */
int proof_code(const struct proof *proof);
struct span proof_why(const struct proof *proof);

#endif
