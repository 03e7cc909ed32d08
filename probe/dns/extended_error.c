#include "probe/dns/extended_error.h"

#include "probe/base/escape.h"

/* Codes of RFC 8914, 5.2, and those registered since. */
/* clang-format off */
static const char *const ede_words[] = {
	"Other Error",
	"Unsupported DNSKEY Algorithm",
	"Unsupported DS Digest Type",
	"Stale Answer",
	"Forged Answer",
	"DNSSEC Indeterminate",
	"DNSSEC Bogus",
	"Signature Expired",
	"Signature Not Yet Valid",
	"DNSKEY Missing",
	"RRSIGs Missing",
	"No Zone Key Bit Set",
	"NSEC Missing",
	"Cached Error",
	"Not Ready",
	"Blocked",
	"Censored",
	"Filtered",
	"Prohibited",
	"Stale NXDOMAIN Answer",
	"Not Authoritative",
	"Not Supported",
	"No Reachable Authority",
	"Network Error",
	"Invalid Data",
	"Signature Expired before Valid",
	"Too Early",
	"Unsupported NSEC3 Iterations Value",
	"Unable to conform to policy",
	"Synthesized",
};
/* clang-format on */

bool extended_error_print(
	struct arena *arena, struct cursor option, struct span *words)
{
	struct span text;
	unsigned code;
	const char *word = "Extended DNS Error";

	if (!cursor_take16(&option, &code))
		return false;
	if (code < COUNT_OF(ede_words))
		word = ede_words[code];
	text = escape_text(arena,
		span_part(cursor_rest(&option), 0, EXTENDED_ERROR_TEXT_MAX));
	*words = arena_print(arena, "%s (%u)%s%.*s", word, code,
		text.len ? ": " : "", SPAN_ARG(text));
	return true;
}
