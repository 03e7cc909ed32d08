#ifndef MXP_SPF_MACRO_H
#define MXP_SPF_MACRO_H

#include <stdint.h>

#include "probe/base/arena.h"
#include "probe/base/ip.h"

/*
 * The macro language of SPF (RFC 7208, 7): "%{ir}.%{v}._spf.%{d2}" and the
 * values put into it.  What comes out is raw bytes: a local part may hold
 * anything, and a name made of it need not be one.
 */
enum {
	SPF_NAME_MAX = 253,             /* RFC 7208, 7.3: cut at the left */
	SPF_EXPLANATION_MAX = 4096,     /* ours; cut at the right */
};

struct spf_macro_values {
	struct span sender;             /* local@domain */
	struct span local;
	struct span sender_domain;
	struct span domain;             /* whose record is being looked at */
	struct ip ip;
	struct span validated_name;     /* of %{p}; "unknown" without one */
	struct span helo;
	struct span receiver;           /* "unknown" where it is empty */
	int64_t now;                    /* seconds of Unix time */
};

/* A set of macro letters. */
#define SPF_LETTER(letter) (1u << ((letter) - 'a'))
#define SPF_LETTERS_OF_EXP                                                     \
	(SPF_LETTER('c') | SPF_LETTER('r') | SPF_LETTER('t'))

/*
 * Is it a macro-string (with SP too where it explains)?  *letters: those used
 * in it.  False, and *why in words, for anything else.
 */
bool spf_macro_check(struct span text, bool may_have_spaces,
	uint32_t *letters, const char **why) MXP_MUST_USE;

/*
 * domain-spec: a macro-string that ends in a macro or in a dot and a label
 * that could be a top-level one.
 */
bool spf_domain_spec_check(struct span text, uint32_t *letters,
	const char **why) MXP_MUST_USE;

/* A name: over SPF_NAME_MAX bytes, labels go at the left; no final dot. */
struct span spf_macro_name(struct arena *arena, struct span text,
	const struct spf_macro_values *values);

struct span spf_macro_explanation(struct arena *arena, struct span text,
	const struct spf_macro_values *values);

#endif
