#include "probe/policy/body_change.h"

#include "probe/base/attr.h"

/* Bytes that grow to at most what was taken for them. */
struct out {
	char *bytes;
	size_t len;
};

static struct out out_open(const struct body_at_hand *body, size_t room)
{
	return (struct out){ arena_take(body->arena, room + 1), 0 };
}

static void put(struct out *out, struct span bytes)
{
	if (bytes.len)
		memcpy(out->bytes + out->len, bytes.at, bytes.len);
	out->len += bytes.len;
}

static void put_byte(struct out *out, unsigned byte)
{
	out->bytes[out->len++] = (char)(byte & 0xff);
}

static struct span out_span(const struct out *out)
{
	return (struct span){ out->bytes, out->len };
}

/* A line with its end. */
static struct span line_of(struct span *rest)
{
	size_t len = span_find(*rest, '\n');
	struct span line = span_part(*rest, 0, len + 1);

	*rest = span_part(*rest, len + 1, rest->len);
	return line;
}

/* The same without its end. */
static struct span line_text(struct span line)
{
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool begins(struct span text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len && memcmp(text.at, start, len) == 0;
}

/* ---- lines */

/* Lines that begin with `more` lose `less` octets. */
static struct span shorten_lines(
	const struct body_at_hand *body, const char *start, size_t octets)
{
	struct out out = out_open(body, body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = line_of(&rest);

		put(&out, begins(line, start)
				  ? span_part(line, octets, line.len)
				  : line);
	}
	return out_span(&out);
}

static struct span lengthen_lines(
	const struct body_at_hand *body, const char *start, struct span more)
{
	struct out out = out_open(body, 2 * body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = line_of(&rest);

		if (begins(line, start))
			put(&out, more);
		put(&out, line);
	}
	return out_span(&out);
}

static struct span undo_stuffing(
	const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return shorten_lines(body, "..", 1);
}

static struct span stuff(const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return lengthen_lines(body, ".", SPAN("."));
}

static struct span undo_from_quotes(
	const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return shorten_lines(body, ">From ", 1);
}

static struct span quote_from(const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return lengthen_lines(body, "From ", SPAN(">"));
}

/* Each line end twice: every other line is empty. */
static struct span undo_doubled_ends(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	while (rest.len) {
		struct span after;

		put(&out, line_of(&rest));
		after = rest;
		if (!after.len)
			break;
		if (line_text(line_of(&after)).len)
			return body->bytes;
		rest = after;
	}
	return out_span(&out);
}

/* CR CR LF, from a gateway that put a CR before each LF it saw. */
static struct span undo_doubled_cr(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	struct span bytes = body->bytes;

	(void)number;
	for (size_t i = 0; i < bytes.len; i++)
		if (!begins(span_part(bytes, i, 3), "\r\r\n"))
			put_byte(&out, (unsigned char)bytes.at[i]);
	return out_span(&out);
}

/* "-- " of RFC 3676 section 4.3 has lost its space. */
static struct span undo_cut_delimiter(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, 2 * body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	while (rest.len) {
		struct span line = line_of(&rest);
		struct span text = line_text(line);

		put(&out, text);
		if (span_is(text, SPAN("--")))
			put(&out, SPAN(" "));
		put(&out, span_part(line, text.len, line.len));
	}
	return out_span(&out);
}

static struct span with_empty_line(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len + 2);

	(void)number;
	put(&out, SPAN("\r\n"));
	put(&out, body->bytes);
	return out_span(&out);
}

static struct span without_empty_line(
	const struct body_at_hand *body, unsigned number)
{
	struct span rest = body->bytes;
	struct span first = line_of(&rest);

	(void)number;
	return line_text(first).len ? body->bytes : rest;
}

/* ---- wraps */

static bool has_blank_end(struct span text)
{
	return text.len && text.at[text.len - 1] == ' ';
}

/*
 * A line that was cut at a space before column `width`: the next word would
 * not have fitted.  A cut space is given back.
 */
static bool is_soft_wrap(struct span text, struct span next, size_t width)
{
	size_t word = span_find(next, ' ');

	if (!text.len || !next.len || text.len > width || next.at[0] == ' ' ||
		next.at[0] == '\t')
		return false;
	return text.len + !has_blank_end(text) + word > width;
}

static struct span undo_wrap(const struct body_at_hand *body, unsigned width)
{
	struct out out = out_open(body, 2 * body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = line_of(&rest), after = rest;
		struct span text = line_text(line);
		struct span next = line_text(line_of(&after));

		put(&out, text);
		if (!is_soft_wrap(text, next, width))
			put(&out, span_part(line, text.len, line.len));
		else if (!has_blank_end(text))
			put(&out, SPAN(" "));
	}
	return out_span(&out);
}

/* A line cut in the middle of whatever stood at column `width`. */
static struct span undo_hard_wrap(
	const struct body_at_hand *body, unsigned width)
{
	struct out out = out_open(body, body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = line_of(&rest);
		struct span text = line_text(line);

		put(&out, text.len == width && rest.len ? text : line);
	}
	return out_span(&out);
}

/* Sendmail's mark where it cuts a line that is too long: "!", and a space. */
static struct span undo_marked_wrap(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	struct span bytes = body->bytes;
	size_t i = 0;

	(void)number;
	while (i < bytes.len) {
		if (begins(span_part(bytes, i, 4), "!\r\n "))
			i += 4;
		else
			put_byte(&out, (unsigned char)bytes.at[i++]);
	}
	return out_span(&out);
}

/* ---- encodings */

/* The six bits of a digit, or -1: RFC 4648 section 4. */
static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static struct span decode_base64(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	unsigned bits = 0, held = 0;

	(void)number;
	if (!span_is_nocase(body->encoding, SPAN("base64")))
		return body->bytes;
	for (size_t i = 0; i < body->bytes.len; i++) {
		int digit = base64_digit(body->bytes.at[i]);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			put_byte(&out, bits >> held);
		}
	}
	return out_span(&out);
}

static void put_base64(struct out *out, struct span three)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0;

	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 |
		       (i < three.len ? (unsigned char)three.at[i] : 0);
	for (size_t i = 0; i < 4; i++)
		put_byte(out,
			i > three.len
				? '='
				: (unsigned)digits[bits >> (18 - 6 * i) & 63]);
}

/* In lines of `width`; with CRLF line ends below, as text is encoded. */
static struct span encode_base64(
	const struct body_at_hand *body, unsigned width)
{
	size_t step = width / 4 * 3;
	struct out out = out_open(body, 2 * body->bytes.len + 8);

	if (!body->bytes.len || span_is_nocase(body->encoding, SPAN("base64")))
		return body->bytes;
	for (size_t i = 0; i < body->bytes.len; i += 3) {
		put_base64(&out, span_part(body->bytes, i, 3));
		if ((i + 3) % step == 0 || i + 3 >= body->bytes.len)
			put(&out, SPAN("\r\n"));
	}
	return out_span(&out);
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_decoded(struct out *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		if (text.at[i] == '=' && i + 2 < text.len) {
			high = hex_digit(text.at[i + 1]);
			low = hex_digit(text.at[i + 2]);
		}
		if (low < 0 || high < 0) {
			put_byte(out, (unsigned char)text.at[i]);
			continue;
		}
		put_byte(out, (unsigned)(high * 16 + low));
		i += 2;
	}
}

/* RFC 2045 section 6.7; white space at the end of a line does not count. */
static struct span decode_quoted(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	if (!span_is_nocase(body->encoding, SPAN("quoted-printable")))
		return body->bytes;
	while (rest.len) {
		struct span line = line_of(&rest);
		struct span text = line_text(line);
		size_t end = line.len - text.len;

		while (text.len && strchr(" \t", text.at[text.len - 1]))
			text.len--;
		if (text.len && text.at[text.len - 1] == '=') {
			text.len--;
			put_decoded(&out, text);
			continue;
		}
		put_decoded(&out, text);
		put(&out, span_part(line, line.len - end, end));
	}
	return out_span(&out);
}

static void put_quoted(struct out *out, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";

	put_byte(out, '=');
	put_byte(out, (unsigned)digits[byte >> 4]);
	put_byte(out, (unsigned)digits[byte & 15]);
}

/* Lines of at most 76, cut as late as can be: what most encoders do. */
static void put_quoted_line(struct out *out, struct span text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool is_last = i + 1 == text.len;
		bool is_quoted = c == '=' || c < 32 || c > 126;
		size_t width;

		if (c == '\t' || (is_last && c == ' '))
			is_quoted = is_last;
		width = is_quoted ? 3 : 1;
		if (column + width > (is_last ? 76 : 75)) {
			put(out, SPAN("=\r\n"));
			column = 0;
		}
		column += width;
		if (is_quoted)
			put_quoted(out, c);
		else
			put_byte(out, c);
	}
}

static struct span encode_quoted(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, 4 * body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	if (span_is_nocase(body->encoding, SPAN("quoted-printable")))
		return body->bytes;
	while (rest.len) {
		struct span line = line_of(&rest);
		struct span text = line_text(line);

		put_quoted_line(&out, text);
		put(&out, span_part(line, text.len, line.len));
	}
	return out_span(&out);
}

/* ---- charsets */

static struct span from_latin1(const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, 2 * body->bytes.len);

	(void)number;
	for (size_t i = 0; i < body->bytes.len; i++) {
		unsigned char c = (unsigned char)body->bytes.at[i];

		if (c >= 0x80)
			put_byte(&out, 0xc0u | c >> 6);
		put_byte(&out, c >= 0x80 ? 0x80u | (c & 0x3f) : c);
	}
	return out_span(&out);
}

/* Two octets of UTF-8 that are one of Latin-1; anything else stays. */
static struct span to_latin1(const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	struct span bytes = body->bytes;

	(void)number;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.at[i];
		unsigned char next = (unsigned char)(i + 1 < bytes.len
							     ? bytes.at[i + 1]
							     : 0);

		if ((c == 0xc2 || c == 0xc3) && (next & 0xc0) == 0x80) {
			put_byte(&out, (c & 3u) << 6 | (next & 0x3f));
			i++;
		} else {
			put_byte(&out, c);
		}
	}
	return out_span(&out);
}

/* ---- multiparts */

/* "--boundary", or "--boundary--" when it is the last. */
static bool is_boundary(
	const struct body_at_hand *body, struct span line, bool is_last)
{
	struct span text = span_trim(line_text(line));

	if (!body->boundary.len || !begins(text, "--"))
		return false;
	text = span_part(text, 2, text.len);
	if (!span_is(span_part(text, 0, body->boundary.len), body->boundary))
		return false;
	text = span_part(text, body->boundary.len, text.len);
	return is_last ? span_is(text, SPAN("--")) : text.len == 0;
}

/* The list wrapped what it got: the first part is the body that was signed. */
static struct span first_part(const struct body_at_hand *body, unsigned number)
{
	struct span rest = body->bytes, part;
	size_t len = 0;

	(void)number;
	while (rest.len && !is_boundary(body, line_of(&rest), false))
		;
	while (rest.len && line_text(line_of(&rest)).len)
		;
	part = rest;
	while (rest.len) {
		struct span line = line_of(&rest);

		if (is_boundary(body, line, false) ||
			is_boundary(body, line, true))
			return span_part(part, 0, len);
		len += line.len;
	}
	return body->bytes;
}

/* The list put one more part before the end. */
static struct span without_last_part(
	const struct body_at_hand *body, unsigned number)
{
	struct out out = out_open(body, body->bytes.len);
	struct span rest = body->bytes;
	size_t last = body->bytes.len, end = body->bytes.len;

	(void)number;
	while (rest.len) {
		size_t at = body->bytes.len - rest.len;
		struct span line = line_of(&rest);

		if (is_boundary(body, line, false))
			last = at;
		if (is_boundary(body, line, true)) {
			end = at;
			break;
		}
	}
	if (end == body->bytes.len || last == body->bytes.len)
		return body->bytes;
	put(&out, span_part(body->bytes, 0, last));
	put(&out, span_part(body->bytes, end, body->bytes.len));
	return out_span(&out);
}

#define DOTS     "RFC 5321 section 4.5.2"
#define FORM     "RFC 6376 section 3.4"
#define ENCODING "RFC 6376 section 5.3"
#define WRAPPED                                                                \
	"the body before its long lines were wrapped",                         \
		"a gateway on the way breaks lines"
#define WRAP(width)                                                            \
	{                                                                      \
		"lines-wrapped", DEPARTS_ON_THE_WAY, ENCODING, WRAPPED,        \
			undo_wrap, width                                       \
	}
#define HARD_WRAP(width)                                                       \
	{                                                                      \
		"lines-cut", DEPARTS_ON_THE_WAY, ENCODING, WRAPPED,            \
			undo_hard_wrap, width                                  \
	}

/* clang-format off */
const struct body_change body_changes[] = {
	{ "dots-left-in", DEPARTS_ON_THE_WAY, DOTS,
	  "the body with one dot less where a line begins with two",
	  "the dots that SMTP puts there were not taken out again",
	  undo_stuffing, 0 },
	{ "dots-hashed", DEPARTS_SIGNER, DOTS,
	  "the body as SMTP carries it, with leading dots doubled",
	  "the signer hashed what goes over the wire, not the message",
	  stuff, 0 },
	{ "from-quoted", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body with \"From \" where it has \">From \"",
	  "a mailbox in between quoted it",
	  undo_from_quotes, 0 },
	{ "from-quote-hashed", DEPARTS_SIGNER, ENCODING,
	  "the body with \">From \" where it has \"From \"",
	  "the signer hashed a mailbox's form of it",
	  quote_from, 0 },
	{ "line-ends-doubled", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body without the empty line behind each line",
	  "line ends were doubled", undo_doubled_ends, 0 },
	{ "cr-doubled", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body with CR LF where it has CR CR LF",
	  "a CR was put before each LF although there was one",
	  undo_doubled_cr, 0 },
	{ "delimiter-cut", DEPARTS_ON_THE_WAY, FORM,
	  "the body with \"-- \" where it has \"--\"",
	  "white space at line ends was cut", undo_cut_delimiter, 0 },
	{ "separator-hashed", DEPARTS_SIGNER, FORM,
	  "the body with the empty line that ends the header",
	  "that line belongs to neither", with_empty_line, 0 },
	{ "first-empty-line-left-out", DEPARTS_UNKNOWN, FORM,
	  "the body without the empty line that it begins with",
	  "it was added later, or the signer skipped it",
	  without_empty_line, 0 },
	{ "utf8-made-latin1", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in UTF-8 where it is in ISO 8859-1",
	  "its charset was changed", from_latin1, 0 },
	{ "latin1-made-utf8", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in ISO 8859-1 where it is in UTF-8",
	  "its charset was changed", to_latin1, 0 },
	{ "made-base64", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body before it was put into base64",
	  "its transfer encoding was changed", decode_base64, 0 },
	{ "made-quoted-printable", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body before it was put into quoted-printable",
	  "its transfer encoding was changed", decode_quoted, 0 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  encode_base64, 76 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  encode_base64, 72 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  encode_base64, 60 },
	{ "base64-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in base64", "its transfer encoding was changed",
	  encode_base64, 64 },
	{ "quoted-printable-decoded", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body in quoted-printable",
	  "its transfer encoding was changed", encode_quoted, 0 },
	{ "wrapped-in-multipart", DEPARTS_ON_THE_WAY, ENCODING,
	  "the first part of the body, which is a multipart now",
	  "a list or gateway put it there", first_part, 0 },
	{ "part-added", DEPARTS_ON_THE_WAY, ENCODING,
	  "the body without its last part",
	  "a list or gateway added one", without_last_part, 0 },
	{ "lines-cut", DEPARTS_ON_THE_WAY, ENCODING, WRAPPED,
	  undo_marked_wrap, 0 },
	HARD_WRAP(998), HARD_WRAP(990), HARD_WRAP(1000), HARD_WRAP(996),
	HARD_WRAP(76), HARD_WRAP(80), HARD_WRAP(78),
	WRAP(72), WRAP(76), WRAP(78), WRAP(79), WRAP(80), WRAP(70), WRAP(65),
	WRAP(66), WRAP(68), WRAP(69), WRAP(71), WRAP(73), WRAP(74), WRAP(75),
	WRAP(77), WRAP(64), WRAP(60), WRAP(100), WRAP(132), WRAP(990),
	WRAP(998),
};
/* clang-format on */

const size_t body_change_count = COUNT_OF(body_changes);
