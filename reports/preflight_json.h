#ifndef MXP_PREFLIGHT_JSON_H
#define MXP_PREFLIGHT_JSON_H

#include <stdio.h>

#include "probe/policy/preflight.h"

/*
 * The preflight as one JSON document, whose form is preflight.schema.json
 * beside this file.  A failure to write is the stream's own: ask ferror().
 */
enum { PREFLIGHT_JSON_SCHEMA = 1 };     /* grows when a reader must change */

void preflight_json(FILE *out, const struct preflight_query *query,
	const struct preflight *preflight, int exit_status);

#endif
