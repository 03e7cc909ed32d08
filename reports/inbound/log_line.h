#ifndef MXP_LOG_LINE_H
#define MXP_LOG_LINE_H

#include "reports/inbound/log_stamp.h"

/*
 * A line of a log, cut into what every program's lines have: the time, the
 * host, the program with its process, and what the program said.
 *
 *      [<PRI>] stamp host program[pid]: body           RFC 3164 and its kin
 *      <PRI>1 stamp host program pid msgid data body   RFC 5424
 *      stamp body                                      a log of one program
 *      program[pid]: body                              cut out by somebody
 *
 * Before the stamp may stand what grep ("mail.log:12:") or a container's log
 * ("mail-1  | ") puts there.
 *
 * The spans point into the line.
 */
struct log_line {
	struct span text;               /* all of it, its line end removed */
	bool has_stamp;
	struct log_stamp stamp;
	struct span host;
	struct span program;            /* "postfix/smtp"; or empty */
	struct span service;            /* of it, what stands behind the last
					   slash: "smtp"; empty without one */
	struct span process;            /* the digits between [ and ] */
	struct span body;
	struct span behind_stamp;       /* the body of those that name no
					   program: whoever knows the words of
					   one may look here */
};

/* How the last line began, up to the program: the next ones mostly begin with
 * the same octets, which mean the same. */
struct log_heads {
	struct log_stamps stamps;
	char head[128];
	size_t len;                     /* 0: it had no host, or too long a one */
	size_t stamp_len;               /* with the blanks behind it */
	size_t host_at, host_len;
	struct log_stamp stamp;
};

void log_heads_init(struct log_heads *heads, int64_t now_ms);

void log_line_read(struct log_heads *heads, struct span text,
	struct log_line *line);

#endif
