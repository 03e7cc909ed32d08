#ifndef MXP_AD_HOC_PRINT_H
#define MXP_AD_HOC_PRINT_H

#include "probe/options.h"

/*
 * The ad hoc run as a scenario file: running it walks the same paths with the
 * same steps.  What is of the machine rather than of the question - resolver,
 * certificates, patience - stays with the options of `mxprobe run`.
 *
 * False: *why says what of these options a scenario has no word for.
 */
bool ad_hoc_print(struct arena *arena, const struct options *options,
	struct span *text, struct span *why);

#endif
