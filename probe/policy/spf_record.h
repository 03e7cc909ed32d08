#ifndef MXP_SPF_RECORD_H
#define MXP_SPF_RECORD_H

#include "probe/policy/spf_macro.h"

/*
 * An SPF record (RFC 7208, 4.5 and 4.6) taken apart: its terms in their
 * order, addresses as bits, domain-specs checked.  It knows nothing of who
 * sends and asks nobody.
 *
 * A term with an error is there too, as SPF_BAD with its `why`: the record as
 * a whole is then of no use (RFC 7208, 4.6), and whoever advises its owner
 * wants all of them.
 */
enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER,              /* a modifier that the RFC does not know */
	SPF_BAD,
};

struct spf_bits {
	uint64_t high, low;     /* IPv4: 32 bits, in `low` */
};

struct spf_term {
	enum spf_kind kind;
	char qualifier;         /* '+', '-', '~', '?'; '+' for modifiers */
	bool has_qualifier;     /* it was written */
	bool is_plain;          /* the spec has no % in it: it is the name */
	uint8_t prefix[FAMILY_COUNT];   /* in bits; 32 and 128 at most */
	uint32_t letters;       /* the macros of its domain-spec */
	struct span text;       /* the whole term, qualifier and all */
	struct span spec;       /* domain-spec; empty: the current domain */

	struct span name;       /* of a plain spec: see spf_name() */
	struct spf_bits network, mask;  /* of ip4 and ip6 */
	const char *why;        /* of SPF_BAD */
};

struct spf_record {
	struct span text;
	const struct spf_term *terms;
	size_t count;
	const struct spf_term *redirect;        /* NULL: none */
	const struct spf_term *exp;
	const struct spf_term *bad;             /* the first of them */
};

/* "v=spf1" in any case, and then a space or nothing. */
bool spf_record_is(struct span text);

/* text: one that spf_record_is(); the record points into it. */
const struct spf_record *spf_record_compile(
	struct arena *arena, struct span text);

/*
 * A name as answers.h wants it; empty when no DNS could hold it, or when it
 * has bytes that are not ASCII (RFC 8616, 4: such a name matches nothing).
 */
struct span spf_name(struct arena *arena, struct span raw);

/* Does the term cost one of the ten lookups (RFC 7208, 4.6.4)? */
bool spf_term_asks(const struct spf_term *term);

/* redirect=, exp=, or one that nobody knows. */
bool spf_term_is_modifier(const struct spf_term *term);

struct spf_bits spf_bits_of(const struct ip *ip);
struct spf_bits spf_mask(enum family family, unsigned prefix);

static inline bool spf_bits_fit(struct spf_bits address,
	struct spf_bits network, struct spf_bits mask)
{
	return (((address.high ^ network.high) & mask.high) |
		((address.low ^ network.low) & mask.low)) == 0;
}

/*
 * Records that were compiled before.  What it gives lives until the next
 * spf_cache_make_room(), which lets all of them go when there are too many.
 * It is keyed by the bytes of the record, so it may serve any number of
 * tables of answers.
 */
struct spf_cache;

enum {
	SPF_CACHE_SLOTS = 1024,
	SPF_CACHE_BYTES_MAX = 1024 * 1024,
};

struct spf_cache *spf_cache_open(void);
void spf_cache_close(struct spf_cache *cache);
void spf_cache_make_room(struct spf_cache *cache);
const struct spf_record *spf_cache_compile(
	struct spf_cache *cache, struct span text);

#endif
