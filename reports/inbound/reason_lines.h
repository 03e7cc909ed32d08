#ifndef MXP_REASON_LINES_H
#define MXP_REASON_LINES_H

#include "reports/inbound/notice_text.h"

/*
 * The reason of a failure in some lines of a notice: the reply in them, else
 * what they say.
 */
struct reason {
	struct span text;
	bool has_reply;                 /* it begins with a server's reply */
};

/* When the text holds a reply, that is the reason; false: it has none. */
bool reason_take_reply(struct reason *reason, struct span text);

/*
 * From the paragraphs in the lines from..end (end not included); what the
 * reason has already stays where they say nothing better.
 */
void reason_take_paragraphs(struct arena *arena, const struct notice *notice,
	size_t from, size_t end, struct reason *reason);

/* "(reason: 550 ...)", "Reason: ...": without what is around it. */
struct span reason_without_wrapping(struct span text);

/* Is an enhanced status in it? */
bool reason_has_status(struct span text);

/* A code and a status, and no word more. */
bool reason_is_bare(struct span reply);

#endif
