#ifndef MXP_FAULT_H
#define MXP_FAULT_H

#include "probe/base/ip.h"
#include "probe/smtp/reply.h"
#include "probe/smtp/stage.h"

/*
 * What went wrong, where, in one word of a closed set and one sentence.  A
 * fault is a fact, not blame: it says that the connection was reset, not
 * whose policy did it.
 */
enum failure {
	FAILURE_CONNECTION_REFUSED,     /* the host answered: RST */
	FAILURE_CONNECTION_RESET,
	FAILURE_TIMEOUT,                /* of one stage, or of the walk */
	FAILURE_NETWORK_UNREACHABLE,
	FAILURE_HOST_UNREACHABLE,
	FAILURE_PORT_UNREACHABLE,       /* an ICMP error, not a RST */
	FAILURE_ADMIN_PROHIBITED,       /* a firewall said so by ICMP */
	FAILURE_LOCAL,                  /* our own side: address, port, files */
	FAILURE_DNS_NXDOMAIN,
	FAILURE_DNS_NO_DATA,
	FAILURE_DNS_SERVFAIL,
	FAILURE_DNS_TIMEOUT,
	FAILURE_DNS_REFUSED,
	FAILURE_DNS_UNREACHABLE,        /* no resolver answers at all */
	FAILURE_DNS_MALFORMED,
	FAILURE_DNS_UNSAVED,            /* not in the replayed file */
	FAILURE_DNS_NULL_MX,            /* RFC 7505: takes no mail */
	FAILURE_DNS_BAD_MX,             /* no exchanger leads anywhere */
	FAILURE_TLS_NOT_OFFERED,        /* STARTTLS was required */
	FAILURE_TLS_HANDSHAKE,
	FAILURE_TLS_VERIFY,
	FAILURE_TLS_DANE,               /* its TLSA records do not fit */
	FAILURE_TLS_MTA_STS,            /* the domain's policy forbids it */
	FAILURE_TLS_INJECTION,          /* plain text after the 220 */
	FAILURE_SMTP_4XX,
	FAILURE_SMTP_5XX,
	FAILURE_SMTP_SYNTAX,            /* not SMTP, or beyond its limits */
	FAILURE_SMTP_UNEXPECTED,        /* a reply that fits no question */
	FAILURE_SMTP_CLOSED,            /* the server hung up without a word */
	FAILURE_SMTP_LIMIT,             /* the message is larger than SIZE, or
					   needs an extension it lacks */
	FAILURE_INTERRUPTED,            /* Ctrl-C */
};
enum { FAILURE_COUNT = FAILURE_INTERRUPTED + 1 };

/* An ICMP or ICMPv6 error that explains a failure to connect. */
struct icmp_error {
	bool is_known;
	enum family family;
	unsigned type, code;
	bool has_offender;
	struct ip offender;             /* who sent it */
};

struct fault {
	enum failure failure;
	enum stage stage;
	struct span why;                /* one sentence, safe only after
					   escape_text(): it may quote */
	const struct reply *reply;      /* smtp_*: what was said, or NULL */
	struct span garbled;            /* smtp_syntax, tls_injection: the first
					   bytes as they came; may be empty */
	struct icmp_error icmp;
};

enum { FAULT_GARBLED_MAX = 512 };

const char *failure_word(enum failure failure); /* "connection_refused" */

/* We could not find out, rather than: it is so. */
bool failure_is_ours(enum failure failure);

#endif
