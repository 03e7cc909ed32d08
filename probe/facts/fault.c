#include "probe/facts/fault.h"

#include <assert.h>

/* One row a failure; a test asks every one of them for its word. */
static const struct {
	const char *word;
	bool is_ours;
} failures[] = {
	/* clang-format off */
	[FAILURE_CONNECTION_REFUSED] = { "connection_refused", false },
	[FAILURE_CONNECTION_RESET] = { "connection_reset", false },
	[FAILURE_TIMEOUT] = { "timeout", false },
	[FAILURE_NETWORK_UNREACHABLE] = { "network_unreachable", false },
	[FAILURE_HOST_UNREACHABLE] = { "host_unreachable", false },
	[FAILURE_PORT_UNREACHABLE] = { "port_unreachable", false },
	[FAILURE_ADMIN_PROHIBITED] = { "admin_prohibited", false },
	[FAILURE_LOCAL] = { "local", true },
	[FAILURE_DNS_NXDOMAIN] = { "dns_nxdomain", false },
	[FAILURE_DNS_NO_DATA] = { "dns_no_data", false },
	[FAILURE_DNS_SERVFAIL] = { "dns_servfail", true },
	[FAILURE_DNS_TIMEOUT] = { "dns_timeout", true },
	[FAILURE_DNS_REFUSED] = { "dns_refused", true },
	[FAILURE_DNS_UNREACHABLE] = { "dns_unreachable", true },
	[FAILURE_DNS_MALFORMED] = { "dns_malformed", true },
	[FAILURE_DNS_UNSAVED] = { "dns_unsaved", true },
	[FAILURE_DNS_NULL_MX] = { "dns_null_mx", false },
	[FAILURE_DNS_BAD_MX] = { "dns_bad_mx", false },
	[FAILURE_TLS_NOT_OFFERED] = { "tls_not_offered", false },
	[FAILURE_TLS_HANDSHAKE] = { "tls_handshake", false },
	[FAILURE_TLS_VERIFY] = { "tls_verify", false },
	[FAILURE_TLS_DANE] = { "tls_dane", false },
	[FAILURE_TLS_MTA_STS] = { "tls_mta_sts", false },
	[FAILURE_TLS_INJECTION] = { "tls_injection", false },
	[FAILURE_SMTP_4XX] = { "smtp_4xx", false },
	[FAILURE_SMTP_5XX] = { "smtp_5xx", false },
	[FAILURE_SMTP_SYNTAX] = { "smtp_syntax", false },
	[FAILURE_SMTP_UNEXPECTED] = { "smtp_unexpected", false },
	[FAILURE_SMTP_CLOSED] = { "smtp_closed", false },
	[FAILURE_SMTP_LIMIT] = { "smtp_limit", false },
	[FAILURE_INTERRUPTED] = { "interrupted", true },
	/* clang-format on */
};

static_assert(COUNT_OF(failures) == FAILURE_COUNT, "a failure has no row");

const char *failure_word(enum failure failure)
{
	return failures[failure].word;
}

bool failure_is_ours(enum failure failure)
{
	return failures[failure].is_ours;
}
