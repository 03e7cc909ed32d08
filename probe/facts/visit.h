#ifndef MXP_VISIT_H
#define MXP_VISIT_H

#include "probe/facts/identity.h"
#include "probe/facts/path.h"
#include "probe/facts/transcript.h"
#include "probe/mail/message.h"
#include "probe/policy/fcrdns.h"
#include "probe/smtp/ehlo.h"
#include "scenarios/step.h"

/*
 * A visit is one path that was walked, or that was meant to be and could not:
 * where we came from, what was said, how far it got, how it ended.
 */
struct source {
	bool is_known;                  /* the kernel told it (getsockname) */
	struct ip ip;
	uint16_t port;
	enum ip_kind kind;
	bool is_deprecated;             /* RFC 4862: no longer preferred */
	bool is_temporary;              /* RFC 8981 privacy address */
	struct span interface;          /* empty: not known */
};

/* From TCP_INFO at the end of the walk. */
struct tcp_facts {
	bool is_known;
	unsigned rtt_us, rtt_var_us;
	unsigned retransmits;           /* segments sent again, in all */
	unsigned send_mss, receive_mss; /* octets */
	unsigned path_mtu;              /* as the kernel believes, octets */
	unsigned unacked;               /* segments on the way */
	unsigned unsent;                /* octets not sent yet */
	unsigned backoff;               /* doublings of the timer just now */
	unsigned long long acked;       /* octets the peer has acknowledged */
};

enum visit_state {
	VISIT_PLANNED,                  /* not begun: interrupted before, or
					   politeness forbids it now */
	VISIT_NOT_APPLICABLE,           /* this host has no such family */
	VISIT_WALKED,
};

struct visit {
	const struct path *path;
	const struct scenario *scenario;
	enum visit_state state;
	struct span why_not;            /* VISIT_NOT_APPLICABLE: the reason;
					   VISIT_PLANNED: likewise, or empty */
	bool is_confined;               /* to the interface that was asked for:
					   what that lacks the host may have */
	int64_t wall_ms;                /* when it began */
	uint64_t began_ns;              /* monotonic, of the program */
	uint64_t ended_ns;
	struct source source;
	struct transcript transcript;
	struct span ehlo_name;          /* what we called ourselves */
	bool used_helo;                 /* EHLO was not understood */
	struct ehlo ehlo;               /* of the last EHLO reply */
	bool has_ehlo;
	const struct session *tls;      /* NULL: no TLS */
	struct tcp_facts tcp;
	bool reached[STAGE_COUNT];      /* the stage ended well */
	enum stage last;                /* the last stage that was begun */
	const struct fault *fault;      /* NULL: all steps ended well */
	const struct mtu_trial *mtu_trial;      /* NULL: not held, see
						   probe/facts/mtu_trial.h */
	struct span token;              /* finds our message again; or empty */

	/* Our own identity at this source, worked out afterwards. */
	enum fcrdns fcrdns;             /* FCRDNS_OPEN: not worked out */
	struct span ptr_name;           /* confirmed, or the first one given */
	const struct message *message;  /* that was to be sent; or NULL */
	struct identity *identity;      /* NULL: no MAIL FROM, or an address
					   that means nothing to others */
};

const char *visit_state_word(enum visit_state state);

/* Nanoseconds from the begin of a stage to its last event; 0: not begun. */
uint64_t visit_stage_ns(const struct visit *visit, enum stage stage);

#endif
