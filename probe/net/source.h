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

/*
 * The addresses that mail can leave from, in the kernel's order: no loopback,
 * link-local or deprecated ones, and where a family has public ones, only
 * those.  Returns how many.
 */
size_t source_list_usable(const struct source_list *list,
	struct arena *arena, struct ip **ips);

/* Fills kind, flags and interface of a source whose ip is set. */
void source_describe(const struct source_list *list, struct source *source);

#endif
