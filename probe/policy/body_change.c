#include "probe/policy/body_change.h"

#include "probe/base/attr.h"
#include "probe/policy/body_coding.h"
#include "probe/policy/body_lines.h"
#include "probe/policy/body_parts.h"

#define DOTS     "RFC 5321 section 4.5.2"
#define FORM     "RFC 6376 section 3.4"
#define ENCODING "RFC 6376 section 5.3"
#define WRAPPED                                                                \
	"the body before its long lines were wrapped",                         \
		"a gateway on the way breaks lines"
#define WRAP(width)                                                            \
	{                                                                      \
		"lines-wrapped", DEPARTS_ON_THE_WAY, ENCODING, WRAPPED,        \
			body_undo_wrap, width                                  \
	}
#define HARD_WRAP(width)                                                       \
	{                                                                      \
		"lines-cut", DEPARTS_ON_THE_WAY, ENCODING, WRAPPED,            \
			body_undo_hard_wrap, width                             \
	}

/* clang-format off */
const struct body_change body_changes[] = {
	{ "dots-left-in", DEPARTS_ON_THE_WAY, DOTS,
	  "the body with one dot less where a line begins with two",
	  "the dots that SMTP puts there were not taken out again",
	  body_undo_stuffing, 0 },
	{ "dots-hashed", DEPARTS_SIGNER, DOTS,
	  "the body as SMTP carries it, with leading dots doubled",
	  "the signer hashed what goes over the wire, not the message",
	  body_stuff, 0 },
	{ "from-quoted", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body with \"From \" where it has \">From \"",
	  "a mailbox in between quoted it",
	  body_undo_from_quotes, 0 },
	{ "from-quote-hashed", DEPARTS_SIGNER, ENCODING,
	  "the body with \">From \" where it has \"From \"",
	  "the signer hashed a mailbox's form of it",
	  body_quote_from, 0 },
	{ "line-ends-doubled", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body without the empty line behind each line",
	  "line ends were doubled", body_undo_doubled_ends, 0 },
	{ "cr-doubled", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body with CR LF where it has CR CR LF",
	  "a CR was put before each LF although there was one",
	  body_undo_doubled_cr, 0 },
	{ "delimiter-cut", DEPARTS_ON_THE_WAY, FORM,
	  "the body with \"-- \" where it has \"--\"",
	  "white space at line ends was cut", body_undo_cut_delimiter, 0 },
	{ "separator-hashed", DEPARTS_SIGNER, FORM,
	  "the body with the empty line that ends the header",
	  "that line belongs to neither", body_with_empty_line, 0 },
	{ "first-empty-line-left-out", DEPARTS_UNKNOWN, FORM,
	  "the body without the empty line that it begins with",
	  "it was added later, or the signer skipped it",
	  body_without_empty_line, 0 },
	{ "utf8-made-latin1", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in UTF-8 where it is in ISO 8859-1",
	  "its charset was changed", body_from_latin1, 0 },
	{ "latin1-made-utf8", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in ISO 8859-1 where it is in UTF-8",
	  "its charset was changed", body_to_latin1, 0 },
	{ "made-base64", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body before it was put into base64",
	  "its transfer encoding was changed", body_decode_base64, 0 },
	{ "made-quoted-printable", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body before it was put into quoted-printable",
	  "its transfer encoding was changed", body_decode_quoted, 0 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  body_encode_base64, 76 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  body_encode_base64, 72 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  body_encode_base64, 60 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  body_encode_base64, 64 },
	{ "quoted-printable-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in quoted-printable",
	  "its transfer encoding was changed", body_encode_quoted, 0 },
	{ "wrapped-in-multipart", DEPARTS_ON_THE_WAY, ENCODING,
	  "the first part of the body, which is a multipart now",
	  "a list or gateway put it there", body_first_part, 0 },
	{ "part-added", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body without its last part",
	  "a list or gateway added one", body_without_last_part, 0 },
	{ "lines-cut", DEPARTS_ON_THE_WAY, ENCODING, WRAPPED,
	  body_undo_marked_wrap, 0 },
	HARD_WRAP(998), HARD_WRAP(990), HARD_WRAP(1000), HARD_WRAP(996),
	HARD_WRAP(76), HARD_WRAP(80), HARD_WRAP(78),
	WRAP(72), WRAP(76), WRAP(78), WRAP(79), WRAP(80), WRAP(70), WRAP(65),
	WRAP(66), WRAP(68), WRAP(69), WRAP(71), WRAP(73), WRAP(74), WRAP(75),
	WRAP(77), WRAP(64), WRAP(60), WRAP(100), WRAP(132), WRAP(990),
	WRAP(998),
};
/* clang-format on */

const size_t body_change_count = COUNT_OF(body_changes);
