#ifndef MXP_LIBRARY_H
#define MXP_LIBRARY_H

#include <stdbool.h>

#include "probe/base/attr.h"

/*
 * A library that is loaded when it is first needed.  One that brings dozens of
 * others along makes every start of the program slow, and most runs need none
 * of them.  It is called through a table of its functions, a struct whose
 * members have the types that the library's own header declares:
 *
 *	#define LIBONE_FUNCTIONS(row) row(open) row(close)
 *
 *	struct libone {
 *	#define LIBONE_MEMBER(name) __typeof__(&one_##name) name;
 *		LIBONE_FUNCTIONS(LIBONE_MEMBER)
 *	#undef LIBONE_MEMBER
 *	};
 */
struct library_function {
	const char *name;
	size_t offset;                  /* of its pointer, in the table */
};

struct library {
	const char *name;               /* "libone.so.1" */
	const struct library_function *functions;
	size_t count;
};

/* It stays loaded.  False: this machine has none that is good enough; *why
 * lives until the next library is loaded. */
bool library_load(const struct library *library, void *table,
	const char **why) MXP_MUST_USE;

#endif
