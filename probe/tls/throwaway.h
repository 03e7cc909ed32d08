#ifndef MXP_THROWAWAY_H
#define MXP_THROWAWAY_H

#include "probe/tls/engine.h"

/*
 * A throw-away authority, for servers of our own on loopback: one key and one
 * certificate, made in memory and gone with the program.  A client context
 * trusts it only where it is told so (struct tls_setup), and there nothing
 * else is reached.
 */
struct throwaway;

/* NULL: OpenSSL cannot do it. */
struct throwaway *throwaway_open(void);
void throwaway_close(struct throwaway *throwaway);

enum throwaway_flaw {
	THROWAWAY_GOOD,
	THROWAWAY_EXPIRED,              /* yesterday */
	THROWAWAY_OTHER_NAME,           /* another host's: THROWAWAY_OTHER */
	THROWAWAY_SELF_SIGNED,
};
#define THROWAWAY_OTHER "other-name.invalid"
enum { THROWAWAY_DAYS = 90 };

struct throwaway_wish {
	const struct span *names;       /* of hosts; an address's text too */
	size_t name_count;
	enum throwaway_flaw flaw;
	unsigned days;                  /* that it is good for; 0: as above */
	int64_t now;                    /* seconds since 1970 */
};

/*
 * The context of a server that shows a certificate as wished, signed by the
 * authority.  NULL: OpenSSL cannot do it.  Engines of it come from
 * engine_open_server().
 */
struct tls_context *throwaway_context(struct throwaway *throwaway,
	struct arena *arena, const struct throwaway_wish *wish);

#endif
