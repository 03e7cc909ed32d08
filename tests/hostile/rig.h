#ifndef MXP_HOSTILE_RIG_H
#define MXP_HOSTILE_RIG_H

#include "tests/hostile/cases.h"
#include "tests/hostile/child.h"
#include "tests/hostile/server.h"

/*
 * Everything that a case needs around it: certificates, messages in files of
 * a folder of its own, the servers; and the command line of the prober.
 */
struct rig {
	struct certificates certificates;
	char folder[64];                /* removed by rig_close() */
	char authority[96];             /* PEM file */
	char messages[MESSAGE_COUNT][96];
	char program[512];
};

bool rig_open(struct rig *rig);
void rig_close(struct rig *rig);

/* The servers of a case, running; server_close() ends them. */
bool rig_serve(struct rig *rig, const struct hostile_case *played,
	struct server *server);

/* The prober against servers that run. */
bool rig_probe(struct rig *rig, const struct hostile_case *played,
	const struct server *server, bool wants_json, struct child *child);

#endif
