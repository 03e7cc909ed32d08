#ifndef MXP_SPOOL_H
#define MXP_SPOOL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * What can only be written behind something that is known at the end, such as
 * a count: kept in a file without a name, so that a report of any length takes
 * no memory.  It is closed with fclose().
 */

/* NULL: errno says why. */
FILE *spool_open(void);

/* Everything in it goes to `out`.  False: it could not be kept or read. */
bool spool_pour(FILE *spool, FILE *out);

#endif
