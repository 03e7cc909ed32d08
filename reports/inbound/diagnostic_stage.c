#include "reports/inbound/diagnostic_stage.h"

/* The first row that fits wins, so what is particular stands above. */
/* clang-format off */
static const struct stage_row {
	const char *phrase;
	enum stage stage;
} stages[] = {
	/* Postfix */
	{ "in reply to end of data",             STAGE_DOT },
	{ "in reply to message body",            STAGE_DOT },
	{ "in reply to bdat",                    STAGE_DOT },
	{ "in reply to rcpt",                    STAGE_RCPT },
	{ "in reply to mail",                    STAGE_MAIL },
	{ "in reply to data",                    STAGE_DATA },
	{ "in reply to ehlo",                    STAGE_EHLO },
	{ "in reply to helo",                    STAGE_EHLO },
	{ "in reply to starttls",                STAGE_STARTTLS },
	{ "refused to talk to me",               STAGE_BANNER },
	{ "while receiving the initial server",  STAGE_BANNER },
	{ "while performing the ehlo",           STAGE_EHLO },
	{ "while performing the helo",           STAGE_EHLO },
	{ "while sending mail from",             STAGE_MAIL },
	{ "while sending rcpt to",               STAGE_RCPT },
	{ "while sending end of data",           STAGE_DOT },
	{ "while sending message body",          STAGE_DOT },
	{ "while sending data command",          STAGE_DATA },
	{ "tls is required",                     STAGE_STARTTLS },
	{ "cannot start tls",                    STAGE_TLS },
	{ "server certificate not",              STAGE_TLS },
	/* Exim */
	{ "after end of data",                   STAGE_DOT },
	{ "after end-of-data",                   STAGE_DOT },
	{ "after rcpt to",                       STAGE_RCPT },
	{ "after pipelined rcpt to",             STAGE_RCPT },
	{ "after mail from",                     STAGE_MAIL },
	{ "after pipelined mail from",           STAGE_MAIL },
	{ "after sending data block",            STAGE_DOT },
	{ "after data",                          STAGE_DATA },
	{ "after pipelined end of data",         STAGE_DOT },
	{ "after pipelined data",                STAGE_DATA },
	{ "after ehlo",                          STAGE_EHLO },
	{ "after helo",                          STAGE_EHLO },
	{ "after starttls",                      STAGE_STARTTLS },
	{ "after initial connection",            STAGE_BANNER },
	{ "unroutable address",                  STAGE_RESOLVE },
	/* qmail */
	{ "does not like recipient",             STAGE_RCPT },
	{ "sender was rejected",                 STAGE_MAIL },
	{ "greeting failed",                     STAGE_BANNER },
	{ "name was rejected",                   STAGE_EHLO },
	{ "failed on data command",              STAGE_DATA },
	{ "failed after i sent the message",     STAGE_DOT },
	{ "most progress was rcpt to",           STAGE_RCPT },
	{ "most progress was mail from",         STAGE_MAIL },
	{ "most progress was initial",           STAGE_BANNER },
	/* DragonFly */
	{ "did not like our final data",         STAGE_DOT },
	{ "did not like our rcpt to",            STAGE_RCPT },
	{ "did not like our mail from",          STAGE_MAIL },
	{ "did not like our data",               STAGE_DATA },
	{ "did not like our ehlo",               STAGE_EHLO },
	{ "did not like our helo",               STAGE_EHLO },
	/* others */
	{ "after rcpt command",                  STAGE_RCPT },
	{ "after mail command",                  STAGE_MAIL },
	{ "after data command",                  STAGE_DATA },
	{ "following rcpt command",              STAGE_RCPT },
	{ "following mail command",              STAGE_MAIL },
	{ "following data command",              STAGE_DATA },
	{ "hmailserver sent: rcpt to",           STAGE_RCPT },
	{ "hmailserver sent: mail from",         STAGE_MAIL },
	{ "rejected command 'rcpt to",           STAGE_RCPT },
	{ "rejected command 'mail from",         STAGE_MAIL },
	{ "rejected command 'ehlo",              STAGE_EHLO },
	{ "[rcpt_to]",                           STAGE_RCPT },
	{ "[mail_from]",                         STAGE_MAIL },
	{ "[data]",                              STAGE_DATA },
	{ "smtp:rcpt",                           STAGE_RCPT },
	{ "smtp:mail",                           STAGE_MAIL },
	{ "smtp:data",                           STAGE_DATA },
	{ ">>> rcpt to:",                        STAGE_RCPT },
	{ ">>> mail from:",                      STAGE_MAIL },
	/* no session at all */
	{ "unrouteable address",                 STAGE_RESOLVE },
	{ "domain does not exist",               STAGE_RESOLVE },
	{ "illegal host/domain",                 STAGE_RESOLVE },
	{ "unknown host",                        STAGE_RESOLVE },
	{ "invalid domain",                      STAGE_RESOLVE },
	{ "dns error:",                          STAGE_RESOLVE },
	{ "host not found",                      STAGE_RESOLVE },
	{ "host unknown",                        STAGE_RESOLVE },
	{ "domain name not found",               STAGE_RESOLVE },
	{ "host name lookup",                    STAGE_RESOLVE },
	{ "find any host named",                 STAGE_RESOLVE },
	{ "no mx found",                         STAGE_RESOLVE },
	{ "name service error",                  STAGE_RESOLVE },
	{ "does not accept mail (nullmx)",       STAGE_RESOLVE },
	{ "connection refused",                  STAGE_CONNECT },
	{ "connection timed out",                STAGE_CONNECT },
	{ "operation timed out",                 STAGE_CONNECT },
	{ "network is unreachable",              STAGE_CONNECT },
	{ "no route to host",                    STAGE_CONNECT },
	{ "establish an smtp connection",        STAGE_CONNECT },
	{ "unable to connect to",                STAGE_CONNECT },
};

static const char *const given_up[] = {
	"in the queue too long",
	"retry timeout exceeded",
	"delivery time expired",
	"delivery expired",
	"message expired",
	"envelope expired",
	"could not be delivered for",
	"could not deliver for the last",
	"will be deleted from queue",
	"queue lifetime",
	"too old",
	"failing for a long time",
};
/* clang-format on */

/*
 * Once a server has replied, words about the network are its own.  Sendmail
 * gives its own findings the form of a reply, "550 Host unknown", and says so
 * right behind the code.
 */
static bool is_sendmails(const struct folded_text *folded)
{
	static const char *const words[] = { "host unknown",
		"5.1.2 host unknown" };
	struct span text = { folded->room, folded->len };

	if (!reply_code_at(text))
		return false;
	text = span_part(text, 4, text.len);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_starts_nocase(text, span_of(words[i])))
			return true;
	return false;
}

/* See log_exim.c: Exim takes the one for the other. */
static bool is_connect_or_banner(const struct folded_text *folded)
{
	return folded_text_find(folded, "timeout after initial connection",
		       0) != folded->len;
}

void diagnostic_find_stage(
	const struct folded_text *folded, struct diagnostic *diagnostic)
{
	if (is_connect_or_banner(folded))
		return;
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		if (diagnostic->code && stages[i].stage <= STAGE_CONNECT &&
			!is_sendmails(folded))
			continue;
		if (folded_text_find(folded, stages[i].phrase, 0) ==
			folded->len)
			continue;
		diagnostic->has_stage = true;
		diagnostic->stage = stages[i].stage;
		diagnostic->may_be_earlier = stages[i].stage >= STAGE_DATA &&
					     strstr(stages[i].phrase,
						     "after pipelined ");
		return;
	}
}

bool diagnostic_gives_up(const struct folded_text *folded)
{
	return folded_text_has(folded, given_up, COUNT_OF(given_up));
}
