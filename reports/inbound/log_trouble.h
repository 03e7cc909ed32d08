#ifndef MXP_LOG_TROUBLE_H
#define MXP_LOG_TROUBLE_H

#include "probe/facts/delivery.h"

/*
 * A trouble is an attempt that a log tells of in a line with no recipient:
 *
 *	postfix/smtp[266]: connect to mx[2001:db8::1]:25: Network is unreachable
 *
 * The recipient comes with a later line of the same process of the same machine,
 * or of the same message: who reads that line claims the trouble.  It may turn out that both
 * lines tell of one attempt; then the later one is given what the earlier one
 * knew.  A trouble that nobody claims is told of with no recipient.
 */
struct log_trouble {
	bool is_kept;
	bool is_hint;                   /* alone it is no failure: a certificate
					   that did not have to be good */
	bool was_claimed;
	uint64_t claimer;               /* the first recipient, as a sum */
	struct delivery facts;          /* spans point below */
	char key[64];                   /* process, or queue id */
	size_t key_len;
	char machine[64];               /* that wrote the line; what is longer
					   is cut */
	size_t machine_len;
	char queue_id[64];
	char host[256];
	char domain[256];               /* of the recipients it was claimed for */
	size_t domain_len;
	char text[1024];                /* what is longer is cut */
};

/* The newest take the place of the oldest. */
enum { LOG_TROUBLES_MAX = 128 };

struct log_troubles {
	struct span machine;            /* of the line that is read: others keep
					   and find nothing of its troubles */
	struct log_trouble ring[LOG_TROUBLES_MAX];
	size_t next;
	size_t count;                   /* of them in use */
};

/* Makes its own copy of all that the trouble needs. */
void log_trouble_keep(struct log_troubles *troubles, struct span key,
	const struct delivery *facts, bool is_hint);

/* The place that the next one takes: who is there will be lost. */
struct log_trouble *log_trouble_next(struct log_troubles *troubles);

/* The i-th, oldest first; NULL: nothing there, or another key's. */
struct log_trouble *log_trouble_of(
	struct log_troubles *troubles, size_t i, struct span key);

/* The newest of this key, or NULL. */
struct log_trouble *log_trouble_newest(
	struct log_troubles *troubles, struct span key);

void log_trouble_drop(struct log_troubles *troubles,
	struct log_trouble *trouble);

#endif
