#include "reports/inbound/bounce_signs.h"

#include "reports/inbound/folded_text.h"

enum { SIGN_WORDS_MAX = 2000 }; /* octets at the start that are looked at */

static const char *const senders[] = { "mailer-daemon", "mailer daemon",
	"mailerdaemon", "postmaster", "post_master", "mail delivery",
	"mail.delivery", "mail deliver", "delivery system",
	"delivery subsystem", "system administrator", "mail administrator",
	"mailsystem", "mail system", "mdaemon@", "maildaemon", "mailer@",
	"bounces@", "bounce-notification" };

static const char *const subjects[] = { "undeliver", "returned mail",
	"return mail", "failure notice", "delivery status", "delivery failure",
	"delivery failed", "mail failure", "could not send",
	"could not be delivered", "cannot be delivered", "mail delivery",
	"delivery notification", "delivery report", "non-delivery",
	"nondeliver", "non delivery", "not delivered", "not deliver",
	"delivery problem", "delivery error", "delivery has failed",
	"failed delivery", "failure delivery", "failed mail", "mail error",
	"mail system error", "returning message", "returned to sender",
	"return to sender", "error sending your", "delivery delayed",
	"delivery warning", "message delayed", "bounce", "unzustellbar",
	"sending failed", "user unknown", "rejected", "undelivered" };

static const char *const words_of_failure[] = { "not be delivered",
	"n't be delivered", "cannot be delivered", "be delivered to one",
	"could not be sent", "unable to deliver", "able to deliver",
	"not delivered", "not been delivered", "was blocked by",
	"delivery failed", "delivery has failed", "delivery of your message",
	"delivery to the following", "not reach", "undeliverable",
	"fatal errors", "delivery problems", "delivery errors",
	"delivery error", "returned mail", "delivery failure",
	"failed to deliver", "error delivering", "failure delivering",
	"trouble delivering", "problem delivering", "delivering your m",
	"failure reasons", "permanent failure", "permanent error",
	"failed permanently", "attempting to deliver", "trying to deliver",
	"could not deliver", "non-delivery", "an error has occurred while",
	"is delayed", "invalid user address", "has been rejected by",
	"was rejected by" };

static const char *const words_of_lists[] = {
	"not a member of this mailing list", "not allowed to post to this",
	"not authorized to post to", "posts from non-members",
	"non-members are not allowed", "only members can post",
	"only subscribers", "not subscribed to this"
};

static const char *const away_subjects[] = { "auto reply", "autoreply",
	"auto-reply", "automatic reply", "auto response", "autoresponse",
	"auto-response", "out of office", "out of the office", "vacation",
	"away from", "auto:", "abwesen", "on leave", "on holiday",
	"automatische antwort", "r\xc3\xa9ponse automatique" };

static const char *const away_fields[] = { "X-Autoreply", "X-Autorespond",
	"X-Autoresponse", "X-Autoreply-From", "X-Mail-Autoreply" };

/* One text, and a list of phrases; a folded text is large for a stack. */
static bool has_one(struct folded_text *folded, struct span text,
	const char *const *words, size_t count)
{
	folded_text_read(folded, span_part(text, 0, SIGN_WORDS_MAX));
	return folded_text_has(folded, words, count);
}

static struct span raw(const struct header *header, struct span name)
{
	const struct header_field *field = header_get(header, name);

	return field ? span_part(field->value, 0, SIGN_WORDS_MAX) : SPAN("");
}

static bool has_away_field(const struct header *header)
{
	for (size_t i = 0; i < COUNT_OF(away_fields); i++)
		if (header_get(header, span_of(away_fields[i])))
			return true;
	return false;
}

static bool is_null_path(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_space(value.at[i]) &&
			!memchr("<>", value.at[i], 2))
			return false;
	return span_find(value, '<') < value.len;
}

static unsigned signs_of_sender(
	const struct header *header, struct folded_text *folded)
{
	struct span from = raw(header, SPAN("From"));
	struct span path = raw(header, SPAN("Return-Path"));
	unsigned signs = is_null_path(path) ? SIGN_NULL_PATH : 0;

	if (has_one(folded, from, senders, COUNT_OF(senders)) ||
		has_one(folded, path, senders, 1))
		signs |= SIGN_SENDER;
	return signs;
}

unsigned bounce_signs(
	struct arena *arena, const struct header *header, struct span words)
{
	struct span subject = mail_field(arena, header, SPAN("Subject"));
	struct folded_text folded;
	unsigned signs = signs_of_sender(header, &folded);

	if (has_one(&folded, subject, subjects, COUNT_OF(subjects)))
		signs |= SIGN_SUBJECT;
	if (folded_text_has(&folded, away_subjects, COUNT_OF(away_subjects)) ||
		has_away_field(header))
		signs |= SIGN_AWAY;
	if (header_get(header, SPAN("X-Failed-Recipients")))
		signs |= SIGN_FAILED_FIELD;
	if (has_one(&folded, words, words_of_failure,
		    COUNT_OF(words_of_failure)))
		signs |= SIGN_WORDS;
	if (folded_text_has(&folded, words_of_lists, COUNT_OF(words_of_lists)))
		signs |= SIGN_LIST | SIGN_WORDS;
	return signs;
}
