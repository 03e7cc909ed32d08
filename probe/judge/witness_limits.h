#ifndef MXP_WITNESS_LIMITS_H
#define MXP_WITNESS_LIMITS_H

#include "probe/judge/delivery_join.h"

/*
 * What the witnesses that were given cannot know, in sentences.  Each mail
 * server leaves something out of its log and its bounces, and a capture does
 * not show what the mail server decided.  An account is kept of every delivery
 * once it is joined, and of every session; a limit is told only where it
 * matters to something that was given, and where no other witness of the same
 * delivery makes it good.
 *
 *	struct witness_account account = { 0 };
 *	witness_account_add(&account, joined);          of each
 *	count = witness_limits(&account, arena, &limits);
 */

/* Who wrote the log, by its dialect. */
enum witness_mta {
	WITNESS_MTA_POSTFIX,
	WITNESS_MTA_SENDMAIL,
	WITNESS_MTA_EXIM,
	WITNESS_MTA_OPENSMTPD,
	WITNESS_MTA_QMAIL,
	WITNESS_MTA_OTHER,
};
enum { WITNESS_MTA_COUNT = WITNESS_MTA_OTHER + 1 };

/* All zero at first.  Deliveries to the machine itself need not be added. */
struct witness_account {
	uint64_t by_log[WITNESS_MTA_COUNT];     /* deliveries that it tells */
	uint64_t by_bounce, by_capture;
	uint64_t lost_replies;          /* refused, and by what words is lost */
	uint64_t first_lines;           /* of replies, perhaps of more lines */
	uint64_t silent_addresses;      /* others may have been tried before */
	uint64_t without_stage[WITNESS_MTA_COUNT];
	uint64_t last_of_groups;        /* the stage may be an earlier one */
	uint64_t without_family;        /* a server said no: over which? */
	uint64_t without_address[WITNESS_MTA_COUNT];    /* nor a reply */
	uint64_t without_recipient;
	uint64_t only_ipv4[WITNESS_MTA_COUNT];
	uint64_t guessed_years, guessed_zones;
	uint64_t only_bounced;          /* no log tells of it */
	uint64_t only_captured;         /* failed; the same */
	uint64_t sessions, hidden_sessions, path_faults;

	/* For the caller to set. */
	uint64_t cut_captures;
	uint64_t dmarc_reports, tls_reports;
};

void witness_account_add(struct witness_account *account,
	const struct joined_delivery *joined);

/* A session of a capture.  is_hidden: from STARTTLS on nothing is readable. */
void witness_account_add_session(struct witness_account *account,
	bool is_hidden, bool has_path_fault);

struct witness_limit {
	const char *id;                 /* "bounce.last-attempt" */
	struct span text;               /* a sentence or two */
};

enum { WITNESS_LIMITS_MAX = 32 };       /* there are no more */

/* What keeps the cause from being known comes first. */
size_t witness_limits(const struct witness_account *account,
	struct arena *arena, const struct witness_limit **limits);

#endif
