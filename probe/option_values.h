#ifndef MXP_OPTION_VALUES_H
#define MXP_OPTION_VALUES_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * What stands behind an option: numbers, times, words of a few, names of files.
 * Each is read from all of the value.  False: it is none, and *why, where it is
 * asked for, says what is wanted; what was to be set may be changed all the
 * same.
 */

/* "1.5", "90s", "500ms", "2m": milliseconds, at most a day. */
bool option_duration(struct span value, unsigned *ms, const char **why);

/* The same for how long somebody is waited for: more than 0. */
bool option_timeout(struct span value, unsigned *ms, const char **why);

/* A number of digits alone, from `least` to `most`. */
bool option_whole(struct span value, unsigned least, unsigned most,
	unsigned *number);

bool option_port(struct span value, uint16_t *port);

/* One of a few words: its number, or -1. */
int option_word(struct span value, const char *const *words, size_t count);

/* Neither empty nor with a space or a control character in it. */
bool option_is_one_word(struct span value);

/* With a 0 behind it, in the arena. */
const char *option_text(struct arena *arena, struct span value);

/* Not empty; nothing is opened. */
bool option_file(struct arena *arena, struct span value, const char **name,
	const char **why);

#endif
