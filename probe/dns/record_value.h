#ifndef MXP_RECORD_VALUE_H
#define MXP_RECORD_VALUE_H

#include "probe/dns/answers.h"
#include "probe/dns/cursor.h"

/*
 * The data of one record in words, in the arena: an address as ip_print()
 * writes it; "10 host" for MX, "0 ." for the null MX of RFC 7505; a name for
 * PTR and CNAME; the strings of one TXT record joined to raw bytes; "3 1 1 hex"
 * for TLSA; "mname rname serial refresh retry expire minimum" for SOA.  Names
 * are normalised (probe/dns/name.h).
 *
 * False: they are not well-formed, or there is more than they should be.
 */
bool record_value_print(struct arena *arena, struct cursor body,
	enum rr_type type, struct span *value) MXP_MUST_USE;

/* Of an SOA: how many seconds an absence may be remembered (RFC 2308, 4). */
bool record_value_minimum(struct cursor body, uint32_t *seconds) MXP_MUST_USE;

#endif
