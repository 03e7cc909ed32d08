#ifndef MXP_WITNESS_FILE_H
#define MXP_WITNESS_FILE_H

#include "probe/base/arena.h"

/*
 * What a file is that somebody brings along to have it explained: told by how
 * it begins, never by its name.  What was packed is given unpacked.
 */
enum witness_form {
	WITNESS_FORM_EMPTY,             /* nothing but white space */
	WITNESS_FORM_CAPTURE,           /* pcap, pcapng */
	WITNESS_FORM_MAIL,              /* one, or a mbox */
	WITNESS_FORM_REPORT,            /* DMARC, TLSRPT; an archive:
					   perhaps */
	WITNESS_FORM_REPLY,             /* what a server answered, no more */
	WITNESS_FORM_LOG,               /* of a mail server */
	WITNESS_FORM_TEXT,              /* any other */
	WITNESS_FORM_UNKNOWN,
};

enum {
	WITNESS_HEAD = 64 * 1024,       /* octets that it takes to tell */
	WITNESS_REPLY_MAX = 16 * 1024,  /* octets of a reply */
};

/* is_whole: the head is all there is. */
enum witness_form witness_form_of(struct span head, bool is_whole);

const char *witness_form_word(enum witness_form form);  /* "mail log" ... */

#endif
