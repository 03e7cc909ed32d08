#include "probe/tls/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "probe/base/ip.h"

enum { OID_TEXT_MAX = 80 };

static struct span keep(struct arena *arena, struct span bytes)
{
	return arena_copy(arena, span_part(bytes, 0, SESSION_TEXT_MAX));
}

/* What OpenSSL wrote into the BIO, which is emptied. */
static struct span drain(struct arena *arena, BIO *text)
{
	char *bytes;
	long len = BIO_get_mem_data(text, &bytes);
	struct span kept = { 0 };

	if (len > 0)
		kept = keep(arena, (struct span){ bytes, (size_t)len });
	(void)BIO_reset(text);
	return kept;
}

/*
 * UTF-8 is left as it is.  A string that is not what its type claims (half a
 * surrogate, say) cannot be converted: then it is shown as hexadecimal.
 */
static struct span name_text(
	struct arena *arena, BIO *text, const X509_NAME *name)
{
	unsigned long flags = XN_FLAG_RFC2253 &
			      ~(unsigned long)ASN1_STRFLGS_ESC_MSB;

	if (X509_NAME_print_ex(text, name, 0, flags) >= 0)
		return drain(arena, text);
	(void)BIO_reset(text);
	if (X509_NAME_print_ex(text, name, 0, flags | ASN1_STRFLGS_DUMP_ALL) >=
		0)
		return drain(arena, text);
	(void)BIO_reset(text);
	return SPAN("");
}

static void read_names(struct arena *arena, BIO *text, X509 *x509,
	struct certificate *certificate)
{
	if (!text)
		return;
	certificate->subject = name_text(
		arena, text, X509_get_subject_name(x509));
	certificate->issuer = name_text(
		arena, text, X509_get_issuer_name(x509));
}

static struct span string_bytes(const ASN1_STRING *string)
{
	int len = ASN1_STRING_length(string);

	if (len <= 0)
		return SPAN("");
	return (struct span){ (const char *)ASN1_STRING_get0_data(string),
		(size_t)len };
}

/* An address of another length than IP has is kept as the octets it is. */
static struct span address_text(struct arena *arena, struct span octets)
{
	struct ip ip = { 0 };

	if (octets.len != 4 && octets.len != 16)
		return keep(arena, octets);
	ip.family = octets.len == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
	memcpy(ip.bytes, octets.at, octets.len);
	return ip_text(arena, &ip);
}

static bool is_host(const GENERAL_NAME *name)
{
	return name->type == GEN_DNS || name->type == GEN_IPADD;
}

static struct span host_text(struct arena *arena, const GENERAL_NAME *name)
{
	if (name->type == GEN_IPADD)
		return address_text(arena, string_bytes(name->d.iPAddress));
	return keep(arena, string_bytes(name->d.dNSName));
}

static void read_alternative_names(
	struct arena *arena, X509 *x509, struct certificate *certificate)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(
		x509, NID_subject_alt_name, NULL, NULL);
	struct span *names = NULL;
	size_t room = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);

		if (!is_host(name))
			continue;
		certificate->names_in_all++;
		if (certificate->name_count == SESSION_NAMES_MAX)
			continue;
		names = arena_grow(arena, names, certificate->name_count, &room,
			sizeof(*names));
		names[certificate->name_count++] = host_text(arena, name);
	}
	certificate->names = names;
	GENERAL_NAMES_free(all);
}

static struct span oid_text(struct arena *arena, const ASN1_OBJECT *object)
{
	char room[OID_TEXT_MAX];
	int nid = OBJ_obj2nid(object);
	int len;

	if (nid != NID_undef)
		return span_of(OBJ_nid2ln(nid));
	len = OBJ_obj2txt(room, sizeof(room), object, 1);
	if (len <= 0)
		return SPAN("");
	return arena_copy(arena, span_of(room));
}

/* A key that OpenSSL does not know has an algorithm's number all the same. */
static void read_key(
	struct arena *arena, X509 *x509, struct certificate *certificate)
{
	EVP_PKEY *key = X509_get0_pubkey(x509);
	const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
	ASN1_OBJECT *algorithm = NULL;

	if (type) {
		int bits = EVP_PKEY_get_bits(key);

		certificate->key_type = arena_copy(arena, span_of(type));
		certificate->key_bits = bits > 0 ? (unsigned)bits : 0;
		return;
	}
	if (X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL,
		    X509_get_X509_PUBKEY(x509)) == 1)
		certificate->key_type = oid_text(arena, algorithm);
}

static void read_signature(
	struct arena *arena, X509 *x509, struct certificate *certificate)
{
	const X509_ALGOR *algorithm = NULL;
	const ASN1_OBJECT *object = NULL;

	X509_get0_signature(NULL, &algorithm, x509);
	if (!algorithm)
		return;
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	certificate->signature = oid_text(arena, object);
}

static void read_hashes(
	X509 *x509, const EVP_MD *sha256, struct certificate *certificate)
{
	unsigned char *key = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &key);

	X509_digest(x509, sha256, certificate->sha256, NULL);
	if (len > 0)
		EVP_Digest(key, (size_t)len, certificate->spki_sha256, NULL,
			sha256, NULL);
	OPENSSL_free(key);
}

int64_t certificate_seconds(const ASN1_TIME *time)
{
	struct tm tm;

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm);
}

void certificate_read(struct arena *arena, X509 *x509, const EVP_MD *sha256,
	struct certificate *certificate)
{
	BIO *text = BIO_new(BIO_s_mem());

	*certificate = (struct certificate){ 0 };
	read_names(arena, text, x509, certificate);
	BIO_free(text);
	read_alternative_names(arena, x509, certificate);
	certificate->not_before = certificate_seconds(
		X509_get0_notBefore(x509));
	certificate->not_after = certificate_seconds(X509_get0_notAfter(x509));
	read_key(arena, x509, certificate);
	read_signature(arena, x509, certificate);
	read_hashes(x509, sha256, certificate);
	certificate->is_self_issued = X509_NAME_cmp(X509_get_subject_name(x509),
					      X509_get_issuer_name(x509)) == 0;
	ERR_clear_error();
}
