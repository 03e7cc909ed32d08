#ifndef MXP_IDENTITY_H
#define MXP_IDENTITY_H

#include "probe/policy/dkim.h"
#include "probe/policy/dmarc.h"
#include "probe/policy/spf.h"

/*
 * Who we are to the receiver of one visit: what it can work out from the
 * source address that the kernel really used, our EHLO name, MAIL FROM and the
 * message.  Evaluated by ourselves, over the same DNS; what is still OPEN at
 * the end could not be worked out.
 */
struct identity {
	bool has_spf;                   /* the walk had a MAIL FROM */
	bool is_helo;                   /* MAIL FROM was <>: SPF is about our
					   EHLO name (RFC 7208 section 2.4) */
	struct spf_check spf;
	const struct dkim_message *message;     /* as sent; NULL: no message */
	struct dkim_checks dkim;
	struct span from_domain;        /* of its From; empty: not one alone */
	bool has_dmarc;                 /* from_domain is not empty */
	struct dmarc_check dmarc;
};

#endif
