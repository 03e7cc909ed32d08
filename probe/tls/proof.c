#include "probe/tls/proof.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "probe/base/clock.h"
#include "probe/base/ip.h"
#include "probe/tls/certificate.h"
#include "probe/tls/dane.h"

bool known_chains_open(struct known_chains *known, struct arena *arena)
{
	known->arena = arena;
	known->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	return known->sha256;
}

void known_chains_close(struct known_chains *known)
{
	EVP_MD_free(known->sha256);
	known->sha256 = NULL;
}

static const SSL *ssl_of(X509_STORE_CTX *store)
{
	return X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
}

static struct proof *proof_of(X509_STORE_CTX *store)
{
	return SSL_get_app_data(ssl_of(store));
}

/*
 * The less, the more telling.  That the leaf's signature could not be checked
 * only follows from an issuer that is not known; a date matters little in a
 * chain that leads nowhere.
 */
static int rank(int code)
{
	switch (code) {
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return 1;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return 2;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return 3;
	case X509_V_OK:
		return 4;
	}
	return 0;
}

static void verdict_add(struct verdict *verdict, int code)
{
	verdict->is_trusted = false;
	if (code == X509_V_ERR_CERT_HAS_EXPIRED)
		verdict->is_expired = true;
	if (rank(code) < rank(verdict->code))
		verdict->code = code;
}

/* Answers yes to each complaint, so that all of them are heard. */
static int on_complaint(int is_well, X509_STORE_CTX *store)
{
	if (!is_well)
		verdict_add(&proof_of(store)->chain.verdict,
			X509_STORE_CTX_get_error(store));
	return 1;
}

static int64_t sooner(int64_t soonest, int64_t now, const ASN1_TIME *time)
{
	int64_t seconds = certificate_seconds(time);

	return seconds > now && seconds < soonest ? seconds : soonest;
}

static int64_t soonest_of(
	int64_t soonest, int64_t now, const STACK_OF(X509) * certificates)
{
	for (int i = 0; i < sk_X509_num(certificates); i++) {
		const X509 *x509 = sk_X509_value(certificates, i);

		soonest = sooner(soonest, now, X509_get0_notBefore(x509));
		soonest = sooner(soonest, now, X509_get0_notAfter(x509));
	}
	return soonest;
}

static void judge(struct chain *chain, X509_STORE_CTX *store, int64_t now)
{
	int result;

	chain->verdict = (struct verdict){ .is_trusted = true };
	chain->verdict.is_self_signed =
		X509_self_signed(X509_STORE_CTX_get0_cert(store), 0) == 1;
	X509_STORE_CTX_set_verify_cb(store, on_complaint);
	result = X509_verify_cert(store);
	/* Without memory, for one, it ends before it can complain. */
	if (result <= 0 && chain->verdict.is_trusted)
		verdict_add(&chain->verdict, X509_V_ERR_UNSPECIFIED);
	chain->holds_until = soonest_of(
		INT64_MAX, now, X509_STORE_CTX_get0_untrusted(store));
	chain->holds_until = soonest_of(
		chain->holds_until, now, X509_STORE_CTX_get0_chain(store));
}

static bool is_chain(
	const struct chain *chain, uint8_t (*hashes)[32], size_t count)
{
	if (chain->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (memcmp(chain->certificates[i].sha256, hashes[i], 32) != 0)
			return false;
	return true;
}

/* A longer chain than is kept is never known: its end would go unseen. */
static struct chain *find_known(
	struct known_chains *known, const STACK_OF(X509) * sent)
{
	int count = sk_X509_num(sent);
	uint8_t hashes[SESSION_CHAIN_MAX][32];

	if (count > SESSION_CHAIN_MAX)
		return NULL;
	for (int i = 0; i < count; i++)
		if (X509_digest(sk_X509_value(sent, i), known->sha256,
			    hashes[i], NULL) != 1)
			return NULL;
	for (size_t i = 0; i < known->count; i++)
		if (is_chain(&known->chains[i], hashes, (size_t)count))
			return &known->chains[i];
	return NULL;
}

static void read_chain(struct chain *chain, struct arena *arena,
	const EVP_MD *sha256, const STACK_OF(X509) * sent)
{
	int count = sk_X509_num(sent);

	if (count > SESSION_CHAIN_MAX)
		count = SESSION_CHAIN_MAX;
	if (count <= 0)
		return;
	chain->count = (size_t)count;
	chain->certificates = arena_take(
		arena, chain->count * sizeof(*chain->certificates));
	for (int i = 0; i < count; i++)
		certificate_read(arena, sk_X509_value(sent, i), sha256,
			&chain->certificates[i]);
}

static void take_new(struct proof *proof, struct known_chains *known,
	X509_STORE_CTX *store, int64_t now)
{
	const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
	bool is_kept = known->count < TLS_CHAINS_MAX &&
		       sk_X509_num(sent) <= SESSION_CHAIN_MAX;

	judge(&proof->chain, store, now);
	read_chain(&proof->chain, is_kept ? known->arena : proof->arena,
		known->sha256, sent);
	if (is_kept)
		known->chains[known->count++] = proof->chain;
}

/* The verdict of old may not hold any more; the texts always do. */
static void take_known(struct proof *proof, struct chain *chain,
	X509_STORE_CTX *store, int64_t now)
{
	proof->chain = *chain;
	if (now < chain->holds_until)
		return;
	judge(&proof->chain, store, now);
	*chain = proof->chain;
}

/* RFC 6125 section 6.4.3, but no wildcard for a part of a label. */
static bool bears_name(X509 *leaf, struct span name)
{
	struct ip ip;

	if (name.len == 0)
		return true;
	if (ip_parse(name, &ip))
		return X509_check_ip(leaf, ip.bytes,
			       ip.family == FAMILY_IPV4 ? 4 : 16, 0) == 1;
	return X509_check_host(leaf, name.at, name.len,
		       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static void hold_against_tlsa(struct proof *proof, X509_STORE_CTX *store)
{
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);

	if (!proof->tlsa)
		return;
	proof->tlsa_verdict = arena_new(proof->arena, struct tlsa_verdict);
	dane_verify(proof->arena, SSL_get_SSL_CTX(ssl_of(store)), sent,
		proof->tlsa, proof->tlsa_verdict);
}

void proof_take(struct known_chains *known, X509_STORE_CTX *store)
{
	struct proof *proof = proof_of(store);
	int64_t now = (int64_t)time(NULL);
	struct chain *chain = find_known(
		known, X509_STORE_CTX_get0_untrusted(store));

	if (chain)
		take_known(proof, chain, store, now);
	else
		take_new(proof, known, store, now);
	proof->name_matches = bears_name(
		X509_STORE_CTX_get0_cert(store), proof->name);
	hold_against_tlsa(proof, store);
	proof->is_taken = true;
	ERR_clear_error();
}

int proof_code(const struct proof *proof)
{
	struct ip ip;

	if (proof->chain.verdict.code != X509_V_OK || proof->name_matches)
		return proof->chain.verdict.code;
	return ip_parse(proof->name, &ip) ? X509_V_ERR_IP_ADDRESS_MISMATCH
					  : X509_V_ERR_HOSTNAME_MISMATCH;
}

static struct span no_issuer_why(const struct proof *proof)
{
	if (proof->chain.count > 1)
		return SPAN("the chain that the server sent leads to no CA "
			    "that is trusted here");
	return SPAN("the server sent its certificate alone, and its issuer is "
		    "not trusted here: perhaps an intermediate certificate is "
		    "missing");
}

static struct span expired_why(const struct proof *proof)
{
	const struct certificate *leaf = proof->chain.certificates;

	if (proof->chain.count && leaf->not_after &&
		leaf->not_after <= (int64_t)time(NULL))
		return arena_print(proof->arena,
			"the certificate expired "
			"on %.10s",
			clock_text(proof->arena, leaf->not_after * 1000).at);
	return SPAN("a certificate of the issuer's chain has expired");
}

struct span proof_why(const struct proof *proof)
{
	int code = proof_code(proof);

	switch (code) {
	case X509_V_OK:
		return SPAN("");
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return SPAN("the certificate is self-signed");
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return SPAN("the chain ends in a CA that is not trusted here");
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return no_issuer_why(proof);
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return expired_why(proof);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return SPAN("the certificate is not valid yet");
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return arena_print(proof->arena,
			"the certificate is not for %.*s",
			SPAN_ARG(proof->name));
	}
	return span_of(X509_verify_cert_error_string(code));
}
