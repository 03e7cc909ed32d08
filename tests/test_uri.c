#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/uri.h"

/* clang-format off */
static const struct {
	const char *text;
	const char *host;       /* NULL: it is no URI */
} uris[] = {
	{ "mailto:a@example.net", "example.net" },
	{ "MAILTO:a@b@Example.NET?subject=x@y", "Example.NET" },
	{ "mailto:nobody", "" },
	{ "mailto:", "" },
	{ "https://example.net/x?y#z", "example.net" },
	{ "https://user@example.net:8443", "example.net" },
	{ "https://[2001:db8::1]:443/", "[2001:db8::1]" },
	{ "https://[2001:db8::1", "[2001:db8::1" },
	{ "https:/example.net", "" },
	{ "https://", "" },
	{ "a+b-c.d:x%20y", "" },
	{ "", NULL },
	{ "example.net", NULL },
	{ ":x", NULL },
	{ "1a:x", NULL },
	{ "a_b:x", NULL },
	{ "mailto:a b", NULL },
	{ "mailto:a%", NULL },
	{ "mailto:a%2", NULL },
	{ "mailto:a%2x", NULL },
	{ "mailto:\"a\"@x", NULL },
	{ "mailto:a\x01", NULL },
	{ "mailto:\xc3\xa4@x", NULL },
};
/* clang-format on */

static void a_uri_is_what_rfc_3986_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct uri uri;
		const char *why = "";
		bool is_uri = uri_parse(span_of(uris[i].text), &uri, &why);

		if (is_uri != (uris[i].host != NULL))
			fail_msg("%s: %s", uris[i].text, why);
		if (is_uri && !span_is(uri.host, span_of(uris[i].host)))
			fail_msg("%s: host \"%.*s\"", uris[i].text,
				SPAN_ARG(uri.host));
	}
}

static void a_nul_is_no_part_of_a_uri(void **state)
{
	struct uri uri;
	const char *why;

	(void)state;
	assert_false(uri_parse(SPAN("mailto:a\0b"), &uri, &why));
	assert_false(uri_parse(SPAN("mail\0to:a"), &uri, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uri_is_what_rfc_3986_says),
		cmocka_unit_test(a_nul_is_no_part_of_a_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
