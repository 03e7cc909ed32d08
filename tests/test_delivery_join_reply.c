#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/judge/delivery_join_reply.h"

static void the_same_reply_is_known_in_any_form(void **state)
{
	static const struct {
		const char *a, *b;
		enum reply_kinship kinship;
	} rows[] = {
		{ "550 5.7.1 Not here", "5.7.1 not   HERE", REPLY_SAME },
		{ "550-5.7.1 Not\n550 5.7.1 here", "Not here", REPLY_SAME },
		{ "550-5.7.1 Not 550 5.7.1 here", "Not\nhere", REPLY_SAME },
		{ "450-4.2.0 wait", "450 4.2.0 wait", REPLY_SAME },
		{ "554-mx.example\n554 no", "mx.example no", REPLY_SAME },
		{ "550 #5.1.0 Address", "550 #5.1.0 Address", REPLY_SAME },
		{ "no such user (in\nreply to RCPT TO command)",
			"550 No such user", REPLY_SAME },
		{ "no such user (in reply to RCPT TO command)",
			"550 No such user", REPLY_SAME },
		{ "caf\xc3\xa9 is closed", "caf?? is closed", REPLY_SAME },
		{ "550 5.7.1 You are not", "You are not authorized",
			REPLY_BEGINS },
		{ "You are not authorized", "550 You are not", REPLY_BEGINS },
		{ "550 no", "550 no such user", REPLY_OTHER },
		{ "550 5.1.1 no user", "550 5.1.1 no mailbox", REPLY_OTHER },
		{ "550 5.1.1", "550 5.1.1 no mailbox", REPLY_UNTOLD },
		{ "", "", REPLY_UNTOLD },
		{ "192.0.2.1 is listed", "192.0.2.2 is listed", REPLY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span a = span_of(rows[i].a), b = span_of(rows[i].b);

		if (reply_kinship(a, b) != rows[i].kinship)
			fail_msg("%s / %s", rows[i].a, rows[i].b);
		assert_int_equal(reply_kinship(b, a), rows[i].kinship);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_reply_is_known_in_any_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
