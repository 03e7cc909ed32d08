#ifndef MXP_ADDRESS_H
#define MXP_ADDRESS_H

#include "probe/base/ip.h"

/*
 * A mailbox as SMTP writes it (RFC 5321 section 4.1.2, RFC 6531 for UTF-8):
 * local part and domain.  The spans point into the arena.
 */
enum {
	ADDRESS_LOCAL_MAX = 64,         /* RFC 5321 4.5.3.1.1 */
	ADDRESS_DOMAIN_MAX = 255,       /* 4.5.3.1.2 */
	ADDRESS_PATH_MAX = 256,         /* 4.5.3.1.3, with the brackets */
};

struct address {
	struct span local;      /* quotes and quoting backslashes removed */
	struct span domain;     /* as written; a literal with its brackets */
	bool is_literal;        /* the domain is an address literal ... */
	struct ip ip;           /* ... with this address */
	bool is_quoted;         /* the local part was a quoted string */
	bool is_utf8;           /* needs SMTPUTF8: bytes over 0x7f */
};

enum address_flags {
	ADDRESS_ALLOW_EMPTY = 1,        /* the null path <> */
	ADDRESS_ALLOW_LOCAL = 2,        /* no domain, as <postmaster> */
	ADDRESS_LENIENT = 4,            /* dots anywhere in the local part, and
					   domain labels with a hyphen first:
					   seen with old Japanese carriers */
	ADDRESS_OPTIONAL_BRACKETS = 8,  /* path: without < and > as well */
};

/* user@domain.  On failure *why says what is wrong, in words. */
bool address_parse(struct arena *arena, struct span text, unsigned flags,
	struct address *address, const char **why) MXP_MUST_USE;

/* <user@domain>, source route dropped (RFC 5321 appendix C). */
bool address_parse_path(struct arena *arena, struct span text, unsigned flags,
	struct address *address, const char **why) MXP_MUST_USE;

/*
 * The text between < and > for a command: the local part is quoted again when
 * it needs to be.  Empty for the null path.
 */
struct span address_print(struct arena *arena, const struct address *address);

#endif
