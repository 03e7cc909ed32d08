#include "probe/tls/failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define OLD "the server speaks only TLS 1.0 or 1.1"

static const struct failure {
	int reason;
	const char *words;
} failures[] = {
	/* clang-format off */
	{ SSL_R_UNSUPPORTED_PROTOCOL, OLD },
	{ SSL_R_WRONG_SSL_VERSION, OLD },
	{ SSL_R_VERSION_TOO_LOW, OLD },
	{ SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED, OLD },
	{ SSL_R_WRONG_VERSION_NUMBER,
	  "the server sent something that is not TLS" },
	{ SSL_R_DH_KEY_TOO_SMALL,
	  "the server's Diffie-Hellman key is too small" },
	{ SSL_R_BAD_SIGNATURE, "the server's signature is wrong" },
	{ SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
	  "a record was changed on its way" },
	{ SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED,
	  "the server lacks secure renegotiation (RFC 5746)" },
	/* clang-format on */
};

/* The first complaint of the TLS layer; what others say is its cause. */
static unsigned long first_of_tls(void)
{
	unsigned long first = ERR_peek_error();
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		if (ERR_GET_LIB(code) == ERR_LIB_SSL)
			break;
	ERR_clear_error();
	return code ? code : first;
}

/* OpenSSL makes the reason of the number of the alert that came. */
static bool is_alert(unsigned long code)
{
	return ERR_GET_LIB(code) == ERR_LIB_SSL &&
	       ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET;
}

/* OpenSSL 3.0 has no words for these of RFC 8446 section 6 and RFC 7507. */
static const char *alert_words(int number)
{
	switch (number) {
	case SSL_AD_INAPPROPRIATE_FALLBACK:
		return "inappropriate fallback";
	case SSL_AD_MISSING_EXTENSION:
		return "missing extension";
	case SSL_AD_CERTIFICATE_REQUIRED:
		return "certificate required";
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		return "no application protocol";
	}
	return SSL_alert_desc_string_long(number);
}

static struct span alert_why(struct arena *arena, int number)
{
	return arena_print(arena, "the server sent alert %d, %s", number,
		alert_words(number));
}

struct span failure_why(struct arena *arena, const char *during)
{
	unsigned long code = first_of_tls();
	const char *reason = ERR_reason_error_string(code);

	if (is_alert(code))
		return alert_why(
			arena, ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET);
	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
			ERR_GET_REASON(code) == failures[i].reason)
			return arena_print(arena, "%s (%s)", failures[i].words,
				reason ? reason : "");
	if (!reason)
		return arena_print(arena, "%s failed", during);
	return arena_print(arena, "%s failed: %s", during, reason);
}
