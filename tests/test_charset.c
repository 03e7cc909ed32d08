#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
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
	{ "<p>one</p>two<br>three", "\none\ntwo\nthree" },
	{ "a<b>b</b> &lt;c&gt; &amp;&#64;", "ab <c> &@" },
	{ "<style>p { }</style>x<script>y</script>z", "xz" },
	{ "to <user@example.org> and <br/>", "to <user@example.org> and \n" },
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
		cmocka_unit_test(encoded_words_of_any_charset_are_read),
		cmocka_unit_test(a_part_is_decoded_as_far_as_it_can_be),
		cmocka_unit_test(tags_go_and_words_stay),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
