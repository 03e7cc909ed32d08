#include "probe/policy/check.h"

/* clang-format off */
static const struct check_row {
	const char *word, *title;
	bool is_of_message;
} rows[] = {
	[CHECK_SPF]                = { "spf", "SPF", false },
	[CHECK_DKIM]               = { "dkim", "DKIM", true },
	[CHECK_SPF_OR_DKIM]        = { "spf-or-dkim", "SPF or DKIM", false },
	[CHECK_DMARC_RECORD]       = { "dmarc-record", "DMARC record", true },
	[CHECK_DMARC_ALIGNED]      = { "dmarc-aligned", "DMARC alignment", false },
	[CHECK_DMARC_POLICY]       = { "dmarc-policy", "DMARC policy", false },
	[CHECK_DKIM_KEY_BITS]      = { "dkim-key-bits", "DKIM key", true },
	[CHECK_FCRDNS]             = { "fcrdns", "PTR and back", false },
	[CHECK_PTR_NOT_GENERIC]    = { "ptr-not-generic", "PTR of its own", false },
	[CHECK_HELO]               = { "helo", "EHLO name", false },
	[CHECK_SOA]                = { "soa", "domains exist", true },
	[CHECK_CAN_RECEIVE]        = { "can-receive", "takes answers", true },
	[CHECK_DNSBL]              = { "dnsbl", "block lists", false },
	[CHECK_TLS]                = { "tls", "TLS", true },
	[CHECK_FORM]               = { "form", "RFC 5322 form", true },
	[CHECK_SINGLE_HEADERS]     = { "single-headers", "single headers", true },
	[CHECK_FROM_COUNT]         = { "from-count", "one From address", true },
	[CHECK_MESSAGE_ID]         = { "message-id", "Message-ID", true },
	[CHECK_MIME]               = { "mime", "MIME", true },
	[CHECK_HEADER_SIZE]        = { "header-size", "header size", true },
	[CHECK_FROM_IMPERSONATION] = { "from-impersonation", "Gmail in From", true },
	[CHECK_DISPLAY_NAME]       = { "display-name", "display name", true },
	[CHECK_SUBJECT_HONEST]     = { "subject-honest", "Re and Fwd", true },
	[CHECK_SCRIPTS]            = { "scripts", "domain scripts", true },
	[CHECK_ONE_CLICK]          = { "one-click", "one click", true },
	[CHECK_UNSUBSCRIBE]        = { "unsubscribe", "unsubscribe", true },
	[CHECK_ARC]                = { "arc", "ARC", true },
	[CHECK_SPAM_RATE]          = { "spam-rate", "spam rate", true },
};
/* clang-format on */

_Static_assert(COUNT_OF(rows) == CHECK_COUNT, "a check, a row");

const char *check_word(enum check check)
{
	return rows[check].word;
}

const char *check_title(enum check check)
{
	return rows[check].title;
}

bool check_parse(struct span word, enum check *check)
{
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (!span_is(word, span_of(rows[i].word)))
			continue;
		*check = (enum check)i;
		return true;
	}
	return false;
}

bool check_is_of_message(enum check check)
{
	return rows[check].is_of_message;
}
