#ifndef MXP_TESTS_SPANS_H
#define MXP_TESTS_SPANS_H

#include "probe/base/span.h"

/* SPAN() for tables. */
#define BYTES(literal) { (literal), sizeof(literal) - 1 }

/* Is it this text?  A macro, so that the line told is the test's. */
#define assert_span(got, wanted)                                               \
	do {                                                                   \
		struct span got_ = (got);                                      \
		const char *wanted_ = (wanted);                                \
                                                                               \
		if (!span_is(got_, span_of(wanted_)))                          \
			fail_msg("\"%.*s\", not \"%s\"", SPAN_ARG(got_),       \
				wanted_);                                      \
	} while (0)

#endif
