#ifndef MXP_COMMAND_H
#define MXP_COMMAND_H

#include "probe/smtp/address.h"
#include "probe/smtp/ehlo.h"

/*
 * Command lines, with CRLF, as RFC 5321 section 4.1.1 writes them.  Arguments
 * were checked when they were parsed; a CR or LF never gets this far.
 */
struct span command_ehlo(struct arena *arena, struct span name);
struct span command_helo(struct arena *arena, struct span name);

/*
 * MAIL FROM with the parameters that the message needs and the server has
 * announced: SIZE=, BODY=8BITMIME, SMTPUTF8.  `ehlo` or `body` NULL: none.
 */
struct command_body {
	size_t size;            /* octets with CRLF line ends; 0: unknown */
	bool is_8bit;
	bool is_utf8;           /* UTF-8 in the header: RFC 6532 */
};
struct span command_mail(struct arena *arena, const struct address *from,
	const struct ehlo *ehlo, const struct command_body *body);
struct span command_rcpt(struct arena *arena, const struct address *to);

#define COMMAND_STARTTLS SPAN("STARTTLS\r\n")
#define COMMAND_DATA     SPAN("DATA\r\n")
#define COMMAND_QUIT     SPAN("QUIT\r\n")

#endif
