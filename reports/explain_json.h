#ifndef MXP_EXPLAIN_JSON_H
#define MXP_EXPLAIN_JSON_H

#include "probe/judge/delivery_table.h"
#include "reports/json_writer.h"

/* The members of a delivery and what it means, inside an object.  The arena is
 * for what is written only. */
void explain_json_delivery(struct json_writer *json, struct arena *arena,
	const struct codebook *codebook, const struct delivery *delivery);

/* The member "witnesses": who tells of it, and where. */
void explain_json_witnesses(struct json_writer *json,
	const struct delivery_witness *witnesses, size_t count);

/* The member: how many were tried, and how many failed. */
void explain_json_share(struct json_writer *json, const char *key,
	struct change_share share);

/* The member "change"; NULL: there is none. */
void explain_json_change(struct json_writer *json, struct arena *arena,
	const struct change_point *change);

/* The members of a row, inside an object. */
void explain_json_row(struct json_writer *json, struct arena *arena,
	const struct delivery_row *row);

#endif
