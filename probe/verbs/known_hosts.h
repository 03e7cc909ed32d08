#ifndef MXP_KNOWN_HOSTS_H
#define MXP_KNOWN_HOSTS_H

#include "probe/verbs/program.h"

/*
 * The hosts of --resolve: which of them were an exchanger of some target.  One
 * that was none, for its name or its port, changed nothing, and the walk went
 * to where the DNS says; that is told at the end.
 */
struct known_hosts;

struct known_hosts *known_hosts_open(
	struct arena *arena, const struct options *options);

void known_hosts_see(
	struct known_hosts *hosts, const struct outcome *outcome);

/* Nothing where no target could be looked up. */
void known_hosts_tell(struct arena *arena, const struct known_hosts *hosts);

#endif
