#include "pcap/session_record.h"

/* clang-format off */
static const char *const modes[] = {
	[SESSION_EMPTY] = "empty",
	[SESSION_PLAIN] = "plain",
	[SESSION_STARTTLS] = "starttls",
	[SESSION_IMPLICIT_TLS] = "implicit-tls",
	[SESSION_TLS_TO_PLAIN] = "tls-to-plain-server",
};

static const char *const ends[] = {
	[SESSION_END_OPEN] = "open",
	[SESSION_END_CLOSED] = "closed",
	[SESSION_END_HALF_CLOSED] = "half-closed",
	[SESSION_END_RESET] = "reset",
	[SESSION_END_REUSED] = "reused",
	[SESSION_END_GIVEN_UP] = "given-up",
};
/* clang-format on */

const char *session_mode_word(enum session_mode mode)
{
	return modes[mode];
}

const char *session_end_word(enum session_end end)
{
	return ends[end];
}

bool session_is_hidden(const struct session_record *record)
{
	return record->tls && !record->starttls.is_decrypted;
}
