#ifndef MXP_BODY_PARTS_H
#define MXP_BODY_PARTS_H

#include "probe/policy/body_change.h"

/* Changes of a multipart. */
body_undo body_first_part, body_without_last_part;

/* Does the line say where a part of the multipart begins or ends? */
enum body_boundary {
	BODY_NO_BOUNDARY,
	BODY_PART_BEGINS, /* "--boundary" */
	BODY_PARTS_END,   /* "--boundary--" */
};

enum body_boundary body_boundary(
	const struct body_at_hand *body, struct span line);

#endif
