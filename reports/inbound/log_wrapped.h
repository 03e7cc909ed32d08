#ifndef MXP_LOG_WRAPPED_H
#define MXP_LOG_WRAPPED_H

#include "probe/base/span.h"

/*
 * A line may stand within a line of whoever took it over: a container's, a
 * collector's, somebody's who has moved it to the right.  Each of these finds
 * the line inside, which is a part of the text; empty: there is none.
 */

/*
 * An object of JSON, at the start or behind the one word that Fluentd's "tag",
 * "data:" of a stream of events and the like are.  Further back a peer may have
 * said it.
 */
struct span log_wrapped_object(struct span text);

/*
 * Behind a stamp there may be another one, as of a container's line:
 *
 *	2026-11-21T20:08:19.1Z stdout F Nov 21 20:08:19 ...
 */
struct span log_wrapped_stamped(struct span behind_stamp);

/*
 * Before a line there may be the name of a pod or a container, the count of its
 * octets, blanks, or marks of quoting:
 *
 *	[pod/mail-0/postfix] ...
 *	mail-1  | ...
 */
struct span log_wrapped_unstamped(struct span text);

/*
 * What a program said may be a line with its own head: it begins with a stamp,
 * or with "program[pid]:".
 */
bool log_wrapped_is_line(struct span body);

/* The name of that container, which is a machine, too. */
struct span log_wrapped_host(struct span text);

#endif
