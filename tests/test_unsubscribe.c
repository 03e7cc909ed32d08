#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/mail/unsubscribe.h"

#define POST "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"

/* clang-format off */
static const struct mailing {
	const char *header, *https, *mailto, *why;
} mailings[] = {
	{ "List-Unsubscribe: <https://example.org/u?t=1>\r\n" POST,
	  "https://example.org/u?t=1", "", NULL },
	{ "list-unsubscribe:\r\n <mailto:u@example.org?subject=x>,\r\n"
	  " <https://example.org/\r\n u>\r\n" POST,
	  "https://example.org/u", "mailto:u@example.org?subject=x", NULL },
	{ "List-Unsubscribe: (by web) <HTTPS://example.org/u> (or not)\r\n"
	  POST, "HTTPS://example.org/u", "", NULL },
	{ "Subject: x\r\n", "", "", "there is no List-Unsubscribe" },
	{ POST, "", "", "there is no List-Unsubscribe" },
	{ "List-Unsubscribe: <https://example.org/u>\r\n",
	  "https://example.org/u", "", "there is no List-Unsubscribe-Post" },
	{ "List-Unsubscribe: <mailto:u@example.org>\r\n" POST,
	  "", "mailto:u@example.org", "List-Unsubscribe has no https URI" },
	{ "List-Unsubscribe: <http://example.org/u>\r\n" POST, "", "",
	  "List-Unsubscribe has an http URI, and https is wanted" },
	{ "List-Unsubscribe: <https:///u>\r\n" POST, "", "",
	  "List-Unsubscribe has no https URI" },
	{ "List-Unsubscribe: <mailto:nobody>\r\n" POST, "", "",
	  "List-Unsubscribe has no https URI" },
	{ "List-Unsubscribe: https://example.org/u\r\n" POST, "", "",
	  "List-Unsubscribe is not a list of URIs in < and >" },
	{ "List-Unsubscribe: <https://example.org/u\r\n" POST, "", "",
	  "List-Unsubscribe is not a list of URIs in < and >" },
	{ "List-Unsubscribe: <https://example.org/u> or so\r\n" POST,
	  "https://example.org/u", "",
	  "List-Unsubscribe is not a list of URIs in < and >" },
	{ "List-Unsubscribe: <https://example.org/u>\r\n"
	  "List-Unsubscribe: <https://example.org/v>\r\n" POST,
	  "https://example.org/u", "",
	  "List-Unsubscribe stands there more than once" },
	{ "List-Unsubscribe: <https://example.org/u>\r\n" POST POST,
	  "https://example.org/u", "",
	  "List-Unsubscribe-Post stands there more than once" },
	{ "List-Unsubscribe: <https://example.org/u>\r\n"
	  "List-Unsubscribe-Post: List-Unsubscribe=one-click\r\n",
	  "https://example.org/u", "",
	  "List-Unsubscribe-Post is not exactly "
	  "\"List-Unsubscribe=One-Click\"" },
};
/* clang-format on */

static void one_click_is_what_rfc_8058_says(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(mailings); i++) {
		const struct mailing *wanted = &mailings[i];
		struct unsubscribe got;
		struct header header;

		header_parse(arena, span_of(wanted->header), &header);
		unsubscribe_read(arena, &header, &got);
		if (wanted->why ? !got.why || strcmp(got.why, wanted->why) != 0
				: got.why != NULL)
			fail_msg("%s: %s", wanted->header,
				got.why ? got.why : "one click");
		assert_int_equal(got.is_one_click, !wanted->why);
		assert_true(span_is(got.https, span_of(wanted->https)));
		assert_true(span_is(got.mailto, span_of(wanted->mailto)));
	}
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_click_is_what_rfc_8058_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
