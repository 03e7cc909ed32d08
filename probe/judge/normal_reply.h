#ifndef MXP_NORMAL_REPLY_H
#define MXP_NORMAL_REPLY_H

#include "probe/base/arena.h"
#include "probe/policy/org_domain.h"
#include "probe/smtp/reply.h"

/*
 * A reply as it would be said again: what differs from one connection to the
 * next becomes a word for its class, so that two replies can be compared.
 *
 *	{address}       an IP address, in or out of brackets
 *	{mailbox}       user@host, and message-ids
 *	{time}          a date, a time of day, or both
 *	{id}            a token, a queue id, a long number
 *	{number}        a number with a unit: "9312 bytes"
 *	*.example.org   a host of this organization
 *
 * Everything else stays as it was written, on one line and safe for a
 * terminal; no two words are parted by more than a blank.  Codes and short
 * numbers stay, as "AS(1450)" does: they name the reason.
 */
enum {
	NORMAL_TEXT_MAX = 4096,         /* octets that are looked at */
	NORMAL_REPLY_MAX = 1024,        /* octets of what comes of them */
};

struct span normal_text(struct arena *arena, struct span text);

/* "550 5.7.1 [{address}] The IP you're using ...": all lines in one. */
struct span normal_reply(struct arena *arena, const struct reply *reply);

/* The same of a reply that was written down; `status` may be empty. */
struct span normal_reply_of(struct arena *arena, unsigned code,
	struct span status, struct span text);

/*
 * Hosts by whose they are: their organizational domains, each once, in order:
 * "google.com, googlemail.com".  Empty when there is none.
 */
struct span normal_hosts(struct arena *arena, const struct span *hosts,
	size_t count);

#endif
