#ifndef MXP_LOG_LINE_H
#define MXP_LOG_LINE_H

#include "probe/base/arena.h"
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
 * ("mail-1  | ") puts there, and between stamp, host and program the priority
 * in words ("mail.info").
 *
 * What another program was told and wrote down with a stamp of its own, as a
 * line ("2026-11-21T20:08:19Z stdout F ...") or as an object of JSON
 * (log_record.h), is such a line again.  Which of two stamps counts stands at
 * log_stamp_better().
 *
 * The spans point into the line, or into the arena of its heads.
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

enum { LOG_SILENT_MAX = 8, LOG_SILENT_WORDS = 4 };

/* How the last line began, up to the program: the next ones mostly begin with
 * the same octets, which mean the same. */
struct log_heads {
	struct arena *arena;            /* of objects of JSON; NULL: they are
					   not read */
	struct log_stamps stamps;
	char head[128];
	size_t len;                     /* 0: it had no host, or too long a one */
	size_t stamp_len;               /* with the blanks behind it */
	size_t host_at, host_len;
	struct log_stamp stamp;
	/* Programs of which no line says anything, with the "[" behind them,
	 * and which octets of these count; the newest replace the oldest. */
	struct log_silent {
		uint64_t text[LOG_SILENT_WORDS], mask[LOG_SILENT_WORDS];
		size_t len;
	} silent[LOG_SILENT_MAX];
	size_t silent_count;
};

void log_heads_init(struct log_heads *heads, struct arena *arena,
	int64_t now_ms);

void log_line_read(struct log_heads *heads, struct span text,
	struct log_line *line);

/*
 * For a line of a program that nobody knows: it may be a container, and what it
 * said a line with a program of its own.
 */
bool log_line_open(struct log_heads *heads, struct log_line *line);

/*
 * For a line that named no program, as its head is of a form that is not known:
 * is there "program[pid]:" behind the first few words?  Further back a peer may
 * have said it.
 */
bool log_line_search(struct log_line *line);

/* Whoever knows the program of the line, which was just read, wants none of its
 * lines; ... */
void log_line_silence(struct log_heads *heads, const struct log_line *line);

/* ... is this such a one?  Of a big log every other line is: it is told before
 * the line is taken apart, if it begins as the one that was read last. */
bool log_line_is_silent(const struct log_heads *heads, struct span text);

#endif
