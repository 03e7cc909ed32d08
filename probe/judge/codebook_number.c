#include "probe/judge/codebook_rows.h"

/*
 * What a status says by itself (RFC 3463 section 3, RFC 5248's registry, RFC
 * 7372, RFC 7505, RFC 6710), where a row of 4 or 5 holds for that class only.
 * What a code says (RFC 5321 section 4.2.3, RFC 4954, RFC 3207) comes after
 * it: many servers send 550 for anything.
 */
static const struct by_status {
	unsigned class, subject, detail;
	struct codebook_by_number says;
} by_status[] = {
	/* clang-format off */
	{ 0, 1, 0, { "mailbox-unknown", "Something is wrong with the recipient's address." } },
	{ 0, 1, 1, { "mailbox-unknown", "The mailbox does not exist." } },
	{ 0, 1, 2, { "dns", "The recipient's domain does not exist or takes no mail." } },
	{ 0, 1, 3, { "protocol", "The recipient's address is not well-formed." } },
	{ 0, 1, 4, { "mailbox-unknown", "The recipient's address stands for several mailboxes." } },
	{ 0, 1, 6, { "mailbox-moved", "The mailbox has moved." } },
	{ 0, 1, 7, { "sender-rejected", "The sender's address is not well-formed." } },
	{ 0, 1, 8, { "sender-rejected", "The sender's domain does not exist or takes no mail." } },
	{ 0, 1, 9, { "temporary-system", "The message went on to a system that speaks no SMTP." } },
	{ 0, 1, 10, { "dns", "The recipient's domain takes no mail (null MX)." } },
	{ 0, 2, 0, { "mailbox-restricted", "Something is wrong with the mailbox." } },
	{ 0, 2, 1, { "mailbox-disabled", "The mailbox is disabled." } },
	{ 0, 2, 2, { "mailbox-full", "The mailbox is full." } },
	{ 0, 2, 3, { "size", "The message is larger than the mailbox takes." } },
	{ 0, 2, 4, { "permanent-system", "The mailing list could not be expanded." } },
	{ 4, 3, 0, { "temporary-system", "The receiving system is in trouble." } },
	{ 5, 3, 0, { "permanent-system", "The receiving system failed." } },
	{ 0, 3, 1, { "temporary-system", "The receiving system's disk is full." } },
	{ 0, 3, 2, { "temporary-system", "The receiving system takes no mail at present." } },
	{ 0, 3, 3, { "permanent-system", "The receiving system lacks a feature." } },
	{ 0, 3, 4, { "size", "The message is too large for the system." } },
	{ 0, 3, 5, { "permanent-system", "A system is wrongly configured." } },
	{ 0, 4, 0, { "network", "Something is wrong with the network or the routing." } },
	{ 0, 4, 1, { "network", "The host did not answer." } },
	{ 0, 4, 2, { "network", "The connection was lost." } },
	{ 0, 4, 3, { "dns", "A directory or the DNS did not answer." } },
	{ 0, 4, 4, { "dns", "There is no route to the recipient's domain." } },
	{ 0, 4, 5, { "temporary-system", "The receiving system is congested." } },
	{ 0, 4, 6, { "loop", "The message went round in a circle." } },
	{ 0, 4, 7, { "expired", "The message was tried for too long." } },
	{ 0, 5, 0, { "protocol", "The dialogue went wrong." } },
	{ 0, 5, 1, { "protocol", "The command is not valid." } },
	{ 0, 5, 2, { "protocol", "The command is not well-formed." } },
	{ 0, 5, 3, { "rate-limit", "The message has too many recipients." } },
	{ 0, 5, 4, { "protocol", "An argument of the command is not valid." } },
	{ 0, 5, 5, { "protocol", "The version of the protocol is wrong." } },
	{ 0, 5, 6, { "protocol", "The exchange of the login was too long." } },
	{ 0, 6, 0, { "rfc-compliance", "Something is wrong with the message's content." } },
	{ 0, 6, 1, { "content-policy", "The kind of content is not taken." } },
	{ 0, 6, 2, { "rfc-compliance", "The content would have to be converted, and may not be." } },
	{ 0, 6, 3, { "rfc-compliance", "The content would have to be converted, and cannot be." } },
	{ 0, 6, 5, { "rfc-compliance", "The content could not be converted." } },
	{ 0, 6, 6, { "rfc-compliance", "The content is not there." } },
	{ 0, 6, 7, { "protocol", "An address that is not ASCII is not taken." } },
	{ 0, 6, 8, { "protocol", "A reply that is not ASCII would be needed." } },
	{ 0, 6, 9, { "rfc-compliance", "A header that is not ASCII cannot be passed on." } },
	{ 0, 7, 0, { "local-policy", "A rule refuses the message and is not told." } },
	{ 0, 7, 1, { "local-policy", "A rule refuses the delivery and is not told." } },
	{ 0, 7, 2, { "mailbox-restricted", "The sender may not write to this list or group." } },
	{ 0, 7, 3, { "permanent-system", "A conversion for security would be needed." } },
	{ 0, 7, 4, { "smtp-auth-required", "A security feature is not supported." } },
	{ 0, 7, 5, { "permanent-system", "Something failed in cryptography." } },
	{ 0, 7, 6, { "permanent-system", "An algorithm is not supported." } },
	{ 0, 7, 7, { "auth-any", "The message was changed on its way." } },
	{ 0, 7, 8, { "smtp-auth-required", "The login was refused." } },
	{ 0, 7, 9, { "smtp-auth-required", "The way of logging in is too weak." } },
	{ 0, 7, 10, { "tls-required", "TLS is needed." } },
	{ 0, 7, 11, { "tls-required", "The login needs TLS." } },
	{ 0, 7, 12, { "smtp-auth-required", "The password has to be changed first." } },
	{ 0, 7, 13, { "mailbox-disabled", "The account is disabled." } },
	{ 0, 7, 14, { "smtp-auth-required", "The submission server is not trusted." } },
	{ 0, 7, 15, { "rate-limit", "The message's priority is too low at present." } },
	{ 0, 7, 16, { "size", "The message is too large for its priority." } },
	{ 0, 7, 17, { "mailbox-moved", "The mailbox has another owner now." } },
	{ 0, 7, 18, { "mailbox-moved", "The domain has another owner now." } },
	{ 0, 7, 19, { "permanent-system", "The mailbox's owner could not be checked." } },
	{ 0, 7, 20, { "dkim", "No DKIM signature passes." } },
	{ 0, 7, 21, { "dkim", "No DKIM signature that counts here passes." } },
	{ 0, 7, 22, { "dkim", "No DKIM signature is the author's." } },
	{ 0, 7, 23, { "spf", "SPF fails." } },
	{ 0, 7, 24, { "spf", "SPF could not be evaluated." } },
	{ 0, 7, 25, { "reverse-dns", "The reverse DNS of the sending address fails." } },
	{ 0, 7, 26, { "auth-any", "Several checks of who sent the message fail." } },
	{ 0, 7, 27, { "sender-rejected", "The sender's domain takes no mail (null MX)." } },
	{ 0, 7, 28, { "rate-limit", "The message is part of a flood." } },
	{ 0, 7, 29, { "arc", "The ARC chain fails." } },
	{ 0, 7, 30, { "tls-required", "The message asks for TLS all the way, which this server cannot promise." } },
	/* clang-format on */
};

static const struct by_code {
	unsigned code;
	struct codebook_by_number says;
} by_code[] = {
	/* clang-format off */
	{ 421, { "temporary-system", "The server closes the connection; it may take mail later." } },
	{ 432, { "smtp-auth-required", "The password has to be changed first." } },
	{ 451, { "temporary-system", "The receiving system is in trouble." } },
	{ 452, { "temporary-system", "The receiving system lacks room." } },
	{ 454, { "tls-required", "TLS or the login is not available at present." } },
	{ 455, { "protocol", "The server cannot take the parameters at present." } },
	{ 500, { "protocol", "The server did not understand the command." } },
	{ 501, { "protocol", "The server did not understand the argument." } },
	{ 502, { "protocol", "The server does not have the command." } },
	{ 503, { "protocol", "The command came at the wrong time." } },
	{ 504, { "protocol", "The server does not have the parameter." } },
	{ 521, { "dns", "The host takes no mail." } },
	{ 523, { "size", "The message is too large." } },
	{ 530, { "smtp-auth-required", "The server wants a login first." } },
	{ 534, { "smtp-auth-required", "The way of logging in is too weak." } },
	{ 535, { "smtp-auth-required", "The login was refused." } },
	{ 538, { "tls-required", "The login needs TLS." } },
	{ 551, { "mailbox-moved", "The mailbox is elsewhere." } },
	{ 552, { "mailbox-full", "The storage is exceeded." } },
	{ 555, { "protocol", "The server does not know the parameters of MAIL or RCPT." } },
	{ 556, { "dns", "The domain takes no mail." } },
	/* clang-format on */
};

struct codebook_by_number codebook_by_number(
	unsigned code, const unsigned status[3])
{
	for (size_t i = 0; i < COUNT_OF(by_status) && status[0]; i++) {
		const struct by_status *row = &by_status[i];

		if ((!row->class || row->class == status[0]) &&
			row->subject == status[1] && row->detail == status[2])
			return row->says;
	}
	for (size_t i = 0; i < COUNT_OF(by_code); i++)
		if (by_code[i].code == code)
			return by_code[i].says;
	if (code / 100 == 4 || (!code && status[0] == 4))
		return (struct codebook_by_number){ "unknown",
			"The server may take it later; why is not told." };
	if (code / 100 == 5 || (!code && status[0] == 5))
		return (struct codebook_by_number){ "unknown",
			"The server will not take it; why is not told." };
	return (struct codebook_by_number){ "unknown",
		"Neither the words nor a number say anything." };
}
