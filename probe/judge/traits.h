#ifndef MXP_TRAITS_H
#define MXP_TRAITS_H

#include "probe/judge/normal_reply.h"
#include "probe/judge/result_row.h"

/*
 * The traits of a cell are what should be the same whenever it is walked:
 * replies without what changes in them, keywords, keys, whose the exchangers
 * are.  They are kept from run to run, compared by `mxprobe diff` and watched
 * by baselines.
 *
 * A trait that was not seen is empty: not known, which is never a change.
 * Where a cell made several visits, a trait has each value once, in order,
 * parted by " | ".  Values are safe for a terminal, are one line each, and have
 * no secret of the scenario.
 */
enum trait {
	TRAIT_VERDICT,                  /* not of the visits: of the row */
	TRAIT_MX_SET,
	TRAIT_FAULT,                    /* "timeout at banner" */
	TRAIT_BANNER,
	TRAIT_GREETING,                 /* first line of the EHLO reply */
	TRAIT_KEYWORDS,
	TRAIT_STARTTLS,
	TRAIT_TLS_VERSION,
	TRAIT_CERT_KEY,                 /* SHA-256 of the leaf's public key */
	TRAIT_CERT_ISSUER,
	TRAIT_MAIL,
	TRAIT_RCPT,
	TRAIT_DATA,
	TRAIT_DOT,
};
enum { TRAIT_COUNT = TRAIT_DOT + 1 };

struct traits {
	struct span of[TRAIT_COUNT];
};

/* "mx-set", "reply-banner", "ehlo-keywords" ... */
const char *trait_word(enum trait trait);

/* Where in a dialogue it is seen. */
enum stage trait_stage(enum trait trait);

/* Does a baseline that watches this watch that trait? */
bool trait_is_watched(enum trait trait, enum watched watched);

/* All empty where the row has no outcome, but for a verdict that tells. */
void traits_of_row(struct arena *arena, const struct result_row *row,
	struct traits *traits);

/* Of one family's visits alone; the verdict is left empty. */
void traits_of_family(struct arena *arena, const struct outcome *outcome,
	enum family family, struct traits *traits);

/* "pass", "known" or "fail"; empty of a word that tells nothing. */
struct span trait_of_verdict(struct span word);

/* One more value of a trait, as it was seen; again: it is there already. */
void traits_add(struct arena *arena, struct traits *traits, enum trait trait,
	struct span value);

/* What one visit showed: the reply at a stage, what EHLO told, whose hosts. */
void traits_add_reply(struct arena *arena, struct traits *traits,
	enum stage stage, const struct reply *reply);
void traits_add_ehlo(struct arena *arena, struct traits *traits,
	const struct ehlo *ehlo);
void traits_add_hosts(struct arena *arena, struct traits *traits,
	const struct span *hosts, size_t count);
void traits_add_fault(struct arena *arena, struct traits *traits,
	struct span failure, struct span stage);

/*
 * As one text and back: a line each, "reply-mail 250 2.1.0 ok".  Lines that
 * are not understood are passed over.
 */
struct span traits_print(struct arena *arena, const struct traits *traits);
void traits_parse(struct span text, struct traits *traits);

#endif
