#include "pcap/talk.h"

/* clang-format off */
static const char *const words[SMTP_VERBS] = {
	[SMTP_OTHER] = "other",
	[SMTP_EHLO] = "EHLO",   [SMTP_HELO] = "HELO",   [SMTP_LHLO] = "LHLO",
	[SMTP_STARTTLS] = "STARTTLS",                   [SMTP_AUTH] = "AUTH",
	[SMTP_MAIL] = "MAIL",   [SMTP_RCPT] = "RCPT",   [SMTP_DATA] = "DATA",
	[SMTP_BDAT] = "BDAT",   [SMTP_RSET] = "RSET",   [SMTP_NOOP] = "NOOP",
	[SMTP_VRFY] = "VRFY",   [SMTP_EXPN] = "EXPN",   [SMTP_HELP] = "HELP",
	[SMTP_QUIT] = "QUIT",
};
/* clang-format on */

const char *smtp_verb_word(enum smtp_verb verb)
{
	return words[verb];
}

enum smtp_verb smtp_verb_of(struct span line)
{
	struct span word = span_cut(&line, ' ');

	word = span_part(word, 0, span_find(word, '\t'));
	while (word.len && word.at[word.len - 1] == '\r')
		word.len--;
	for (int i = SMTP_OTHER + 1; i < SMTP_VERBS; i++)
		if (span_is_nocase(word, span_of(words[i])))
			return (enum smtp_verb)i;
	return SMTP_OTHER;
}

const char *talk_word(const struct talk *talk)
{
	switch (talk->kind) {
	case TALK_REPLY:
		return "reply";
	case TALK_COMMAND:
		return smtp_verb_word(talk->line.verb);
	case TALK_ANSWER:
		return "AUTH";
	case TALK_BODY:
		return "end of data";
	case TALK_CHUNK:
		return "BDAT";
	case TALK_TLS:
		return "TLS";
	case TALK_HOLE:
		return "hole";
	case TALK_FRAGMENT:
		return "fragment";
	case TALK_JUNK:
		return "junk";
	}
	return "";
}
