#include "probe/walk/line.h"

#include "probe/smtp/command.h"

static bool is_null_path(struct span mailbox)
{
	return mailbox.len == 0;
}

static bool mailbox_of(
	struct dialogue *dialogue, struct span text, struct address *address)
{
	const char *why;

	*address = (struct address){ .local = SPAN(""), .domain = SPAN("") };
	return is_null_path(text) || address_parse(dialogue->arena, text,
					     ADDRESS_LENIENT, address, &why);
}

/*
 * What the server has not announced must not be used: RFC 1870 section 6.1,
 * RFC 6152, RFC 6531 section 3.4.  NULL when nothing stands in the way.
 */
static const char *limit_met(const struct dialogue *dialogue,
	const struct address *address, struct span *figures)
{
	const struct message *message = dialogue->message;
	const struct ehlo *ehlo = &dialogue->visit->ehlo;

	*figures = SPAN("");
	if (address->is_utf8 && !ehlo->smtputf8)
		return "the mailbox needs SMTPUTF8 (RFC 6531), which the "
		       "server does not announce";
	if (!message)
		return NULL;
	if (message->is_utf8_header && !ehlo->smtputf8)
		return "the message has UTF-8 in its header and needs "
		       "SMTPUTF8 (RFC 6531), which the server does not "
		       "announce";
	if (message->is_8bit && !ehlo->eightbitmime)
		return "the message has 8-bit text and needs 8BITMIME (RFC "
		       "6152), which the server does not announce";
	if (!ehlo->size || !ehlo->size_max || message->size <= ehlo->size_max)
		return NULL;
	*figures = arena_print(dialogue->arena, ": %zu octets, SIZE %llu",
		message->size, ehlo->size_max);
	return "the message is larger than the server takes (RFC 1870)";
}

static struct span mail_line(
	struct dialogue *dialogue, const struct address *from)
{
	const struct message *message = dialogue->message;
	struct command_body body = { 0 };

	if (message)
		body = (struct command_body){ message->size, message->is_8bit,
			message->is_utf8_header };
	return command_mail(dialogue->arena, from,
		dialogue->visit->has_ehlo ? &dialogue->visit->ehlo : NULL,
		&body);
}

/* An EHLO name left open is our address as a literal, RFC 5321 4.1.4. */
static struct span own_name(struct dialogue *dialogue, const struct step *step)
{
	struct visit *visit = dialogue->visit;
	char room[IP_TEXT_MAX];

	if (step->argument.len || !visit->source.is_known)
		visit->ehlo_name = step->argument.len
					   ? step->argument
					   : SPAN("localhost.localdomain");
	else
		visit->ehlo_name = arena_print(dialogue->arena, "[%s%s]",
			visit->source.ip.family == FAMILY_IPV6 ? "IPv6:" : "",
			ip_print(&visit->source.ip, room));
	return visit->ehlo_name;
}

struct span line_print(struct dialogue *dialogue, const struct step *step,
	const struct address *address)
{
	switch (step->verb) {
	case STEP_CONNECT:
	case STEP_BANNER:
		break;
	case STEP_EHLO:
		return command_ehlo(dialogue->arena, own_name(dialogue, step));
	case STEP_STARTTLS:
		return COMMAND_STARTTLS;
	case STEP_MAIL:
		return mail_line(dialogue, address);
	case STEP_RCPT:
		return command_rcpt(dialogue->arena, address);
	case STEP_DATA:
		return COMMAND_DATA;
	case STEP_DOT:
		return dialogue->message->wire;
	case STEP_QUIT:
		return COMMAND_QUIT;
	}
	return SPAN("");
}

const char *line_obstacle(struct dialogue *dialogue, const struct step *step,
	struct address *address, struct span *figures)
{
	*figures = SPAN("");
	if (step->verb != STEP_MAIL && step->verb != STEP_RCPT)
		return NULL;
	if (!mailbox_of(dialogue, step->argument, address))
		return "the mailbox does not parse";
	return limit_met(dialogue, address, figures);
}
