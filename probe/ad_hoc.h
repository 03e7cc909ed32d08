#ifndef MXP_AD_HOC_H
#define MXP_AD_HOC_H

#include "probe/options.h"

/*
 * The ad hoc run is a scenario made from flags: this turns the options and a
 * word of the command line into a target and a list of steps.
 */

/* One target of the list, as the plan wants it.  False: *why says why. */
bool ad_hoc_target(struct arena *arena, const struct options *options,
	struct span text, struct target *target, struct span *why);

/*
 * A mailbox as a command wants it: where only the domain is internationalised
 * it becomes A-labels, so that SMTPUTF8 is not needed for it.
 */
bool ad_hoc_mailbox(struct arena *arena, struct span text,
	struct span *mailbox, struct span *domain, const char **why);

/* How far the walk is to go. */
enum stage ad_hoc_goal(const struct options *options,
	const struct target *target);

/* Does it come to STARTTLS? */
bool ad_hoc_wants_tls(const struct options *options,
	const struct target *target);

/*
 * The ad hoc run as a scenario: the steps that these options mean for one
 * target over one family.  An EHLO name that is empty is left to the dialogue:
 * our address as a literal.
 */
const struct scenario *ad_hoc_scenario(struct arena *arena,
	const struct options *options, const struct target *target,
	enum family family);

/* Who the mail is from and to, when the walk goes that far. */
struct span ad_hoc_recipient(const struct options *options,
	const struct target *target);

#endif
