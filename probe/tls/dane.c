#include "probe/tls/dane.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "probe/base/escape.h"
#include "probe/tls/session.h"

/*
 * What came, as a TLSA record may name it: the whole certificate (selector 0)
 * or its key (selector 1), as it is or digested.
 */
struct print {
	struct span forms[3]; /* by matching type */
};

struct prints {
	struct arena *arena; /* theirs alone */
	struct print at[SESSION_CHAIN_MAX][2];
	unsigned count;
};

static struct span digest(
	struct arena *arena, const EVP_MD *type, struct span bytes)
{
	unsigned char room[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(bytes.at, bytes.len, room, &len, type, NULL) != 1)
		return SPAN("");
	return arena_copy(arena, (struct span){ (const char *)room, len });
}

/* Takes what i2d_...() made; nothing where it could not. */
static void print_fill(
	struct arena *arena, unsigned char *der, int len, struct print *print)
{
	struct span bytes = SPAN("");

	if (len > 0)
		bytes = arena_copy(
			arena, (struct span){ (const char *)der, (size_t)len });
	OPENSSL_free(der);
	print->forms[0] = bytes;
	if (!bytes.len)
		return;
	print->forms[1] = digest(arena, EVP_sha256(), bytes);
	print->forms[2] = digest(arena, EVP_sha512(), bytes);
}

static void prints_open(struct prints *prints, const STACK_OF(X509) * sent)
{
	*prints = (struct prints){ .arena = arena_open() };
	for (int i = 0; i < sk_X509_num(sent) && i < SESSION_CHAIN_MAX; i++) {
		X509 *x509 = sk_X509_value(sent, i);
		unsigned char *whole = NULL, *key = NULL;
		int len = i2d_X509(x509, &whole);

		print_fill(prints->arena, whole, len, &prints->at[i][0]);
		len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &key);
		print_fill(prints->arena, key, len, &prints->at[i][1]);
		prints->count++;
	}
}

static bool is_form(const struct print *print, unsigned mtype, struct span data)
{
	return data.len && span_is(print->forms[mtype], data);
}

/* ---- what a record would fit */

static bool fits(const struct prints *prints, const struct tlsa *tlsa,
	unsigned at, const struct tlsa *as)
{
	bool is_issuers = tlsa->usage == 0 || tlsa->usage == 2;

	return (at > 0) == is_issuers && tlsa->selector == as->selector &&
	       tlsa->mtype == as->mtype &&
	       is_form(&prints->at[at][as->selector], as->mtype, tlsa->data);
}

static struct span near_miss(
	struct arena *arena, const struct tlsa *tlsa, const struct tlsa *as)
{
	return arena_print(arena,
		"%u %u %u has the data of %s certificate: as %u %u %u it "
		"would fit",
		tlsa->usage, tlsa->selector, tlsa->mtype,
		as->usage == 3 ? "the server's own" : "an issuer's", as->usage,
		as->selector, as->mtype);
}

/* As what record would its data fit certificate `at`?  Also as what it is. */
static void compare(struct arena *arena, const struct prints *prints,
	unsigned at, struct tlsa_fact *fact)
{
	struct tlsa as = { .usage = at ? 2 : 3 };

	for (as.selector = 0; as.selector < 2; as.selector++) {
		const struct print *print = &prints->at[at][as.selector];

		for (as.mtype = 0; as.mtype < 3; as.mtype++) {
			if (!is_form(print, as.mtype, fact->tlsa.data))
				continue;
			fact->fits_at = (int)at;
			fact->hint = SPAN("");
			if (!fits(prints, &fact->tlsa, at, &as) ||
				fact->use != TLSA_USABLE)
				fact->hint = near_miss(arena, &fact->tlsa, &as);
			return;
		}
	}
}

static void find_certificate(struct arena *arena, const struct prints *prints,
	struct tlsa_fact *fact)
{
	fact->fits_at = -1;
	fact->hint = SPAN("");
	for (unsigned i = 0; i < prints->count; i++) {
		if (fact->fits_at >= 0 && !fact->hint.len)
			return;
		compare(arena, prints, i, fact);
	}
}

/* ---- what OpenSSL makes of it */

/* The names are copied: OpenSSL wants them to end in NUL. */
static bool add_names(struct arena *arena, SSL *ssl, const struct tlsa_set *set)
{
	bool is_well = true;

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (!set->checks_ee_name)
		SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (size_t i = 1; i < set->name_count && i < TLSA_NAMES_MAX; i++)
		is_well &= SSL_add1_host(ssl,
				   arena_copy(arena, set->names[i]).at) == 1;
	return is_well;
}

/* An SSL that is never connected, or NULL. */
static SSL *prepare(
	struct arena *arena, SSL_CTX *context, const struct tlsa_set *set)
{
	SSL *ssl = SSL_new(context);

	if (!ssl)
		return NULL;
	SSL_set_connect_state(ssl);
	if (SSL_dane_enable(ssl, arena_copy(arena, set->names[0]).at) == 1 &&
		add_names(arena, ssl, set))
		return ssl;
	SSL_free(ssl);
	return NULL;
}

static bool add_record(SSL *ssl, struct tlsa_fact *fact)
{
	const struct tlsa *tlsa = &fact->tlsa;
	unsigned char *copy;
	int result;

	if (fact->use != TLSA_USABLE)
		return false;
	copy = OPENSSL_memdup(tlsa->data.at, tlsa->data.len);
	result = copy ? SSL_dane_tlsa_add(ssl, (uint8_t)tlsa->usage,
				(uint8_t)tlsa->selector, (uint8_t)tlsa->mtype,
				copy, tlsa->data.len)
		      : -1;
	OPENSSL_free(copy);
	if (result == 0)
		fact->use = TLSA_NOT_DER;
	return result > 0;
}

/* As OpenSSL verifies a server's chain in a handshake. */
static int verify(SSL *ssl, STACK_OF(X509) * sent)
{
	X509_STORE *anchors = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int code = X509_V_ERR_OUT_OF_MEM;

	if (!store || X509_STORE_CTX_init(store, anchors,
			      sk_X509_value(sent, 0), sent) != 1) {
		X509_STORE_CTX_free(store);
		return code;
	}
	param = X509_STORE_CTX_get0_param(store);
	X509_VERIFY_PARAM_set_auth_level(param, SSL_get_security_level(ssl));
	X509_STORE_CTX_set0_dane(store, SSL_get0_dane(ssl));
	X509_STORE_CTX_set_default(store, "ssl_server");
	X509_VERIFY_PARAM_set1(param, SSL_get0_param(ssl));
	if (X509_verify_cert(store) > 0)
		code = X509_V_OK;
	else if (X509_STORE_CTX_get_error(store) != X509_V_OK)
		code = X509_STORE_CTX_get_error(store);
	X509_STORE_CTX_free(store);
	return code;
}

/* ---- in words */

static void mark_match(
	SSL *ssl, struct tlsa_verdict *verdict, struct tlsa_fact *facts)
{
	const unsigned char *data = NULL;
	uint8_t usage = 0, selector = 0, mtype = 0;
	size_t len = 0;

	if (SSL_get0_dane_tlsa(ssl, &usage, &selector, &mtype, &data, &len) < 0)
		return;
	for (size_t i = 0; i < verdict->count; i++) {
		const struct tlsa *tlsa = &facts[i].tlsa;

		facts[i].is_match =
			tlsa->usage == usage && tlsa->selector == selector &&
			tlsa->mtype == mtype &&
			span_is(tlsa->data,
				(struct span){ (const char *)data, len });
	}
}

/*
 * RFC 7671 section 9: of the digests of one usage and selector only the
 * strongest counts.
 */
static bool is_overruled(
	const struct tlsa_verdict *verdict, const struct tlsa *weak)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct tlsa *tlsa = &verdict->records[i].tlsa;

		if (verdict->records[i].use == TLSA_USABLE &&
			tlsa->usage == weak->usage &&
			tlsa->selector == weak->selector && weak->mtype > 0 &&
			tlsa->mtype > weak->mtype)
			return true;
	}
	return false;
}

/* A usable record has the data of a certificate that came, and in vain. */
static void tell_in_vain(struct arena *arena,
	const struct tlsa_verdict *verdict, struct tlsa_fact *facts)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct tlsa *tlsa = &facts[i].tlsa;

		if (facts[i].use != TLSA_USABLE || facts[i].fits_at < 0 ||
			facts[i].hint.len)
			continue;
		facts[i].hint = arena_print(arena, "%u %u %u would fit, but %s",
			tlsa->usage, tlsa->selector, tlsa->mtype,
			is_overruled(verdict, tlsa)
				? "a stronger digest beside it does not, and "
				  "only that one counts"
				: "the server's certificate does not lead to "
				  "the one it names");
	}
}

static struct span first_hint(const struct tlsa_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->records[i].hint.len)
			return verdict->records[i].hint;
	return SPAN("");
}

static struct span no_match_why(
	struct arena *arena, const struct tlsa_verdict *verdict)
{
	struct span hint = first_hint(verdict);

	return arena_print(arena,
		"no TLSA record fits the certificate that the server sent%s"
		"%.*s",
		hint.len ? "; " : "", SPAN_ARG(hint));
}

static struct span invalid_why(
	struct arena *arena, int code, const struct tlsa_set *set)
{
	switch (code) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return arena_print(arena,
			"a TLSA record fits, but the certificate is not for "
			"%.*s",
			SPAN_ARG(set->names[0]));
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return SPAN("a TLSA record fits, but a certificate has "
			    "expired");
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return SPAN("a TLSA record fits, but a certificate is not "
			    "valid yet");
	case X509_V_ERR_UNSPECIFIED:
		return SPAN("the TLSA records could not be checked");
	}
	return arena_print(arena, "a TLSA record fits, but: %s",
		X509_verify_cert_error_string(code));
}

static struct span unusable_why(
	struct arena *arena, const struct tlsa_verdict *verdict)
{
	if (!verdict->count)
		return SPAN("there is no TLSA record");
	return arena_print(arena, "no TLSA record can be used: %s",
		tlsa_use_why(verdict->records[0].use));
}

static struct span why(struct arena *arena, const struct tlsa_verdict *verdict,
	const struct tlsa_set *set)
{
	switch (verdict->result) {
	case TLSA_ALL_UNUSABLE:
		return unusable_why(arena, verdict);
	case TLSA_MATCHES:
		return SPAN("");
	case TLSA_NO_MATCH:
		return no_match_why(arena, verdict);
	case TLSA_INVALID:
		return invalid_why(arena, verdict->code, set);
	}
	return SPAN("");
}

/* ---- */

static struct tlsa_fact *facts_of(
	struct arena *arena, const struct tlsa_set *set, size_t *count)
{
	struct tlsa_fact *facts;

	*count = set->count < TLSA_RECORDS_MAX ? set->count : TLSA_RECORDS_MAX;
	facts = arena_take(arena, *count * sizeof(*facts));
	for (size_t i = 0; i < *count; i++) {
		facts[i].tlsa = set->records[i];
		facts[i].tlsa.data = arena_copy(arena, set->records[i].data);
		facts[i].use = tlsa_use(&facts[i].tlsa, set->knows_pkix);
	}
	return facts;
}

static enum tlsa_result result_of(int code)
{
	if (code == X509_V_OK)
		return TLSA_MATCHES;
	return code == X509_V_ERR_DANE_NO_MATCH ? TLSA_NO_MATCH : TLSA_INVALID;
}

static void judge(SSL *ssl, STACK_OF(X509) * sent, struct tlsa_verdict *verdict,
	struct tlsa_fact *facts)
{
	size_t usable = 0;

	for (size_t i = 0; i < verdict->count; i++)
		usable += add_record(ssl, &facts[i]);
	if (!usable)
		return;
	verdict->code = verify(ssl, sent);
	/* This SSL has had no handshake: it tells also behind a failure. */
	verdict->result = result_of(verdict->code);
	verdict->depth = SSL_get0_dane_authority(ssl, NULL, NULL);
	if (verdict->result == TLSA_MATCHES)
		mark_match(ssl, verdict, facts);
}

/* The record that would fit now, and what the others would fit. */
static void look_beside(struct arena *arena, const STACK_OF(X509) * sent,
	struct tlsa_verdict *verdict, struct tlsa_fact *facts)
{
	struct prints prints;

	prints_open(&prints, sent);
	for (size_t i = 0; i < verdict->count; i++) {
		find_certificate(arena, &prints, &facts[i]);
		if (facts[i].is_match)
			facts[i].hint = SPAN("");
	}
	if (prints.count)
		verdict->publish = arena_print(arena, "3 1 1 %.*s",
			SPAN_ARG(escape_hex(arena, prints.at[0][1].forms[1])));
	arena_close(prints.arena);
	if (verdict->result == TLSA_NO_MATCH)
		tell_in_vain(arena, verdict, facts);
}

void dane_verify(struct arena *arena, SSL_CTX *context, STACK_OF(X509) * sent,
	const struct tlsa_set *set, struct tlsa_verdict *verdict)
{
	struct tlsa_fact *facts = facts_of(arena, set, &verdict->count);
	SSL *ssl;

	verdict->result = TLSA_ALL_UNUSABLE;
	verdict->code = X509_V_OK;
	verdict->depth = -1;
	verdict->records = facts;
	verdict->publish = SPAN("");
	ERR_clear_error();
	ssl = sk_X509_num(sent) > 0 ? prepare(arena, context, set) : NULL;
	if (ssl) {
		judge(ssl, sent, verdict, facts);
	} else {
		verdict->result = TLSA_INVALID;
		verdict->code = X509_V_ERR_UNSPECIFIED;
	}
	look_beside(arena, sent, verdict, facts);
	verdict->why = why(arena, verdict, set);
	SSL_free(ssl);
	ERR_clear_error();
}
