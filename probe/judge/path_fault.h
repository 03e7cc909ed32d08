#ifndef MXP_PATH_FAULT_H
#define MXP_PATH_FAULT_H

#include "probe/judge/finding.h"

/*
 * How the way to a server failed, as far as the words of a witness tell it
 * afterwards: the error of the system that a mail server wrote into its log, or
 * what the packets of a capture show.  Each has the finding of a live run.
 */
enum path_fault {
	PATH_NO_FAULT,                  /* or none of the way's */
	PATH_REFUSED,                   /* a reset in answer to the SYN */
	PATH_NO_ANSWER,                 /* to the SYN */
	PATH_PROHIBITED,                /* a filter said so */
	PATH_UNREACHABLE,               /* a router, or our own host, said so */
	PATH_SILENT,                    /* connected; then no answer in time */
	PATH_STALL,                     /* the same while the message was sent */
	PATH_BLACK_HOLE,                /* large segments vanish: only packets
					   show that */
	PATH_CLOSED,                    /* the connection ended amid it */
	PATH_TLS,                       /* the handshake failed */
};
enum { PATH_FAULT_COUNT = PATH_TLS + 1 };

struct delivery;

enum path_fault path_fault_of(const struct delivery *delivery);

const char *path_fault_word(enum path_fault fault);     /* "no-answer" */

/* A clause: "the SYN was not answered". */
const char *path_fault_phrase(enum path_fault fault);

/* Id, severity, blame, title, meaning, remedy and reference. */
void path_fault_describe(enum path_fault fault, struct finding *finding);

#endif
