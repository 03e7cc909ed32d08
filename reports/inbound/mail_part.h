#ifndef MXP_MAIL_PART_H
#define MXP_MAIL_PART_H

#include "probe/mail/header.h"
#include "probe/mail/media_type.h"

/*
 * A mail taken apart: the leaves of its MIME tree in their order, each
 * decoded, text as UTF-8.  What is inside a message that is enclosed stays
 * one leaf.
 *
 * Mail systems write bad MIME: boundaries that the header does not name, parts
 * without a type, a delivery status that calls itself text.  A boundary is
 * found by its look when it has to be, and the kind of a part by what stands
 * in it.  So reading never fails; the limits cut silently.
 */
enum part_kind {
	PART_TEXT,
	PART_HTML,
	PART_STATUS,            /* message/delivery-status, RFC 3464 */
	PART_FEEDBACK,          /* message/feedback-report, RFC 5965 */
	PART_MESSAGE,           /* message/rfc822: header and body; a file
				   *.eml */
	PART_HEADERS,           /* text/rfc822-headers */
	PART_OTHER,             /* an attachment: not decoded */
};

enum {
	PART_DEPTH_MAX = 8,     /* of multiparts in each other */
	PARTS_MAX = 128,
	PART_TEXT_MAX = 256 * 1024,     /* octets of a text that are read */
};

struct mail_part {
	enum part_kind kind;
	struct media_type type;         /* as written; empty: none */
	struct span coding;             /* Content-Transfer-Encoding: of an
					   attachment for transfer_decode(),
					   of the others it has been undone */
	struct span content;
};

struct mail_parts {
	struct header header;           /* of the mail itself */
	struct media_type type;
	struct mail_part *parts;
	size_t count;
};

void mail_parts_read(struct arena *arena, struct span message,
	struct mail_parts *mail);

/* The first part of a kind; NULL: there is none. */
const struct mail_part *mail_part_of(const struct mail_parts *mail,
	enum part_kind kind);

/* The value of a field as a reader sees it, UTF-8; empty: there is none. */
struct span mail_field(struct arena *arena, const struct header *header,
	struct span name);

#endif
