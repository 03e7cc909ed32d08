#include "probe/facts/fault.h"

const char *failure_word(enum failure failure)
{
	switch (failure) {
	case FAILURE_CONNECTION_REFUSED:
		return "connection_refused";
	case FAILURE_CONNECTION_RESET:
		return "connection_reset";
	case FAILURE_TIMEOUT:
		return "timeout";
	case FAILURE_NETWORK_UNREACHABLE:
		return "network_unreachable";
	case FAILURE_HOST_UNREACHABLE:
		return "host_unreachable";
	case FAILURE_PORT_UNREACHABLE:
		return "port_unreachable";
	case FAILURE_ADMIN_PROHIBITED:
		return "admin_prohibited";
	case FAILURE_LOCAL:
		return "local";
	case FAILURE_DNS_NXDOMAIN:
		return "dns_nxdomain";
	case FAILURE_DNS_NO_DATA:
		return "dns_no_data";
	case FAILURE_DNS_SERVFAIL:
		return "dns_servfail";
	case FAILURE_DNS_TIMEOUT:
		return "dns_timeout";
	case FAILURE_DNS_REFUSED:
		return "dns_refused";
	case FAILURE_DNS_UNREACHABLE:
		return "dns_unreachable";
	case FAILURE_DNS_MALFORMED:
		return "dns_malformed";
	case FAILURE_DNS_UNSAVED:
		return "dns_unsaved";
	case FAILURE_DNS_NULL_MX:
		return "dns_null_mx";
	case FAILURE_DNS_BAD_MX:
		return "dns_bad_mx";
	case FAILURE_TLS_NOT_OFFERED:
		return "tls_not_offered";
	case FAILURE_TLS_HANDSHAKE:
		return "tls_handshake";
	case FAILURE_TLS_VERIFY:
		return "tls_verify";
	case FAILURE_TLS_INJECTION:
		return "tls_injection";
	case FAILURE_SMTP_4XX:
		return "smtp_4xx";
	case FAILURE_SMTP_5XX:
		return "smtp_5xx";
	case FAILURE_SMTP_SYNTAX:
		return "smtp_syntax";
	case FAILURE_SMTP_UNEXPECTED:
		return "smtp_unexpected";
	case FAILURE_SMTP_CLOSED:
		return "smtp_closed";
	case FAILURE_SMTP_LIMIT:
		return "smtp_limit";
	case FAILURE_INTERRUPTED:
		return "interrupted";
	}
	return "";
}

bool failure_is_ours(enum failure failure)
{
	switch (failure) {
	case FAILURE_LOCAL:
	case FAILURE_DNS_SERVFAIL:
	case FAILURE_DNS_TIMEOUT:
	case FAILURE_DNS_REFUSED:
	case FAILURE_DNS_UNREACHABLE:
	case FAILURE_DNS_MALFORMED:
	case FAILURE_DNS_UNSAVED:
	case FAILURE_INTERRUPTED:
		return true;
	case FAILURE_CONNECTION_REFUSED:
	case FAILURE_CONNECTION_RESET:
	case FAILURE_TIMEOUT:
	case FAILURE_NETWORK_UNREACHABLE:
	case FAILURE_HOST_UNREACHABLE:
	case FAILURE_PORT_UNREACHABLE:
	case FAILURE_ADMIN_PROHIBITED:
	case FAILURE_DNS_NXDOMAIN:
	case FAILURE_DNS_NO_DATA:
	case FAILURE_DNS_NULL_MX:
	case FAILURE_DNS_BAD_MX:
	case FAILURE_TLS_NOT_OFFERED:
	case FAILURE_TLS_HANDSHAKE:
	case FAILURE_TLS_VERIFY:
	case FAILURE_TLS_INJECTION:
	case FAILURE_SMTP_4XX:
	case FAILURE_SMTP_5XX:
	case FAILURE_SMTP_SYNTAX:
	case FAILURE_SMTP_UNEXPECTED:
	case FAILURE_SMTP_CLOSED:
	case FAILURE_SMTP_LIMIT:
		return false;
	}
	return false;
}
