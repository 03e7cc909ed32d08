#include "probe/policy/body_coding.h"

#include "probe/base/base64.h"
#include "probe/policy/body_form.h"
#include "probe/policy/body_text.h"

struct span body_decode_base64(const struct body_at_hand *body, unsigned number)
{
	struct span bytes;

	(void)number;
	if (!span_is_nocase(body->encoding, SPAN("base64")) ||
		!base64_decode(body->arena, body->bytes, &bytes))
		return body->bytes;
	return bytes;
}

/* In lines of `width`; with CRLF line ends below, as text is encoded. */
struct span body_encode_base64(const struct body_at_hand *body, unsigned width)
{
	struct body_text out = body_text_open(
		body->arena, 2 * body->bytes.len + 8);
	struct span digits;

	if (span_is_nocase(body->encoding, SPAN("base64")))
		return body->bytes;
	digits = base64_encode(body->arena, body->bytes);
	for (size_t at = 0; at < digits.len; at += width) {
		body_text_put(&out, span_part(digits, at, width));
		body_text_put(&out, SPAN("\r\n"));
	}
	return body_text_span(&out);
}

static void put_decoded(struct body_text *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		if (text.at[i] == '=' && i + 2 < text.len) {
			high = ascii_hex_digit(text.at[i + 1]);
			low = ascii_hex_digit(text.at[i + 2]);
		}
		if (low < 0 || high < 0) {
			body_text_put_byte(out, (unsigned char)text.at[i]);
			continue;
		}
		body_text_put_byte(out, (unsigned)(high * 16 + low));
		i += 2;
	}
}

/* RFC 2045 section 6.7; white space at the end of a line does not count. */
struct span body_decode_quoted(const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	if (!span_is_nocase(body->encoding, SPAN("quoted-printable")))
		return body->bytes;
	while (rest.len) {
		struct span line = body_line(0, &rest);
		struct span text = span_line_text(line);
		size_t end = line.len - text.len;

		while (text.len && strchr(" \t", text.at[text.len - 1]))
			text.len--;
		if (text.len && text.at[text.len - 1] == '=') {
			text.len--;
			put_decoded(&out, text);
			continue;
		}
		put_decoded(&out, text);
		body_text_put(&out, span_part(line, line.len - end, end));
	}
	return body_text_span(&out);
}

static void put_quoted(struct body_text *out, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";

	body_text_put_byte(out, '=');
	body_text_put_byte(out, (unsigned)digits[byte >> 4]);
	body_text_put_byte(out, (unsigned)digits[byte & 15]);
}

/* Lines of at most 76, cut as late as can be: what most encoders do. */
static void put_quoted_line(struct body_text *out, struct span text)
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
			body_text_put(out, SPAN("=\r\n"));
			column = 0;
		}
		column += width;
		if (is_quoted)
			put_quoted(out, c);
		else
			body_text_put_byte(out, c);
	}
}

struct span body_encode_quoted(const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, 4 * body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	if (span_is_nocase(body->encoding, SPAN("quoted-printable")))
		return body->bytes;
	while (rest.len) {
		struct span line = body_line(0, &rest);
		struct span text = span_line_text(line);

		put_quoted_line(&out, text);
		body_text_put(&out, span_part(line, text.len, line.len));
	}
	return body_text_span(&out);
}

/* ---- charsets */

struct span body_from_latin1(const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, 2 * body->bytes.len);

	(void)number;
	for (size_t i = 0; i < body->bytes.len; i++) {
		unsigned char c = (unsigned char)body->bytes.at[i];

		if (c >= 0x80)
			body_text_put_byte(&out, 0xc0u | c >> 6);
		body_text_put_byte(&out, c >= 0x80 ? 0x80u | (c & 0x3f) : c);
	}
	return body_text_span(&out);
}

/* Two octets of UTF-8 that are one of Latin-1; anything else stays. */
struct span body_to_latin1(const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span bytes = body->bytes;

	(void)number;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.at[i];
		unsigned char next = (unsigned char)(i + 1 < bytes.len
							     ? bytes.at[i + 1]
							     : 0);

		if ((c == 0xc2 || c == 0xc3) && (next & 0xc0) == 0x80) {
			body_text_put_byte(&out, (c & 3u) << 6 | (next & 0x3f));
			i++;
		} else {
			body_text_put_byte(&out, c);
		}
	}
	return body_text_span(&out);
}
