#include "probe/tls/tlsa.h"

#include "probe/base/escape.h"

enum { USAGE_MAX = 3, SELECTOR_MAX = 1, MTYPE_MAX = 2 };

/* ---- from text and back */

/* RFC 6698 section 2.2: white space may stand between the digits. */
static bool read_hex(struct arena *arena, struct span text, struct span *data)
{
	char *bytes = arena_take(arena, text.len / 2 + 1);
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		int digit = ascii_hex_digit(text.at[i]);

		if (ascii_is_blank(text.at[i]))
			continue;
		if (digit < 0)
			return false;
		bytes[digits / 2] = (char)(bytes[digits / 2] << 4 | digit);
		digits++;
	}
	*data = (struct span){ bytes, digits / 2 };
	return digits % 2 == 0;
}

static bool read_number(struct span *rest, unsigned *number)
{
	unsigned long value;

	if (!span_number(span_cut(rest, ' '), 255, &value))
		return false;
	*number = (unsigned)value;
	return true;
}

bool tlsa_parse(struct arena *arena, struct span text, struct tlsa *tlsa)
{
	*tlsa = (struct tlsa){ .data = SPAN("") };
	return read_number(&text, &tlsa->usage) &&
	       read_number(&text, &tlsa->selector) &&
	       read_number(&text, &tlsa->mtype) &&
	       read_hex(arena, text, &tlsa->data);
}

struct span tlsa_text(struct arena *arena, const struct tlsa *tlsa)
{
	struct span hex = escape_hex(arena, tlsa->data);

	return arena_print(arena, "%u %u %u%s%.*s", tlsa->usage, tlsa->selector,
		tlsa->mtype, hex.len ? " " : "", SPAN_ARG(hex));
}

/* ---- is it of use */

/* SHA-256 and SHA-512 (RFC 6698 section 2.1.3). */
static bool has_length(const struct tlsa *tlsa)
{
	static const size_t lengths[] = { 0, 32, 64 };

	if (tlsa->mtype == 0)
		return tlsa->data.len > 0;
	return tlsa->data.len == lengths[tlsa->mtype];
}

enum tlsa_use tlsa_use(const struct tlsa *tlsa, bool knows_pkix)
{
	if (tlsa->usage > USAGE_MAX)
		return TLSA_UNKNOWN_USAGE;
	if (tlsa->usage < 2 && !knows_pkix)
		return TLSA_NOT_FOR_SMTP;
	if (tlsa->selector > SELECTOR_MAX)
		return TLSA_UNKNOWN_SELECTOR;
	if (tlsa->mtype > MTYPE_MAX)
		return TLSA_UNKNOWN_MTYPE;
	return has_length(tlsa) ? TLSA_USABLE : TLSA_WRONG_LENGTH;
}

/* clang-format off */
static const struct {
	const char *word, *why;
} uses[] = {
	[TLSA_USABLE] = { "usable", "" },
	[TLSA_NOT_FOR_SMTP] = { "not-for-smtp",
		"usages 0 and 1 say nothing to a mail server" },
	[TLSA_UNKNOWN_USAGE] = { "unknown-usage",
		"only usages 2 and 3 have a meaning" },
	[TLSA_UNKNOWN_SELECTOR] = { "unknown-selector",
		"only selectors 0 and 1 have a meaning" },
	[TLSA_UNKNOWN_MTYPE] = { "unknown-matching-type",
		"only matching types 0, 1 and 2 have a meaning" },
	[TLSA_WRONG_LENGTH] = { "wrong-length",
		"its data is not as long as its matching type says" },
	[TLSA_NOT_DER] = { "not-der",
		"its data is neither a certificate nor a key" },
};
/* clang-format on */

const char *tlsa_use_word(enum tlsa_use use)
{
	return uses[use].word;
}

const char *tlsa_use_why(enum tlsa_use use)
{
	return uses[use].why;
}

const char *tlsa_result_word(enum tlsa_result result)
{
	switch (result) {
	case TLSA_ALL_UNUSABLE:
		return "unusable";
	case TLSA_MATCHES:
		return "matches";
	case TLSA_NO_MATCH:
		return "no-match";
	case TLSA_INVALID:
		return "invalid";
	}
	return "";
}
