#ifndef MXP_FLOW_H
#define MXP_FLOW_H

#include "pcap/conversation.h"
#include "pcap/path_cause.h"
#include "pcap/session_record.h"

/*
 * A flow is one connection while it is followed: its stream, its conversation,
 * and its place in the table.  A table finds the flow of a packet by both its
 * ends, whichever of them sent it, and knows of each kind of flow which was
 * silent longest.
 */
enum flow_kind {
	FLOW_HALF,                      /* nothing but a SYN, or its answer */
	FLOW_TALKING,
	FLOW_CLOSED,                    /* ended, and waits for stragglers */
	FLOW_DONE,                      /* told: what comes now is late */
	FLOW_READY,                     /* to be told; in no table */
};
enum { FLOW_KINDS = FLOW_READY + 1 };

struct flow_key {                       /* a is the smaller end */
	uint8_t a[16], b[16];
	uint16_t a_port, b_port;
	uint32_t family;
};

struct flow {
	struct flow_key key;
	uint64_t hash;
	struct flow *next;              /* in its bucket */
	struct flow *older, *newer;     /* of its kind */
	enum flow_kind kind;
	bool client_is_a;
	bool is_known_port;
	bool is_tunnelled;
	bool is_trial;                  /* as a comment of the file says */
	enum session_known_by known_by;
	enum session_end end;
	struct stream stream;
	struct arena *arena;            /* NULL: nothing was said */
	struct conversation *conversation;
	size_t kept;                    /* of it, as counted last */
	struct path_cause *cause;       /* with its ICMP errors, or NULL */
	char *server_name;              /* when it began; or NULL */
};

struct flow_list {
	struct flow *oldest, *newest;
	size_t count;
};

struct flow_table {
	struct flow **buckets;
	size_t bucket_count;            /* a power of two */
	uint64_t seed;                  /* none but us may choose collisions */
	struct flow_list lists[FLOW_KINDS];
	struct flow *spare;             /* freed ones, to be used again */
	size_t spare_count;
	size_t held_all;                /* octets behind holes */
};

void flow_table_open(struct flow_table *table);
void flow_table_close(struct flow_table *table);

/* True: the sender of the packet is end a. */
bool flow_key_of(struct flow_key *key, const struct ends *ends);

struct flow *flow_find(struct flow_table *table, const struct flow_key *key);
struct flow *flow_new(struct flow_table *table, const struct flow_key *key);

/* Puts it behind all others of the kind; a ready one leaves the table. */
void flow_move(struct flow_table *table, struct flow *flow,
	enum flow_kind kind);

/* Frees what it holds; done flows keep their key. */
void flow_empty(struct flow *flow);

/* Out of all lists, and of the table; it is no more. */
void flow_free(struct flow_table *table, struct flow *flow);

#endif
