#ifndef MXP_ATTR_H
#define MXP_ATTR_H

#include <stddef.h>

/* Compiler promises, spelled once. */
#define MXP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MXP_MUST_USE          __attribute__((warn_unused_result))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* From a member back to the struct that embeds it. */
#define OWNER_OF(member, type, field)                                          \
	((type *)((char *)(member) - offsetof(type, field)))

#endif
