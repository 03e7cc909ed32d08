#ifndef MXP_EXPLAIN_DIALOGUE_H
#define MXP_EXPLAIN_DIALOGUE_H

#include "pcap/session_record.h"
#include "reports/screen.h"

/* All that was said in a session and how it ended: a line for each, with its
 * frame, the seconds since the first packet, and who kept the other waiting. */
void explain_dialogue(struct screen *screen,
	const struct session_record *record);

/* A reply's lines in a sentence, escaped. */
struct span explain_on_one_line(struct screen *screen, struct span text);

#endif
