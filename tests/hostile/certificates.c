#include "tests/hostile/certificates.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DAY = 24 * 60 * 60 };

static const struct {
	const char *name;
	long begins, ends;              /* seconds from now */
	int is_self_signed;
} kinds[CERTIFICATE_COUNT] = {
	[CERTIFICATE_GOOD] = { HOSTILE_HOST, -DAY, 30 * DAY, 0 },
	[CERTIFICATE_EXPIRED] = { HOSTILE_HOST, -30 * DAY, -DAY, 0 },
	[CERTIFICATE_WRONG_NAME] = { "other.test", -DAY, 30 * DAY, 0 },
	[CERTIFICATE_SELF_SIGNED] = { HOSTILE_HOST, -DAY, 30 * DAY, 1 },
};

static void must(int is_done, const char *what)
{
	if (is_done)
		return;
	fprintf(stderr, "certificates: cannot %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static X509 *unsigned_certificate(const char *name, EVP_PKEY *key, long begins,
	long ends)
{
	static long serial = 1;
	X509 *certificate = X509_new();

	must(certificate && X509_set_version(certificate, 2) &&
			ASN1_INTEGER_set(
				X509_get_serialNumber(certificate), serial++) &&
			X509_gmtime_adj(
				X509_getm_notBefore(certificate), begins) &&
			X509_gmtime_adj(
				X509_getm_notAfter(certificate), ends) &&
			X509_set_pubkey(certificate, key) &&
			X509_NAME_add_entry_by_txt(
				X509_get_subject_name(certificate), "CN",
				MBSTRING_ASC, (const unsigned char *)name, -1,
				-1, 0),
		"make a certificate");
	return certificate;
}

static void extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension =
		X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(extension && X509_add_ext(certificate, extension, -1),
		"extend a certificate");
	X509_EXTENSION_free(extension);
}

static void sign(X509 *certificate, X509 *issuer, EVP_PKEY *key)
{
	must(X509_set_issuer_name(
		     certificate, X509_get_subject_name(issuer)) &&
			X509_sign(certificate, key, EVP_sha256()),
		"sign a certificate");
}

static SSL_CTX *server_context(X509 *certificate, EVP_PKEY *key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	must(context && SSL_CTX_use_certificate(context, certificate) &&
			SSL_CTX_use_PrivateKey(context, key),
		"set up a TLS server");
	return context;
}

void certificates_open(struct certificates *certificates)
{
	EVP_PKEY *authority_key = EVP_EC_gen("P-256");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *authority;
	int i;

	must(authority_key && key, "make a key");
	authority = unsigned_certificate(
		"hostile test authority", authority_key, -DAY, 30 * DAY);
	extend(authority, NID_basic_constraints, "critical,CA:TRUE");
	sign(authority, authority, authority_key);
	for (i = 0; i < CERTIFICATE_COUNT; i++) {
		char names[64];
		X509 *leaf = unsigned_certificate(
			kinds[i].name, key, kinds[i].begins, kinds[i].ends);

		snprintf(names, sizeof(names), "DNS:%s", kinds[i].name);
		extend(leaf, NID_subject_alt_name, names);
		if (kinds[i].is_self_signed)
			sign(leaf, leaf, key);
		else
			sign(leaf, authority, authority_key);
		certificates->servers[i] = server_context(leaf, key);
		X509_free(leaf);
	}
	certificates->authority = authority;
	EVP_PKEY_free(authority_key);
	EVP_PKEY_free(key);
}

void certificates_write_authority(const struct certificates *certificates,
	const char *path)
{
	FILE *file = fopen(path, "w");

	must(file && PEM_write_X509(file, certificates->authority) &&
			fclose(file) == 0,
		"write the authority's certificate");
}

void certificates_close(struct certificates *certificates)
{
	int i;

	for (i = 0; i < CERTIFICATE_COUNT; i++)
		SSL_CTX_free(certificates->servers[i]);
	X509_free(certificates->authority);
}
