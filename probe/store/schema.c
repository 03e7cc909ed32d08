#include "probe/store/schema.h"

#include <stddef.h>

const char *const schema_steps[] = {
	history_schema,   /* 1: runs, rows, what was found, baselines */
	isolation_schema, /* 2: what made the difference */
	NULL,
};
