#ifndef MXP_URI_H
#define MXP_URI_H

#include "probe/base/attr.h"
#include "probe/base/span.h"

/*
 * A URI as DMARC, TLSRPT and BIMI records hold them: where reports are to be
 * sent, where a picture is.  The syntax is that of RFC 3986, without looking
 * deeper into schemes than "mailto" and "https" need.  All spans lie in the
 * text that was given.
 */
struct uri {
	struct span text;
	struct span scheme;     /* without the colon; case as it was */
	struct span rest;       /* behind the colon; may be empty */
	struct span host;       /* of the mail address (RFC 6068), or of the
				   authority; empty when there is none */
};

/* False, with *why in words, when it is no URI at all. */
bool uri_parse(struct span text, struct uri *uri, const char **why)
	MXP_MUST_USE;

bool uri_has_scheme(const struct uri *uri, const char *scheme);

#endif
