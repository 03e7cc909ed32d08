#ifndef MXP_HEADER_CHANGE_H
#define MXP_HEADER_CHANGE_H

#include "probe/mail/canon.h"
#include "probe/mail/header.h"
#include "probe/policy/deviation.h"

/*
 * What lists, gateways and mailboxes do to a header field, undone: for each
 * field that a signature covers, the forms in which it may have been signed.
 * What a rewritten address was before cannot be known, unless another field
 * has kept it.
 */
enum { HEADER_CHANGES_MAX = 96 };

struct header_change {
	const char *id;         /* "subject-tag" */
	enum departs departs;
	const char *section;
	const char *fits;       /* "b= fits " the name, and this */
	size_t index;           /* of the field in the list */
	const struct header_field *field;       /* as it may have been;
				   NULL: it may not have been there */
};

struct header_changes {
	struct header_change rows[HEADER_CHANGES_MAX];
	size_t count;           /* what does not fit is left out */
};

/*
 * signed_fields: those that h= means, all of header.  Under simple more has
 * to be undone than under relaxed.
 */
struct signed_fields {
	const struct header *header;
	const struct header_field *const *fields;
	size_t count;
	enum canon canon;
};

void header_changes_list(struct arena *arena,
	const struct signed_fields *covered, struct header_changes *changes);

/* "tags before the Subject, ...": what all of it tries, for a report. */
extern const char header_changes_tried[];

#endif
