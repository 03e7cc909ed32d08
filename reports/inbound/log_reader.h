#ifndef MXP_LOG_READER_H
#define MXP_LOG_READER_H

#include "reports/inbound/log_line.h"
#include "reports/inbound/log_memory.h"
#include "reports/inbound/log_reply.h"
#include "reports/inbound/log_trouble.h"

/*
 * What the readers of the dialects share: one file each, one function each,
 * which takes a line and puts down what it tells of.  Nothing here is for
 * anyone else; reports/inbound/maillog.h is the door.
 */
struct log_reader {
	struct arena *arena;            /* of what one line gives */
	struct log_memory *memory;
	struct log_troubles troubles;
	struct log_stamps own_stamps;   /* those behind a stamp of syslog */
	struct span file;
	uint64_t position;              /* the line's number */
	bool is_silent;                 /* no line of its program says anything */
	struct delivery *given;         /* not yet fetched, in the arena */
	size_t given_count;
	size_t given_room;
};

/* Does the text begin so?  Case counts. */
#define STARTS(text, literal)                                                 \
	((text).len >= sizeof(literal) - 1 &&                                 \
		memcmp((text).at, literal, sizeof(literal) - 1) == 0)

/* The text from there on. */
static inline struct span log_past(struct span text, size_t len)
{
	if (len > text.len)
		len = text.len;
	return (struct span){ text.at ? text.at + len : NULL, text.len - len };
}

/* Letters and digits, at least so many, cut off with the ": " behind them. */
bool log_queue_id_take(struct span *body, size_t len_min,
	struct span *queue_id);

enum { LOG_RECIPIENTS_MAX = 1000 }; /* of one line */

/* A delivery with all that the line's head tells; the rest is empty. */
void log_reader_begin(const struct log_reader *reader,
	const struct log_line *line, struct span dialect,
	struct delivery *delivery);

/* A delivery is known: the sender and the Message-ID that go with its queue id
 * are added. */
void log_reader_give(
	struct log_reader *reader, const struct delivery *delivery);

/*
 * The same, with the attempts before it that have this key and no recipient
 * yet.  Those that turn out to be this one are put into it.
 */
void log_reader_claim(struct log_reader *reader, struct span key,
	struct delivery *delivery);

/* An attempt with no recipient yet; see log_trouble.h. */
void log_reader_trouble(struct log_reader *reader, struct span key,
	const struct delivery *delivery, bool is_hint);

/* Those that nobody claimed; with a key only its own. */
void log_reader_release(struct log_reader *reader, struct span key);

/* The readers: whether the line is of their dialect's making at all. */
bool log_postfix_read(struct log_reader *reader, const struct log_line *line);
bool log_sendmail_read(struct log_reader *reader, const struct log_line *line);
bool log_exim_read(struct log_reader *reader, const struct log_line *line);
bool log_opensmtpd_read(struct log_reader *reader, const struct log_line *line);
bool log_qmail_read(struct log_reader *reader, const struct log_line *line);

#endif
