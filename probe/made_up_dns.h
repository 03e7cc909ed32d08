#ifndef MXP_MADE_UP_DNS_H
#define MXP_MADE_UP_DNS_H

#include "probe/base/ip.h"
#include "probe/dns/answers_file.h"
#include "scenarios/server_script.h"

/*
 * The DNS of a rehearsal, while it is made up: what leads to the servers and
 * back from us, and then what the scenario says of it, which stands above all
 * that.  Names are normalised; the first that cannot be a name is told in
 * *why.  All of it is in the arena.
 */
struct made_up_record {
	struct span name;
	enum rr_type type;
	struct answer *answer;
	struct span *values;
	size_t room;
};

struct made_up_dns {
	struct arena *arena;
	struct span *why;               /* of whoever makes the world; empty:
					   all is well so far */
	struct made_up_record *records;
	size_t count, room;
};

struct span made_up_dns_name(struct made_up_dns *dns, struct span name);

/* That of this name and type, which has no values where it is new; it moves
 * when there is another. */
struct made_up_record *made_up_dns_record(struct made_up_dns *dns,
	struct span name, enum rr_type type);

/* Behind the others; a value that it has already is not added. */
void made_up_record_add(struct made_up_dns *dns,
	struct made_up_record *record, struct span value);

void made_up_dns_add(struct made_up_dns *dns, struct span name,
	enum rr_type type, struct span value);

void made_up_dns_add_address(struct made_up_dns *dns, struct span name,
	const struct ip *ip);

/* A `dns` line of the scenario, in place of what was there. */
void made_up_dns_say(struct made_up_dns *dns, const struct script_dns *said);

const struct saved_answers *made_up_dns_answers(
	const struct made_up_dns *dns);

#endif
