#ifndef MXP_LOG_REPLY_H
#define MXP_LOG_REPLY_H

#include "probe/facts/delivery.h"

/*
 * A reply as a log writes it down.  Each mail server has its own way to put the
 * lines of a reply into one: with a blank, with the two characters "\n", with a
 * slash, with nothing.  Here they become lines again, parted by LF, and the
 * code and the enhanced status are read from the first.
 */

/* A code of a reply at the start, with a blank, a dash or nothing behind it. */
unsigned log_reply_code(struct span text);

/* Each parts lines in its way; the result is in the arena, or in the text. */
struct span log_reply_part_blanks(struct arena *arena, struct span text);
struct span log_reply_part_escapes(struct arena *arena, struct span text);

/*
 * The text becomes that of the delivery, and its code and status are taken.
 * True if a code was found: a server said it.
 */
bool log_reply_take(struct delivery *delivery, struct span text);

/*
 * What the log itself says the status was (dsn=): it counts only where no
 * reply holds one, and is then the mail server's own word.
 */
void log_reply_status(struct delivery *delivery, struct span status);

/*
 * The command that a reply answers, or after which a connection failed, in the
 * words of the mail servers: "RCPT TO", "end of DATA command", "receiving the
 * initial server greeting".  False if there is none in it.
 */
bool log_stage_take(struct delivery *delivery, struct span words);

/*
 * Where a failure is, told by its words alone, as the operating system and the
 * mail servers have them: "Connection refused", "Host or domain name not
 * found".  False, and the delivery as it was, if they tell nothing.
 */
bool log_stage_guess(struct delivery *delivery, struct span text);

/* The address between brackets, with or without "IPv6:"; or bare. */
bool log_relay_take(struct delivery *delivery, struct span address);

/* The name, without its last dot; an address is no name. */
void log_relay_name(struct delivery *delivery, struct span name);

/* An address that a reply quotes: the first in brackets, "[2001:db8::1      19]"
 * too, else the first that stands alone. */
bool log_quoted_ip(struct span text, struct ip *ip);

/* "ok" is found in "it's ok"; case counts. */
bool log_has(struct span text, struct span words);
size_t log_find(struct span text, struct span words);   /* or text.len */

/* "1d2h3m4.5s", "0.17s", "12": false for anything else. */
bool log_duration(struct span text, int64_t *ms);

#endif
