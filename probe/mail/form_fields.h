#ifndef MXP_FORM_FIELDS_H
#define MXP_FORM_FIELDS_H

#include "probe/mail/form.h"

/*
 * What form.c has to say about single header fields: which must be there, how
 * often, and what must stand in them.
 */
struct form_findings {
	struct arena *arena;
	struct form form;               /* its header is complete */
	struct form_fault *faults;
	size_t room;
};

void form_found(struct form_findings *findings,
	const struct form_fault *fault);

void form_check_fields(struct form_findings *findings, int64_t now);

/* Content-Type and its company (form_mime.c). */
void form_check_mime(struct form_findings *findings);

/* No part or encoding says that the body has more than ASCII. */
bool form_body_is_7bit(const struct header *header);

#endif
