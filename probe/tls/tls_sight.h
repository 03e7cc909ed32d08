#ifndef MXP_TLS_SIGHT_H
#define MXP_TLS_SIGHT_H

#include "probe/tls/session.h"

/*
 * What a TLS connection shows to a witness who only reads it: what its hellos
 * say, alerts in clear, and up to TLS 1.2 the certificates.
 */
struct tls_sight {
	bool has_client_hello, has_server_hello;
	struct span sni;                /* what the client asked for; or empty */
	unsigned offered;               /* newest version of the client, 0x0304 */
	unsigned version;               /* agreed on, 0x0304; 0: not yet */
	unsigned suite;                 /* 0x1301 */
	bool is_resumed;                /* as far as it shows: TLS 1.2 */
	bool was_finished;              /* both sides went on behind it */
	bool has_alert[2];              /* that can be read: client's, server's */
	unsigned alert[2];              /* its description, RFC 8446 6 */
	bool has_closed[2];             /* by close_notify, RFC 8446 6.1 */
	const struct certificate *chain;        /* NULL: not visible */
	size_t chain_count;
	bool has_secrets;               /* what follows can be read */
};

const char *tls_version_word(unsigned version);         /* "TLSv1.3" */
struct span tls_suite_word(struct arena *arena, unsigned suite);

#endif
