#ifndef MXP_SETTING_CHANGE_H
#define MXP_SETTING_CHANGE_H

#include "probe/judge/isolation.h"

/*
 * A change is what is different from the dialogue that failed: a bit for each
 * thing that can be changed.  Here it is seen what one changes, what there is
 * to change to, and how a setting looks that is changed in some things alone.
 * Nothing is kept; spans are the question's.
 */
static inline unsigned change_bit(enum varied varied)
{
	return 1u << varied;
}

/* How many things it changes. */
static inline unsigned change_size(unsigned change)
{
	unsigned count = 0;

	for (; change; change &= change - 1)
		count++;
	return count;
}

/* What was not said yet when it failed cannot be why. */
bool change_can_matter(
	const struct isolation_question *question, enum varied varied);

/* What a setting changes that can matter; *is_fit: all of it may be changed. */
unsigned change_telling(const struct isolation_question *question,
	const struct setting *setting, bool *is_fit);

/* What failed, changed towards `to` in these things alone.  False: that cannot
 * be. */
bool change_apply(const struct isolation_question *question,
	const struct setting *to, unsigned change, struct setting *setting);

/* What failed, with the n-th other value of one thing, 0.. ; false: there are
 * not so many. */
bool change_choice(const struct isolation_question *question,
	enum varied varied, size_t n, struct setting *setting);

/* Would they be the same dialogue?  A source that was left to the kernel is
 * like any. */
bool setting_is(const struct setting *a, const struct setting *b);

#endif
