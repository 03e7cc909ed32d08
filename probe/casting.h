#ifndef MXP_CASTING_H
#define MXP_CASTING_H

#include "probe/dns/name.h"
#include "probe/made_up_dns.h"
#include "probe/net/scripted_server.h"

/*
 * Who plays whom in a rehearsal: for each target, the scripted servers that
 * stand for it, each with an address of the documentation ranges and the DNS
 * that leads there.  In a twin, its servers stand in place of those of the same
 * host.  What cannot be played is told in `why`; all of it is in the arena.
 */

/* A script's part: its member of the cast, for each of its families. */
struct casting_part {
	const struct server_script *script;
	bool has_member[FAMILY_COUNT];
	size_t member[FAMILY_COUNT];
	struct span *names;             /* that it goes by; for its
					   certificate */
	size_t name_count, name_room;
};

struct casting {
	struct arena *arena;
	struct span twin;               /* empty: all is well */
	struct made_up_dns dns;
	struct casting_part *parts;
	size_t part_count;
	struct scripted_member *members;
	size_t member_count, member_room;
	struct scripted_address *addresses;
	size_t address_count, address_room;
	struct span why;                /* empty: all is well so far */
};

/* A part for each server of the play; nobody is cast yet. */
void casting_open(struct casting *casting, struct arena *arena,
	const struct play *play, struct span twin);

/* Those who stand for this target, in both families or in one. */
void casting_add(struct casting *casting, const struct aim *aim);

/* Are two names the same host's? */
static inline bool casting_is_same_name(struct span a, struct span b)
{
	return span_is_nocase(name_without_dot(a), name_without_dot(b));
}

#endif
