#ifndef MXP_RECORD_KEY_H
#define MXP_RECORD_KEY_H

#include <openssl/evp.h>

#include "probe/base/span.h"

/*
 * The key that opens the records of one direction of a TLS connection: AES-GCM,
 * AES-CCM and ChaCha20-Poly1305, in TLS 1.2 (RFC 5246, RFC 5288, RFC 6655, RFC
 * 7905) and TLS 1.3 (RFC 8446 sections 5 and 7).
 */
struct record_suite {
	unsigned number;                /* 0x1301 */
	const char *name;
	enum record_cipher {
		CIPHER_AES_GCM,
		CIPHER_AES_CCM,
		CIPHER_AES_CCM_8,
		CIPHER_CHACHA20,
	} cipher;
	size_t key_len;
	bool uses_sha384;
	bool is_tls13;
};

enum { RECORD_IV_LEN = 12, RECORD_KEY_MAX = 32, RECORD_PLAIN_MAX = 16384 };

struct record_key {
	const struct record_suite *suite;       /* NULL: there is no key */
	EVP_CIPHER_CTX *ctx;
	uint8_t iv[RECORD_IV_LEN];      /* of TLS 1.2's GCM the first four */
	uint8_t key[RECORD_KEY_MAX];
	uint8_t secret[64];             /* of TLS 1.3, for its next key */
	size_t secret_len;
	uint64_t sequence;              /* of the next record */
};

/* NULL: not one of those. */
const struct record_suite *record_suite_find(unsigned number);

/* TLS 1.3: from a traffic secret. */
bool record_key_from_secret(struct record_key *key,
	const struct record_suite *suite, struct span secret);

/* TLS 1.3: as after a KeyUpdate. */
bool record_key_update(struct record_key *key);

/* TLS 1.2: both directions from the master secret. */
bool record_keys_from_master(struct record_key keys[static 2],
	const struct record_suite *suite, struct span master,
	const uint8_t client_random[static 32],
	const uint8_t server_random[static 32]);

void record_key_close(struct record_key *key);

/*
 * Opens one record, its header of five octets first.  The plain text goes to
 * the room, which has space for all of the record; its length, or -1 when the
 * key does not fit.  Only a record that opens counts.
 */
int record_key_open(struct record_key *key, struct span record, uint8_t *room);

#endif
