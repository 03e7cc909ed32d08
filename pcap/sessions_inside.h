#ifndef MXP_SESSIONS_INSIDE_H
#define MXP_SESSIONS_INSIDE_H

#include "pcap/flow.h"
#include "pcap/fragments.h"
#include "pcap/name_book.h"
#include "pcap/sessions.h"

/*
 * The sessions as their parts see them: the file and what it comes to
 * (sessions.c), which flow a packet goes to (sessions_flows.c), and how a flow
 * is heard, ends, and waits to be told (sessions_ends.c).
 */
enum { ARENAS_SPARE_MAX = 64 };

struct sessions {
	struct sessions_wish wish;
	uint16_t ports[SESSIONS_PORTS_MAX];
	size_t port_count;
	struct capture_file file;
	struct fragments *fragments;
	struct flow_table table;
	struct key_log *keys;
	struct session_totals totals;
	struct session_record record;   /* told last */
	struct flow *told;              /* its flow */
	size_t kept_all;                /* octets of all conversations */
	int64_t now_ns;
	bool has_time;
	struct name_book *names;
	struct arena *spare[ARENAS_SPARE_MAX];
	size_t spare_count;
};

/* ---- packets */

void sessions_add_tcp(struct sessions *sessions, const struct packet *packet,
	const struct captured_packet *captured);

/* The quoted packet went the other way round than the error. */
void sessions_add_icmp(struct sessions *sessions, const struct packet *packet,
	const struct captured_packet *captured);

/* What the client knew the server by is what it was told last before it
 * came: the first name stays. */
void sessions_note_name(struct sessions *sessions, struct flow *flow,
	const struct ip *server);

/* ---- flows */

/* What the stream has made readable goes to the conversation. */
void sessions_hear(struct sessions *sessions, struct flow *flow);

/* All is here that will come: it is ready to be told, or no more if it is not
 * SMTP. */
void sessions_leave(struct sessions *sessions, struct flow *flow);

/* The same, with how it ended; its key stays behind where late packets may
 * follow. */
void sessions_finish(struct sessions *sessions, struct flow *flow);

/* Nothing but a SYN: a number. */
void sessions_count_half(struct sessions *sessions, struct flow *flow);

/* The flow is no more; its arena serves another. */
void sessions_forget(struct sessions *sessions, struct flow *flow);

/* The table stays within its bounds. */
void sessions_keep_bounds(struct sessions *sessions);

#endif
