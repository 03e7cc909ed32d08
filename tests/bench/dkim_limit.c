/*
 * dkim_limit COUNT MESSAGE KEY
 *
 * The limit: SHA-256 over the message's bytes and over as many bytes as a
 * signed header has, and one check of a signature with a key that was read
 * once.  Nothing is parsed and nothing is made canonical.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_OCTETS = 900 };

struct limit {
	EVP_PKEY *pkey;
	int is_rsa;
	EVP_MD *sha256;
	EVP_MD_CTX *digest, *edwards;
	EVP_PKEY_CTX *checker;
	unsigned char signature[1024];
	size_t signature_len;
	unsigned char hash[32];
};

static void hash(struct limit *limit, const char *bytes, size_t len)
{
	EVP_DigestInit_ex(limit->digest, limit->sha256, NULL);
	EVP_DigestUpdate(limit->digest, bytes, len);
	EVP_DigestFinal_ex(limit->digest, limit->hash, NULL);
}

static void prepare(struct limit *limit, const char *message)
{
	EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new(limit->pkey, NULL);

	limit->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	limit->digest = EVP_MD_CTX_new();
	limit->edwards = EVP_MD_CTX_new();
	limit->checker = EVP_PKEY_CTX_new(limit->pkey, NULL);
	limit->signature_len = sizeof(limit->signature);
	hash(limit, message, HEADER_OCTETS);
	if (limit->is_rsa) {
		EVP_PKEY_sign_init(signer);
		EVP_PKEY_CTX_set_rsa_padding(signer, RSA_PKCS1_PADDING);
		EVP_PKEY_CTX_set_signature_md(signer, limit->sha256);
		EVP_PKEY_sign(signer, limit->signature, &limit->signature_len,
			limit->hash, sizeof(limit->hash));
		EVP_PKEY_verify_init(limit->checker);
		EVP_PKEY_CTX_set_rsa_padding(limit->checker, RSA_PKCS1_PADDING);
		EVP_PKEY_CTX_set_signature_md(limit->checker, limit->sha256);
	} else {
		EVP_DigestSignInit(
			limit->edwards, NULL, NULL, NULL, limit->pkey);
		EVP_DigestSign(limit->edwards, limit->signature,
			&limit->signature_len, limit->hash,
			sizeof(limit->hash));
	}
	EVP_PKEY_CTX_free(signer);
}

static int verify(struct limit *limit, const char *message, size_t len)
{
	hash(limit, message + HEADER_OCTETS, len - HEADER_OCTETS);
	hash(limit, message, HEADER_OCTETS);
	if (limit->is_rsa)
		return EVP_PKEY_verify(limit->checker, limit->signature,
			       limit->signature_len, limit->hash,
			       sizeof(limit->hash)) == 1;
	EVP_MD_CTX_reset(limit->edwards);
	EVP_DigestVerifyInit(limit->edwards, NULL, NULL, NULL, limit->pkey);
	return EVP_DigestVerify(limit->edwards, limit->signature,
		       limit->signature_len, limit->hash,
		       sizeof(limit->hash)) == 1;
}

int main(int argc, char **argv)
{
	static char message[1024 * 1024];
	struct limit limit = { 0 };
	int count, passed = 0;
	size_t len;
	FILE *in;

	if (argc != 4)
		return 2;
	count = atoi(argv[1]);
	in = fopen(argv[2], "rb");
	len = in ? fread(message, 1, sizeof(message), in) : 0;
	if (len <= HEADER_OCTETS)
		return 2;
	fclose(in);
	in = fopen(argv[3], "r");
	limit.pkey = in ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
	if (!limit.pkey)
		return 2;
	fclose(in);
	limit.is_rsa = EVP_PKEY_is_a(limit.pkey, "RSA");
	prepare(&limit, message);
	for (int i = 0; i < count; i++)
		passed += verify(&limit, message, len);
	return passed == count ? 0 : 1;
}
