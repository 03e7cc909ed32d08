#ifndef MXP_CONFORMANCE_INCIDENT_WITNESSES_H
#define MXP_CONFORMANCE_INCIDENT_WITNESSES_H

#include "tests/conformance/explained.h"

/* Who is asked of a case: files beside its log, which the question names. */
enum {
	LOG = 1,
	BOUNCE = 2,
	SECRETS = 4, /* a capture that can be read */
	HIDDEN = 8,  /* one that cannot */
	CAPTURE = SECRETS | HIDDEN,
	FOLDER = 16, /* whatever is in it, some of it twice */
};

struct witnesses {
	unsigned kinds;
	const char *files[EXPLAINED_FILES_MAX];
	size_t count;
};

/* Those that there are of these kinds. */
struct witnesses witnesses_of(
	struct suite_question *question, unsigned kinds);

#endif
