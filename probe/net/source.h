#ifndef MXP_SOURCE_H
#define MXP_SOURCE_H

#include "probe/facts/visit.h"

/*
 * This host's own addresses, with what only the kernel knows of them: is an
 * IPv6 address deprecated or temporary, and on which interface is it?  Asked
 * once by a netlink dump; needs no privilege.
 */
struct source_list;

/* Never NULL; empty where netlink is not to be had. */
struct source_list *source_list_open(struct arena *arena);

/* Fills kind, flags and interface of a source whose ip is set. */
void source_describe(const struct source_list *list, struct source *source);

#endif
