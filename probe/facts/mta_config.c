#include "probe/facts/mta_config.h"

static const struct {
	const char *word, *name;
} words[MTA_COUNT] = {
	[MTA_POSTFIX] = { "postfix", "Postfix" },
	[MTA_SENDMAIL] = { "sendmail", "Sendmail" },
	[MTA_EXIM] = { "exim", "Exim" },
	[MTA_OPENSMTPD] = { "opensmtpd", "OpenSMTPD" },
};

const char *mta_word(enum mta mta)
{
	return words[mta].word;
}

const char *mta_name(enum mta mta)
{
	return words[mta].name;
}

bool mta_find(struct span word, enum mta *mta)
{
	for (size_t i = 0; i < MTA_COUNT; i++)
		if (span_is_nocase(word, span_of(words[i].word))) {
			*mta = (enum mta)i;
			return true;
		}
	return false;
}

/*
 * Postfix: postconf(5), since 3.3.  Exim: IPv6 stands before IPv4 in what a
 * host has, and hosts_max_try is 5.  Sendmail asks for IPv6 first.  OpenSMTPD
 * promises no order.
 */
void mta_config_init(struct mta_config *config, enum mta mta)
{
	*config = (struct mta_config){ .mta = mta,
		.uses = { true, true },
		.prefers = MTA_PREFERS_NEITHER,
		.randomizes = true };
	switch (mta) {
	case MTA_POSTFIX:
		config->balances = true;
		config->address_limit = 5;
		config->session_limit = 2;
		config->skips_5xx_greeting = true;
		break;
	case MTA_EXIM:
		config->prefers = MTA_PREFERS_IPV6;
		config->address_limit = 5;
		break;
	case MTA_SENDMAIL:
		config->prefers = MTA_PREFERS_IPV6;
		break;
	case MTA_OPENSMTPD:
		break;
	}
}
