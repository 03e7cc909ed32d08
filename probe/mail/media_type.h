#ifndef MXP_MEDIA_TYPE_H
#define MXP_MEDIA_TYPE_H

#include "probe/base/arena.h"

/* The value of a Content-Type field: RFC 2045 section 5.1. */
struct media_type {
	struct span type, subtype;
	struct span charset, boundary;  /* empty: not given */
};

/* False: *why says what is wrong; the struct holds what came before. */
bool media_type_parse(struct arena *arena, struct span value,
	struct media_type *type, const char **why) MXP_MUST_USE;

#endif
