#ifndef MXP_MAILLOG_H
#define MXP_MAILLOG_H

#include "probe/facts/delivery.h"

/*
 * A mail log is bytes in, deliveries out:
 *
 *	log = maillog_open(&orders);
 *	while (there is more to read) {
 *		maillog_feed(log, bytes);
 *		while ((delivery = maillog_next(log)) != NULL)
 *			...
 *	}
 *	maillog_end(log);
 *	while ((delivery = maillog_next(log)) != NULL)
 *		...
 *	maillog_close(log);
 *
 * It does not matter how the bytes are cut, and a log that grows is fed
 * whenever it has grown.  Sendmail, Postfix, Exim, OpenSMTPD and qmail are told
 * apart line by line, so a log of several is read too; lines of other programs
 * are passed over.  The forms of a line's head stand in log_line.h and
 * log_stamp.h.
 *
 * What these logs have in common to say:
 *
 * - Each attempt is a delivery, those included that another address made good
 *   at once: they are deferred, and stand before the one that came after.  A
 *   few are known without their recipient.
 * - The code is the server's.  Postfix defers what a greeting of 554 refused;
 *   so "deferred" with a code of 5xx is no temporary failure.
 * - A delivery to the machine itself has the relay host "local", or that of
 *   Postfix's program, and no address.
 * - Sendmail's text is the first line of the reply, if it has any of it at all
 *   (lacks_reply).
 *
 * Memory does not grow with the log: what a queue id stands for is forgotten
 * after some ten thousand others (log_memory.h).
 */
struct maillog;

enum { MAILLOG_LINE_MAX = 64 * 1024 };  /* octets; the rest of a line is lost */

enum maillog_dialect {
	MAILLOG_POSTFIX,
	MAILLOG_SENDMAIL,
	MAILLOG_EXIM,
	MAILLOG_OPENSMTPD,
	MAILLOG_QMAIL,
};
enum { MAILLOG_DIALECT_COUNT = MAILLOG_QMAIL + 1 };

struct log_zone;

struct maillog_orders {
	struct span file;               /* its name, for struct delivery */
	int64_t now_ms;                 /* when it was written last, or is read:
					   for stamps that name no year */
	const struct log_zone *zone;    /* of those that name none; NULL: not
					   known.  It is copied. */
};

struct maillog_account {
	uint64_t octets;
	uint64_t lines;
	uint64_t of_dialect[MAILLOG_DIALECT_COUNT];
	uint64_t others;                /* lines that mean nothing here */
	uint64_t cut;                   /* lines over the limit */
	uint64_t deliveries;
	uint64_t guessed_years;         /* of them */
};

struct maillog *maillog_open(const struct maillog_orders *orders);
void maillog_close(struct maillog *log);

/* For a log that is read on for days: as now_ms of the orders. */
void maillog_set_now(struct maillog *log, int64_t now_ms);

/* The bytes are borrowed until maillog_next() returns NULL. */
void maillog_feed(struct maillog *log, struct span bytes);

/* No more will come: a last line without its end counts, too. */
void maillog_end(struct maillog *log);

/* It lives until the next call.  NULL: feed more, or it was the end. */
const struct delivery *maillog_next(struct maillog *log) MXP_MUST_USE;

/*
 * The same of several lines: as many as `count` says, in their order, one at
 * least.  They live until the next call, and none of them is given again.
 */
const struct delivery *maillog_next_few(
	struct maillog *log, size_t *count) MXP_MUST_USE;

const struct maillog_account *maillog_account(const struct maillog *log);
const char *maillog_dialect_word(enum maillog_dialect dialect);

#endif
