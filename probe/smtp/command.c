#include "probe/smtp/command.h"

struct span command_ehlo(struct arena *arena, struct span name)
{
	return arena_print(arena, "EHLO %.*s\r\n", SPAN_ARG(name));
}

struct span command_helo(struct arena *arena, struct span name)
{
	return arena_print(arena, "HELO %.*s\r\n", SPAN_ARG(name));
}

/* " SIZE=1234", or nothing: RFC 1870 section 6. */
static struct span size_parameter(struct arena *arena, const struct ehlo *ehlo,
	const struct command_body *body)
{
	if (!ehlo->size || !body->size)
		return SPAN("");
	return arena_print(arena, " SIZE=%zu", body->size);
}

/* UTF-8 in the header is 8-bit as well; RFC 6531 section 3.1 item 8 has both
 * extensions announced together. */
static const char *body_parameter(
	const struct ehlo *ehlo, const struct command_body *body)
{
	if (!ehlo->eightbitmime || (!body->is_8bit && !body->is_utf8))
		return "";
	return " BODY=8BITMIME";
}

static const char *utf8_parameter(const struct ehlo *ehlo,
	const struct command_body *body, const struct address *from)
{
	if (!ehlo->smtputf8 || (!body->is_utf8 && !from->is_utf8))
		return "";
	return " SMTPUTF8";
}

struct span command_mail(struct arena *arena, const struct address *from,
	const struct ehlo *ehlo, const struct command_body *body)
{
	struct span path = address_print(arena, from);
	struct span size;

	if (!ehlo || !body)
		return arena_print(
			arena, "MAIL FROM:<%.*s>\r\n", SPAN_ARG(path));
	size = size_parameter(arena, ehlo, body);
	return arena_print(arena, "MAIL FROM:<%.*s>%.*s%s%s\r\n",
		SPAN_ARG(path), SPAN_ARG(size), body_parameter(ehlo, body),
		utf8_parameter(ehlo, body, from));
}

struct span command_rcpt(struct arena *arena, const struct address *to)
{
	struct span path = address_print(arena, to);

	return arena_print(arena, "RCPT TO:<%.*s>\r\n", SPAN_ARG(path));
}
