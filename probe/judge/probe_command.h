#ifndef MXP_PROBE_COMMAND_H
#define MXP_PROBE_COMMAND_H

#include "probe/base/arena.h"
#include "probe/base/ip.h"
#include "probe/judge/path_fault.h"

/*
 * The command that would test now what witnesses told of before: the same
 * destination, from the same address of ours, as far as it went then.  Both
 * families are walked, since it is their difference that is asked for.
 *
 * The names come from logs and bounces that anybody may have written into.  One
 * that is no plain domain makes no command, and what is told is quoted for a
 * shell in any case.
 *
 * No mailbox of somebody's is ever named, not even the one that was refused: a
 * mailbox of one's own has to be put in place of PROBE_MAILBOX.
 */
#define PROBE_MAILBOX "PUT-YOUR-OWN-MAILBOX-HERE"

struct probe_wish {
	struct span domain;             /* the recipient's; or empty */
	struct span host;               /* the server, where there is no
					   domain ... */
	bool has_server;
	struct ip server;               /* ... nor a host */
	struct span sender_domain;      /* of MAIL FROM; or empty */
	struct span policy;             /* word of the vocabulary, or empty */
	enum path_fault fault;
	bool has_stage;                 /* else as far as can be */
	enum stage stage;
	bool has_source;
	struct ip source;
};

/* Empty: nothing that a probe could show, or no name that can be used. */
struct span probe_command(struct arena *arena, const struct probe_wish *wish);

/* A word for a POSIX shell, in single quotes where it needs them. */
struct span shell_word(struct arena *arena, struct span word);

#endif
