#ifndef MXP_READER_H
#define MXP_READER_H

#include <stdint.h>

#include "probe/mail/header.h"

/*
 * Splits a message that comes in pieces of any size into its header section,
 * which is kept, and its body, which is handed on and not kept.
 *
 *      struct mail_reader reader;
 *
 *      mail_reader_init(&reader, arena);
 *      while (...)
 *              body = mail_reader_take(&reader, piece);
 *      mail_reader_end(&reader);
 *
 * A header section over HEADER_MAX is noted as HEADER_TOO_LARGE; the rest of
 * it is skipped, and the body begins behind it all the same.
 */
struct mail_reader {
	struct arena *arena;
	char *kept;             /* the section so far */
	size_t kept_len, kept_room;
	unsigned line_len;      /* of the line so far; 2 stands for more */
	bool is_cr_first;       /* it began with a CR */
	bool is_over_limit;
	bool is_in_body;
	uint64_t body_octets;   /* handed on so far */
	struct header header;   /* once is_in_body, or ended */
};

void mail_reader_init(struct mail_reader *reader, struct arena *arena);

/* The part of bytes that is body: often empty, always at the end of bytes. */
struct span mail_reader_take(struct mail_reader *reader, struct span bytes);

/* No more comes: without an empty line all of it was header. */
void mail_reader_end(struct mail_reader *reader);

/*
 * The same for a message that is whole: header, whose spans point into it,
 * and body.
 */
struct span mail_split(struct arena *arena, struct span message,
	struct header *header);

#endif
