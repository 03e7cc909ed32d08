#ifndef MXP_HEADER_H
#define MXP_HEADER_H

#include "probe/base/arena.h"

/*
 * The header section of a message, cut into its fields.  Nothing is decoded
 * and nothing is changed: every span points into the bytes that were given,
 * which must outlive it.
 *
 *      field      = name *WSP ":" value line-end
 *      line-end   = CRLF / LF, unless the next line begins with SP or TAB
 *
 * RFC 5322 sections 2.2 and 4.5 (the obsolete white space before the colon).
 * The section ends at the first empty line, or where the bytes end.  Whatever
 * else stands in it is skipped; what was odd is noted, for the whole section
 * and for the field.  So reading never fails.
 */
enum {
	HEADER_MAX = 1024 * 1024,       /* octets; what follows is dropped */
	HEADER_FIELDS_MAX = 4096,       /* the others are dropped */
};

enum header_oddity {
	HEADER_BARE_LF = 1 << 0,        /* a line ends without CR */
	HEADER_BARE_CR = 1 << 1,        /* a CR without LF */
	HEADER_NUL = 1 << 2,
	HEADER_8BIT = 1 << 3,           /* a byte over 0x7f */
	HEADER_SPACE_BEFORE_COLON = 1 << 4,
	HEADER_BLANK_FOLD = 1 << 5,     /* a line of a field is only blanks */
	HEADER_MBOX_FROM = 1 << 6,      /* began with "From " or ">From ":
					   a mailbox's line, not the mail's */
	HEADER_NOT_A_FIELD = 1 << 7,    /* lines without a name, skipped */
	HEADER_NO_EMPTY_LINE = 1 << 8,  /* the bytes ended first */
	HEADER_TOO_LARGE = 1 << 9,      /* something was dropped */
};

struct header_field {
	struct span raw;        /* from the name to before the last line end;
				   folding is kept */
	struct span name;       /* as it is written, without the blanks that
				   may precede the colon */
	struct span value;      /* all that follows the colon */
	unsigned line;          /* of the message, from 1 */
	unsigned oddities;
};

struct header {
	const struct header_field *fields;      /* from the top down */
	size_t count;
	unsigned line_count;    /* the empty line included */
	unsigned oddities;
};

/* bytes: the section, with or without the empty line and what follows it. */
void header_parse(struct arena *arena, struct span bytes,
	struct header *header);

/*
 * The index of the first field of that name at `from` or below it;
 * header->count when there is none.  Case does not count.
 */
size_t header_find(const struct header *header, struct span name, size_t from);

/* The first field of that name, or NULL; and how many there are. */
const struct header_field *header_get(const struct header *header,
	struct span name);
size_t header_count(const struct header *header, struct span name);

/* The value as one line: folds opened (RFC 5322 section 2.2.3), trimmed. */
struct span header_unfold(struct arena *arena, struct span value);

/* "TLS-Required", 1*ftext of RFC 5322 section 3.6.8 */
bool header_name_is_valid(struct span name);

#endif
