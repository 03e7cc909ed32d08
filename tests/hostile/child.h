#ifndef MXP_HOSTILE_CHILD_H
#define MXP_HOSTILE_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A program run to its end and no longer: what it printed, how it ended, how
 * long it took.  One that outlives its deadline is killed, by its id.
 */
enum { CHILD_ARGUMENTS_MAX = 64, CHILD_OUTPUT_MAX = 8 * 1024 * 1024 };

struct child {
	char *out, *err;                /* NUL-terminated; may hold others */
	size_t out_len, err_len;        /* at most CHILD_OUTPUT_MAX */
	int exit_status;                /* -1: ended by a signal ... */
	int signal;                     /* ... this one */
	bool was_killed;                /* by us: it was late, or never ended
					   printing */
	long took_ms;
	long peak_kib;                  /* most memory it ever had resident */
};

/* False when it could not be started at all. */
bool child_run(struct child *child, char *const arguments[], long deadline_ms);
void child_free(struct child *child);

#endif
