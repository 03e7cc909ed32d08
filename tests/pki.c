#include "tests/pki.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/ip.h"

static void pki_must(bool is_well, const char *what)
{
	if (is_well)
		return;
	fprintf(stderr, "pki: %s failed\n", what);
	abort();
}

static EVP_PKEY *pki_key_new(enum pki_key key)
{
	EVP_PKEY *made = NULL;

	switch (key) {
	case PKI_EC:
		made = EVP_EC_gen("P-256");
		break;
	case PKI_RSA:
		made = EVP_RSA_gen(2048);
		break;
	case PKI_ED25519:
		made = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	pki_must(made, "making a key");
	return made;
}

static void pki_set_serial(X509 *x509)
{
	uint64_t serial;

	pki_must(RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1,
		"a serial number");
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1);
}

static void pki_set_name(X509_NAME *name, const char *text)
{
	pki_must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
			 (const unsigned char *)text, -1, -1, 0) == 1,
		"a subject");
}

static struct credential pki_certificate_new(
	const char *common_name, enum pki_key key)
{
	struct credential made = { X509_new(), pki_key_new(key) };

	pki_must(made.x509, "a certificate");
	X509_set_version(made.x509, X509_VERSION_3);
	pki_set_serial(made.x509);
	pki_set_name(X509_get_subject_name(made.x509), common_name);
	X509_set_pubkey(made.x509, made.key);
	return made;
}

static void pki_set_dates(X509 *x509, int64_t not_before, int64_t not_after)
{
	ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)not_before);
	ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)not_after);
}

static void pki_add_extension(
	X509 *x509, const X509 *issuer, int nid, const char *value)
{
	X509V3_CTX place;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&place, (X509 *)(uintptr_t)issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &place, nid, value);
	pki_must(extension && X509_add_ext(x509, extension, -1) == 1,
		"an extension");
	X509_EXTENSION_free(extension);
}

static GENERAL_NAME *pki_name_new(struct span text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *string = ASN1_STRING_type_new(V_ASN1_IA5STRING);
	struct ip ip;

	pki_must(name && string, "a name");
	if (ip_parse(text, &ip)) {
		ASN1_STRING_set(
			string, ip.bytes, ip.family == FAMILY_IPV4 ? 4 : 16);
		string->type = V_ASN1_OCTET_STRING;
		GENERAL_NAME_set0_value(name, GEN_IPADD, string);
		return name;
	}
	ASN1_STRING_set(string, text.at, (int)text.len);
	GENERAL_NAME_set0_value(name, GEN_DNS, string);
	return name;
}

static void pki_add_names(X509 *x509, struct span names)
{
	GENERAL_NAMES *all = GENERAL_NAMES_new();

	while (names.len)
		sk_GENERAL_NAME_push(all, pki_name_new(span_cut(&names, ',')));
	if (sk_GENERAL_NAME_num(all) > 0)
		pki_must(X509_add1_ext_i2d(x509, NID_subject_alt_name, all, 0,
				 X509V3_ADD_APPEND) == 1,
			"subjectAltName");
	GENERAL_NAMES_free(all);
}

void pki_sign(X509 *x509, EVP_PKEY *signer)
{
	bool has_digest = EVP_PKEY_get_base_id(signer) != EVP_PKEY_ED25519;

	pki_must(X509_sign(x509, signer, has_digest ? EVP_sha256() : NULL) > 0,
		"signing");
}

/* Issuer, key identifiers and the signature: the same for each kind. */
static void pki_issue(
	const struct credential *made, const struct credential *ca)
{
	const struct credential *issuer = ca ? ca : made;

	X509_set_issuer_name(made->x509, X509_get_subject_name(issuer->x509));
	pki_add_extension(
		made->x509, issuer->x509, NID_subject_key_identifier, "hash");
	pki_add_extension(made->x509, issuer->x509,
		NID_authority_key_identifier, "keyid");
	pki_sign(made->x509, issuer->key);
}

struct credential pki_intermediate(
	const struct credential *ca, const char *common_name)
{
	struct credential made = pki_certificate_new(common_name, PKI_EC);

	pki_set_dates(made.x509, PKI_LONG_AGO, PKI_FUTURE);
	pki_add_extension(made.x509, made.x509, NID_basic_constraints,
		"critical,CA:TRUE");
	pki_add_extension(made.x509, made.x509, NID_key_usage,
		"critical,keyCertSign,cRLSign");
	pki_issue(&made, ca);
	return made;
}

struct credential pki_ca_new(const char *common_name)
{
	return pki_intermediate(NULL, common_name);
}

struct credential pki_leaf(const struct credential *ca, struct span names,
	int64_t not_before, int64_t not_after, enum pki_key key)
{
	struct credential made = pki_certificate_new("leaf", key);

	pki_set_dates(made.x509, not_before, not_after);
	pki_add_names(made.x509, names);
	pki_issue(&made, ca);
	return made;
}

struct credential pki_good_leaf(const struct credential *ca, const char *names)
{
	return pki_leaf(ca, span_of(names), PKI_LONG_AGO, PKI_FUTURE, PKI_EC);
}

void pki_free(struct credential *credential)
{
	X509_free(credential->x509);
	EVP_PKEY_free(credential->key);
	*credential = (struct credential){ 0 };
}

void pki_write_certificate(const char *path, const X509 *x509)
{
	FILE *file = fopen(path, "we");

	pki_must(file && PEM_write_X509(file, x509) == 1 && fclose(file) == 0,
		path);
}

void pki_write_key(const char *path, const EVP_PKEY *key)
{
	FILE *file = fopen(path, "we");

	pki_must(file &&
			 PEM_write_PrivateKey(
				 file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
			 fclose(file) == 0,
		path);
}

SSL_CTX *pki_server(
	const struct credential *leaf, const struct credential *intermediate)
{
	SSL_CTX *server = SSL_CTX_new(TLS_server_method());

	pki_must(server && SSL_CTX_use_certificate(server, leaf->x509) == 1 &&
			 SSL_CTX_use_PrivateKey(server, leaf->key) == 1,
		"a server");
	if (intermediate)
		pki_must(SSL_CTX_add1_chain_cert(server, intermediate->x509) ==
				 1,
			"the server's chain");
	else
		SSL_CTX_set_mode(server, SSL_MODE_NO_AUTO_CHAIN);
	return server;
}
