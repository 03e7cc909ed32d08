#ifndef MXP_FORM_H
#define MXP_FORM_H

#include <stdint.h>

#include "probe/mail/header.h"
#include "probe/mail/mailbox_list.h"

/*
 * The form of a message: does it keep to RFC 5322 and RFC 5321, as far as
 * receivers are known to look?  It is read once, in pieces of any size; the
 * header section is kept, the body is not.  Every departure is a fault with
 * the line it stands on and a sentence.
 */
enum form_kind {
	FORM_MISSING,           /* RFC 5322, 3.6: a field that must be there */
	FORM_DUPLICATE,         /* 3.6: a field that may be there once */
	FORM_EMPTY,             /* a field without its value */
	FORM_NOT_A_FIELD,       /* 2.2: a line in the header that is none */
	FORM_SPACE_BEFORE_COLON,        /* 4.5: obsolete */
	FORM_MBOX_LINE,         /* a mailbox's "From " line above the header */
	FORM_ADDRESS,           /* 3.4: no address list */
	FORM_OBSOLETE_ADDRESS,  /* 4.4 */
	FORM_FROM_SEVERAL,      /* 3.6.2: allowed, refused by Google */
	FORM_FROM_GROUP,        /* RFC 6854: a group in From */
	FORM_SENDER_NEEDED,     /* 3.6.2: From has several, Sender is absent */
	FORM_SENDER_SEVERAL,    /* 3.6.2: Sender is one mailbox */
	FORM_MESSAGE_ID,        /* 3.6.4: no msg-id */
	FORM_DATE,              /* 3.3: no date */
	FORM_DATE_FAR,          /* far from the present */
	FORM_DATE_ODD,          /* 3.3, 4.3: wrong weekday, obsolete */
	FORM_RAW_8BIT,          /* RFC 6532: needs SMTPUTF8, or is not UTF-8 */
	FORM_HEADER_LARGE,      /* more than relays are known to take */
	FORM_LINE_TOO_LONG,     /* 2.1.1: over 998 octets */
	FORM_LINE_LONG,         /* 2.1.1: over 78 characters */
	FORM_BARE_CR,           /* 2.3 */
	FORM_BARE_LF,           /* 2.3 */
	FORM_NUL,               /* 2.2, 4: only in obsolete mail */
	FORM_NO_BODY,           /* 2.1: allowed, looks like spam */
	FORM_MIME_VERSION,      /* RFC 2045, 4 */
	FORM_CONTENT_TYPE,      /* RFC 2045, 5.1; RFC 2046, 5.1.1 */
	FORM_ENCODING,          /* RFC 2045, 6.1 and 6.4 */
	FORM_BODY_8BIT,         /* RFC 2045, 2.8: 8-bit text called 7-bit */
};
enum { FORM_KIND_COUNT = FORM_BODY_8BIT + 1 };

enum form_weight {
	FORM_BROKEN,            /* receivers refuse it for this */
	FORM_ODD,               /* not as it should be; it arrives */
};

enum {
	FORM_FAULTS_MAX = 100,          /* kept; the others are counted */
	FORM_LINE_MAX = 998,            /* octets: RFC 5322, 2.1.1 */
	FORM_LINE_SHOULD = 78,          /* characters */
	FORM_HEADER_SHOULD = 100 * 1024,        /* octets: Postfix' default
						   header_size_limit */
	FORM_DATE_PAST = 7 * 86400,     /* seconds: older looks forged */
	FORM_DATE_FUTURE = 86400,
};

struct form_fault {
	enum form_kind kind;
	enum form_weight weight;
	struct span field;      /* "From"; empty: not of one field */
	uint64_t line;          /* from 1, where it is first seen; 0: nowhere */
	uint64_t count;         /* how many there are of it */
	struct span why;        /* one sentence; quotes nothing foreign */
};

struct form {
	struct header header;
	const struct form_fault *faults;        /* those of lines last */
	size_t fault_count;
	uint64_t fault_total;
	bool is_broken;                 /* one of them is FORM_BROKEN */

	struct mailbox_list from;       /* what could be read of it */
	struct span subject;            /* decoded, on one line */
	bool is_answer;                 /* has In-Reply-To or References */
	int64_t date;                   /* seconds since 1970; 0: not read */
	uint64_t octets, body_octets, line_count;
	uint64_t longest;               /* octets of a line */
	bool has_local_ends;            /* every line ends with a bare LF: a
					   file, not what would be sent; that
					   is no fault */
};

struct form_reader;

struct form_reader *form_reader_open(struct arena *arena);
void form_reader_take(struct form_reader *reader, struct span bytes);

/* now: seconds since 1970, or 0 for not looking at the age of the date. */
const struct form *form_reader_end(struct form_reader *reader, int64_t now);

/* The same for a message that is in memory. */
const struct form *form_of(struct arena *arena, struct span message,
	int64_t now);

const char *form_kind_word(enum form_kind kind);        /* "bare-lf" */
const char *form_kind_section(enum form_kind kind);     /* "RFC 5322, 3.6" */

#endif
