#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/utf8.h"
#include "reports/inbound/charset.h"
#include "reports/inbound/html_text.h"
#include "reports/inbound/transfer_coding.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static const struct charset_row {
	const char *charset, *text, *utf8;
} charsets[] = {
	{ "iso-8859-1", "\xe4", "\xc3\xa4" },
	{ "windows-1252", "\x80", "\xe2\x82\xac" },
	{ "koi8-r", "\xc1", "\xd0\xb0" },
	{ "ISO-2022-JP", "\x1b$B%a\x1b(B", "\xe3\x83\xa1" },
	/* escapes tell it where nobody says so */
	{ "", "\x1b$B%a\x1b(B", "\xe3\x83\xa1" },
	{ "us-ascii", "\x1b$B%a\x1b(B", "\xe3\x83\xa1" },
	{ "utf-8", "\xc3\xa4", "\xc3\xa4" },
	{ "", "plain", "plain" },
	/* without a byte over 0x7f, and yet not ASCII (RFC 2152) */
	{ "utf-7", "a+AOQ-b",
		"a\xc3\xa4"
		"b" },
	{ "unicode-1-1-utf-7", "+AOQ-", "\xc3\xa4" },
	{ "iso-8859-1", "a+AOQ-", "a+AOQ-" },
	{ "x-sjis", "\x83\x81", "\xe3\x83\xa1" },
	/* left as they are */
	{ "no-such-charset", "\xe4", "\xe4" },
	{ "../../etc/passwd", "\xe4", "\xe4" },
	{ "utf-8//IGNORE", "\xe4", "\xe4" },
	/* a byte that is none of the charset's */
	{ "shift_jis",
		"a\xff"
		"b",
		"a\xef\xbf\xbd"
		"b" },
	{ "iso-2022-jp",
		"a\xff"
		"b",
		"a\xef\xbf\xbd"
		"b" },
};

static void text_of_a_charset_becomes_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(charsets); i++)
		assert_span(charset_to_utf8(arena, span_of(charsets[i].charset),
				    span_of(charsets[i].text)),
			charsets[i].utf8);
}

static void utf16_is_read_though_its_bytes_are_those_of_ascii(void **state)
{
	struct span text = SPAN("a\0b\0");

	(void)state;
	assert_span(charset_to_utf8(arena, SPAN("utf-16le"), text), "ab");
	assert_span(charset_to_utf8(arena, SPAN("utf-16le"), SPAN("\x1b\x4e")),
		"\xe4\xb8\x9b");
}

static void a_code_point_becomes_utf8(void **state)
{
	static const struct point_row {
		uint32_t point;
		const char *text;
	} points[] = {
		{ 'a', "a" },
		{ 0x7ff, "\xdf\xbf" },
		{ 0x800, "\xe0\xa0\x80" },
		{ 0xffff, "\xef\xbf\xbf" },
		{ 0x10ffff, "\xf4\x8f\xbf\xbf" },
		{ 0xd800, "\xef\xbf\xbd" },
		{ 0x110000, "\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(points); i++) {
		char room[4];
		size_t len = utf8_put(points[i].point, room);

		assert_span(((struct span){ room, len }), points[i].text);
	}
}

static const struct header_row {
	const char *value, *text;
} headers[] = {
	{ " Returned mail", "Returned mail" },
	{ " =?iso-8859-15?Q?Status_=28Failure=29?=", "Status (Failure)" },
	{ "=?UTF-8?B?0J/QuA==?= =?UTF-8?B?0YHRjA==?=\r\n x",
		"\xd0\x9f\xd0\xb8\xd1\x81\xd1\x8c x" },
	{ "=?koi8-r?Q?=C1?=.", "\xd0\xb0." },
	{ "=?broken", "=?broken" },
	{ "a =?x?Q?b", "a =?x?Q?b" },
	{ "=?utf-8?Q?"
	  "?=",
		"" },
};

static void encoded_words_of_any_charset_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(headers); i++)
		assert_span(
			charset_header_text(arena, span_of(headers[i].value)),
			headers[i].text);
}

static const struct coding_row {
	const char *coding, *text, *bytes;
} codings[] = {
	{ "base64", "TWVuc2No\r\nZW4=\r\n", "Menschen" },
	{ "BASE64", "TWVuc2NoZW4", "Menschen" },
	{ "base64", "TWVu!! a footer", "Men" },
	{ "base64", "", "" },
	{ "quoted-printable", "a=3Db =\r\nc=\nd", "a=b cd" },
	{ "quoted-printable", "a=  \r\nb", "ab" },
	{ "quoted-printable", "a=zz =", "a=zz =" },
	{ "quoted-printable", "a=3", "a=3" },
	{ "8bit", "a=3D", "a=3D" },
	{ "", "TWVu", "TWVu" },
};

static void a_part_is_decoded_as_far_as_it_can_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(codings); i++)
		assert_span(transfer_decode(arena, span_of(codings[i].coding),
				    span_of(codings[i].text)),
			codings[i].bytes);
}

static const struct html_row {
	const char *html, *text;
} htmls[] = {
	{ "<p>one</p>two<br>three", "one\n\ntwo\nthree" },
	/* as a reader sees it: where a line ends in the file says nothing */
	{ "one\n  two<br>\nthree<br>\n<br> \r\nfour",
		"one two\nthree\n\nfour" },
	{ "<div>one</div>\n<div>two</div><p>\n</p><p>three",
		"one\ntwo\n\nthree" },
	{ "<tr><td>To:</td>\n<td>u</td></tr>", "To:\nu\n" },
	{ "<p>a\nb</p><pre>c\n  d\n\n\n e</pre>f\ng",
		"a b\n\nc\n  d\n\n e\n\nf g" },
	/* a plain text that calls itself HTML */
	{ "one\n\n  <b>two</b>\n", "one\n\n  two\n" },
	{ "a &nbsp; b", "a   b" },
	{ "a<b>b</b> &lt;c&gt; &amp;&#64;", "ab <c> &@" },
	{ "u&#x40;e&#46;org&#33;&#xe4;", "u@e.org!\xc3\xa4" },
	{ "&#0;&#x1b;&#10;&#xd800;", "&#0; \n\xef\xbf\xbd" },
	{ "&#; &#x; &#64 &#999999999;", "&#; &#x; &#64 &#999999999;" },
	{ "<th>To</th><th>Why</th>", "To\nWhy\n" },
	{ "<style>p { }</style>x<script>y</script>z", "xz" },
	{ "to <user@example.org> and <br/>", "to <user@example.org> and\n" },
	{ "1 < 2 and 3 > 2", "1 < 2 and 3 > 2" },
	{ "open <a href=", "open <a href=" },
	{ "<script>never closed", "" },
};

static void tags_go_and_words_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(htmls); i++)
		assert_span(html_text(arena, span_of(htmls[i].html)),
			htmls[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_a_charset_becomes_utf8),
		cmocka_unit_test(
			utf16_is_read_though_its_bytes_are_those_of_ascii),
		cmocka_unit_test(a_code_point_becomes_utf8),
		cmocka_unit_test(encoded_words_of_any_charset_are_read),
		cmocka_unit_test(a_part_is_decoded_as_far_as_it_can_be),
		cmocka_unit_test(tags_go_and_words_stay),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
