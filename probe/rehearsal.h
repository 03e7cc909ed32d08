#ifndef MXP_REHEARSAL_H
#define MXP_REHEARSAL_H

#include "probe/dns/answers_file.h"
#include "probe/judge/result_row.h"
#include "probe/net/scripted_server.h"
#include "probe/tls/throwaway.h"

/*
 * `mxprobe run --rehearse`: a scenario is played on loopback, with the servers
 * and the DNS that it scripts itself.  There is a performance in which
 * everything is as it should be, and one for each twin.
 *
 * The world of a performance is made up: each server gets an address of the
 * documentation ranges, the DNS is what leads there, the sources of the paths
 * have a PTR that leads to their EHLO name and back, and what a `dns` line
 * says stands above all that.  Nothing else exists, and a walk connects to
 * nothing but loopback.
 */

/*
 * The matrix as it is rehearsed: nothing of this host is required, nothing is
 * kept, and where a path leaves the source to the kernel, it is 192.0.2.25 or
 * 2001:db8:25::25, called mail.example.org where the path has no name
 * (rehearsal_matrix.c).
 */
const struct matrix *rehearsal_matrix(struct arena *arena,
	const struct matrix *matrix);

struct performance {
	struct span twin;               /* empty: all is well */
	struct scripted_cast cast;
	const struct saved_answers *answers;
	uint64_t slowest_ms;            /* the longest delay of a server */
};

/*
 * False: it cannot be played, and *why says why.  The contexts of its servers
 * are closed by performance_close().
 */
bool performance_make(struct arena *arena, struct throwaway *throwaway,
	const struct play *play, const struct matrix *matrix, struct span twin,
	struct performance *performance, struct span *why);
void performance_close(struct performance *performance);

/* Without the loopback of a family, its rows cannot be rehearsed. */
bool rehearsal_has_loopback(enum family family);

/* What the twin says that a row comes to: the last `expect` that fits, or NULL
 * (twin_expected.c). */
const struct twin_expected *twin_wants(const struct twin *twin,
	const struct result_row *row);

#endif
