#ifndef MXP_CHECK_H
#define MXP_CHECK_H

#include <stdbool.h>

#include "probe/base/attr.h"
#include "probe/base/span.h"

/*
 * The closed vocabulary of what can be asked of a sender and a message.  The
 * receivers' profiles (profile.h) name these words, the preflight answers
 * each of them once (preflight.h), and a report shows them in this order.
 */
enum check {
	CHECK_SPF,              /* passes for this source and MAIL FROM */
	CHECK_DKIM,             /* the message has a signature that passes */
	CHECK_SPF_OR_DKIM,
	CHECK_DMARC_RECORD,     /* the From domain has one, p=none or more */
	CHECK_DMARC_ALIGNED,    /* SPF or DKIM passes for the From domain */
	CHECK_DMARC_POLICY,     /* the From domain itself does not ask to turn
				   this message away */
	CHECK_DKIM_KEY_BITS,    /* no RSA key under 1024; 2048 is advised */
	CHECK_FCRDNS,           /* PTR, and the way back from it */
	CHECK_PTR_NOT_GENERIC,
	CHECK_HELO,             /* our name leads to our address */
	CHECK_SOA,              /* MAIL FROM and From domains exist */
	CHECK_CAN_RECEIVE,      /* From or Reply-To takes mail */
	CHECK_DNSBL,            /* on none of the block lists asked */
	CHECK_TLS,
	CHECK_FORM,             /* RFC 5322 and RFC 5321, but for these: */
	CHECK_SINGLE_HEADERS,
	CHECK_FROM_COUNT,       /* one address in From */
	CHECK_MESSAGE_ID,
	CHECK_MIME,
	CHECK_HEADER_SIZE,
	CHECK_FROM_IMPERSONATION,       /* From: somebody else's domain that
					   is known to be guarded */
	CHECK_DISPLAY_NAME,
	CHECK_SUBJECT_HONEST,   /* Re: and Fwd: only where it is one */
	CHECK_SCRIPTS,          /* no mixed scripts in a domain */
	CHECK_ONE_CLICK,        /* RFC 8058, under a signature */
	CHECK_UNSUBSCRIBE,      /* one click, or at least a mailto */
	CHECK_ARC,              /* the chain of a forwarded message is whole */
	CHECK_SPAM_RATE,        /* nobody but the receiver knows it */
};
enum { CHECK_COUNT = CHECK_SPAM_RATE + 1 };

const char *check_word(enum check check);       /* "spf-or-dkim" */
const char *check_title(enum check check);      /* "SPF or DKIM" */
bool check_parse(struct span word, enum check *check) MXP_MUST_USE;

/* Is its answer the same from each of our addresses? */
bool check_is_of_message(enum check check);

#endif
