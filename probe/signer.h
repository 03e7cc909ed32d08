#ifndef MXP_SIGNER_H
#define MXP_SIGNER_H

#include "probe/mail/message.h"
#include "probe/policy/dkim_sign.h"

/* Signs what a run sends: --dkim-key, --dkim-selector, --dkim-domain. */
struct signer {
	struct dkim_secret *secret;
	struct span domain, selector;
};

/*
 * The message with its DKIM-Signature on top.  NULL and *why when it cannot be
 * signed: a message without From, a domain that is none.
 */
const struct message *signer_sign(struct arena *arena,
	const struct signer *signer, const struct message *message,
	int64_t wall_ms, const char **why) MXP_MUST_USE;

/*
 * Will it sign what the run writes itself?  False and *why when a verifier
 * could do nothing with its signatures: a domain or a selector that is none.
 */
bool signer_check(struct arena *arena, const struct signer *signer,
	const char **why) MXP_MUST_USE;

#endif
