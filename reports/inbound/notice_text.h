#ifndef MXP_NOTICE_TEXT_H
#define MXP_NOTICE_TEXT_H

#include "probe/base/arena.h"

/*
 * The text of a bounce that is for people, cut into lines: without the copy of
 * the message that it is about, without the "> " of whoever forwarded it, and
 * without the fields of a delivery status that are written below the prose.
 */
enum { NOTICE_LINES_MAX = 4096 };

enum notice_line_kind {
	LINE_EMPTY,
	LINE_HEADING,           /* "----- Transcript of session follows -----",
				   "=======" */
	LINE_WORDS,
};

struct notice_line {
	enum notice_line_kind kind;
	unsigned indent;                /* blanks before it */
	struct span text;               /* trimmed */
};

struct notice {
	const struct notice_line *lines;
	size_t count;
	struct span original;           /* the copy, from its header on; empty
					   when there is none */
};

void notice_read(struct arena *arena, struct span text, struct notice *notice);

/*
 * Lines from..end (end not included) as one text, parted by LF; empty ones and
 * headings are left out.
 */
struct span notice_text(struct arena *arena, const struct notice *notice,
	size_t from, size_t end);

/* A text without the quotes at the start of its lines, as notice_read() does. */
struct span notice_unquoted(struct arena *arena, struct span text);

/*
 * The fields of a delivery status that stand in a text for people, as bytes
 * for delivery_status_read(); empty: there are none.
 */
struct span notice_status_fields(struct arena *arena, struct span text);

#endif
