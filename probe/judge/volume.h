#ifndef MXP_VOLUME_H
#define MXP_VOLUME_H

#include "probe/base/arena.h"
#include "probe/facts/delivery.h"

/*
 * How much mail was accepted for the mailboxes of those receivers who ask more
 * of whom sends much: by the organisational domain of the sender, subdomains
 * included, and by day.  The domain is that of the From header; where no
 * witness tells it, that of MAIL FROM, and that is said.
 *
 * Days are UTC: Google counts "24 hours", and says no more.  A log of which no
 * zone is known is taken for UTC.  Each delivery to one recipient counts once.
 *
 * Memory is bounded: beyond VOLUME_CELLS_MAX days of domains, deliveries are
 * counted as `others` only.
 */
enum volume_receiver {
	VOLUME_GMAIL,                   /* personal accounts only */
	VOLUME_YAHOO,
	VOLUME_MICROSOFT,               /* its consumer domains */
};
enum { VOLUME_RECEIVERS = VOLUME_MICROSOFT + 1 };

enum {
	/* "more than 5,000 messages a day to Gmail accounts": Google's sender
	 * guidelines, support.google.com/mail/answer/81126, in force since
	 * 2024-02-01.  Who was over it once stays a bulk sender. */
	VOLUME_GMAIL_LIMIT = 5000,
	/* "more than 5,000 emails per day": Microsoft's rules for senders to
	 * outlook.com, hotmail.com and live.com, in force since 2025-05-05. */
	VOLUME_MICROSOFT_LIMIT = 5000,
	VOLUME_NEAR_PERCENT = 80,       /* of a limit: told from here on */

	VOLUME_CELLS_MAX = 16384,
	VOLUME_BUCKETS = 4096,
	VOLUME_NAME_MAX = 255,          /* octets of a domain (RFC 1035) */
	VOLUME_TOP = 10,                /* days that are always told */
};

struct volume_cell {
	enum volume_receiver receiver;
	struct span domain;             /* organisational, in lower case */
	int64_t day;                    /* since 1970-01-01 */
	uint64_t accepted;
	uint64_t by_mail_from;          /* of them: no From header was told */
	struct volume_cell *next;
};

struct volume {
	struct arena *arena;
	struct volume_cell **cells;
	size_t count, room;
	struct volume_cell *buckets[VOLUME_BUCKETS];
	uint64_t others;                /* beyond the bound */
	uint64_t undated, senderless;   /* accepted, and in no cell */
	/* Deliveries come in runs of one domain; its organisational one is
	 * dear to find. */
	char last_domain[VOLUME_NAME_MAX], last_organisation[VOLUME_NAME_MAX];
	size_t last_domain_len, last_organisation_len;
};

void volume_open(struct volume *volume, struct arena *arena);

/* `provider` is the codebook's word for who serves the recipient; or empty. */
void volume_add(struct volume *volume, const struct delivery *delivery,
	struct span provider);

/* The most first. */
void volume_sort(struct volume *volume);

const char *volume_receiver_word(enum volume_receiver receiver);
const char *volume_receiver_title(enum volume_receiver receiver);

/* 0: none is published. */
uint64_t volume_limit(enum volume_receiver receiver);

/* At VOLUME_NEAR_PERCENT of the limit or beyond. */
bool volume_is_near(const struct volume_cell *cell);
bool volume_is_over(const struct volume_cell *cell);

/* "2024-09-07" */
struct span volume_day_text(struct arena *arena, int64_t day);

#endif
