#ifndef MXP_EXPLAIN_SESSION_H
#define MXP_EXPLAIN_SESSION_H

#include "pcap/session_delivery.h"
#include "probe/judge/codebook.h"
#include "reports/json_writer.h"
#include "reports/text.h"

/* A session of a capture, told: in short (who, how it ended, what was refused
 * and what that means), or with everything that was said. */
struct session_telling {
	const struct session_record *record;
	const struct codebook *codebook;
	const struct delivery *deliveries;
	size_t delivery_count;
};

void explain_session_text(FILE *out, const struct text_style *style,
	const struct session_telling *telling, bool is_full);

/* Its members, inside an object. */
void explain_session_json(struct json_writer *json, struct arena *arena,
	const struct session_telling *telling);

#endif
