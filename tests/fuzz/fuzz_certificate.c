#include <openssl/err.h>
#include <stdint.h>

#include "probe/tls/certificate.h"
#include "tests/fuzz/must.h"

/*
 * Any DER that OpenSSL takes for a certificate is read within the limits of
 * session.h, twice the same, and leaves no error behind for the next call.
 */
static void certificate_check(const struct certificate *certificate)
{
	MUST(certificate->subject.len <= SESSION_TEXT_MAX);
	MUST(certificate->issuer.len <= SESSION_TEXT_MAX);
	MUST(certificate->name_count <= SESSION_NAMES_MAX);
	MUST(certificate->name_count <= certificate->names_in_all);
	for (size_t i = 0; i < certificate->name_count; i++)
		MUST(certificate->names[i].len <= SESSION_TEXT_MAX);
	MUST(ERR_peek_error() == 0);
}

static void certificate_compare(
	const struct certificate *a, const struct certificate *b)
{
	MUST(span_is(a->subject, b->subject) && span_is(a->issuer, b->issuer));
	MUST(span_is(a->key_type, b->key_type) && a->key_bits == b->key_bits);
	MUST(span_is(a->signature, b->signature));
	MUST(a->names_in_all == b->names_in_all);
	for (size_t i = 0; i < a->name_count; i++)
		MUST(span_is(a->names[i], b->names[i]));
	MUST(memcmp(a->sha256, b->sha256, 32) == 0);
	MUST(memcmp(a->spki_sha256, b->spki_sha256, 32) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	X509 *x509 = d2i_X509(NULL, &bytes, (long)len);

	if (x509) {
		struct certificate first, second;

		certificate_read(arena, x509, EVP_sha256(), &first);
		certificate_check(&first);
		certificate_read(arena, x509, EVP_sha256(), &second);
		certificate_compare(&first, &second);
	}
	X509_free(x509);
	ERR_clear_error();
	arena_close(arena);
	return 0;
}
