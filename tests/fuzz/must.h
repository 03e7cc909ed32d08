#ifndef MXP_MUST_H
#define MXP_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* An invariant of a fuzz target: unlike assert, not even NDEBUG ends it. */
#define MUST(claim)                                                           \
	do {                                                                  \
		if (!(claim)) {                                               \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,      \
				__LINE__, #claim);                            \
			abort();                                              \
		}                                                             \
	} while (0)

#endif
