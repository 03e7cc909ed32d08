#include "probe/tls/throwaway.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "probe/base/ip.h"
#include "probe/tls/context.h"

enum { DAY = 24 * 3600, COMMON_NAME_MAX = 64 /* X.520 */ };

struct throwaway {
	EVP_PKEY *key; /* of the authority and of all that it signs */
	X509 *authority;
	long serial;
};

struct dates {
	int64_t from, until;
};

/* OpenSSL holds a certificate against the real clock, the judge against his
 * own, which a test may have stopped: a good one is good by both. */
static struct dates dates_of(const struct throwaway_wish *wish)
{
	int64_t real = (int64_t)time(NULL);
	int64_t first = real < wish->now ? real : wish->now;
	int64_t last = real > wish->now ? real : wish->now;

	if (wish->flaw == THROWAWAY_EXPIRED)
		return (struct dates){ first - 30 * DAY, first - DAY };
	if (wish->days)
		return (struct dates){ first - DAY,
			wish->now + (int64_t)wish->days * DAY + DAY / 2 };
	return (struct dates){ first - DAY,
		last + (int64_t)THROWAWAY_DAYS * DAY };
}

static bool put_subject(X509 *certificate, struct span name)
{
	struct span cut = span_part(name, 0, COMMON_NAME_MAX);

	return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate),
		       "CN", MBSTRING_UTF8, (const unsigned char *)cut.at,
		       (int)cut.len, -1, 0) == 1;
}

static X509 *unsigned_certificate(struct throwaway *throwaway, struct span name,
	const struct dates *dates)
{
	X509 *certificate = X509_new();

	if (certificate && X509_set_version(certificate, X509_VERSION_3) &&
		ASN1_INTEGER_set(X509_get_serialNumber(certificate),
			++throwaway->serial) &&
		ASN1_TIME_set(X509_getm_notBefore(certificate),
			(time_t)dates->from) &&
		ASN1_TIME_set(X509_getm_notAfter(certificate),
			(time_t)dates->until) &&
		X509_set_pubkey(certificate, throwaway->key) &&
		put_subject(certificate, name))
		return certificate;
	X509_free(certificate);
	return NULL;
}

static bool sign(
	struct throwaway *throwaway, X509 *certificate, const X509 *issuer)
{
	return X509_set_issuer_name(
		       certificate, X509_get_subject_name(issuer)) == 1 &&
	       X509_sign(certificate, throwaway->key, EVP_sha256()) > 0;
}

static bool be_authority(X509 *certificate)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(
		NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
	bool is_well = extension && X509_add_ext(certificate, extension, -1);

	X509_EXTENSION_free(extension);
	return is_well;
}

struct throwaway *throwaway_open(void)
{
	struct throwaway *throwaway = calloc(1, sizeof(*throwaway));
	struct dates dates = { (int64_t)time(NULL) - 365 * DAY,
		(int64_t)time(NULL) + 365 * DAY };

	if (!throwaway)
		abort();
	throwaway->key = EVP_EC_gen("P-256");
	if (throwaway->key)
		throwaway->authority = unsigned_certificate(
			throwaway, SPAN("mxprobe rehearsal"), &dates);
	if (throwaway->authority && be_authority(throwaway->authority) &&
		sign(throwaway, throwaway->authority, throwaway->authority))
		return throwaway;
	throwaway_close(throwaway);
	ERR_clear_error();
	return NULL;
}

void throwaway_close(struct throwaway *throwaway)
{
	X509_free(throwaway->authority);
	EVP_PKEY_free(throwaway->key);
	free(throwaway);
}

/* ---- a server's certificate */

static ASN1_STRING *octets(const void *bytes, size_t len, int type)
{
	ASN1_STRING *string = ASN1_STRING_type_new(type);

	if (string && ASN1_STRING_set(string, bytes, (int)len) == 1)
		return string;
	ASN1_STRING_free(string);
	return NULL;
}

static bool add_name(GENERAL_NAMES *names, struct span text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	struct ip ip;
	bool is_ip = ip_parse(text, &ip);
	size_t len = is_ip && ip.family == FAMILY_IPV4 ? 4 : 16;
	ASN1_STRING *value = is_ip ? octets(ip.bytes, len, V_ASN1_OCTET_STRING)
				   : octets(text.at, text.len,
					     V_ASN1_IA5STRING);

	if (!name || !value) {
		GENERAL_NAME_free(name);
		ASN1_STRING_free(value);
		return false;
	}
	GENERAL_NAME_set0_value(name, is_ip ? GEN_IPADD : GEN_DNS, value);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

static bool put_names(X509 *certificate, const struct span *list, size_t count)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	bool is_well = names != NULL;

	for (size_t i = 0; i < count && is_well; i++)
		is_well = add_name(names, list[i]);
	is_well = is_well && X509_add1_ext_i2d(certificate,
				     NID_subject_alt_name, names, 0, 0) == 1;
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	return is_well;
}

static X509 *leaf_of(
	struct throwaway *throwaway, const struct throwaway_wish *wish)
{
	static const struct span other = { THROWAWAY_OTHER,
		sizeof(THROWAWAY_OTHER) - 1 };
	bool is_other = wish->flaw == THROWAWAY_OTHER_NAME;
	const struct span *names = is_other ? &other : wish->names;
	size_t count = is_other ? 1 : wish->name_count;
	struct dates dates = dates_of(wish);
	X509 *leaf = unsigned_certificate(
		throwaway, count ? names[0] : other, &dates);
	bool is_own = wish->flaw == THROWAWAY_SELF_SIGNED;

	if (leaf && put_names(leaf, names, count) &&
		sign(throwaway, leaf, is_own ? leaf : throwaway->authority))
		return leaf;
	X509_free(leaf);
	return NULL;
}

struct tls_context *throwaway_context(struct throwaway *throwaway,
	struct arena *arena, const struct throwaway_wish *wish)
{
	struct tls_context *context = NULL;
	X509 *leaf = leaf_of(throwaway, wish);

	if (leaf)
		context = tls_context_open_server(arena, leaf, throwaway->key);
	X509_free(leaf);
	ERR_clear_error();
	return context;
}

bool throwaway_is_trusted(const struct throwaway *throwaway, SSL_CTX *ssl)
{
	return X509_STORE_add_cert(
		       SSL_CTX_get_cert_store(ssl), throwaway->authority) == 1;
}
